"""The cards of the strip: what each shows, how wide it is and where it stands."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFontMetricsF

from core.graph.values import Layer
from core.graph.wiring import owner
from designer.canvas.drawing.node_content import NodeContent
from designer.strip.lanes import Place, places
from designer.strip.words import Word
from designer.theme import font

HEIGHT_PX = 56
EDGE_PX = 3
LEFT_PX = 11
"""From the edge of a card to its words."""
BETWEEN_PX = 6
"""Between name and words in a lane, where they share a line."""
_RIM, _RIGHT = 12, 10
_LEAST_WIDTH, _MOST_WIDTH, _DOT = 64, 148, 22
_LEAST_GAP, _MOST_GAP = 10, 36
_TOP, _HIGH, _LANE_HIGH = 7, 42, 20
_BELOW = 53
"""How far down wires run that pass layers by."""


@dataclass(frozen=True, slots=True)
class Card:
    """A layer in the strip.

    Attributes
    ----------
    content : NodeContent
    place : Place
    word : Word
        Its second line.
    rect : QRectF
    """

    content: NodeContent
    place: Place
    word: Word
    rect: QRectF

    @property
    def id(self) -> str:
        """The layer's id, as it is called where it is drawn."""
        return self.content.id

    @property
    def second(self) -> str:
        """What is written after the name: in a lane there is no room for the shape."""
        return self.word.text if self.place.lane is None or self.word.tone != "plain" else ""

    @property
    def is_dot(self) -> bool:
        """Whether it is an activation without settings."""
        return is_dot(self.content)


def is_dot(content: NodeContent) -> bool:
    """Say whether a layer is an activation without settings."""
    return content.pill and not content.settings


class Row:
    """Cards one behind the other, from left to right."""

    def __init__(
        self,
        layers: Sequence[Layer] = (),
        contents: Mapping[str, NodeContent] | None = None,
        words: Mapping[str, Word] | None = None,
        room: float = 0,
    ) -> None:
        contents, words = contents or {}, words or {}
        found = places(layers)
        self._words = {id: words.get(id) or Word(contents[id].shape_line) for id in found}
        widths: dict[int, float] = {}
        for id, place in found.items():
            needed = _width(contents[id], self._words[id], in_lane=place.lane is not None)
            widths[place.column] = max(widths.get(place.column, 0), needed)
        lefts, self.width = _spread([widths[column] for column in sorted(widths)], room)
        self.cards = {
            id: Card(contents[id], place, self._words[id], _rect(lefts[place.column], widths[place.column], place.lane))
            for id, place in found.items()
        }
        self.order = list(self.cards)
        self._lefts, self._widths = lefts, [widths[column] for column in sorted(widths)]
        self._by_column: list[list[Card]] = [[] for _ in lefts]
        for card in self.cards.values():
            self._by_column[card.place.column].append(card)
        self.wires = [wire for layer in layers for wire in self._wires_to(layer)]

    def between(self, left: float, right: float) -> Iterable[Card]:
        """Yield the cards of which something is between two places."""
        first = max(0, bisect_right(self._lefts, left) - 1)
        for column in self._by_column[first : bisect_left(self._lefts, right)]:
            yield from column

    def at(self, point: QPointF) -> Card | None:
        """Return the card at a point; a dot can be hit in all its height."""
        for card in self.between(point.x(), point.x() + 1):
            if card.rect.adjusted(-2, -4, 2, 4).contains(point):
                return card
        return None

    def beside(self, id: str, step: int) -> str:
        """Return the layer that is so many cards further on, or the last on that side."""
        return self.order[max(0, min(len(self.order) - 1, self.order.index(id) + step))]

    def across(self, id: str, lane: int) -> str:
        """Return the layer in the other lane of the same column, if there is one."""
        column = self._by_column[self.cards[id].place.column]
        return next((card.id for card in column if card.place.lane == lane), id)

    def _wires_to(self, layer: Layer) -> Iterable[tuple[QPointF, ...]]:
        """Yield the wires that come to a layer; one that passes others by runs below them."""
        end = self.cards[layer.id]
        for source in layer.inputs:
            begin = self.cards.get(owner(source, self.cards))
            if begin is None:
                continue
            out, into = _side(begin.rect, 1), _side(end.rect, -1)
            if end.place.column == begin.place.column + 1:
                yield out, into
            else:
                yield out, QPointF(out.x() + 6, _BELOW), QPointF(into.x() - 6, _BELOW), into


def _side(rect: QRectF, side: int) -> QPointF:
    return QPointF(rect.right() if side > 0 else rect.left(), rect.center().y())


def _width(content: NodeContent, word: Word, *, in_lane: bool) -> float:
    if is_dot(content):
        return _DOT
    second = QFontMetricsF(font(11, 500 if in_lane else 400)).horizontalAdvance(word.text)
    if in_lane:
        name = QFontMetricsF(font(11, 500)).horizontalAdvance(content.id)
        words = name + (0 if word.tone == "plain" else BETWEEN_PX + second)
    else:
        words = max(QFontMetricsF(font(13, 600)).horizontalAdvance(content.id), second)
    return min(max(_LEAST_WIDTH, words + LEFT_PX + _RIGHT), _MOST_WIDTH)


def _spread(widths: Sequence[float], room: float) -> tuple[list[float], float]:
    """Return where columns begin, spread over the room that there is, and how wide they are together."""
    spare = room - 2 * _RIM - sum(widths)
    gap = min(max(spare / max(1, len(widths) - 1), _LEAST_GAP), _MOST_GAP)
    lefts, x = [], float(_RIM)
    for width in widths:
        lefts.append(x)
        x += width + gap
    return lefts, x - gap + _RIM if widths else 0.0


def _rect(left: float, width: float, lane: int | None) -> QRectF:
    if lane is None:
        return QRectF(left, _TOP, width, _HIGH)
    return QRectF(left, _TOP if lane == 0 else _TOP + _HIGH - _LANE_HIGH, width, _LANE_HIGH)
