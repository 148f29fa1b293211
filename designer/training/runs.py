"""The runs of a session: what each trained and how it ended, kept until its document is closed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from core.analysis.report import Report
from core.graph.values import Document, Graph
from core.io.datasets import Dataset
from core.io.weights import read_weights, write_weights
from core.text import counted
from core.training.messages import Diverged, Finished, Started
from core.training.standing import Standing, fitting_weights
from designer.session import Change, Session
from designer.training.mailbox import Outcome, ending
from designer.training.run import Run

MOST_BYTES = 2**30
"""The weights of earlier runs take no more than this; those of the oldest go first, never those of the newest."""


MOST_FORMS = 20
"""Forms of one trained network that are remembered, for undo to find them again."""


@dataclass(frozen=True, slots=True, eq=False)
class KeptRun:
    """A run that has ended, or weights that were loaded.

    Attributes
    ----------
    name : str
        "run 3", or the name of the file; no other has it.
    document : Document
        What was trained, with its settings as they were in the end.
    dataset : Dataset or None
        The samples, fitted to the network; None for weights from a file.
    forms : tuple of (Graph, Standing)
        Its weights, and what going on from there needs: as it was trained, then in the forms that later drawings of the
        same network take, such as one with other names. Empty where the memory is needed for newer runs.
    outcome : Outcome or None
        How it ended; None for weights from a file.
    after : str
        The name of the run that it went on from; "" for none.
    is_sound : bool
        Whether training can go on from its weights: it has not diverged, and they are all numbers.
    saved : bool
        Whether its weights are in a file.
    """

    name: str
    document: Document
    dataset: Dataset | None
    forms: tuple[tuple[Graph, Standing], ...]
    outcome: Outcome | None = None
    after: str = ""
    is_sound: bool = True
    saved: bool = False

    @property
    def standing(self) -> Standing | None:
        """Where it ended; None where that is no longer kept."""
        return self.forms[0][1] if self.forms else None

    def drawn_as(self, graph: Graph) -> Standing | None:
        """Return where it ended, if a graph is its network, in whatever form."""
        return next((standing for known, standing in self.forms if known == graph), None)

    def suiting(self, report: Report) -> Standing | None:
        """Return where it ended in the form that suits a network with all its weights; None where some don't fit."""
        drawn = self.drawn_as(report.document.graph)
        if drawn is not None or not report.valid:
            return drawn
        shapes = weight_shapes(report)
        forms = (standing for _, standing in reversed(self.forms))
        return next((kept for kept in forms if len(fitting_weights(kept.weights, shapes)) == len(shapes)), None)

    def nearest(self, report: Report) -> Standing | None:
        """Return where it ended in the form of which most suits a network; None where nothing does."""
        if (standing := self.suiting(report)) is not None:
            return standing
        shapes = weight_shapes(report)
        most, nearest = max(
            ((len(fitting_weights(kept.weights, shapes)), n) for n, (_, kept) in enumerate(self.forms)), default=(0, 0)
        )
        return self.forms[nearest][1] if most else None

    def carried(self, change: Change) -> KeptRun:
        """Return it with one form more, where an edit says its network in another way."""
        standing = self.drawn_as(change.before.graph)
        if standing is None or change.carry is None or self.drawn_as(change.after.graph) is not None:
            return self
        new = (change.after.graph, standing.carried(change.carry))
        return replace(self, forms=(self.forms[0], *self.forms[1:][-MOST_FORMS:], new))

    @property
    def summary(self) -> str:
        """What to say of it in a line: "run 3 · 10 epochs · done"."""
        parts = [self.name]
        if self.standing is not None and self.standing.place.step:
            place = self.standing.place
            parts.append(counted(place.epochs, "epoch") if place.epochs else f"step {place.step:,}")
        parts.append("loaded" if self.outcome is None else ending(self.outcome))
        return " · ".join(parts)

    @property
    def ending_lines(self) -> list[str]:
        """Why it ended before its epochs were done, and which of them was the best; nothing where that is unknown."""
        lines = [self.outcome.reason] if isinstance(self.outcome, Finished) and self.outcome.reason else []
        best = None if self.standing is None else self.standing.best
        if best is not None:
            accuracy = best.figures.val_accuracy
            measured = (
                "" if accuracy is None else f": validation accuracy {accuracy:.1%}, loss {best.figures.val_loss:.3g}"
            )
            lines.append(f"The best was epoch {best.epoch}{measured}.")
        return lines

    @property
    def goes_on(self) -> bool:
        """Whether training can go on from where it ended."""
        return self.standing is not None and self.is_sound


class Runs(QObject):
    """Begins the runs of the open document, keeps those that have ended, and says which one is looked at.

    Attributes
    ----------
    kept : tuple of KeptRun
        From the oldest to the newest.
    shown : KeptRun or None
        The one whose weights are looked at, saved, and gone on from: the newest, until another one is chosen. None
        before the first, and while the network as it is drawn, untrained, is chosen.
    """

    begun = Signal(str, object)
    """Carries the name of a run and its `Started`."""
    changed = Signal()
    """`kept` or `shown` have changed."""
    shown_changed = Signal(str)
    """Carries the name of the run that is shown from now on; "" for the network as it is drawn."""
    said = Signal(str)
    """A sentence for the status bar."""

    def __init__(self, session: Session, run: Run, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._run = session, run
        self.kept: tuple[KeptRun, ...] = ()
        self.shown: KeptRun | None = None
        self._n_begun = 0
        self._after, self._steps_before = "", 0  # of the run that is on, or was the last
        self._rewritten: list[Change] = []
        run.started.connect(self._on_started)
        run.finished.connect(self._on_finished)
        session.document_changed.connect(self._on_document)

    @property
    def name(self) -> str:
        """The name of the run that is on, or of the next one."""
        return f"run {self._n_begun + 1}"

    @property
    def newest_name(self) -> str:
        """The name of the run that is on, else of the newest that has ended."""
        return f"run {max(1, self._n_begun)}" if self._run.state == "idle" else self.name

    @property
    def has_learned(self) -> bool:
        """Whether the run that is on, or was the last, has taken a step of its own."""
        return self._run.step_done > self._steps_before

    @property
    def is_on(self) -> bool:
        """Whether one is on."""
        return self._run.state != "idle"

    @property
    def is_edited_since(self) -> bool:
        """Whether the network that is drawn is another than that of the run that is shown."""
        return self.shown is not None and self.shown.drawn_as(self._session.document.graph) is None

    @property
    def next_is_continued(self) -> bool:
        """Whether the next run goes on from the one that is shown, if nothing else is asked for."""
        shown = self.shown
        return shown is not None and shown.goes_on and shown.suiting(self._session.report) is not None

    @property
    def can_continue(self) -> bool:
        """Whether a run can go on from the one that is shown, with the layers that still fit."""
        shown = self.shown
        return shown is not None and shown.goes_on and shown.nearest(self._session.report) is not None

    @property
    def unsaved(self) -> tuple[KeptRun, ...]:
        """The runs whose weights are in no file, and that no other run went on from that still has something of use."""
        gone_on_from = {run.after for run in self.kept if run.goes_on}
        return tuple(
            run for run in self.kept if not run.saved and run.standing is not None and run.name not in gone_on_from
        )

    def begin(self, *, step: bool = False) -> None:
        """Go on from the run that is shown if its weights suit what is drawn; start from new weights otherwise."""
        self.go_on(step=step) if self.next_is_continued else self.start_over(step=step)

    def go_on(self, *, step: bool = False) -> None:
        """Train on from the run that is shown, as a run of its own; that one is kept as it is."""
        if self.can_continue and self.shown is not None:
            self._start(self.shown.nearest(self._session.report), self.shown.name, step=step)

    def start_over(self, *, step: bool = False) -> None:
        """Train from new weights; earlier runs are kept."""
        self._start(None, "", step=step)

    def choose(self, kept: KeptRun | None) -> None:
        """Look at another run, or at the network as it is drawn."""
        if kept is not self.shown and self._run.state == "idle":
            self.shown = kept
            self.changed.emit()
            self.shown_changed.emit(kept.name if kept else "")

    def bring_back(self) -> None:
        """Draw the network again as the run that is shown trained it; one step, which can be undone."""
        shown = self.shown
        if shown is not None:
            now = self._session.document
            drawn = replace(shown.document, name=now.name)
            self._session.edit(f"go back to the network of {shown.name}", drawn)

    def save(self, path: Path, *, best: bool = False) -> None:
        """Write the weights of the run that is shown: those of its end, or of its best epoch.

        Raises
        ------
        SaveError
            If the file can't be written.
        """
        shown = self.shown
        if shown is not None and shown.standing is not None:
            kept = shown.standing.best if best else None
            write_weights(path, shown.standing.weights if kept is None else kept.weights)
            self._replace(shown, replace(shown, saved=True))

    def load(self, path: Path) -> None:
        """Read weights for the network that is drawn and look at them; earlier runs are kept.

        Raises
        ------
        WeightsError
            If the file can't be read, or doesn't suit the network.
        """
        document = self._session.document
        weights = read_weights(path, weight_shapes(self._session.report))
        for array in weights.values():
            array.setflags(write=False)
        standing = Standing(weights, training=document.training)
        self._keep(KeptRun(self._name_of(path), document, None, ((document.graph, standing),), saved=True))

    def _name_of(self, path: Path) -> str:
        """Return what to call a file's weights: no run is called so, and none will be."""
        names = {run.name for run in self.kept}
        if path.name not in names and not path.name.startswith("run "):
            return path.name
        numbered = (f"{path.name} (file{f' {n}' if n > 1 else ''})" for n in count(1))
        return next(name for name in numbered if name not in names)

    def _start(self, standing: Standing | None, after: str, *, step: bool) -> None:
        if self._run.state == "idle":
            self._after, self._steps_before = after, 0
            self._rewritten.clear()
            path = self._session.path
            self._run.start(self._session.document, path.parent if path else None, step=step, standing=standing)

    @Slot(object)
    def _on_started(self, started: Started) -> None:
        self._steps_before = started.step
        self.begun.emit(self.name, started)

    @Slot()
    def _on_finished(self) -> None:
        run = self._run
        if run.document is None or not self.has_learned or run.standing is None:
            if self.has_learned:
                self.said.emit(f"The weights of {self.name} could not be kept: the memory is full. Its curve is.")
                self._n_begun += 1
            self.changed.emit()
            return
        forms = ((run.document.graph, run.standing),)
        is_sound = not isinstance(run.outcome, Diverged) and run.standing.is_finite
        kept = KeptRun(self.name, run.document, run.dataset, forms, run.outcome, self._after, is_sound)
        self._n_begun += 1
        for change in self._rewritten:
            kept = kept.carried(change)
        self._keep(kept)

    def _keep(self, kept: KeptRun) -> None:
        self.kept, self.shown = (*self.kept, kept), kept
        self._keep_within_memory()
        self.changed.emit()

    def _keep_within_memory(self) -> None:
        """Forget weights, the oldest first, until the rest takes no more than is allowed."""
        for old in self.kept[:-1]:
            if sum(run.standing.n_bytes for run in self.kept if run.standing is not None) <= MOST_BYTES:
                return
            if old.standing is not None:
                self._replace(old, replace(old, forms=()))
                self.said.emit(f"The memory was needed: the weights of {old.name} are no longer kept, its curve is.")

    def _replace(self, old: KeptRun, new: KeptRun) -> None:
        self.kept = tuple(new if run is old else run for run in self.kept)
        if self.shown is old:
            self.shown = new
        self.changed.emit()

    def forget(self) -> None:
        """Forget all runs: their document is no longer open."""
        self.kept, self.shown, self._n_begun = (), None, 0
        self.changed.emit()

    @Slot(object)
    def _on_document(self, change: Change) -> None:
        if change.label is None:
            self.forget()
            return
        if change.before.training != change.after.training:
            self._run.adjust(change.after)
        if change.carry is not None:
            self._rewritten.append(change)
            for kept in self.kept:
                if (carried := kept.carried(change)) is not kept:
                    self._replace(kept, carried)


def weight_shapes(report: Report) -> dict[str, tuple[int, ...]]:
    """Return the shape of every array that the network of a document without errors has, by its name."""
    return {
        f"{id}/{name}": weight.shape
        for id, layer in report.layers.items()
        for name, weight in (layer.facts.weights or {}).items()
    }
