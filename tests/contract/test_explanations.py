"""What every kind explains on demand, found from the register; every sum that is written out comes to what it says."""

import re
from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.layers import KINDS, ReceptiveField
from core.layers.kind import Kind
from core.layers.merge import PlaceByPlace
from tests.contract.cases import CASES
from tests.contract.test_declarations import layers_with_inputs

NUMBER = r"\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?(?:e-\d+)?"
EQUATION = re.compile(
    rf"(?<![+−·/] )(?<![\w+−·/(.,])((?:{NUMBER}|[(⌈])(?:{NUMBER}|[+−·/()⌈⌉ ])*) = (?=(−?(?:{NUMBER})))(?!\S*[×·])"
)
SHAPE = re.compile(r"[\dN]+(?:×[\dN]+)+")


def fields_of(inputs):
    return [ReceptiveField((5, 7), (2, Fraction(1, 2))) if len(shape) == 3 else None for shape in inputs]


def equations(line):
    """Find all that is written as numbers = number; shapes are no numbers."""
    return EQUATION.findall(SHAPE.sub("S", line))


def value(text):
    """Reckon what was written."""
    parts = re.findall(rf"{NUMBER}|[+−·/()⌈⌉]", text)[::-1]

    def total():
        found = product()
        while parts and parts[-1] in "+−":
            found = found + product() if parts.pop() == "+" else found - product()
        return found

    def product():
        found = atom()
        while parts and parts[-1] in "·/":
            found = found * atom() if parts.pop() == "·" else found / atom()
        return found

    def atom():
        part = parts.pop()
        if part == "−":
            return -atom()
        if part in "(⌈":
            found = total()
            parts.pop()
            return ceil(found) if part == "⌈" else found
        return Fraction(part.replace(",", ""))

    return total()


def wrong_equations(line):
    """Find the sums that do not come out."""
    for left, right in equations(line):
        balanced = left.count("(") == left.count(")")
        if balanced and abs(value(left) - value(right)) > Fraction(1, 199):  # two decimals
            yield f"{left} = {right}"


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("r = 6 + (5 − 1)·2 = 14, j = 2·1 = 2", []),
        ("r = 6 + (5 − 1)·2 = 15", ["6 + (5 − 1)·2 = 15"]),
        ("S − 1 = 3 between neighbours: 55 become 4·(55 − 1) + 1 = 217", []),
        ("96×363 · 363×3025 = 96×3025", []),
        ("363·290,400 = 105,415,200 multiply–accumulates", []),
        ("363·290,400 = 105,415,201 multiply–accumulates", ["363·290,400 = 105,415,201"]),
        ("up to ⌈3/2⌉·⌈4/2⌉ = 5 values", ["⌈3/2⌉·⌈4/2⌉ = 5"]),
        ("7/3 = 2.33", []),
        ("height: 6 − 1 + 0 + (−1) + 1 = 5", []),
    ],
)
def test_the_search_finds_wrong_sums(line, wrong):
    assert list(wrong_equations(line)) == wrong


@pytest.mark.parametrize(("kind", "example"), CASES)
def test_every_kind_explains_itself_completely(kind, example):
    topics = {topic.topic: topic.lines for topic in kind.explain_more(example.inputs, fields_of(example.inputs))}
    assert {"Forward", "Backward", "Receptive field", "Memory"} <= set(topics)
    assert topics.get("Shape and parameters", ()) == tuple(kind.explain(example.inputs))
    for lines in topics.values():
        assert all(line and "{" not in line and "`" not in line for line in lines)
    if example.parameters:
        assert f"{example.parameters:,}" in " ".join(topics["Memory"])
        assert any("∂ℓ/∂" in line and "Σ" in line for line in topics["Backward"]) or "batch" in str(topics["Backward"])


@pytest.mark.parametrize(("kind", "example"), CASES)
def test_without_fields_nothing_is_said_of_them(kind, example):
    assert "Receptive field" not in {topic.topic for topic in kind.explain_more(example.inputs)}


@pytest.mark.parametrize("kind", [pytest.param(kind, id=name) for name, kind in KINDS.items()])
@settings(max_examples=60)
@given(data=st.data())
def test_whatever_is_drawn_is_explained_with_sums_that_are_right(kind, data):
    spec, inputs = data.draw(layers_with_inputs(kind))
    if any(problem.severity == "error" for problem in spec.problems(inputs)):
        return
    # "5 + 5 = 5" adds layers of 5 features; and settings that are no whole numbers are written with a few digits.
    inexact = isinstance(spec, PlaceByPlace) or any(found.type == "number" for found in spec.settings().values())
    for topic in spec.explain_more(inputs, fields_of(inputs)):
        if inexact and topic.topic == "Shape and parameters":
            continue
        for line in topic.lines:
            assert list(wrong_equations(line)) == []


def test_a_kind_that_explains_nothing_itself_is_explained_by_what_it_declares():
    spec = KINDS["PReLU"]()
    topics = {
        "forward": tuple(Kind.explain_forward(spec, [(4, 3, 2)])),
        "backward": tuple(Kind.explain_backward(spec, [(4, 3, 2)])),
    }
    assert topics["forward"][0].startswith("A leaky ReLU that learns its slopes: x above 0, else slope·x")
    assert topics["backward"][1].startswith("∂ℓ/∂slope = Σ ∂ℓ/∂y·∂y/∂slope")
