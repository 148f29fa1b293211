"""The layer table as a model: one row for each layer of the flattened graph, numbers that sort as numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt

from core.analysis.report import LayerReport, Report
from core.layers import Kind
from core.shapes import VALUE_BYTES
from core.text import bytes_text, counted, number_text, shape_text
from designer import theme
from designer.layer_facts import receptive_field_texts

AnyIndex = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()
_Role = Qt.ItemDataRole
SORT_ROLE = _Role.UserRole
LAYER_ROLE = _Role.UserRole + 1
"""The id of the layer in the flattened graph."""

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what it shows, what it sorts by (None if that is unknown), and what it means."""

    title: str
    text: Callable[[LayerReport], str]
    key: Callable[[LayerReport], Any]
    help: str
    numeric: bool = True


def _kind_label(report: LayerReport) -> str:
    spec = report.layer.spec
    return spec.label() if isinstance(spec, Kind) else report.layer.kind


def _field_text(report: LayerReport) -> str:
    value, below = receptive_field_texts(report)
    return ", ".join([value, *below])


def _field_key(report: LayerReport) -> float | None:
    if report.shape is None:
        return None
    field = report.receptive_field
    return float("inf") if field is None else float(field.size[0] * field.size[1])


COLUMNS = (
    Column("Layer", lambda r: r.id, lambda r: r.id.casefold(), "Inside a block: use/copy/layer.", numeric=False),
    Column("Kind", _kind_label, lambda r: _kind_label(r).casefold(), "", numeric=False),
    Column("Output", lambda r: shape_text(r.shape), lambda r: r.activation_values, "Height × width × channels."),
    Column("Parameters", lambda r: number_text(r.parameters), lambda r: r.parameters, "Numbers that the layer learns."),
    Column("MACs", lambda r: number_text(r.macs), lambda r: r.macs, "Multiply–accumulates for one sample."),
    Column(
        "Memory",
        lambda r: bytes_text(r.activation_bytes),
        lambda r: r.activation_bytes,
        "Of its output, for one sample.",
    ),
    Column("Receptive field", _field_text, _field_key, "The part of the input that one output value sees."),
)


def runs(rows: Iterable[int]) -> list[tuple[int, int]]:
    """Join ascending rows to runs, each with its first and last row.

    >>> runs([1, 2, 3, 7])
    [(1, 3), (7, 7)]
    """
    joined: list[tuple[int, int]] = []
    for row in rows:
        if joined and joined[-1][1] == row - 1:
            joined[-1] = (joined[-1][0], row)
        else:
            joined.append((row, row))
    return joined


class SummaryModel(QAbstractTableModel):
    """The layers of a report, in topological order."""

    def __init__(self) -> None:
        super().__init__()
        self.reports: list[LayerReport] = []

    def show_report(self, report: Report) -> None:
        """Show another report; rows whose layer's report is the same object are left alone."""
        new = list(report.layers.values())
        if [old.id for old in self.reports] != [layer.id for layer in new]:
            self.beginResetModel()
            self.reports = new
            self.endResetModel()
            return
        changed = [row for row, (old, layer) in enumerate(zip(self.reports, new, strict=True)) if old is not layer]
        self.reports = new
        for first, last in runs(changed):
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(COLUMNS) - 1))

    def rowCount(self, parent: AnyIndex = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.reports)

    def columnCount(self, parent: AnyIndex = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: AnyIndex, role: int = _Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        report, column = self.reports[index.row()], COLUMNS[index.column()]
        match role:
            case _Role.DisplayRole:
                return column.text(report)
            case _Role.TextAlignmentRole:
                return _RIGHT if column.numeric else _LEFT
            case _Role.DecorationRole if index.column() == 0 and isinstance(report.layer.spec, Kind):
                family = report.layer.spec.family
                return theme.icon(family, theme.current().families[family])
            case _ if role == SORT_ROLE:
                return column.key(report)
            case _ if role == LAYER_ROLE:
                return report.id
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        column = COLUMNS[section]
        match role:
            case _Role.DisplayRole:
                return column.title
            case _Role.TextAlignmentRole:
                return _RIGHT if column.numeric else _LEFT
            case _Role.ToolTipRole:
                return f"{column.help}\nClick to sort; a third click restores the network's order.".strip()
        return None


class SummarySort(QSortFilterProxyModel):
    """Sorts by the numbers behind the texts; what is unknown comes last in either direction."""

    def lessThan(self, left: AnyIndex, right: AnyIndex) -> bool:
        one, other = left.data(SORT_ROLE), right.data(SORT_ROLE)
        if one is None or other is None:
            last = self.sortOrder() == Qt.SortOrder.AscendingOrder
            return (one is not None and other is None) if last else (one is None and other is not None)
        return bool(one < other)


class TotalsModel(QAbstractTableModel):
    """The one row of sums below the table."""

    def __init__(self) -> None:
        super().__init__()
        self.texts = ("",) * len(COLUMNS)

    def show_report(self, report: Report) -> None:
        """Show another report's totals."""
        totals = report.totals
        n_bytes = None if totals.activation_values is None else totals.activation_values * VALUE_BYTES
        self.texts = (
            "Total",
            counted(totals.layers, "layer"),
            "",
            number_text(totals.parameters),
            number_text(totals.macs),
            bytes_text(n_bytes),
            "",
        )
        self.dataChanged.emit(self.index(0, 0), self.index(0, len(COLUMNS) - 1))

    def rowCount(self, parent: AnyIndex = _NO_INDEX) -> int:
        return 0 if parent.isValid() else 1

    def columnCount(self, parent: AnyIndex = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: AnyIndex, role: int = _Role.DisplayRole) -> Any:
        match role:
            case _Role.DisplayRole:
                return self.texts[index.column()]
            case _Role.TextAlignmentRole:
                return _RIGHT if COLUMNS[index.column()].numeric else _LEFT
            case _Role.FontRole:
                return theme.font(13, 600)
            case _Role.ToolTipRole if index.column() == 5:
                return "Of all outputs except the inputs', for one sample."
        return None
