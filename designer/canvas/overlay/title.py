"""The title of the drawing: what the document is called, how large it is, what it is trained on."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from core.analysis.report import Report
from core.graph.values import Document
from core.text import counted, shape_text
from designer import theme


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


def facts_of(document: Document, report: Report) -> str:
    """Say how many layers there are and what they see: "13 layers · on digits 28×28"."""
    layers = counted(len(report.layers), "layer")
    entrance = next((found for found in report.layers.values() if not found.layer.inputs and found.shape), None)
    if entrance is None or entrance.shape is None:
        return layers
    shape = entrance.shape[:2] if len(entrance.shape) == 3 and entrance.shape[2] == 1 else entrance.shape
    name = document.training.settings.dataset.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return f"{layers} · on {name} {shape_text(shape)}"
