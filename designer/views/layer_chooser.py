"""The box that says which layer a view shows; it follows what is selected on the canvas."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox, QStylePainter, QWidget

from core.analysis.report import LayerReport
from designer.session import Change, Session

Shown = Callable[[LayerReport], bool]

MOST_PX = 164
LEAST_PX = 64
"""Limits of its width; a longer name is shown without its middle, and the tooltip has all of it."""
_RIM_PX = 2
"""What the style keeps free around a label."""


class LayerChooser(QComboBox):
    """Lists the layers that a view can show.

    Parameters
    ----------
    session : Session
    shown : callable
        Whether a layer can be shown; a plain function.
    """

    layer_changed = Signal()
    """Another layer is shown, or what is known of it has changed."""

    def __init__(self, session: Session, shown: Shown, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._shown = shown
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setMaxVisibleItems(20)
        self.view().setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setAccessibleName("Layer")
        self._fill()
        self._report = self.layer
        self._write_tip()
        self.currentIndexChanged.connect(self._announce)
        session.document_changed.connect(self._on_document_changed)
        session.selection_changed.connect(self._on_selection_changed)

    @property
    def layer(self) -> LayerReport | None:
        """The report of the layer that is shown."""
        return self._session.report.layers.get(self.currentText())

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return QSize(min(hint.width() + _RIM_PX, MOST_PX), hint.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(LEAST_PX, super().minimumSizeHint().height())

    def shown_text(self) -> str:
        """Return the name as it is painted: both ends say more than the beginning alone."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        field = QStyle.SubControl.SC_ComboBoxEditField
        room = self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, field, self).width() - _RIM_PX
        return self.fontMetrics().elidedText(self.currentText(), Qt.TextElideMode.ElideMiddle, room)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        option.currentText = self.shown_text()
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)

    def _fill(self) -> None:
        names = [id for id, layer in self._session.report.layers.items() if self._shown(layer)]
        if names != [self.itemText(i) for i in range(self.count())]:
            before = self.currentText()
            self.blockSignals(True)
            self.clear()
            self.addItems(names)
            self.setCurrentIndex(names.index(before) if before in names else self._first_that_learns(names))
            self.blockSignals(False)

    def _first_that_learns(self, names: list[str]) -> int:
        """Return the index of the first layer with weights: the most interesting one until the user chooses."""
        layers = self._session.report.layers
        return next((place for place, id in enumerate(names) if layers[id].facts.weights), 0 if names else -1)

    @Slot(object)
    def _on_document_changed(self, change: Change) -> None:
        if change.graph_changed:
            self._fill()
            self._follow(self._session.selection)
            if self.layer is not self._report:
                self._announce()

    @Slot(object)
    def _on_selection_changed(self, selection: tuple[str, ...]) -> None:
        self._follow(selection)

    def _follow(self, selection: tuple[str, ...]) -> None:
        for id in reversed(selection):
            for layer in self._session.report.inside(id):
                if self._shown(layer):
                    self.setCurrentText(layer.id)
                    return

    def _write_tip(self) -> None:
        tip = "The layer shown here; selecting one on the canvas shows it too"
        self.setToolTip("\n".join(filter(None, (self.currentText(), tip))))

    @Slot()
    def _announce(self) -> None:
        self._report = self.layer
        self._write_tip()
        self.layer_changed.emit()
