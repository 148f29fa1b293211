"""What of a window the tour speaks of; apart from its steps, which are loaded when it begins."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from designer.inspector import Inspector
from designer.training import Run


@dataclass(frozen=True, slots=True)
class TourParts:
    """What the tour speaks of."""

    train_bar: QWidget
    canvas: QWidget
    inspector: Inspector
    palette: QWidget
    run: Run
