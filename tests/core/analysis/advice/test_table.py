"""The table of advice: what is on, what can be switched, and that good networks are left alone."""

import re
from dataclasses import replace

import pytest

from core.analysis.advice import ADVICE, DEFAULT_ADVICE
from core.analysis.check import check
from core.io.templates import load_template
from tests.core.analysis.advice.cases import ALL
from tests.drawing import chain

UNWISE = chain((32, 32, 3), ("Conv2D", {"filters": 20, "kernel_size": 3}), "BatchNorm", ("MaxPool2D", {"pool_size": 5}))


def advised(document, advice=DEFAULT_ADVICE):
    return [problem.code for problem in check(document, advice=advice).problems if problem.severity == "advice"]


def test_every_piece_has_a_code_a_title_and_a_source():
    for advice in ADVICE:
        assert re.fullmatch(r"[A-Z]+-[A-Z]+", advice.code)
        assert re.fullmatch(r"[A-Z].*[^.]", advice.title)
        assert re.search(r"CS231n|, [A-Z]\w+ \d{4}", advice.source)
    titles = [advice.title for advice in ADVICE]
    assert len(set(titles)) == len(titles)


def test_rules_of_thumb_that_modern_networks_break_are_off():
    off = ALL - DEFAULT_ADVICE
    assert off == {"STRIDE-LARGE", "FILTERS-COUNT", "INPUT-SIDE"}


def test_advice_is_given_when_it_is_on():
    assert advised(UNWISE) == ["BIAS-UNUSED", "POOL-LARGE"]
    assert advised(UNWISE, frozenset()) == []
    assert advised(UNWISE, frozenset({"POOL-LARGE"})) == ["POOL-LARGE"]


def test_a_report_with_other_switches_may_be_the_previous_one():
    quiet = check(UNWISE, advice=frozenset())
    loud = check(UNWISE, quiet)
    assert [problem.code for problem in loud.problems if problem.severity == "advice"] == ["BIAS-UNUSED", "POOL-LARGE"]
    assert check(UNWISE, loud, frozenset({"POOL-LARGE"})).problems[0].fixes != ()
    assert all(loud.layers[id] is quiet.layers[id] for id in quiet.layers)


def test_a_document_with_advice_is_valid():
    report = check(UNWISE)
    assert report.valid
    assert report.errors == ()


def test_advice_comes_after_errors_and_before_notes():
    drawn = chain(
        (33, 33, 3),
        ("MaxPool2D", {"rounding": "floor"}),
        ("Conv2D", {"filters": 4, "kernel_size": 3}),
        ("Conv2D", {"filters": 4, "kernel_size": 30}),
    )
    bad = replace(drawn, graph=replace(drawn.graph, layers=(*drawn.graph.layers, *UNWISE.graph.layers[1:])))
    severities = [problem.severity for problem in check(bad).problems]
    assert set(severities) == {"error", "advice", "note"}
    assert severities == sorted(severities, key=["error", "advice", "note"].index)


@pytest.mark.parametrize(
    "name",
    [
        *("lenet5", "lenet5_1998", "digits_cnn", "mlp", "alexnet", "vgg16", "googlenet", "resnet18", "resnet50"),
        *("resnet20_cifar", "mobilenet_v2", "densenet121", "nin", "all_cnn_c", "unet", "dcgan_generator"),
    ],
)
def test_good_networks_get_no_advice(name):
    assert advised(load_template(name)) == []


def test_what_is_on_by_default_is_what_the_classics_agree_with():
    assert set(advised(load_template("lenet5"), ALL)) == {"FILTERS-COUNT"}
    assert set(advised(load_template("vgg16"), ALL)) == set()
    assert set(advised(load_template("resnet18"), ALL)) == {"STRIDE-LARGE"}
