"""Text that a program reads, to be read and copied: in colours, with numbered lines."""

from __future__ import annotations

import re
from collections.abc import Iterable

from PySide6.QtCore import QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QFontDatabase,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QSyntaxHighlighter,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from designer import theme

FONT_PX = 12
_MARGIN_PX = 8
_WORDS = re.compile(
    r"(?P<comment>#.*)|(?P<string>\"\"\".*|\"[^\"]*\"|'[^']*')|\b(?P<number>\d[\d_.e-]*)\b|"
    r"\b(?P<word>class|def|return|import|from|as|if|else|for|in|not|None|True|False|and|or|while|with|yield)\b"
)
_COLOURS = {"comment": "muted", "string": "ok_text", "number": "warning_text", "word": "accent"}
"""Which colour of the theme each sort of word has."""
_IN_STRING = 1
"""The state of a line at whose end a description goes on."""
MOST_COLOURED = 500_000
"""Letters; longer texts stay in one colour."""


class CodeView(QPlainTextEdit):
    """Shows text that can't be edited.

    Parameters
    ----------
    name : str
        What it shows, for screen readers.
    """

    line_clicked = Signal(int)
    """Carries the number of a line, from 1."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._numbers = _Numbers(self)
        self._colours = _Colours(self.document())
        self._marked: tuple[int, ...] = ()
        self.setReadOnly(True)
        self.setAccessibleName(name)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPixelSize(FONT_PX)
        self.setFont(font)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.updateRequest.connect(self._numbers.follow)
        self.blockCountChanged.connect(self._make_room)
        theme.changed.connect(self._repaint)
        self._make_room()

    def show_text(self, text: str, *, is_python: bool = True) -> None:
        """Show another text; what can still be seen of it stays where it is. Words of Python are coloured."""
        if text == self.toPlainText():
            return
        across, down = self.horizontalScrollBar().value(), self.verticalScrollBar().value()
        self._colours.is_on = is_python and len(text) <= MOST_COLOURED
        self.setPlainText(text)
        self.horizontalScrollBar().setValue(across)
        self.verticalScrollBar().setValue(down)

    def mark(self, lines: Iterable[int]) -> None:
        """Mark lines, by their numbers from 1, and bring the first into view unless one of them is."""
        self._marked = tuple(lines)
        self._show_marks()
        seen = range(self.firstVisibleBlock().blockNumber() + 1, self._last_visible() + 1)
        if self._marked and not any(number in seen for number in self._marked):
            self.setTextCursor(QTextCursor(self.document().findBlockByNumber(self._marked[0] - 1)))
            self.centerCursor()

    @property
    def marked(self) -> tuple[int, ...]:
        """The numbers of the lines that are marked."""
        return self._marked

    def _show_marks(self) -> None:
        marks = []
        for number in self._marked:
            mark = QTextEdit.ExtraSelection()
            mark.cursor = QTextCursor(self.document().findBlockByNumber(number - 1))
            mark.format.setBackground(QColor(theme.current().selection))
            mark.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
            marks.append(mark)
        self.setExtraSelections(marks)

    def _last_visible(self) -> int:
        return self.cursorForPosition(self.viewport().rect().bottomLeft()).blockNumber()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if event.button() == Qt.MouseButton.LeftButton and not self.textCursor().hasSelection():
            self.line_clicked.emit(self.cursorForPosition(event.position().toPoint()).blockNumber() + 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        inner = self.contentsRect()
        self._numbers.setGeometry(QRect(inner.left(), inner.top(), self._numbers.width_px, inner.height()))

    @Slot()
    def _make_room(self) -> None:
        self.setViewportMargins(self._numbers.width_px, 0, 0, 0)

    @Slot()
    def _repaint(self) -> None:
        self._colours.rehighlight()
        self._show_marks()
        self._numbers.update()

    def paint_numbers(self, painter: QPainter, event: QPaintEvent) -> None:
        """Paint the numbers of the lines that are visible."""
        painter.setPen(QColor(theme.current().faint))
        painter.setFont(self.font())
        block = self.firstVisibleBlock()
        width = self._numbers.width() - _MARGIN_PX
        while block.isValid():
            place = self.blockBoundingGeometry(block).translated(self.contentOffset())
            if place.top() > event.rect().bottom():
                return
            line = QRect(0, round(place.top()), width, round(place.height()))
            painter.drawText(line, Qt.AlignmentFlag.AlignRight, str(block.blockNumber() + 1))
            block = block.next()


class _Numbers(QWidget):
    """The column of line numbers."""

    def __init__(self, view: CodeView) -> None:
        super().__init__(view)
        self._view = view

    @property
    def width_px(self) -> int:
        """How wide it must be for the longest number."""
        digits = "9" * max(2, len(str(self._view.blockCount())))
        return self._view.fontMetrics().horizontalAdvance(digits) + 2 * _MARGIN_PX

    def sizeHint(self) -> QSize:
        return QSize(self.width_px, 0)

    @Slot(QRect, int)
    def follow(self, rect: QRect, dy: int) -> None:
        """Scroll with the text."""
        if dy:
            self.scroll(0, dy)
        else:
            self.update(0, rect.y(), self.width(), rect.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._view.paint_numbers(painter, event)
        painter.end()


class _Colours(QSyntaxHighlighter):
    """Colours words by what they are."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self.is_on = True

    def highlightBlock(self, text: str) -> None:
        if not self.is_on:
            return
        goes_on = self.previousBlockState() == _IN_STRING
        self.setCurrentBlockState(_IN_STRING if goes_on ^ (text.count('"""') % 2 == 1) else 0)
        if goes_on:
            self.setFormat(0, len(text), self._form("string"))
            return
        for found in _WORDS.finditer(text):
            sort = found.lastgroup or ""
            self.setFormat(found.start(sort), found.end(sort) - found.start(sort), self._form(sort))

    @staticmethod
    def _form(sort: str) -> QTextCharFormat:
        form = QTextCharFormat()
        form.setForeground(QColor(getattr(theme.current(), _COLOURS[sort])))
        return form
