"""A switch of a few parts, one of which is on."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QWidget

from designer import theme


class Switch(QWidget):
    """Shows all choices side by side; the first is on at first.

    Parameters
    ----------
    titles, tips : sequence of str
        What each part says, and its tooltip.
    """

    chosen = Signal(int)
    """Carries the place of the part that the user has turned on."""

    def __init__(self, titles: Sequence[str], tips: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for place, (title, tip) in enumerate(zip(titles, tips, strict=True)):
            button = QToolButton()
            button.setText(title)
            button.setToolTip(tip)
            button.setCheckable(True)
            theme.mark(button, "role", "part")
            self._group.addButton(button, place)
            row.addWidget(button)
        self._group.button(0).setChecked(True)
        self._group.idClicked.connect(self.chosen)

    @property
    def parts(self) -> list[QToolButton]:
        """Its buttons, from left to right."""
        return [button for button in self._group.buttons() if isinstance(button, QToolButton)]

    def turn_on(self, place: int) -> None:
        """Show that a part is on, whoever has turned it on."""
        self._group.button(place).setChecked(True)
