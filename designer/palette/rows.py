"""The palette's rows: their model, and how they are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QMimeData, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from designer import theme
from designer.palette.entries import Entry
from designer.session.mime import MIME_TYPE, kind_mime

AnyIndex = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()
_Role = Qt.ItemDataRole
_ROW_PX = 26
_HEADING_PX = 30
_ICON_PX = 16
_INSET_PX = 8


class PaletteModel(QAbstractListModel):
    """Rows of entries; kinds can be dragged out."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Entry] = []

    def show_rows(self, rows: Sequence[Entry]) -> None:
        """Show these rows and no others."""
        if list(rows) != self.rows:
            self.beginResetModel()
            self.rows = list(rows)
            self.endResetModel()

    def entry(self, index: AnyIndex) -> Entry | None:
        """Return the entry of a row, or None if there is no such row."""
        return self.rows[index.row()] if index.isValid() else None

    def rowCount(self, parent: AnyIndex = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: AnyIndex, role: int = _Role.DisplayRole) -> Any:
        entry = self.entry(index)
        if entry is None:
            return None
        match role:
            case _Role.DisplayRole:
                return entry.text
            case _Role.AccessibleDescriptionRole:
                return entry.help
            case _Role.ToolTipRole if entry.help:
                return entry.help
        return None

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        entry = self.entry(index)
        if entry is None or entry.role == "heading":
            return Qt.ItemFlag.NoItemFlags
        usable = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
        return usable | Qt.ItemFlag.ItemIsDragEnabled if entry.role == "kind" else usable

    def mimeTypes(self) -> list[str]:
        return [MIME_TYPE]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        entry = self.entry(indexes[0]) if indexes else None
        return QMimeData() if entry is None or entry.role != "kind" else kind_mime(entry.key)


class PaletteDelegate(QStyledItemDelegate):
    """Draws a family's icon and colour, the name, and the detail at the right."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        model = index.model()
        entry = model.entry(index) if isinstance(model, PaletteModel) else None
        if entry is None:
            return
        painter.save()
        if entry.role == "heading":
            self._paint_heading(painter, option.rect, entry)
        else:
            self._paint_entry(painter, option, entry)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        model = index.model()
        entry = model.entry(index) if isinstance(model, PaletteModel) else None
        heading = entry is not None and entry.role == "heading"
        return QSize(120, _HEADING_PX if heading else _ROW_PX)

    def _paint_heading(self, painter: QPainter, rect: QRect, entry: Entry) -> None:
        painter.setFont(theme.font(11, 500))
        painter.setPen(QColor(theme.current().muted))
        painter.drawText(
            rect.adjusted(_INSET_PX, 0, 0, -4), Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft, entry.text
        )

    def _paint_entry(self, painter: QPainter, option: QStyleOptionViewItem, entry: Entry) -> None:
        look = theme.current()
        state, rect = option.state, option.rect
        focused = bool(state & QStyle.StateFlag.State_HasFocus)
        ground = (
            look.selection
            if state & QStyle.StateFlag.State_Selected
            else look.hover
            if state & QStyle.StateFlag.State_MouseOver
            else None
        )
        if ground is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QColor(look.accent) if focused else Qt.PenStyle.NoPen)
            painter.setBrush(QColor(ground))
            painter.drawRoundedRect(rect.toRectF().adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        left = rect.left() + _INSET_PX
        if entry.family:
            icon = theme.icon(entry.family, look.families[entry.family])
            icon.paint(painter, left, rect.center().y() - _ICON_PX // 2 + 1, _ICON_PX, _ICON_PX)
            left += _ICON_PX + 8
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(theme.font(13))
        painter.setPen(QColor(look.muted))
        painter.drawText(rect.adjusted(0, 0, -_INSET_PX, 0), middle | Qt.AlignmentFlag.AlignRight, entry.detail)
        painter.setPen(QColor(look.text))
        metrics = QFontMetrics(painter.font())
        room = rect.right() - _INSET_PX - left - (metrics.horizontalAdvance(entry.detail) + 8 if entry.detail else 0)
        text = metrics.elidedText(entry.text, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRect(left, rect.top(), room, rect.height()), middle | Qt.AlignmentFlag.AlignLeft, text)
