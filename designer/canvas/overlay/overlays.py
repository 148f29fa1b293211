"""What lies on the canvas without being part of the drawing: its title, and the zoom."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from core.analysis.report import Report
from core.graph.values import Document
from core.text import counted, shape_text
from designer import theme
from designer.canvas.view import CanvasView

ZOOM_STEP = 1.25


class Title(QFrame):
    """The document's name, how many layers it has, and what it is trained on."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        theme.mark(self, "role", "card")
        self._name, self._facts = QLabel(self), QLabel(self)
        theme.mark(self._name, "role", "strong")
        theme.mark(self._facts, "role", "muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 12, 4)
        row.setSpacing(10)
        row.addWidget(self._name)
        row.addWidget(self._facts)
        self._words = ("", "")
        self._room = 0

    def show_document(self, document: Document, report: Report) -> str:
        """Say what is open; also gives it as one sentence."""
        self._words = document.name or "Untitled", facts_of(document, report)
        self._refresh()
        return " · ".join(self._words)

    def set_room(self, width_px: int) -> None:
        """Say how wide it may be."""
        if width_px != self._room:
            self._room = width_px
            self._refresh()

    def _refresh(self) -> None:
        room = self._room - 40  # its margins, the space between, and what labels need beside their letters
        facts = _elided(self._facts, self._words[1], room // 2)
        name = _elided(self._name, self._words[0], room - self._facts.fontMetrics().horizontalAdvance(facts))
        self._name.setText(name)
        self._facts.setText(facts)
        whole = (name, facts) == self._words
        self.setToolTip("" if whole else "\n".join(self._words))
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, whole)
        self.adjustSize()


def _elided(label: QLabel, text: str, room_px: int) -> str:
    label.ensurePolished()
    return label.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, max(room_px, 40))


class Blank(QLabel):
    """Says what to do while nothing is drawn."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("Nothing is drawn yet.\nDrag a layer here from the left, or choose a template.", parent)
        theme.mark(self, "role", "muted")
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)


def facts_of(document: Document, report: Report) -> str:
    """Say how many layers there are and what they see: "13 layers · on digits 28×28"."""
    layers = counted(len(report.layers), "layer")
    entrance = next((found for found in report.layers.values() if not found.layer.inputs and found.shape), None)
    if entrance is None or entrance.shape is None:
        return layers
    shape = entrance.shape[:2] if len(entrance.shape) == 3 and entrance.shape[2] == 1 else entrance.shape
    name = document.training.settings.dataset.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return f"{layers} · on {name} {shape_text(shape)}"


class ZoomControl(QFrame):
    """Smaller, the scale (a click goes to 100 %), larger."""

    def __init__(self, view: CanvasView, parent: QWidget) -> None:
        super().__init__(parent)
        theme.mark(self, "role", "card")
        self._view = view
        self.smaller = self._button("Zoom out (Ctrl+−)")
        self.scale = self._button("Zoom to 100 % (Ctrl+0)")
        self.larger = self._button("Zoom in (Ctrl++)")
        self.scale.setMinimumWidth(56)
        self.smaller.clicked.connect(self._zoom_out)
        self.larger.clicked.connect(self._zoom_in)
        self.scale.clicked.connect(self._zoom_reset)
        row = QHBoxLayout(self)
        row.setContentsMargins(1, 1, 1, 1)
        row.setSpacing(0)
        for button in (self.smaller, self.scale, self.larger):
            row.addWidget(button)
        view.looked.connect(self.refresh)
        self.dress()
        self.refresh()

    def _button(self, words: str) -> QToolButton:
        button = QToolButton(self)
        button.setToolTip(words)
        button.setAccessibleName(words.partition(" (")[0])
        button.setAutoRepeat(False)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setIconSize(QSize(16, 16))
        return button

    def dress(self) -> None:
        """Take the icons of the theme."""
        self.smaller.setIcon(theme.icon("zoom_out"))
        self.larger.setIcon(theme.icon("zoom_in"))

    def refresh(self) -> None:
        """Show the scale."""
        text = f"{self._view.zoom * 100:.0f} %"
        if text != self.scale.text():
            self.scale.setText(text)

    def _zoom_in(self) -> None:
        self._view.set_zoom(self._view.zoom * ZOOM_STEP)

    def _zoom_out(self) -> None:
        self._view.set_zoom(self._view.zoom / ZOOM_STEP)

    def _zoom_reset(self) -> None:
        self._view.set_zoom(1.0)
