"""A graph in DOT, which Graphviz draws."""

from __future__ import annotations

from core.export.exporter import Exporter, Subject
from core.export.figures.figure import DIRECTION, HUES, Drawn, direction_of, figure_of, tint
from core.io.failures import shown

_DIRECTIONS = {"right": "LR", "down": "TB"}


def dot(subject: Subject) -> str:
    """Write the layers as a directed graph."""
    figure = figure_of(subject.report)
    direction = _DIRECTIONS[direction_of(subject)]
    lines = [
        f"digraph {_quoted(figure.title or 'network')} {{",
        f'    graph [rankdir={direction}, ranksep=0.3, nodesep=0.25, fontname="Helvetica"];',
        '    node [shape=box, style="rounded,filled", fontname="Helvetica", fontsize=11, margin="0.12,0.06"];',
        '    edge [color="#5f6b78", arrowsize=0.7];',
    ]
    lines += [f"    {box.key} [label={_label(box)}, {_style(box)}];" for box in figure.boxes]
    lines += [f"    {figure.boxes[source].key} -> {figure.boxes[target].key};" for source, target in figure.wires]
    return "\n".join([*lines, "}", ""])


def _style(box: Drawn) -> str:
    sides = ", peripheries=2" if box.hue == "block" else ""
    return f'color="#{HUES[box.hue]}", fillcolor="#{tint(box.hue, 0.12)}"{sides}'


def _label(box: Drawn) -> str:
    return '"' + r"\n".join(map(_escaped, box.lines)) + '"'


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    r"""Escape what means something in a quoted string.

    >>> _escaped('a"\\N')
    'a\\"\\\\N'
    """
    return shown(text).replace("\\", "\\\\").replace('"', '\\"')


DOT = Exporter("dot", "DOT", "figure", "a graph in DOT, which Graphviz draws", ".dot", dot, options=(DIRECTION,))
