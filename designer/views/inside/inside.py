"""What the panels of the workspace Inside share: the newest look, and the cell that is chosen in it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from core.io.datasets import Dataset
from designer.session import Session
from designer.session.looking import Cell, Insight, Wanted


class Inside(QObject):
    """Tells one panel what another does, and says to whoever computes what all of them look at.

    Attributes
    ----------
    session : Session
    look : Insight or None
        The newest; None before the first.
    cell : Cell or None
        The value that is chosen.
    """

    looked = Signal()
    """There is a newer look."""
    cell_changed = Signal()
    """Another cell is chosen, or none."""
    wanted_changed = Signal(object)
    """Carries what is `Wanted`."""
    arithmetic_requested = Signal()
    """The user wants to see where the chosen value comes from."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent or session)
        self.session = session
        self.look: Insight | None = None
        self.cell: Cell | None = None
        self._wants: dict[QObject, frozenset[str]] = {}
        self._wanted = Wanted()

    @property
    def dataset(self) -> Dataset | None:
        """The samples, fitted to the network; None where there are none."""
        return None if self.look is None else self.look.dataset

    @property
    def output(self) -> NDArray[np.floating] | None:
        """What the network's one output gives; None where it has several, or where that is not known yet."""
        look = self.look
        if look is None or len(look.report.outputs) != 1:
            return None
        return look.maps.get(look.report.outputs[0])

    @property
    def label(self) -> int | None:
        """The number of the true class of what is looked at; None for a picture of the user's own."""
        look, dataset = self.look, self.dataset
        if look is None or dataset is None or look.probed.picture is not None or look.probed.sample >= len(dataset):
            return None
        return int(dataset.labels[look.probed.sample])

    def value_of(self, cell: Cell) -> float | None:
        """Return a value, if it is known."""
        maps = None if self.look is None else self.look.maps.get(cell.layer)
        if maps is None or not cell.within(maps.shape):
            return None
        return float(maps[cell.row, cell.column, cell.channel] if maps.ndim == 3 else maps[cell.channel])

    def want(self, viewer: QObject, layers: Iterable[str] | None) -> None:
        """Have the outputs of layers computed for a view; None where it is hidden. The network's outputs come along."""
        if layers is None:
            self._wants.pop(viewer, None)
        else:
            self._wants[viewer] = frozenset(layers)
        self._tell()

    @Slot(object)
    def show_look(self, look: Insight) -> None:
        """Take a newer look."""
        before, self.look = self.look, look
        self._tell()
        if self.cell is not None and (before is None or before.report is not look.report):
            known = look.report.layers.get(self.cell.layer)
            if known is None or not self.cell.within(known.shape):
                self.choose(None)
        self.looked.emit()

    def choose(self, cell: Cell | None) -> None:
        """Choose a cell, or none."""
        if cell != self.cell:
            self.cell = cell
            self._tell()
            self.cell_changed.emit()

    def step_sample(self, step: int) -> None:
        """Look at the sample so many further on; from a picture of the user's own, at the sample before it."""
        dataset, now = self.dataset, self.session.probe.now
        if dataset is not None:
            at = now.sample if now.picture is not None else now.sample + step
            self.session.probe.take_sample(at % len(dataset))

    def _tell(self) -> None:
        layers: frozenset[str] = frozenset().union(*self._wants.values())
        if self._wants and self.look is not None:
            layers |= frozenset(self.look.report.outputs)
            layers |= frozenset() if self.cell is None else {self.cell.layer}
        wanted = Wanted(layers, is_on=bool(self._wants))
        if wanted != self._wanted:
            self._wanted = wanted
            self.wanted_changed.emit(wanted)
