"""A flow chart in Mermaid, as Markdown pages on GitHub and elsewhere show it."""

from __future__ import annotations

import re

from core.export.exporter import Exporter, Subject
from core.export.figures.figure import DIRECTION, HUES, Drawn, direction_of, figure_of, tint
from core.io.failures import shown

_MEANS_SOMETHING = re.compile(r"[^\w .,:/×·…?−+\-]", re.ASCII)


MOST_IN_A_ROW = 12
"""Boxes; from as many on, a page would show them too small to be read beside each other."""


def mermaid(subject: Subject) -> str:
    """Write the layers as a flow chart, coloured by family."""
    figure = figure_of(subject.report)
    is_long = len(figure.boxes) >= MOST_IN_A_ROW and DIRECTION.of(subject) == DIRECTION.default
    direction = "LR" if direction_of(subject) == "right" and not is_long else "TB"
    lines = [f"flowchart {direction}"]
    lines += [f"    {box.key}{_shape(box)}:::{box.hue}" for box in figure.boxes]
    lines += [f"    {figure.boxes[source].key} --> {figure.boxes[target].key}" for source, target in figure.wires]
    for hue in dict.fromkeys(box.hue for box in figure.boxes):
        lines.append(f"    classDef {hue} fill:#{tint(hue, 0.12)},stroke:#{HUES[hue]},color:#1b1f24")
    return "\n".join([*lines, ""])


def _shape(box: Drawn) -> str:
    text = "<br>".join(map(_escaped, box.lines))
    if box.small:
        return f'(["{text}"])'
    return f'[["{text}"]]' if box.hue == "block" else f'["{text}"]'


def _escaped(text: str) -> str:
    """Write what could mean something as the number of its character.

    >>> _escaped('a"b')
    'a#34;b'
    """
    return _MEANS_SOMETHING.sub(lambda found: f"#{ord(found.group())};", shown(text))


MERMAID = Exporter(
    "mermaid", "Mermaid", "figure", "a flow chart in Mermaid, for Markdown pages", ".mmd", mermaid, options=(DIRECTION,)
)
