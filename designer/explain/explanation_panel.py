"""Everything there is to say about the selected layer, as a page for reading."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QTextBrowser, QVBoxLayout, QWidget

from core.analysis.report import LayerReport
from core.text import shape_text
from designer import theme
from designer.session import Session

NOTHING_SELECTED = "Select a layer to read how it computes: forward, backward, as matrices, with your own numbers."
UNKNOWN = "Its shape is not known yet: solve the problems first."


class ExplainPanel(QWidget):
    """Follows the selection; while hidden it writes nothing."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._shown: object = None
        self.page = QTextBrowser()
        self.page.setAccessibleName("Explanation of the selected layer")
        self.page.setStyleSheet("background: transparent; border: none")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 0, 0)
        layout.addWidget(self.page)
        session.document_changed.connect(self._refresh)
        session.selection_changed.connect(self._refresh)
        theme.changed.connect(self._rewrite)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refresh()

    @Slot()
    def _rewrite(self) -> None:
        self._shown = None
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        if not self.isVisible():
            return
        report = self._session.report.of(self._session.selection[-1]) if self._session.selection else None
        wanted = (report, None if report is None else report.inputs)
        if self._shown is not None and wanted == self._shown:
            return
        self._shown = wanted
        self.page.setHtml(_sentence(NOTHING_SELECTED) if report is None else _page(report))


def _page(report: LayerReport) -> str:
    shapes = " , ".join(map(shape_text, report.input_shapes))
    flow = f"{shapes} → {shape_text(report.shape)}" if shapes else shape_text(report.shape)
    name = f'<span style="font-weight:600">{escape(report.id)}</span>'
    parts = [f'<p style="font-size:14px">{name} &nbsp;{escape(report.layer.kind)} · {flow}</p>']
    parts += [_topic(explanation.topic, explanation.lines) for explanation in report.explanations]
    if not report.explanations:
        parts.append(_sentence(UNKNOWN))
    return "".join(parts)


def _topic(topic: str, lines: tuple[str, ...]) -> str:
    muted = theme.current().muted
    heading = f'<p style="margin-top:10px; margin-bottom:2px; color:{muted}; font-weight:600">{escape(topic)}</p>'
    return heading + "".join(f'<p style="margin:2px 0 2px 12px">{escape(line)}</p>' for line in lines)


def _sentence(text: str) -> str:
    return f'<p style="color:{theme.current().muted}">{escape(text)}</p>'
