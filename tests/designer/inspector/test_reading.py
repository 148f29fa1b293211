"""Text in a field and the value that it stands for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.declare import Setting
from core.layers import KINDS
from designer.forms.field_text import read_text, stepped, stepped_side, value_text


def setting(type, **extra):
    return Setting(
        **{"name": "x", "type": type, "help": "", "required": False, "default": None, "start": None, **extra}
    )


READABLE = [
    ("whole", "50k", 50_000),
    ("whole", "1.5 M", 1_500_000),
    ("whole", "6", 6),
    ("whole", " 65,536 ", 65_536),
    ("whole", "-1", -1),
    ("whole", "−1", -1),
    ("number", "0.5", 0.5),
    ("number", "1e-3", 0.001),
    ("number", ".25", 0.25),
    ("number", "0,25", 0.25),
    ("number", "2", 2.0),
    ("name", "my data", "my data"),
    ("size", "3", 3),
    ("size", "3×3", 3),
    ("size", "3 × 5", (3, 5)),
    ("size", "3x5", (3, 5)),
    ("size", "[1, 7]", (1, 7)),
    ("size", "3 5", (3, 5)),
    ("padding", "same", "same"),
    ("padding", "VALID", "valid"),
    ("padding", "2", 2),
    ("padding", "1, 2", (1, 2)),
    ("padding", "[[0, 1], [2, 3]]", ((0, 1), (2, 3))),
    ("padding", "0 1 0 1", ((0, 1), (0, 1))),
    ("padding", "1, 1, 2, 2", (1, 2)),
    ("shape", "28×28×1", (28, 28, 1)),
    ("shape", "28, 28, 3", (28, 28, 3)),
    ("shape", "(64)", (64,)),
    ("numbers", "1, 2.5", (1.0, 2.5)),
    ("numbers", "[1 2 3]", (1.0, 2.0, 3.0)),
    ("numbers", "0,5; 2", (0.5, 2.0)),
    ("numbers", "1e-3", (0.001,)),
    ("numbers", ", ".join(["1.25"] * 1000), (1.25,) * 1000),
]
UNREADABLE = [
    ("whole", "six"),
    ("whole", "6.5"),
    ("whole", "6,5"),
    ("whole", ""),
    ("numbers", "balanced"),  # a word only where the setting has it
    ("numbers", "1,,2"),
    ("numbers", "a, b"),
    ("numbers", ""),
    ("number", "e"),
    ("number", "nan"),
    ("number", "inf"),
    ("number", "1e"),
    ("number", "1_000"),
    ("size", "3×"),
    ("size", "1×2×3"),
    ("size", "sam"),
    ("padding", "1 2 3"),
    ("padding", "sam"),
    ("shape", "28×28"),
    ("shape", "28.5"),
    ("shape", ""),
    ("size", "9" * 300),
]


@pytest.mark.parametrize(("type", "text", "value"), READABLE)
def test_people_may_write_it_their_way(type, text, value):
    found = read_text(setting(type), text)
    assert (found, found.__class__) == (value, value.__class__)


@pytest.mark.parametrize(("type", "text"), UNREADABLE)
def test_what_is_no_value_is_refused(type, text):
    with pytest.raises(ValueError, match=r".*"):
        read_text(setting(type), text)


def test_an_optional_setting_may_be_empty():
    assert read_text(setting("size", optional=True), "  ") is None
    assert value_text(setting("size", optional=True), None) == ""


@pytest.mark.parametrize(
    ("type", "value", "text"),
    [
        ("whole", 6, "6"),
        ("number", 0.001, "0.001"),
        ("number", 1e-8, "1e-8"),
        ("number", 0.1 + 0.2, "0.30000000000000004"),
        ("size", 3, "3"),
        ("size", (3, 5), "3 × 5"),
        ("padding", "same", "same"),
        ("padding", ((0, 1), (2, 3)), "[0, 1], [2, 3]"),
        ("shape", [28, 28, 1], "28 × 28 × 1"),
        ("whole", "six", "six"),
        ("whole", None, ""),
        ("flag", {"a": 1}, '{"a": 1}'),
        ("whole", True, "true"),
    ],
)
def test_how_it_stands_in_the_field(type, value, text):
    assert value_text(setting(type), value) == text


def test_the_size_of_a_filter_is_written_as_a_product():
    assert value_text(setting("size", required=True), 5) == "5 × 5"
    assert value_text(setting("size", headline=True), 2) == "2 × 2"


WHOLE = st.integers(0, 65_536)
VALUES = {
    "whole": WHOLE,
    "number": st.floats(allow_nan=False, allow_infinity=False),
    "size": st.one_of(WHOLE, st.tuples(WHOLE, WHOLE).filter(lambda pair: pair[0] != pair[1])),
    "padding": st.one_of(
        WHOLE,
        st.sampled_from(["same", "valid"]),
        st.tuples(st.tuples(WHOLE, WHOLE), st.tuples(WHOLE, WHOLE)).filter(lambda p: p[0][0] != p[0][1]),
    ),
    "shape": st.one_of(st.tuples(WHOLE), st.tuples(WHOLE, WHOLE, WHOLE)),
    "name": st.text(),
}


@pytest.mark.parametrize("type", VALUES)
def test_what_stands_there_reads_as_what_it_is(type):
    @given(VALUES[type])
    def check(value):
        assert read_text(setting(type), value_text(setting(type), value)) == value

    check()


@given(st.text(max_size=40))
def test_any_text_is_a_value_or_refused(text):
    for type in ("whole", "number", "size", "padding", "shape"):
        try:
            read_text(setting(type), text)
        except ValueError:
            continue


@pytest.mark.parametrize(
    ("field", "value", "by", "expected"),
    [
        (setting("whole", least=1, most=7), 6, 1, 7),
        (setting("whole", least=1, most=7), 7, 1, 7),
        (setting("whole", least=1, most=7), 1, -1, 1),
        (setting("number"), 0.001, 1, 0.002),
        (setting("number"), 0.001, -1, 0.0009),
        (setting("number"), 0.05, -1, 0.04),
        (setting("number", least=0, most=1, open_most=True), 0.9, 1, 0.9),
        (setting("number", least=0), 0.0, 1, 0.1),
        (setting("number", least=0), 0.0, -1, 0.0),
        (setting("number", least=0, open_least=True), 1e-3, -1, 9e-4),
        (setting("size"), 1, -1, 1),
        (setting("size"), (1, 7), 1, (2, 8)),
        (setting("padding"), 0, -1, 0),
        (setting("padding"), ((0, 1), (2, 3)), 1, ((1, 2), (3, 4))),
        (setting("padding"), "same", 1, "same"),
        (setting("size", optional=True), None, 1, None),
    ],
)
def test_an_arrow_key_leads_to_the_next_value(field, value, by, expected):
    assert stepped(field, value, by) == expected


@pytest.mark.parametrize(
    ("steps", "value", "up", "down"),
    [
        ("doubling", 32, 64, 16),
        ("doubling", 6, 8, 4),
        ("doubling", 1, 2, 1),
        ("odd", 3, 5, 1),
        ("odd", 4, 5, 3),
        ("odd", 1, 3, 1),
        ("ones", 4, 5, 3),
    ],
)
def test_arrow_keys_lead_to_the_values_that_are_usual(steps, value, up, down):
    found = setting("whole", steps=steps, least=1)
    assert (stepped(found, value, 1), stepped(found, value, -1)) == (up, down)


def test_filters_go_by_powers_of_two_and_their_sides_by_odd_numbers():
    settings = KINDS["Conv2D"].settings()
    assert stepped(settings["filters"], 32, 1) == 64
    assert stepped(settings["kernel_size"], (3, 5), 1) == (5, 7)
    assert stepped(settings["stride"], 1, 1) == 2


@pytest.mark.parametrize(
    ("text", "caret", "expected"),
    [
        ("3 × 5", 0, ("4 × 5", 0, 1)),
        ("3 × 5", 1, ("4 × 5", 0, 1)),
        ("3 × 5", 2, ("3 × 6", 4, 5)),
        ("9 × 9", 0, ("10 × 9", 0, 2)),
        ("3 ×", 3, ("3 ×", 3, 3)),
        ("", 0, ("", 0, 0)),
    ],
)
def test_one_side_is_stepped_where_the_caret_stands(text, caret, expected):
    assert stepped_side(setting("size"), text, caret, 1) == expected
