"""Settings whose value is one of several kinds, or a list of them."""

from typing import Annotated, ClassVar

import pytest

from core.declare import Declared, hyper
from core.kinds import MOST_IN_A_LIST, Kind, kind_form, kinds_form, table_of


class Pen(Kind):
    """What draws."""


class Brush(Pen):
    """Draws wide lines."""

    name: ClassVar[str] = "flat_brush"
    width: float = hyper(2.0, ge=1, le=9, help="How wide.")


class Chalk(Pen):
    """Draws on slate."""


PENS = table_of(Brush, Chalk)


class Picture(Declared):
    """How it is drawn."""

    pen: Annotated[Pen, *kind_form(PENS)] = hyper(Brush(), help="With what.")
    second: Annotated[Pen, *kind_form(PENS)] | None = hyper(None, help="And then.")
    layers: Annotated[tuple[Pen, ...], *kinds_form(PENS)] = hyper((), help="From below.")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ({}, Picture()),
        ({"pen": "Chalk"}, Picture(pen=Chalk())),
        ({"pen": {"kind": "flat_brush", "width": 3}}, Picture(pen=Brush(width=3))),
        ({"second": "flat_brush"}, Picture(second=Brush())),
        ({"layers": ["Chalk", {"kind": "flat_brush", "width": 5}]}, Picture(layers=(Chalk(), Brush(width=5)))),
    ],
)
def test_what_is_written_is_read_and_written_again(written, read):
    assert Picture.read(written) == read
    assert read.config() == written


def test_defaults_are_written_as_names():
    assert Picture.read({"second": {"kind": "flat_brush", "width": 2}}).config() == {"second": "flat_brush"}
    assert Picture().config(whole=True) == {"pen": "flat_brush", "second": None, "layers": []}


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"pen": "Chlk"}, 'pen must be flat_brush or Chalk, but is "Chlk"; did you mean Chalk?'),
        ({"pen": 3}, "pen must be flat_brush or Chalk, but is 3"),
        ({"pen": None}, "pen must be flat_brush or Chalk, but is null"),
        ({"pen": {"width": 3}}, "pen: its kind must be flat_brush or Chalk, but is missing"),
        ({"pen": {"kind": "flat_brush", "width": 10}}, "pen: width must be a number from 1 to 9, but is 10"),
        ({"pen": {"kind": "Chalk", "width": 1}}, 'pen: Chalk has no setting "width"'),
        ({"second": {"kind": "flat_brush", "widht": 1}}, 'flat_brush has no setting "widht"; did you mean width?'),
        ({"layers": "Chalk"}, 'layers: it must be a list of flat_brush or Chalk, but is "Chalk"'),
        ({"layers": ["Chalk"] * (MOST_IN_A_LIST + 1)}, "layers: it has 65 entries; the most are 64"),
        ({"layers": [["Chalk"]]}, 'layers must be flat_brush or Chalk, but is ["Chalk"]'),
    ],
)
def test_what_is_wrong_is_said_where_it_is(written, said):
    (misread,) = Picture.misreadings(written)
    assert said in misread.what
    assert misread.field == next(iter(written))


def test_forms_learn_what_there_is():
    pen = Picture.settings()["pen"]
    assert (pen.type, list(pen.kinds), pen.default) == ("kind", ["flat_brush", "Chalk"], "flat_brush")
    second, layers = Picture.settings()["second"], Picture.settings()["layers"]
    assert (second.optional, second.default) == (True, None)
    assert (layers.type, layers.default) == ("kinds", [])
