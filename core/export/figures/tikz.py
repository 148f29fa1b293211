"""Two figures in TikZ, as papers print them: layers as boxes of the size of their outputs, and the flat chain."""

from __future__ import annotations

from collections.abc import Sequence
from math import log2

from core.export.exporter import Exporter, Subject
from core.export.figures.figure import HUES, MOST_AVOIDED, Drawn, Figure, Placed, figure_of, placed, shortened
from core.export.latex_text import in_latex
from core.export.option import Option
from core.shapes import Shape

CM_PER_PX = 0.02
HIGHEST_CM, LOWEST_CM = 3.2, 0.35
"""Of boxes: the one with the largest image, and the one with a single pixel."""
GAP_CM, JOINED_CM = 0.55, 0.06
"""Free space between boxes; before an activation, which stands close to what it works on."""
MOST_IN_A_ROW_CM = 24.0
"""A row of boxes that is longer goes on below."""
ROW_GAP_CM = 3.0
BELOW_CM = 1.2
"""How far below the boxes of a row a wire runs to the next one: names of layers hang between."""
LONGEST_BEND_CM, BOW_CM = 20.0, 5
"""Longer wires are bows of their own: TeX cannot count so far as TikZ bends them."""
_DEPTH = (0.32, 0.22)
"""How far a box's depth goes to the right and up, for each centimetre of it."""

_BOX = r"""
% #1 name, #2 colour, #3 x, #4 y, #5 width (channels), #6 height and #7 depth (of the image)
\providecommand{\layerbox}[7]{%
  \begin{scope}[shift={(#3,#4)}, line join=round, draw=#2!70!black, line width=0.3pt]
    \filldraw[fill=#2!35] (0,-#6/2) rectangle (#5,#6/2);
    \filldraw[fill=#2!20] (0,#6/2) -- ++(HX*#7,HY*#7) -- ++(#5,0) -- (#5,#6/2) -- cycle;
    \filldraw[fill=#2!50] (#5,-#6/2) -- ++(HX*#7,HY*#7) -- ++(0,#6) -- (#5,#6/2) -- cycle;
    \coordinate (#1-in) at (0,0); \coordinate (#1-out) at (#5+HX*#7/2,0);
    \coordinate (#1-below) at (#5/2,-#6/2); \coordinate (#1-above) at (#5/2+HX*#7,#6/2+HY*#7);
  \end{scope}}"""


FIGURE = Option("figure", "the boxes of the size of the outputs, the flat chain, or both", ("both", "boxes", "chain"))


def tikz(subject: Subject) -> str:
    """Write the figures that are wanted; a paper takes the one it likes."""
    figure = figure_of(subject.report)
    title = in_latex(figure.title or "network")
    colours = [
        rf"\definecolor{{cg{hue}}}{{HTML}}{{{HUES[hue].upper()}}}" for hue in dict.fromkeys(b.hue for b in figure.boxes)
    ]
    lines = [
        r"% Needs \usepackage{tikz} and \usetikzlibrary{arrows.meta, shapes.misc}.",
        rf"% To fit a column: \resizebox{{\linewidth}}{{!}}{{…}} around a tikzpicture. {title}",
        *colours,
    ]
    if FIGURE.of(subject) != "chain":
        lines += [_BOX.strip().replace("HX", f"{_DEPTH[0]}").replace("HY", f"{_DEPTH[1]}"), ""]
        lines += ["% --- layers as boxes of the size of their outputs ---", *_boxes(figure)]
    if FIGURE.of(subject) != "boxes":
        lines += ["", "% --- the flat chain ---"]
        lines += _chain(figure, placed(figure, subject.report.document.layout.direction))
    return "\n".join([*lines, ""])


def _boxes(figure: Figure) -> list[str]:
    lines = [r"\begin{tikzpicture}[>={Stealth[length=4pt]}, font=\sffamily\scriptsize]"]
    largest = max((max(box.size[:2]) for box in figure.boxes if box.size and len(box.size) == 3), default=1)
    fed = dict.fromkeys(range(len(figure.boxes)), 0)
    for _, target in figure.wires:
        fed[target] += 1
    x = y = 0.0
    follows = {target: source for source, target in figure.wires}
    rows: list[float] = []
    for i, box in enumerate(figure.boxes):
        width, height, depth = _measures(box, largest)
        near = box.small and follows.get(i) == i - 1 and i > 0
        x += JOINED_CM if near else GAP_CM
        if x + width > MOST_IN_A_ROW_CM:
            x, y = GAP_CM, y - HIGHEST_CM - ROW_GAP_CM
        lines.append(
            rf"\layerbox{{{box.key}}}{{cg{box.hue}}}{{{x:.2f}}}{{{y:.2f}}}{{{width:.2f}}}{{{height:.2f}}}{{{depth:.2f}}}"
        )
        if not box.small:
            below, above = "anchor=north east, rotate=35", "anchor=south west, rotate=35, text=black!60"
            lines += [
                rf"\node[{below}, inner sep=1pt] at ({box.key}-below) {{{_name(box)}}};",
                rf"\node[{above}, inner sep=1pt] at ({box.key}-above) {{{in_latex(box.shape)}}};",
            ]
        rows.append(y)
        x += width + _DEPTH[0] * depth
    for source, target in figure.wires:
        if target == source + 1 and figure.boxes[target].small:
            continue
        one, other = figure.boxes[source].key, figure.boxes[target].key
        if target == source + 1 and rows[source] != rows[target]:
            between = f"(0,{rows[source] - HIGHEST_CM / 2 - BELOW_CM:.2f})"
            way = f"-- ++({GAP_CM:.2f},0) |- {between} |-"
            lines.append(rf"\draw[->, black!55, rounded corners=3pt] ({one}-out) {way} ({other}-in);")
            continue
        bend = "" if target == source + 1 else "[out=60, in=120, looseness=0.6]"
        lines.append(rf"\draw[->, black!55] ({one}-out) to{bend} ({other}-in);")
    return [*lines, r"\end{tikzpicture}"]


def _measures(box: Drawn, largest: int) -> tuple[float, float, float]:
    """Return width, height and depth in centimetres: channels by their logarithm, images by their side's."""
    size: Shape = box.size or (1, 1, 1)
    if box.small:
        width = 0.08
    else:
        width = 0.12 + 0.08 * log2(size[-1] + 1)
    if len(size) == 1:
        return (0.18 if not box.small else 0.08), LOWEST_CM + 0.18 * log2(size[0] + 1), 0.15
    high, wide = (_side(side, largest) for side in size[:2])
    return width, high, wide


def _side(side: int, largest: int) -> float:
    share: float = log2(side + 1) / log2(largest + 1)
    return LOWEST_CM + (HIGHEST_CM - LOWEST_CM) * share * share


def _chain(figure: Figure, boxes: Sequence[Placed]) -> list[str]:
    hues = dict.fromkeys(box.hue for box in figure.boxes)
    lines = [
        r"\begin{tikzpicture}[>={Stealth[length=4pt]}, font=\sffamily\scriptsize,",
        r"  layer/.style={align=center, rounded corners=2pt, inner sep=3pt, line width=0.5pt},",
        *(rf"  of {hue}/.style={{layer, draw=cg{hue}, fill=cg{hue}!12}}," for hue in hues),
        r"  pill/.style={rounded rectangle, inner ysep=2pt}]",
    ]
    for box in boxes:
        drawn = box.drawn
        x, y = (box.x + box.width / 2) * CM_PER_PX, -(box.y + box.height / 2) * CM_PER_PX
        shape = ", pill" if drawn.small else ", double" if drawn.hue == "block" else ""
        texts = [in_latex(drawn.about)] if drawn.small else [_name(drawn), *map(in_latex, drawn.lines[1:])]
        text = r"\\ ".join(texts)
        lines.append(rf"\node[of {drawn.hue}{shape}] ({drawn.key}) at ({x:.2f},{y:.2f}) {{{text}}};")
    avoided = boxes if len(boxes) <= MOST_AVOIDED else ()
    for source, target in figure.wires:
        one, other = boxes[source].drawn.key, boxes[target].drawn.key
        lines.append(rf"\draw[->, black!55] ({one}) {_way(avoided, boxes[source], boxes[target])} ({other});")
    return [*lines, r"\end{tikzpicture}"]


def _way(boxes: Sequence[Placed], one: Placed, other: Placed) -> str:
    """Say how a wire runs: straight to a neighbour, in a bow over what stands between."""
    passes = [
        box
        for box in boxes
        if box not in {one, other}
        and min(one.x, other.x) < box.x < max(one.x, other.x)
        and abs(_middle(box) - _middle(one)) < box.height
    ]
    level = abs(_middle(one) - _middle(other)) < max(one.height, other.height)
    if not (passes and level):
        return "--"
    if abs(one.x - other.x) * CM_PER_PX < LONGEST_BEND_CM:
        return "to[bend left=35]"
    between = [box for box in boxes if min(one.x, other.x) < box.x < max(one.x, other.x)]
    middle = (_middle(one) + _middle(other)) / 2
    is_free_above = sum(_middle(box) < middle for box in between) * 2 < len(between)
    angles = (35, 145) if is_free_above else (-35, -145)
    first, second = angles if one.x < other.x else angles[::-1]
    return f".. controls +({first}:{BOW_CM}) and +({second}:{BOW_CM}) .."


def _middle(box: Placed) -> float:
    return box.y + box.height / 2


def _name(box: Drawn) -> str:
    return rf"\textbf{{{in_latex(shortened(box.id))}}}"


TIKZ = Exporter(
    "tikz",
    "TikZ",
    "figure",
    "figures for LaTeX: boxes of the size of the outputs, and the flat chain",
    ".tex",
    tikz,
    options=(FIGURE,),
)
