"""What the panels of the workspace Inside share: the newest look, and the cell that is chosen in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from core.analysis.report import Report
from core.errors import NetworkError
from core.io.datasets import Dataset
from designer.session import Session
from designer.session.looking import Cell, Insight, Wanted
from designer.views.class_bars import class_name
from designer.views.inside.account import MOST_STEPS, Account, Accounts

if TYPE_CHECKING:  # loading the engine takes longer than drawing the first frame
    from core.inside.looking import Aim


class Inside(QObject):
    """Tells one panel what another does, and says to whoever computes what all of them look at.

    Attributes
    ----------
    session : Session
    look : Insight or None
        The newest; None before the first.
    cell : Cell or None
        The value that is chosen.
    aim : Aim or None
        What gradients are looked at of; None forwards.
    """

    looked = Signal()
    """There is a newer look."""
    cell_changed = Signal()
    """Another cell is chosen, or none."""
    wanted_changed = Signal(object)
    """Carries what is `Wanted`."""
    aim_changed = Signal()
    """Gradients are looked at, or outputs again."""
    arithmetic_requested = Signal()
    """The user wants to see where the chosen value comes from."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent or session)
        self.session = session
        self.look: Insight | None = None
        self.cell: Cell | None = None
        self.aim: Aim | None = None
        self._accounts = Accounts()
        self._account: Account | None = None
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

    @property
    def account(self) -> Account | None:
        """What is said of the chosen cell; None where none is chosen."""
        if self.cell is None or self.look is None:
            return None
        if self._account is None:
            self._account = self._accounts.of(self.look, self.cell)
        return self._account

    def in_words(self) -> tuple[str, str]:
        """Return the chosen cell's layer, and its value and where it comes from as a sentence; empty without one."""
        account = self.account
        return ("", "") if account is None else (account.cell.layer, account.sentence)

    @property
    def scores(self) -> str | None:
        """The layer whose values are the scores of the classes; None where there is none."""
        look = None if self.look is None else self.look.look
        if look is None:
            return None
        from core.inside.looking import scores_layer

        try:
            return scores_layer(look.program)
        except NetworkError:
            return None

    def set_aim(self, aim: Aim | None) -> None:
        """Look at gradients of something; None: at outputs again."""
        if aim != self.aim:
            self.aim = aim
            self._account = None
            self._tell()
            self.aim_changed.emit()

    def toggle_backwards(self) -> None:
        """Look at the gradients of the score of the likeliest class, or at outputs again."""
        if self.aim is not None:
            self.set_aim(None)
            return
        scores, output = self.scores, self.output
        if scores is not None and output is not None:
            from core.inside.looking import Place

            self.set_aim(Place(scores, self._score_cell(scores, int(np.nan_to_num(output).argmax()))))

    def aims(self) -> list[tuple[str, Aim]]:
        """Return what gradients may be of, each with its name: the loss, and the scores of the classes."""
        from core.inside.looking import Label, Place

        scores, dataset = self.scores, self.dataset
        if scores is None or self.look is None:
            return []
        n = (self.look.report.layers[scores].shape or (0,))[-1]
        names = [class_name(dataset.classes if dataset is not None else (), number) for number in range(n)]
        label = self.label
        loss: list[tuple[str, Aim]] = []
        if label is not None and label < n:
            loss.append((f"loss, {names[label]} being right", Label(label)))
        return [
            *loss,
            *((f"score of {name}", Place(scores, self._score_cell(scores, i))) for i, name in enumerate(names)),
        ]

    def _score_cell(self, scores: str, number: int) -> tuple[int, ...]:
        """Return the value that is the score of a class, in a row of features or an image of one pixel."""
        shape = () if self.look is None else self.look.report.layers[scores].shape or ()
        return (0, 0, number) if len(shape) == 3 else (number,)

    def value_of(self, cell: Cell) -> float | None:
        """Return a value, or its gradient where gradients are looked at, if it is known."""
        return None if self.look is None else cell.of(self.look.shown.get(cell.layer))

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
        before = self.look
        if before is not None and before.is_of_the_same(look):
            maps, digests = {**before.maps, **look.maps}, {**before.digests, **look.digests}
            look = replace(look, maps=maps, digests=digests)  # what came into sight is added
        self.look, self._account = look, None
        self._tell()
        if self.cell is not None and (before is None or before.report is not look.report):
            known = look.report.layers.get(self.cell.layer)
            if known is None or not self.cell.within(known.shape):
                self.choose(None)
        self.looked.emit()

    def choose(self, cell: Cell | None) -> None:
        """Choose a cell, or none."""
        if cell != self.cell:
            self.cell, self._account = cell, None
            self._tell()
            self.cell_changed.emit()

    def step_sample(self, step: int) -> None:
        """Look at the sample so many further on; from a picture of the user's own, at the sample before it."""
        dataset, now = self.dataset, self.session.probe.now
        if dataset is not None:
            at = now.sample if now.picture is not None else now.sample + step
            self.session.probe.take_sample(at % len(dataset))

    def _explaining(self, report: Report) -> set[str]:
        """Return the layers whose outputs the account of the chosen cell needs: its own, and some before it."""
        found, last = set[str](), set() if self.cell is None else {self.cell.layer}
        for _ in range(MOST_STEPS):
            found |= last
            last = {s for id in last if id in report.layers for s in report.layers[id].layer.inputs}
        return found

    def _tell(self) -> None:
        layers: frozenset[str] = frozenset().union(*self._wants.values())
        if self._wants and self.look is not None:
            layers |= frozenset(self.look.report.outputs)
            layers |= self._explaining(self.look.report)
        wanted = Wanted(layers, bool(self._wants), self.aim)
        if wanted != self._wanted:
            self._wanted = wanted
            self.wanted_changed.emit(wanted)
