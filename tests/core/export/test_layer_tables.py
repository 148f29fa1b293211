"""The table of layers in every format: literally, with what is unknown, and with names that attack the format."""

import csv
import re

import pytest

from core.analysis.check import check
from core.export.exporter import Subject
from core.export.exporters import EXPORTERS
from tests.drawing import chain, document, layer

NET = chain((28, 28, 1), ("Conv2D", {"filters": 6, "kernel_size": 5}), "ReLU", "Flatten", ("Dense", {"units": 10}))
BROKEN = chain((7, 7, 1), ("Conv2D", {"filters": 1, "kernel_size": 3, "stride": 3}))


def exported(made, format):
    return EXPORTERS[format].export(Subject(check(made)))


def named(name, kind="ReLU"):
    return document(layer("in", "Input", shape=(4,)), layer(name, kind, "in"))


def test_markdown():
    assert exported(NET, "markdown") == (
        "| layer | kind    | output  | parameters |    MACs |   memory | receptive field |\n"
        "| ----- | ------- | ------- | ---------: | ------: | -------: | --------------: |\n"
        "| input | Input   | 28×28×1 |          0 |       0 |  3.1 KiB |             1×1 |\n"
        "| conv1 | Conv2D  | 24×24×6 |        156 |  86,400 | 13.5 KiB |             5×5 |\n"
        "| relu2 | ReLU    | 24×24×6 |          0 |       0 | 13.5 KiB |             5×5 |\n"
        "| flat3 | Flatten | 3456    |          0 |       0 | 13.5 KiB |     whole input |\n"
        "| fc4   | Dense   | 10      |     34,570 |  34,560 |     40 B |     whole input |\n"
        "| total |         |         |     34,726 | 120,960 | 40.5 KiB |                 |\n"
    )


def test_csv():
    assert exported(NET, "csv") == (
        "layer,kind,output,parameters,macs,memory_bytes,receptive_field\n"
        "input,Input,28x28x1,0,0,3136,1x1\n"
        "conv1,Conv2D,24x24x6,156,86400,13824,5x5\n"
        "relu2,ReLU,24x24x6,0,0,13824,5x5\n"
        "flat3,Flatten,3456,0,0,13824,whole input\n"
        "fc4,Dense,10,34570,34560,40,whole input\n"
        "total,,,34726,120960,41512,\n"
    )


def test_latex():
    assert exported(NET, "latex") == "\n".join(
        [
            r"% Needs \usepackage{booktabs}",
            r"\begin{tabular}{lllrrrr}",
            r"\toprule",
            r"layer & kind & output & parameters & MACs & memory & receptive field \\",
            r"\midrule",
            r"input & Input & 28$\times$28$\times$1 & 0 & 0 & 3.1 KiB & 1$\times$1 \\",
            r"conv1 & Conv2D & 24$\times$24$\times$6 & 156 & 86,400 & 13.5 KiB & 5$\times$5 \\",
            r"relu2 & ReLU & 24$\times$24$\times$6 & 0 & 0 & 13.5 KiB & 5$\times$5 \\",
            r"flat3 & Flatten & 3456 & 0 & 0 & 13.5 KiB & whole input \\",
            r"fc4 & Dense & 10 & 34,570 & 34,560 & 40 B & whole input \\",
            r"\midrule",
            r"total &  &  & 34,726 & 120,960 & 40.5 KiB &  \\",
            r"\bottomrule",
            r"\end{tabular}",
            "",
        ]
    )


@pytest.mark.parametrize(
    ("format", "layers", "total"),
    [
        ("markdown", "conv1|Conv2D|?|10|?|?|?", "total|||?|?|?|"),
        ("csv", "conv1,Conv2D,,10,,,", "total,,,,,,"),
        ("latex", r"conv1&Conv2D&?&10&?&?&?\\", r"total&&&?&?&?&\\"),
    ],
)
def test_what_is_not_known_is_shown_as_unknown(format, layers, total):
    lines = exported(BROKEN, format).replace(" ", "").splitlines()
    lines = [line[1:-1] if format == "markdown" else line for line in lines]
    assert layers in lines
    assert total in lines


@pytest.mark.parametrize("format", ["markdown", "csv", "latex"])
def test_a_network_of_nothing_still_has_its_totals(format):
    assert "total" in exported(document(), format)


# --- names ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("a|b", r"a\|b"),
        ("a\\", r"a\\"),
        (r"a\|b", r"a\\\|b"),
        ("conv_1", r"conv\_1"),
        ("*a* `b` ~c~", r"\*a\* \`b\` \~c\~"),
        ("[a](http://b)", r"\[a\](http://b)"),
        ("<img src=x>&amp;", r"\<img src=x\>\&amp;"),
        ("two\nlines", "two�lines"),
        ("\x1b[2J\u202e", r"�\[2J�"),
        ("x" * 500, "x" * 500),
    ],
)
def test_markdown_shows_any_name_as_it_is(name, cell):
    line = exported(named(name), "markdown").splitlines()[3]
    assert line.startswith(f"| {cell} ")
    assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) == 8


@pytest.mark.parametrize(
    "name", ["a,b", 'say "a"', "two\nlines", "a;b\t".strip(), "a b", "'a'", '"', '",\n"', "×−é", "a-b", "1+1"]
)
def test_csv_brings_any_name_back(name):
    head, _, row, total = csv.reader(exported(named(name), "csv").splitlines(keepends=True))
    assert (row[0], row[1], row[3:6]) == (name, "ReLU", ["0", "0", "16"])
    assert len(head) == len(row) == len(total)


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@sum(a)", " =1+1", "\n=1+1", "＝1+1", '=cmd|" /C calc"!A0'])
def test_no_spreadsheet_computes_a_name_or_a_kind(name):
    made = document(layer("in", "Input", shape=(4,)), layer(name, name, "in"))
    _, _, row, _ = csv.reader(exported(made, "csv").splitlines(keepends=True))
    assert row[:2] == [f"'{name}"] * 2


def test_csv_holds_nothing_that_reaches_into_the_terminal():
    text = exported(named("\x1b[2J\r\u202e\ud800"), "csv")
    assert "\n�[2J���,ReLU," in text
    text.encode()


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("conv_1", r"conv\_1"),
        (r"\input{a}", r"\textbackslash{}input\{a\}"),
        ("50%", r"50\%"),
        ("$a^2$ & b#~", r"\$a\textasciicircum{}2\$ \& b\#\textasciitilde{}"),
        ("<a|b>", r"\textless{}a\textbar{}b\textgreater{}"),
        ("3×3 − 1", r"3$\times$3 $-$ 1"),
        ("a·b→c…", r"a$\cdot$b$\to$c\ldots{}"),
        ('"a', r"\char34{}a"),
        ("[2cm]", "{[}2cm]"),
        ("*", "{*}"),
        ("two\nlines", "two?lines"),
        ("é", "é"),
    ],
)
def test_latex_shows_any_name_as_it_is(name, cell):
    lines = exported(named(name), "latex").splitlines()
    assert lines[6].startswith(f"{cell} & ReLU & 4 & 0 & ")
    assert all(len(re.findall(r"(?<!\\)&", line)) == 6 for line in lines if line.endswith(r"\\"))
