"""The formats, by what they write, each with what came of its proof."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from core.export.exporters import EXPORTERS
from core.export.proof.proving import Outcome
from designer import theme

WIDTH_PX, ITEM_PX, HEADING_PX = 184, 44, 26
FORMAT = Qt.ItemDataRole.UserRole
"""Where an item has the name of its format; headings have none."""
_STATE = Qt.ItemDataRole.UserRole + 1
_GROUPS = {"network": "Network", "figure": "Figure", "table": "Table of layers"}


class FormatList(QListWidget):
    """Offers every format under a heading; arrow keys and clicks choose one."""

    chosen = Signal(str)
    """Carries the format."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(WIDTH_PX)
        self.setAccessibleName("Formats")
        self.setItemDelegate(_Painting(self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for group, exporters in groupby(EXPORTERS.values(), lambda exporter: exporter.group):
            heading = QListWidgetItem(_GROUPS[group], self)
            heading.setFlags(Qt.ItemFlag.NoItemFlags)
            heading.setSizeHint(QSize(0, HEADING_PX))
            for exporter in exporters:
                item = QListWidgetItem(exporter.title, self)
                item.setData(FORMAT, exporter.format)
                item.setSizeHint(QSize(0, ITEM_PX))
                item.setToolTip(exporter.writes)
        self.currentItemChanged.connect(self._tell)
        theme.changed.connect(self.viewport().update)

    @property
    def format(self) -> str:
        """The one that is chosen."""
        return str(self.currentItem().data(FORMAT))

    def choose(self, format: str) -> None:
        """Choose a format."""
        self.setCurrentItem(self.item_of(format))

    def item_of(self, format: str) -> QListWidgetItem:
        """Return the item of a format."""
        items = (self.item(row) for row in range(self.count()))
        return next(item for item in items if item.data(FORMAT) == format)

    def show_outcomes(self, outcomes: Mapping[str, Outcome]) -> None:
        """Say what came of proofs, by format; of all others nothing."""
        for row in range(self.count()):
            item = self.item(row)
            if item.data(FORMAT) is not None:
                state = state_of(outcomes.get(item.data(FORMAT)))
                item.setData(_STATE, state)
                words = [item.text(), *([state[1]] if state else [])]
                item.setData(Qt.ItemDataRole.AccessibleTextRole, ", ".join(words))

    @Slot(QListWidgetItem)
    def _tell(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.chosen.emit(str(item.data(FORMAT)))


def state_of(outcome: Outcome | None) -> tuple[str, str] | None:
    """Return the verdict of a proof, "ok", "error" or "warning", with a word for it; None where there is none yet."""
    if outcome is None:
        return None
    if outcome.passed is None:
        return "warning", "not compared"
    return ("ok", f"{outcome.largest_difference:.0e}") if outcome.passed else ("error", "differs")


class _Painting(QStyledItemDelegate):
    """Paints a title with its state at the right, and the ending of the files below."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        format, look = index.data(FORMAT), theme.current()
        area: QRect = option.rect.adjusted(10, 0, -8, 0)
        if format is None:
            painter.setFont(theme.font(11, 500))
            painter.setPen(QColor(look.muted))
            painter.drawText(area.adjusted(-4, 0, 0, -4), Qt.AlignmentFlag.AlignBottom, str(index.data()))
            return
        option.text = ""
        option.widget.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, option.widget)
        above, below = area.adjusted(0, 5, 0, -22), area.adjusted(0, 23, 0, -4)
        painter.setFont(theme.font(13, 500))
        painter.setPen(QColor(look.text))
        painter.drawText(above, Qt.AlignmentFlag.AlignVCenter, str(index.data()))
        painter.setFont(theme.font(11))
        painter.setPen(QColor(look.muted))
        painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, EXPORTERS[format].ending)
        state = index.data(_STATE)
        if state is not None:
            painter.setPen(QColor(getattr(look, f"{state[0]}_text")))
            painter.drawText(above, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, state[1])
