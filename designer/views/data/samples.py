"""The samples of a data set: all, those of one class, or those that something is said about."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QStackedLayout, QToolButton, QVBoxLayout, QWidget

from core.io.datasets import Dataset, Indices
from core.text import counted
from designer.views.class_bars import class_name
from designer.views.data.sample_grid import SampleGrid
from designer.views.data.shown_data import Loaded, ShownData
from designer.views.elided import ElidedLabel
from designer.views.empty import empty_page, say_instead

ALL = "all classes"
SHUFFLED, IN_ORDER = "shuffled", "in order"
SHUFFLE_SEED = 0


class SamplesView(QWidget):
    """Shows the data set as it is stored; Return or a double-click takes a sample as the probe."""

    sample_taken = Signal(int)
    """Carries the place in the data set of the sample that is to be probed."""

    def __init__(self, data: ShownData, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._data = data
        self._dataset: Dataset | None = None
        self._spoken_of: tuple[Indices, str] | None = None
        self._progress = ""
        self.count = ElidedLabel()
        self.classes, self.sorting = QComboBox(), QComboBox()
        self.classes.setAccessibleName("Class")
        self.sorting.setAccessibleName("Order")
        self.sorting.addItems([SHUFFLED, IN_ORDER])
        self.back = QToolButton()
        self.back.setText("Show all")
        self.back.hide()
        self.stop, self.read_all = QToolButton(), QToolButton()
        self.stop.setText("Stop reading")
        self.read_all.setText("Read all")
        self.stop.hide()
        self.read_all.hide()
        self.grid = SampleGrid()
        self.grid.setToolTip("")
        row = QHBoxLayout()
        row.setContentsMargins(8, 4, 8, 0)
        row.addWidget(self.count, 1)
        for button in (self.stop, self.read_all, self.back):
            row.addWidget(button)
        row.addWidget(self.classes)
        row.addWidget(self.sorting)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.grid, 1)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(page)
        self._page = page
        self._empty = empty_page("No data yet", "Choose a source, or drop a folder here.")
        self._pages.addWidget(self._empty)
        self._pages.setCurrentWidget(self._empty)
        self.classes.currentIndexChanged.connect(self._arrange)
        self.sorting.currentIndexChanged.connect(self._arrange)
        self.back.clicked.connect(self.show_all)
        self.grid.taken.connect(self.sample_taken)
        data.changed.connect(self.show_loaded)
        data.loading.connect(self.show_loading)
        data.progressed.connect(self.show_loaded)
        data.stopped.connect(self.show_stopped)
        self.stop.clicked.connect(data.stop)
        self.read_all.clicked.connect(data.read_again)
        if data.loaded is not None:
            self.show_loaded(data.loaded)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._data.attend()

    @Slot(str)
    def show_loading(self, name: str) -> None:
        """Say that a data set is being read."""
        self._say(f"Reading {name} …", "Large folders take a while; everything else goes on.")

    @Slot(object)
    def show_loaded(self, loaded: Loaded) -> None:
        """Show what was read, or why nothing was."""
        dataset = loaded.dataset
        self._progress = f"{loaded.n_read:,} of {loaded.n:,} pictures read" if loaded.is_partial else ""
        self.stop.setVisible(loaded.is_partial)
        self.read_all.hide()
        if dataset is not None and loaded.is_partial and dataset is self._dataset:
            self.count.setText(self._progress)
            return
        if dataset is None:
            self._dataset = self._spoken_of = None
            self.grid.show_samples(None, np.zeros(0, np.int64))
            self._say(f"{loaded.name} can't be shown", loaded.refusal)
            return
        if self._dataset is not None and dataset.images is not self._dataset.images:
            self._spoken_of = None  # what was said before anything was shown is about this one
        self._dataset = dataset
        names = [class_name(dataset.classes, label) for label in range(len(dataset.classes))]
        if [self.classes.itemText(i) for i in range(1, self.classes.count())] != names:
            self.classes.blockSignals(True)
            self.classes.clear()
            self.classes.addItems([ALL, *names])
            self.classes.blockSignals(False)
        self._pages.setCurrentWidget(self._page)
        self._arrange()

    @Slot(object)
    def show_stopped(self, loaded: Loaded) -> None:
        """Say that only the first pictures are shown, because the user did not want to wait for the others."""
        self.show_loaded(loaded)
        self._progress = f"Stopped after {loaded.n_read:,} of {loaded.n:,} pictures"
        self.count.setText(self._progress)
        self.stop.hide()
        self.read_all.show()

    @Slot(object, str)
    def show_some(self, indices: Sequence[int], what: str) -> None:
        """Show only some samples, and say what is said of them: "2 pictures have two labels"."""
        self._spoken_of = (np.asarray(indices, np.int64), what)
        self._arrange()
        self.grid.setFocus()

    @Slot(int)
    def show_class(self, label: int) -> None:
        """Show only the samples of a class."""
        self._spoken_of = None
        self.classes.setCurrentIndex(label + 1)
        self._arrange()

    @Slot()
    def show_all(self) -> None:
        """Show all samples again, of the class that is chosen."""
        self._spoken_of = None
        self._arrange()

    def _say(self, title: str, text: str) -> None:
        self._empty = say_instead(self._pages, self._empty, title, text)

    @Slot()
    def _arrange(self) -> None:
        dataset = self._dataset
        if dataset is None:
            return
        label = self.classes.currentIndex() - 1
        some = self._spoken_of
        order = np.arange(len(dataset)) if some is None else some[0][some[0] < len(dataset)]
        if label >= 0:
            order = order[dataset.labels[order] == label]
        if self.sorting.currentText() == SHUFFLED and some is None and not self._progress:
            order = np.random.Generator(np.random.PCG64(SHUFFLE_SEED)).permutation(order)
        self.back.setVisible(some is not None)
        n, of = f"{len(order):,}", f"{len(dataset):,}"
        said = self._progress or (counted(len(dataset), "sample") if n == of else f"{n} of {of} samples")
        self.count.setText(said if some is None else some[1])
        marked = dict.fromkeys(map(int, order), "") if some is not None else {}
        self.grid.show_samples(dataset, order, marked)
