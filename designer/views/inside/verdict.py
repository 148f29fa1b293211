"""What the network takes the probe for, in words and as bars."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from designer import theme
from designer.views.class_bars import class_name, percent_text, probabilities_of
from designer.views.class_rows import ROW_PX, ClassRows
from designer.views.elided import ElidedLabel

_Direction = QBoxLayout.Direction
BESIDE = 3
"""The class has one part of so many of the width, where it stands beside the words."""


class ClassVerdict(QWidget):
    """Says the likeliest class, how likely it is, the second, and whether that is right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.best, self.how, self.second, self.origin = ElidedLabel(), ElidedLabel(), ElidedLabel(), ElidedLabel()
        self.best.setFont(theme.font(24, 600))
        self._longest = 0
        self._measured: tuple[Sequence[str], int] = ((), 0)
        self.rows = ClassRows()
        head = QLabel("The network says")
        theme.mark(head, "role", "strong")
        for label in (self.second, self.origin):
            theme.mark(label, "role", "muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(head)
        top.addWidget(self.origin, 1)
        column.addLayout(top)
        self._row = row = QBoxLayout(_Direction.LeftToRight)
        row.setSpacing(8)
        row.addWidget(self.best, 1)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self.how)
        words.addWidget(self.second)
        row.addLayout(words, BESIDE - 1)
        column.addLayout(row)
        column.addWidget(self.rows)
        self.show_output(None, (), None, "")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _measure(self, names: Sequence[str], n: int) -> None:
        if (names, n) != self._measured:
            metrics = self.best.fontMetrics()
            self._longest = max(metrics.horizontalAdvance(class_name(names, i)) for i in range(n))
            self._measured = (names, n)
            self._fit()

    def _fit(self) -> None:
        """Put the words below the class where the longest name of all has no room beside them."""
        is_long = self._longest > self.width() // BESIDE
        self._row.setDirection(_Direction.TopToBottom if is_long else _Direction.LeftToRight)
        self._row.setSpacing(0 if is_long else 8)

    def show_output(
        self, output: NDArray[np.floating] | None, names: Sequence[str], label: int | None, origin: str
    ) -> None:
        """Show what the output (C,) says; None where there is none, or where it is not known.

        Parameters
        ----------
        names : sequence of str
            Of the classes.
        label : int, optional
            The number of the true class.
        origin : str
            Where the weights come from.
        """
        self.origin.setText("random weights" if origin == "untrained" else origin)
        probabilities = None if output is None else probabilities_of(output)
        self.rows.show_rows(probabilities, names, label)
        self.setVisible(probabilities is not None)
        if probabilities is None:
            return
        self._measure(names, len(probabilities))
        self.rows.setFixedHeight(ROW_PX * min(10, len(probabilities)))
        order = np.argsort(-probabilities, kind="stable")
        best = int(order[0])
        self.best.setText(class_name(names, best))
        wrong = label is not None and label != best
        truth = f", but it is {class_name(names, label)}" if label is not None and wrong else ""
        self.how.setText(f"with {percent_text(float(probabilities[best]))}{truth}")
        theme.mark(self.how, "role", "warning" if wrong else "")
        if len(order) > 1:
            second = int(order[1])
            self.second.setText(
                f"second: {class_name(names, second)} with {percent_text(float(probabilities[second]))}"
            )
        said = f"{self.best.text()} {self.how.text()}"
        self.setAccessibleName(f"The network says {said}")
