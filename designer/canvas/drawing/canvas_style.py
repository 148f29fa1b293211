"""The canvas's pens, brushes and fonts in the colours of the theme, made once for each theme."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QFont, QPen

from designer import theme
from designer.theme import Theme, font
from designer.theme.colours import THEMES

FLOWS = 8
"""Thicknesses of wires by what comes back over them; the first is of those over which nothing does."""
HEATS = 9
"""In how many steps a lens tells cards apart."""


@dataclass(frozen=True, slots=True)
class CanvasStyle:
    """Everything that painting a card or a wire needs to hand to Qt.

    `wires` get thicker as the drawing shrinks: for full detail, sketches and blocks. `families` are the full
    colours of the layer families, `edges` their lines, and `tints` those mixed into the card for small scales; `heats`
    and `far_heats` are those of cards that are seen through a lens, `flows` those of wires.
    """

    name: str
    canvas: QColor
    dots: QPen
    card: QBrush
    edge: QPen
    chosen: QPen
    error: QPen
    advice: QPen
    badge: QPen
    cross: QPen
    title: QPen
    text: QPen
    muted: QPen
    error_text: QPen
    wires: tuple[QPen, QPen, QPen]
    wires_chosen: tuple[QPen, QPen, QPen]
    wire_loose: QPen
    wire_refused: QPen
    port: QPen
    port_legal: QPen
    port_fill: QBrush
    legal_fill: QBrush
    ghost: QPen
    ghost_fill: QBrush
    refused: QPen
    refused_fill: QBrush
    guide: QPen
    band_fill: QBrush
    cell: QBrush
    flows: tuple[tuple[QPen, QPen, QPen], ...]
    families: Mapping[str, QColor]
    edges: Mapping[str, QPen]
    tints: Mapping[str, QColor]
    heats: tuple[QBrush, ...]
    far_heats: tuple[QColor, ...]
    name_font: QFont
    small_font: QFont
    number_font: QFont
    shape_font: QFont
    pill_font: QFont
    far_font: QFont


_PAPER: ContextVar[CanvasStyle | None] = ContextVar("_PAPER", default=None)


def canvas_style() -> CanvasStyle:
    """Return the style of the current theme, or of the paper that is drawn on."""
    return _PAPER.get() or _style(theme.current().name)


@contextmanager
def drawn_on_paper(made: Theme) -> Iterator[None]:
    """Draw in a theme's colours whatever theme is shown, and leave out what holds a place for something to come."""
    token = _PAPER.set(replace(_style(made.name), name=f"{made.name} on paper", cell=QBrush(Qt.BrushStyle.NoBrush)))
    try:
        yield
    finally:
        _PAPER.reset(token)


@cache
def _style(name: str) -> CanvasStyle:
    made = THEMES[name]
    return CanvasStyle(
        name=name,
        canvas=QColor(made.canvas),
        dots=_pen(made.grid_dot, 2, cosmetic=True),
        card=QBrush(QColor(made.card)),
        edge=_pen(made.card_border, 1),
        chosen=_pen(made.accent, 2),
        error=_pen(made.error, 1.5),
        advice=_pen(made.warning, 1.5),
        badge=_pen(made.warning_text, 1),
        cross=_pen(made.card, 8),
        title=_pen(made.text, 1),
        text=_pen(made.text, 1),
        muted=_pen(made.muted, 1),
        error_text=_pen(made.error_text, 1),
        wires=(_pen(made.wire, 1.5), _pen(made.wire, 2.5), _pen(made.wire, 5)),
        wires_chosen=(_pen(made.accent, 2.5), _pen(made.accent, 4), _pen(made.accent, 10)),
        flows=tuple(_flow(made, number) for number in range(FLOWS)),
        wire_loose=_pen(made.accent, 1.5, Qt.PenStyle.DashLine),
        wire_refused=_pen(made.error, 1.5, Qt.PenStyle.DotLine),
        port=_pen(made.wire, 1.5),
        port_legal=_pen(made.accent, 2),
        port_fill=QBrush(QColor(made.canvas)),
        legal_fill=QBrush(QColor(made.selection)),
        ghost=_pen(made.accent, 1.5, Qt.PenStyle.DashLine),
        ghost_fill=QBrush(QColor(made.selection)),
        refused=_pen(made.error, 1.5, Qt.PenStyle.DashLine),
        refused_fill=QBrush(_mixed(made, made.error, 0.1)),
        guide=_pen(made.accent, 1, cosmetic=True),
        band_fill=QBrush(_veil(made.accent)),
        cell=QBrush(_mixed(made, made.text, 0.05)),
        families={family: QColor(colour) for family, colour in made.families.items()},
        edges={family: _pen(colour, 1) for family, colour in made.families.items()},
        tints={family: _mixed(made, colour, 0.6) for family, colour in made.families.items()},
        heats=tuple(QBrush(_mixed(made, made.warning, 0.36 * step / (HEATS - 1))) for step in range(HEATS)),
        far_heats=tuple(_mixed(made, made.warning, 0.1 + 0.8 * step / (HEATS - 1)) for step in range(HEATS)),
        name_font=font(13, 600),
        small_font=font(11, 400),
        number_font=font(12, 400),
        shape_font=font(12, 600),
        pill_font=font(11, 500),
        far_font=font(24, 500),
    )


def _flow(made: Theme, number: int) -> tuple[QPen, QPen, QPen]:
    """Return the pens of a wire, near and from afar: thicker and stronger in colour; a dotted one for nothing."""
    if not number:
        near, middle, far = (_pen(made.wire, width, Qt.PenStyle.DotLine) for width in (1.5, 2.5, 5))
    else:
        colour = _mixed(made, made.accent, 0.3 + 0.7 * number / (FLOWS - 1)).name()
        near, middle, far = (_pen(colour, (1 + 1.1 * (number - 1)) * scale) for scale in (1, 1.5, 3))
    return near, middle, far


def _pen(colour: str, width: float, style: Qt.PenStyle = Qt.PenStyle.SolidLine, *, cosmetic: bool = False) -> QPen:
    pen = QPen(QColor(colour), width, style)
    pen.setCosmetic(cosmetic)
    if style != Qt.PenStyle.SolidLine:
        pen.setDashPattern([4, 3] if style == Qt.PenStyle.DashLine else [1, 2.5])
    return pen


def _mixed(made: Theme, colour: str, share: float) -> QColor:
    """Return a colour on the ground of a card, as if it were painted with so much opacity."""
    over, ground = QColor(colour), QColor(made.card)
    parts = zip(over.getRgb()[:3], ground.getRgb()[:3], strict=True)  # type: ignore[index]
    return QColor(*(round(share * a + (1 - share) * b) for a, b in parts))


def _veil(colour: str) -> QColor:
    veil = QColor(colour)
    veil.setAlphaF(0.12)
    return veil
