"""The way into the block that is open: every step of it is a button that leads back there."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QToolButton, QWidget

from core.graph.opening import block_at, layers_at, places_above
from core.graph.values import BlockUse, Document
from designer import theme
from designer.session import Session

MOST_COPIES = 40
"""A menu of more copies would not fit the screen; all are alike but for what reaches them."""


class Breadcrumbs(QFrame):
    """Shows where one is: the network, the blocks around, and which copy of the block is open.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        theme.mark(self, "role", "card")
        self._session = session
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(4, 1, 8, 1)
        self._row.setSpacing(0)
        self.setAccessibleName("Where you are")
        self.steps: list[QToolButton] = []

    def refresh(self) -> None:
        """Show the way to the place that is drawn; at the top there is none."""
        document, place = self._session.document, self._session.place
        while (item := self._row.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.setParent(None)
                old.deleteLater()
        self.steps = []
        self.setVisible(bool(place))
        if not place:
            return
        for at in places_above(place):
            if at:
                arrow = QLabel("›")
                theme.mark(arrow, "role", "muted")
                self._row.addWidget(arrow)
            self.steps.append(self._step(document, at, is_last=at == place))
            self._row.addWidget(self.steps[-1])
        for child in self.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
            child.show()
        self.adjustSize()

    def _step(self, document: Document, place: str, *, is_last: bool) -> QToolButton:
        button = QToolButton(self)
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        if not place:
            button.setText(theme.button_text(document.name or "Untitled"))
            button.setToolTip("Back to the whole network (Esc)")
            button.clicked.connect(partial(self._enter, ""))
            return button
        use, copy = place.split("/")[-3:-1]
        repeat = _repeat(document, place)
        block = block_at(document.graph, place)
        name = use if use == block else f"{use} · {block}"
        button.setText(theme.button_text(f"{name} · copy {copy} of {repeat}" if repeat > 1 else name))
        button.setToolTip("An edit of one copy is an edit of all" if repeat > 1 else "")
        if not is_last:
            button.clicked.connect(partial(self._enter, place))
        elif repeat > 1:
            button.setMenu(self._copies(button, place, min(repeat, MOST_COPIES)))
            button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        return button

    def _copies(self, button: QToolButton, place: str, repeat: int) -> QMenu:
        menu = QMenu(button)
        start = place[: place.rstrip("/").rindex("/") + 1]
        for copy in range(1, repeat + 1):
            action = menu.addAction(f"Copy {copy}")
            action.setCheckable(True)
            action.setChecked(f"{start}{copy}/" == place)
            action.triggered.connect(partial(self._enter, f"{start}{copy}/"))
        return menu

    def _enter(self, place: str, _checked: bool = False) -> None:
        self._session.enter(place)


def _repeat(document: Document, place: str) -> int:
    above = places_above(place)[-2]
    use = place.removeprefix(above).partition("/")[0]
    layers = layers_at(document.graph, above)
    return next((one.spec.repeat for one in layers if one.id == use and isinstance(one.spec, BlockUse)), 1)
