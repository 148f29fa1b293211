"""What every kind says about itself, found from the register: a new kind is tested with no test written."""

import json
import math

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from core.layers import KINDS
from core.layers.kind import FAMILIES
from core.problems import Problem
from core.shapes import count
from tests.contract.cases import CASES

ALL_KINDS = [pytest.param(kind, id=name) for name, kind in KINDS.items()]

WRONG = {
    "whole": ["six", 1.5, math.nan, None, True, [1], 10**12, -(10**12)],
    "number": ["half", math.nan, math.inf, [0.5], True, 10.0**12, -(10.0**12)],
    "flag": ["yes", 1, 0.0, [True], None],
    "choice": ["nonsense", 1, None, True],
    "name": [5, None, ["digits"]],
    "size": ["3", 0, -1, 1.5, math.nan, [3], [1, 2, 3], [0, 1], 10**12, True, {}, [[2, 2], [2, 2]], [1, True]],
    "padding": [
        "some",
        -1,
        0.5,
        [1],
        [1, 2, 3],
        [[1, 2]],
        [[1, 2], [3]],
        10**12,
        True,
        None,
        [[1, 1], [1, True]],
        [1, True],
    ],
    "shape": ["28", [], [1, 2], [1, 2, 3, 4], [0, 1, 1], [28.5, 28, 1], 28, None],
}


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_a_kind_introduces_itself(kind):
    assert kind.summary().endswith(".")
    assert kind.family in FAMILIES
    assert kind.stem.isidentifier()
    assert kind.examples
    assert all(setting.help.endswith(".") for setting in kind.settings().values())


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_a_newly_drawn_layer_has_all_it_needs(kind):
    assert kind.misreadings(kind.start_config()) == ()


@pytest.mark.parametrize(("kind", "example"), CASES)
def test_a_config_survives_json(kind, example):
    again = type(kind).read(json.loads(json.dumps(kind.config())))
    assert again == kind
    assert again.config() == kind.config()
    assert hash(again) == hash(kind)


@pytest.mark.parametrize(("kind", "example"), CASES)
def test_a_config_leaves_defaults_out(kind, example):
    for name, value in kind.config().items():
        setting = kind.settings()[name]
        assert setting.required or value != setting.default


@pytest.mark.parametrize(("kind", "example"), CASES)
def test_a_config_is_valid_against_the_schema(kind, example):
    jsonschema.validate(kind.config(), type(kind).model_json_schema())


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_wrong_values_are_refused_with_a_phrase_and_a_cure(kind):
    whole = kind.start_config()
    for name, setting in kind.settings().items():
        for wrong in WRONG[setting.type]:
            if wrong is None and setting.optional:
                continue
            misread = kind.misreadings(whole | {name: wrong})
            assert [entry.field for entry in misread] == [name], f"{name} = {wrong!r}"
            assert misread[0].what.startswith(f"{name} must be ")
            with pytest.raises(ValidationError):
                kind.read(whole | {name: wrong})
            if misread[0].cure is not None:
                assert kind.misreadings(whole | {name: misread[0].cure}) == ()


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_missing_values_are_named(kind):
    required = [name for name, setting in kind.settings().items() if setting.required]
    assert [misread.field for misread in kind.misreadings({})] == required
    assert all(misread.missing for misread in kind.misreadings({}))


@pytest.mark.parametrize(("kind", "example"), CASES)
def test_an_example_computes_as_it_says(kind, example):
    assert [problem for problem in kind.problems(example.inputs) if problem.severity == "error"] == []
    assert kind.output_shape(example.inputs) == example.output
    weights = kind.weights(example.inputs).values()
    assert sum(weight.size for weight in weights if weight.role == "parameter") == example.parameters
    assert kind.macs(example.inputs) == example.macs
    if example.explanation:
        assert tuple(kind.explain(example.inputs)) == example.explanation


def drawn_value(setting):
    """Draw a small accepted value."""
    match setting.type:
        case "whole":
            least = -3 if setting.least is None else int(setting.least)
            value = st.integers(least, min(6, int(setting.most or 6)))
        case "number":
            low = setting.least or 0.0
            value = st.floats(
                low, min(setting.most or 1.0, low + 1), exclude_min=setting.open_least, exclude_max=setting.open_most
            )
        case "flag":
            value = st.booleans()
        case "choice":
            value = st.sampled_from(setting.choices)
        case "size":
            value = st.integers(1, 5) | st.tuples(st.integers(1, 5), st.integers(1, 5))
        case "padding":
            margin = st.integers(0, 3)
            value = st.one_of(
                margin, st.tuples(margin, margin), st.tuples(st.tuples(margin, margin), st.tuples(margin, margin))
            )
            value |= st.sampled_from(setting.choices or [0])
        case "shape":
            value = st.tuples(st.integers(1, 9)) | st.tuples(*[st.integers(1, 9)] * 3)
        case "name":
            value = st.just("x")
    return value | st.none() if setting.optional else value


@st.composite
def layers_with_inputs(draw, kind):
    start = kind.start_config()
    spec = kind.read(
        {
            name: draw(drawn_value(setting).filter(lambda v, name=name: not kind.misreadings(start | {name: v})))
            for name, setting in kind.settings().items()
        }
    )
    least, most = kind.n_inputs
    rank = draw(st.sampled_from(sorted(kind.ranks)))
    shape = st.tuples(*[st.integers(1, 7)] * rank)
    ports = draw(st.integers(least, least + 1 if most is None else most))
    first = draw(shape)
    return spec, tuple(draw(st.just(first) | shape) for _ in range(ports))


@pytest.mark.parametrize("kind", ALL_KINDS)
@settings(max_examples=60)
@given(data=st.data())
def test_whatever_is_drawn_computes_or_is_refused_with_reasons(kind, data):
    spec, inputs = data.draw(layers_with_inputs(kind))
    problems = list(spec.problems(inputs))
    for problem in problems:
        assert_speaks(problem, spec, inputs)
    if not any(problem.severity == "error" for problem in problems):
        assert all(side >= 1 for side in spec.output_shape(inputs))
        assert spec.macs(inputs) >= 0
        assert all(count(weight.shape) > 0 for weight in spec.weights(inputs).values())
        assert all(line for line in spec.explain(inputs))


def assert_speaks(problem: Problem, spec, inputs):
    sources = tuple(f"layer{port}" for port in range(len(inputs)))
    located = problem.located("own", "$", sources)
    assert located.what.startswith("own: ")
    assert located.what.endswith(".")
    assert located.why.endswith(".")
    assert "{" not in located.what + located.why
    assert problem.code.isupper()
    assert problem.field is None or problem.field in spec.settings()
    for fix in problem.fixes:
        for edit in fix.edits:
            config = getattr(edit, "config", None)
            if config is not None and getattr(edit, "layer", None) == "":
                cured = spec.with_settings(config)
                assert cured != spec
                assert problem.code not in {left.code for left in cured.problems(inputs)}, fix.label
