"""The layer table: every number of every layer, sortable by each, with the totals below."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QItemSelection, QItemSelectionModel, Qt, Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from core.graph.opening import drawn_at, place_of
from designer import theme
from designer.session import Session
from designer.summary.table_model import COLUMNS, LAYER_ROLE, SummaryModel, SummarySort, TotalsModel, runs
from designer.summary.widths import Widths

_ROW_PX = 26
_MARGIN_PX = 4
_PADDED_ROWS = 3
_MOST_PX = 280
"""The most that a column asks for, however long a name."""
EMPTY = "Nothing to summarise yet. Drag a layer from the left onto the canvas."


class SummaryPanel(QWidget):
    """A row for each layer; the selected layers' rows are selected, and vice versa."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self._stale = True
        self._following = False
        self._fitting = False
        self._fitted = True
        self._widths = Widths()
        self.model = SummaryModel()
        self.model.setParent(self)
        self.sorted = SummarySort(self)
        self.sorted.setSourceModel(self.model)
        self.sorted.setDynamicSortFilter(True)
        self.totals = TotalsModel()
        self.totals.setParent(self)
        self.table = _plain_table()
        self.table.setModel(self.sorted)
        self.table.setAccessibleName("Summary of the layers")
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.table.setSortingEnabled(True)
        header = self.table.horizontalHeader()
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        header.setHighlightSections(False)
        self.footer = _plain_table()
        self.footer.setModel(self.totals)
        self.footer.setAccessibleName("Totals")
        self.footer.horizontalHeader().hide()
        self.footer.setFixedHeight(_ROW_PX + 6)
        self.footer.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.footer.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.footer.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.footer.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.empty = QLabel(EMPTY)
        self.empty.setContentsMargins(16, 12, 16, 12)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        theme.mark(self.empty, "role", "muted")

        column = QVBoxLayout(self)
        column.setContentsMargins(_MARGIN_PX, 0, _MARGIN_PX, 0)
        column.setSpacing(0)
        column.addWidget(self.table, 1)
        column.addWidget(self.footer)
        column.addWidget(self.empty, 1)
        header.sectionResized.connect(self._resize_footer)
        self.table.horizontalScrollBar().valueChanged.connect(self.footer.horizontalScrollBar().setValue)
        self.table.selectionModel().selectionChanged.connect(self._select_layers)
        session.document_changed.connect(self._follow)
        session.selection_changed.connect(self._follow_selection)
        theme.changed.connect(self._repaint)
        self._refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refresh()
        self._fit_columns()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_columns()

    @Slot()
    def _follow(self) -> None:
        self._stale = True
        if self.isVisible():
            self._refresh()

    def _refresh(self) -> None:
        if not self._stale:
            return
        self._stale = False
        self._following = True
        self.model.show_report(self.session.report)
        self._following = False
        self.totals.show_report(self.session.report)
        drawn = bool(self.model.reports)
        self.table.setVisible(drawn)
        self.footer.setVisible(drawn)
        self.empty.setVisible(not drawn)
        self._fit_columns()
        self._follow_selection()

    def _fit_columns(self) -> None:
        """Give each column what its texts need and an equal share of what is left, until the user resizes one."""
        if not self._fitted or not self.isVisible():
            return
        header = self.table.horizontalHeader()
        widest = self._widths.measure(self.model.reports, self.table.fontMetrics())
        needs = [
            max(
                min(_MOST_PX, px + self._padding(section)),
                header.sectionSizeHint(section),
                self.footer.sizeHintForColumn(section),
            )
            for section, px in enumerate(widest)
        ]
        room = self.contentsRect().width() - 2 * _MARGIN_PX - self.table.verticalScrollBar().sizeHint().width()
        share = max(0, room - sum(needs)) // len(needs)
        self._fitting = True
        for section, need in enumerate(needs):
            self.table.setColumnWidth(section, need + share)
        self._fitting = False

    def _padding(self, section: int) -> int:
        """Return what a cell needs besides its text: margins, and an icon if one of the first rows has one."""
        metrics = self.table.fontMetrics()
        indices = [self.model.index(row, section) for row in range(min(_PADDED_ROWS, self.model.rowCount()))]
        delegate, option = self.table.itemDelegate(), QStyleOptionViewItem()
        self.table.initViewItemOption(option)
        return max(
            (delegate.sizeHint(option, index).width() - metrics.horizontalAdvance(index.data()) for index in indices),
            default=0,
        )

    @Slot()
    def _follow_selection(self) -> None:
        """Select the rows of the selected layers; a block's are those of all its layers."""
        if self._stale or self._following:
            return
        wanted = set(self.session.selection)
        place = self.session.place
        rows = sorted(map(self._row_of, self._places_of(wanted, place))) if wanted else []
        if rows == self._selected_rows():
            return
        selection = QItemSelection()
        for first, last in runs(rows):
            selection.select(self.sorted.index(first, 0), self.sorted.index(last, len(COLUMNS) - 1))
        self._following = True
        self.table.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        if rows and not any(self.table.visualRect(self.sorted.index(row, 0)).isValid() for row in rows):
            self.table.scrollTo(self.sorted.index(rows[0], 0))
        self._following = False

    @Slot()
    def _select_layers(self) -> None:
        if self._following:
            return
        self._following = True
        layers = [self._layer_at(row) for row in self._selected_rows()]
        if layers and not any(drawn_at(self.session.place, layer) for layer in layers):
            self.session.enter(place_of(layers[0]))
        drawn = (drawn_at(self.session.place, layer) for layer in layers)
        self.session.select(id for id in drawn if id is not None)
        self._following = False
        self._follow_selection()  # one layer of a block stands for the block, and so for all of its rows

    def _selected_rows(self) -> list[int]:
        return sorted(index.row() for index in self.table.selectionModel().selectedRows())

    def _places_of(self, wanted: Collection[str], place: str) -> list[int]:
        """Return the rows, before sorting, of what is drawn as one of the wanted layers."""
        return [row for row, report in enumerate(self.model.reports) if drawn_at(place, report.id) in wanted]

    def _row_of(self, place: int) -> int:
        return self.sorted.mapFromSource(self.model.index(place, 0)).row()

    def _layer_at(self, row: int) -> str:
        return str(self.sorted.index(row, 0).data(LAYER_ROLE))

    @Slot(int, int, int)
    def _resize_footer(self, section: int, _old: int, width: int) -> None:
        self.footer.setColumnWidth(section, width)
        last = section == len(COLUMNS) - 1  # which Qt stretches by itself
        if not self._fitting and not last:
            self._fitted = False

    @Slot()
    def _repaint(self) -> None:
        self.table.viewport().update()


def _plain_table() -> QTableView:
    table = QTableView()
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setCornerButtonEnabled(False)
    table.setTabKeyNavigation(False)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(_ROW_PX)
    table.verticalHeader().setMinimumSectionSize(_ROW_PX)
    table.horizontalHeader().setStretchLastSection(True)
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
    table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    return table
