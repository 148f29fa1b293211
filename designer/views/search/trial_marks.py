"""How trials look, as points and as lines: shape by stage, faded where stopped early, colour by accuracy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from core.search.trials import Trial
from designer import theme
from designer.pictures import Numbers, table_of
from designer.theme.colormaps import ACTIVATIONS

RADIUS = 5.0
LEAST_SPAN = 0.02
"""Accuracies that lie closer together than this are not spread over all colours."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The accuracies that the ends of the colours stand for."""

    low: float
    high: float

    def colour(self, accuracy: float | None) -> QColor:
        """Return the colour of an accuracy."""
        if accuracy is None:
            return QColor(theme.current().muted)
        share = (accuracy - self.low) / (self.high - self.low)
        red, green, blue, _ = ACTIVATIONS[round(255 * min(1.0, max(0.0, 0.15 + 0.85 * share)))].tolist()
        return QColor(red, green, blue)


def scale_of(trials: Iterable[Trial]) -> Scale:
    """Return the scale of some trials: from the middle of the field to the best, so that good ones can be told apart.

    >>> trials = [Trial(n, 0, {}, "finished", (a,), (1.0,)) for n, a in enumerate((0.1, 0.8, 0.9, 0.98))]
    >>> scale_of(trials)
    Scale(low=0.8, high=0.98)
    """
    found = sorted(trial.accuracy for trial in trials if trial.accuracy is not None)
    if not found:
        return Scale(0.0, 1.0)
    high = found[-1]
    return Scale(min(found[len(found) // 4], high - LEAST_SPAN), high)


def draw_mark(painter: QPainter, at: QPointF, trial: Trial, scale: Scale, *, strong: bool = False) -> None:
    """Draw a trial as a point: coarse ones as circles, fine ones as diamonds, what diverged as a cross."""
    look = theme.current()
    if trial.outcome in ("diverged", "failed") or trial.accuracy is None:
        painter.setPen(QPen(QColor(look.error), 2))
        for dx in (-4.0, 4.0):
            painter.drawLine(at + QPointF(-dx, -4), at + QPointF(dx, 4))
        return
    colour = scale.colour(trial.accuracy)
    edge = QColor(look.text if strong else look.muted)
    if trial.outcome == "stopped early":
        colour.setAlphaF(0.35)
        edge.setAlphaF(0.5)
    painter.setPen(QPen(edge, 2 if strong else 1))
    painter.setBrush(colour)
    if trial.stage == 0:
        painter.drawEllipse(at, RADIUS, RADIUS)
    else:
        r = RADIUS + 1
        painter.drawPolygon(
            QPolygonF([at + QPointF(0, -r), at + QPointF(r, 0), at + QPointF(0, r), at + QPointF(-r, 0)])
        )
    if strong:
        painter.setBrush(QColor(0, 0, 0, 0))
        painter.setPen(QPen(QColor(look.accent), 2))
        painter.drawEllipse(at, RADIUS + 5, RADIUS + 5)


def draw_scale(painter: QPainter, rect: QRectF, scale: Scale) -> None:
    """Draw the colours with the accuracies at their ends."""
    steps = 40
    for i in range(steps):
        accuracy = scale.low + (scale.high - scale.low) * i / (steps - 1)
        x = rect.left() + rect.width() * i / steps
        painter.fillRect(QRectF(x, rect.top(), rect.width() / steps + 1, rect.height()), scale.colour(accuracy))


def trial_numbers(trials: Iterable[Trial]) -> Numbers | None:
    """Return trials as a table: what was drawn, and what came of it; None without trials."""
    known = sorted(trials, key=lambda trial: trial.number)
    paths = list(dict.fromkeys(path for trial in known for path in trial.values))
    rows = [
        (trial.number, trial.stage + 1, *(trial.values.get(path) for path in paths), trial.outcome, trial.accuracy)
        for trial in known
    ]
    return table_of(("trial", "stage", *paths, "outcome", "validation accuracy"), rows)
