"""Figures in every format: all layers and wires are there, texts are texts, and no name means anything to a format."""

import re
import xml.etree.ElementTree as ET
from html import unescape

import pytest

from core.analysis.check import check
from core.export.exporter import Subject
from core.export.exporters import EXPORTERS
from core.export.figures.figure import figure_of, placed
from core.graph.values import Block, Document, Graph
from core.io.templates import load_template, template_names
from tests.drawing import document, layer

FORMATS = ("svg", "tikz", "mermaid", "dot")
SVG = "{http://www.w3.org/2000/svg}"
NAMES = [
    'a"b',
    "<script>1</script>",
    "a&amp;b",
    r"\input{x}",
    "%50_$x$",
    "two\nlines",
    "`a`",
    "#quot;",
    "]]>",
    "é",
]


def exported(made, format):
    return EXPORTERS[format].export(Subject(check(made)))


def residual():
    return document(
        layer("input", "Input", shape=(8, 8, 4)),
        layer("conv1", "Conv2D", "input", filters=4, kernel_size=3, padding=1, stride=1),
        layer("relu1", "ReLU", "conv1"),
        layer("sum", "Add", ["relu1", "input"]),
        layer("down", "Conv2D", "sum", filters=8, kernel_size=2, stride=2),
    )


def with_block():
    block = Block(("x",), (layer("conv", "Conv2D", "x", filters=4, kernel_size=3, padding=1),), ("conv",))
    layers = (layer("in", "Input", shape=(8, 8, 4)), layer("stage", "Block", "in", block="twice", repeat=3))
    return Document(Graph((*layers, layer("out", "ReLU", "stage/conv")), blocks={"twice": block}))


def named(name):
    return document(layer("in", "Input", shape=(4,)), layer(name, "Dense", "in", units=2), layer("end", "Nope", name))


def texts_of(svg):
    return ["".join(each.itertext()) for each in ET.fromstring(svg).iter(f"{SVG}text")]  # noqa: S314


# --- what is drawn --------------------------------------------------------------------------------------------------


def test_a_figure_says_what_papers_say():
    figure = figure_of(check(residual()))
    assert [box.lines for box in figure.boxes] == [
        ("input", "Input", "8×8×4"),
        ("conv1", "Conv2D 3×3", "8×8×4"),
        ("ReLU",),
        ("sum", "Add", "8×8×4"),
        ("down", "Conv2D 2×2 /2", "4×4×8"),
    ]
    assert figure.wires == ((0, 1), (1, 2), (2, 3), (0, 3), (3, 4))


def test_a_block_is_one_box_with_its_repeat():
    figure = figure_of(check(with_block()))
    assert [box.lines for box in figure.boxes] == [
        ("in", "Input", "8×8×4"),
        ("stage", "twice ×3", "8×8×4"),
        ("ReLU",),
    ]
    assert figure.wires == ((0, 1), (1, 2))


@pytest.mark.parametrize("name", template_names())
def test_no_two_boxes_overlap(name):
    boxes = placed(figure_of(check(load_template(name))))
    for i, one in enumerate(boxes):
        for other in boxes[:i]:
            apart_x = one.x + one.width <= other.x or other.x + other.width <= one.x
            apart_y = one.y + one.height <= other.y or other.y + other.height <= one.y
            assert apart_x or apart_y, (one.drawn.id, other.drawn.id)


# --- SVG ------------------------------------------------------------------------------------------------------------


def test_svg_holds_every_text_and_wire():
    svg = exported(residual(), "svg")
    assert texts_of(svg) == [
        *("input", "Input", "8×8×4"),
        *("conv1", "Conv2D 3×3", "8×8×4"),
        "ReLU",
        *("sum", "Add", "8×8×4"),
        *("down", "Conv2D 2×2 /2", "4×4×8"),
    ]
    root = ET.fromstring(svg)  # noqa: S314
    assert len([each for each in root.iter(f"{SVG}path") if each.get("class") == "wire"]) == 5


@pytest.mark.parametrize("name", NAMES)
def test_svg_shows_any_name_as_it_is(name):
    assert name.replace("\n", "�") in texts_of(exported(named(name), "svg"))


def test_svg_cuts_long_names_and_keeps_them_whole_as_tips():
    root = ET.fromstring(exported(named("x" * 100), "svg"))  # noqa: S314
    assert [each.text for each in root.iter(f"{SVG}title") if each.text != "network"] == ["x" * 100]


# --- LaTeX ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*NAMES, "}{", "~^"])
def test_in_tikz_names_are_no_commands(name):
    tikz = exported(named(name), "tikz")
    bare = re.sub(r"\\[{}%&#_$]", "", tikz)
    depth = 0
    for character in re.sub(r"(?<!\\)%.*", "", bare):
        depth += (character == "{") - (character == "}")
        assert depth >= 0
    assert depth == 0
    assert r"\input" not in tikz
    assert tikz.count(r"\begin{tikzpicture}") == tikz.count(r"\end{tikzpicture}") == 2


def test_tikz_draws_images_larger_and_rows_as_columns():
    tikz = exported(load_template("lenet5"), "tikz")
    sizes = {
        key: tuple(map(float, numbers))
        for key, *numbers in re.findall(
            r"^\\layerbox\{(n\d+)\}\{\w+\}\{[\d.]+\}\{[-\d.]+\}\{([\d.]+)\}\{([\d.]+)\}\{([\d.]+)\}", tikz, re.MULTILINE
        )
    }
    assert len(sizes) == 14
    (width1, high1, deep1), (width2, high2, _), (_, _, deep) = sizes["n2"], sizes["n5"], sizes["n9"]
    assert width1 < width2
    assert high1 > high2
    assert high1 == deep1
    assert deep < 0.2
    nodes = re.findall(r"^\\node\[of .*\((n\d+)\) at", tikz, re.MULTILINE)
    assert nodes == [f"n{i}" for i in range(1, 15)]
    assert "#" not in tikz.partition("scope}}")[2]


# --- Mermaid and DOT ------------------------------------------------------------------------------------------------


def test_mermaid():
    assert exported(with_block(), "mermaid").splitlines()[:6] == [
        "flowchart LR",
        '    n1["in<br>Input<br>8×8×4"]:::input',
        '    n2[["stage<br>twice ×3<br>8×8×4"]]:::block',
        '    n3(["ReLU"]):::activation',
        "    n1 --> n2",
        "    n2 --> n3",
    ]


@pytest.mark.parametrize("name", NAMES)
def test_mermaid_brings_any_name_back(name):
    line = exported(named(name), "mermaid").splitlines()[2]
    (label,) = re.fullmatch(r'    n2\["([^"]*)"\]:::dense', line).groups()
    words = label.split("<br>")
    assert not re.search(r'[<>"`&]', "".join(words))
    assert unescape(re.sub(r"#(\d+);", r"&#\1;", words[0])) == name.replace("\n", "�")


@pytest.mark.parametrize("name", NAMES)
def test_dot_brings_any_name_back(name):
    line = exported(named(name), "dot").splitlines()[5]
    (label,) = re.match(r'    n2 \[label="((?:[^"\\]|\\.)*)", color=', line).groups()
    first = re.split(r"(?<!\\)(?:\\\\)*\\n", label)[0]
    assert re.sub(r"\\(.)", r"\1", first) == name.replace("\n", "�")


# --- all ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format", FORMATS)
def test_what_is_not_known_is_shown_and_nothing_is_a_figure_too(format):
    assert "?" in exported(named("fc"), format)
    assert exported(document(), format)


@pytest.mark.parametrize("format", FORMATS)
def test_layers_in_a_circle_are_drawn(format):
    circle = document(layer("a", "ReLU", "b"), layer("b", "Tanh", "a"))
    assert "Tanh" in exported(circle, format)
