"""A sentence about a run, and what to do about it, in whatever room there is."""

from __future__ import annotations

from textwrap import wrap

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QWidget

from designer import theme
from designer.views.elided import ElidedLabel
from designer.views.empty import breakable

SIDE_PX, ABOVE_PX = 12, 4
TIP_COLUMNS = 80


class Notice(QFrame):
    """Written in full where it fits into the room it may take, else in one line; the tooltip always has all of it.

    Attributes
    ----------
    what, why : str
        The two sentences; empty while nothing is said.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.what = self.why = ""
        self._whole, self._line = QLabel(self), ElidedLabel("", self)
        self._whole.setWordWrap(True)
        self._whole.setTextFormat(Qt.TextFormat.PlainText)
        self._whole.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._line.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)  # the tooltip is that of the whole
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.hide()

    @property
    def is_whole(self) -> bool:
        """Whether both sentences are written in full."""
        return not self._whole.isHidden()

    def say(self, what: str, why: str, *, role: str, width: int, most: int) -> None:
        """Show two sentences.

        Parameters
        ----------
        role : str
            How it looks: "error", "warning" or "card".
        width, most : int
            The room for it, and how high it may be.
        """
        self.what, self.why = what, why
        theme.mark(self, "role", role)
        self._whole.setText(breakable(f"{what} {why}"))
        self._line.setText(f"{what} {why}")
        self.setToolTip("\n".join([*wrap(what, TIP_COLUMNS), *wrap(why, TIP_COLUMNS)]))
        self.fit(width, most)
        self.show()

    def clear(self) -> None:
        """Say nothing."""
        self.what = self.why = ""
        self.hide()

    def fit(self, width: int, most: int) -> None:
        """Write in full or in one line, as there is room for.

        The texts are placed here and not by a layout: one that has text to wrap asks for more height than it needs,
        which would push the curves out of sight.
        """
        inner = width - 2 * SIDE_PX
        height = self._whole.heightForWidth(inner)
        is_whole = height + 2 * ABOVE_PX <= most
        if not is_whole:
            height = self._line.sizeHint().height()
        for label in (self._whole, self._line):
            label.setGeometry(SIDE_PX, ABOVE_PX, inner, height)
        self._whole.setVisible(is_whole)
        self._line.setVisible(not is_whole)
        self.setFixedHeight(height + 2 * ABOVE_PX)
