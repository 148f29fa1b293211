"""Advice is looked for again only where something changed, and is then what a new look would find."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.analysis.check import check
from core.commands.check import report_as_json
from core.errors import EditError
from core.graph.edits import connect, insert_layer, remove_layers, replace_kind, set_config, set_outputs, set_training
from core.graph.fixing import apply_fix
from core.io.documents import loads
from tests.core.analysis.advice.cases import ALL
from tests.drawing import chain, document, layer

CONFIGS = {
    "Conv2D": st.fixed_dictionaries(
        {"filters": st.integers(1, 9), "kernel_size": st.sampled_from([1, 2, 3, 5, 7, [1, 3]])},
        optional={
            "padding": st.sampled_from(["same", 1, 2]),
            "stride": st.integers(1, 3),
            "groups": st.integers(1, 2),
            "bias": st.booleans(),
            "rounding": st.just("floor"),
        },
    ),
    "MaxPool2D": st.fixed_dictionaries(
        {"rounding": st.sampled_from(["floor", "ceil"])}, optional={"pool_size": st.integers(1, 5)}
    ),
    "Dropout": st.fixed_dictionaries({}, optional={"rate": st.sampled_from([0, 0.5])}),
    "Dense": st.fixed_dictionaries({"units": st.integers(1, 12)}),
    "Softmax": st.just({}),
    "BatchNorm": st.just({}),
    "ReLU": st.just({}),
    "Flatten": st.just({}),
    "GlobalAvgPool2D": st.just({}),
    "Add": st.just({}),
    "Concat": st.just({}),
}
FEW = sorted(CONFIGS)


@st.composite
def networks(draw):
    """Draw networks that mostly run, and mostly are unwise."""
    layers = [layer("input", "Input", shape=draw(st.sampled_from([(16, 16, 2), (9, 9, 1), (8, 8, 1)])))]
    for n in range(draw(st.integers(1, 9))):
        kind = draw(st.sampled_from(FEW))
        sources = [layers[-1].id]
        if kind in ("Add", "Concat"):
            sources.append(draw(st.sampled_from([other.id for other in layers])))
        layers.append(layer(f"{kind.lower()}{n}", kind, sources, **draw(CONFIGS[kind])))
    ends = st.lists(st.sampled_from([other.id for other in layers[1:]]), min_size=1, max_size=2, unique=True)
    return document(*layers, outputs=draw(st.none() | ends.map(tuple)))


@st.composite
def edited(draw, drawn):
    """Draw an edit of a network, and carry it out where it can be."""
    layers = drawn.graph.layers
    some = draw(st.sampled_from(layers[1:] or layers))
    kind = draw(st.sampled_from(FEW))
    other = draw(st.sampled_from(layers)).id
    edits = {
        "set": lambda: set_config(drawn, some.id, draw(CONFIGS[some.kind])) if some.kind in CONFIGS else drawn,
        "replace": lambda: replace_kind(drawn, some.id, kind, draw(CONFIGS[kind])),
        "insert": lambda: insert_layer(drawn, kind, draw(CONFIGS[kind]), before=some.id),
        "remove": lambda: remove_layers(drawn, [some.id]) if some is not layers[0] else drawn,
        "connect": lambda: connect(drawn, other, some.id),
        "outputs": lambda: set_outputs(drawn, draw(st.sampled_from([None, (other,)]))),
        "training": lambda: set_training(drawn, {"dataset": draw(st.sampled_from(["digits", "a folder"]))}),
    }
    try:
        return edits[draw(st.sampled_from(sorted(edits)))]()
    except EditError:
        return drawn


def content(report):
    return report_as_json(report), report.outputs


@settings(max_examples=150)
@given(networks(), st.data())
def test_after_any_edits_the_remembered_advice_is_what_a_new_look_finds(drawn, data):
    report = check(drawn, advice=ALL)
    for _ in range(5):
        drawn = data.draw(edited(drawn))
        report = check(drawn, report, ALL)
        assert content(report) == content(check(drawn, advice=ALL))


@settings(max_examples=150)
@given(networks())
def test_every_fix_of_any_network_cures(drawn):
    report = check(drawn, advice=ALL)
    for problem in report.problems:
        for fix in problem.fixes:
            after = check(apply_fix(drawn, fix), advice=ALL)
            same = [
                p for p in after.problems if (p.code, p.layer, p.field) == (problem.code, problem.layer, problem.field)
            ]
            assert not same, f"{fix.label} does not cure {problem.what}"
            if problem.severity != "error":
                assert len(after.errors) <= len(report.errors)


def test_layers_far_from_an_edit_are_not_looked_at_again():
    entries = [("Conv2D", {"filters": 4, "kernel_size": 3, "padding": 1}), "ReLU"] * 20
    drawn = chain((8, 8, 3), *entries)
    before = check(drawn)
    after = check(set_config(drawn, "conv5", {"bias": False}), before)
    old, new = before.trace.advised.seen, after.trace.advised.seen
    assert [id for id in old if new[id] is not old[id]] == ["conv5", "relu6"]


@pytest.mark.parametrize("change", [{"bias": False}, {"filters": 7}])
def test_fixes_of_advice_elsewhere_are_not_tried_again(change, monkeypatch):
    entries = [("Conv2D", {"filters": 4, "kernel_size": 3, "padding": 1}), "ReLU"] * 5
    drawn = chain((8, 8, 3), *entries, "Softmax", ("Conv2D", {"filters": 4, "kernel_size": 3}), "Softmax")
    before = check(drawn)
    assert [problem.code for problem in before.problems] == ["SOFTMAX-EARLY"]
    tried = []
    monkeypatch.setattr("core.analysis.fixes.trial.apply_fix", lambda *given: tried.append(given) or apply_fix(*given))
    after = check(set_config(drawn, "conv1", change), before)
    assert [len(problem.fixes) for problem in after.problems] == [2]
    assert tried == []
    check(set_config(drawn, "conv12", {"filters": 5}), before)
    assert len(tried) == 2


def test_advice_inside_blocks_is_cured_in_all_copies():
    drawn = loads("""{"format": "convograph", "version": 1, "layers": [
      {"id": "input", "kind": "Input", "config": {"shape": [8, 8, 4]}},
      {"id": "stage", "kind": "Block", "inputs": ["input"], "config": {"block": "pair", "repeat": 2}}],
     "blocks": {"pair": {"inputs": ["x"], "outputs": ["relu"], "layers": [
       {"id": "conv1", "kind": "Conv2D", "inputs": ["x"], "config": {"filters": 4, "kernel_size": 3, "padding": 1}},
       {"id": "conv2", "kind": "Conv2D", "inputs": ["conv1"], "config": {"filters": 4, "kernel_size": 1}},
       {"id": "bn", "kind": "BatchNorm", "inputs": ["conv2"]},
       {"id": "relu", "kind": "ReLU", "inputs": ["bn"]}]}}}""")
    report = check(drawn)
    assert [(problem.code, problem.path) for problem in report.problems] == [
        ("LINEAR-TWICE", "$.blocks.pair.layers[1]"),
        ("BIAS-UNUSED", "$.blocks.pair.layers[1].config.bias"),
    ]
    for problem in report.problems:
        drawn = apply_fix(drawn, problem.fixes[0])
    assert check(drawn, report).problems == ()
