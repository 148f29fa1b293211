"""Numbers that no network has are answered in sentences; nothing that is drawn small costs much."""

import json
import random
from fractions import Fraction

import pytest

from core.analysis.check import check
from core.analysis.summary_text import summary_text
from core.commands.check import report_as_json
from core.io.documents import loads
from core.io.writing import document_text
from core.layers import KINDS
from core.text import brief_number, bytes_text, number_text, ratio_text
from tests.drawing import document, layer

NUMBERS = [10**400, -(10**400), 10**4200, 1e308, -1e308, 5e-324, float("inf"), float("-inf"), float("nan"), 2**53 + 1]
LARGE = [1, 2, 3, 7, 255, 256, 65_535, 65_536]


def opened(**parts):
    """Open a document as a file has it."""
    layers = [{"id": "input", "kind": "Input", "config": {"shape": [8, 8, 1]}}]
    return loads(json.dumps({"format": "convograph", "version": 1, "layers": layers} | parts))


def assert_said(report):
    json.dumps(report_as_json(report))
    for one in report.layers.values():
        assert one.explanation is not None
        assert one.explanations is not None
    document_text(report.document)


@pytest.mark.parametrize("number", [number for number in NUMBERS if number != 5e-324])
def test_a_position_beyond_the_canvas_is_kept_and_said(number):
    drawn = opened(layout={"positions": {"input": [number, 0]}, "frames": [{"at": [number, 0], "size": [1, number]}]})
    (position, frame) = check(drawn).problems
    assert position.path == "$.layout.positions.input"
    assert frame.path == "$.layout.frames"
    assert drawn.layout.positions == {}
    assert loads(document_text(drawn)).layout.positions == {}


@pytest.mark.parametrize("number", NUMBERS)
def test_every_setting_refuses_what_no_network_has(number):
    layers = [
        {"id": f"{kind}-{name}", "kind": kind, "inputs": [], "config": {name: value}}
        for kind, cls in KINDS.items()
        for name in cls.settings()
        for value in (number, [number, 1], [[number, 1], [1, 1]])
    ]
    training = {"epochs": number, "l2": number, "optimizer": {"kind": "SGD", "learning_rate": number, "decay": number}}
    report = check(opened(layers=layers, training=training))
    assert_said(report)
    assert len(report.errors) > len(layers)


def test_sizes_multiplied_beyond_all_bounds_are_one_error_where_it_happens():
    chain = [layer("input", "Input", shape=(8, 8, 4))]
    for n in range(300):
        chain.append(layer(f"up{n}", "Upsample2D", chain[-1].id, factor=65_536))
    report = check(document(*chain))
    assert [(problem.code, problem.layer) for problem in report.problems] == [("SHAPE-LARGE", "up1")]
    assert report.layers["up0"].shape == (8 << 16, 8 << 16, 4)
    assert report.layers["up1"].shape is None
    assert_said(report)


def test_receptive_fields_stay_readable():
    chain = [layer("input", "Input", shape=(1, 1, 1))]
    for n in range(600):
        chain.append(layer(f"up{n}", "Upsample2D", chain[-1].id, factor=65_535 - n))
        chain.append(layer(f"down{n}", "MaxPool2D", chain[-1].id, pool_size=3, stride=65_536, rounding="ceil"))
        chain.append(layer(f"conv{n}", "Conv2D", chain[-1].id, filters=1, kernel_size=3, stride=65_536, padding="same"))
    report = check(document(*chain))
    assert report.layers["conv0"].receptive_field is not None
    for one in report.layers.values():
        for number in () if one.receptive_field is None else (*one.receptive_field.size, *one.receptive_field.jump):
            assert Fraction(number) <= 10**15
            assert number.denominator <= 10**15
    assert_said(report)
    assert summary_text(report)


@pytest.mark.parametrize("seed", range(30))
def test_any_kind_with_the_largest_settings_is_reckoned_with(seed):
    draw = random.Random(seed)
    chain = [layer("input", "Input", shape=draw.choices(LARGE, k=3))]
    for n in range(40):
        kind, cls = draw.choice(list(KINDS.items()))
        config = {}
        for name, setting in cls.settings().items():
            if setting.required or draw.random() < 0.3:
                config[name] = {
                    "flag": True,
                    "number": setting.default,
                    "choice": (setting.choices or ("",))[-1],
                    "shape": draw.choices(LARGE, k=3),
                    "padding": draw.choice([*LARGE, 0, *setting.choices]),
                }.get(setting.type, draw.choice(LARGE))
        sources = [] if cls.n_inputs[1] == 0 else draw.choices([one.id for one in chain[-4:]], k=cls.n_inputs[0])
        chain.append(layer(f"n{n}", kind, *sources, **config))
    assert_said(check(document(*chain)))


def test_no_number_is_too_large_to_be_written():
    for number in (10**308, 10**400, 10**5000):
        for text in (number_text(number), brief_number(number), bytes_text(number), ratio_text(Fraction(number, 7))):
            assert len(text) < 15
