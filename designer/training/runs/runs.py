"""The runs of a session: what each trained and how it ended, kept until its document is closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from core.io.prepared import Beside, write_prepared
from core.io.weights import Array
from core.runs.store import RunStore
from core.runs.stored import read_run
from core.training.messages import Diverged, Started
from core.training.standing import Standing
from core.training.transfer import Transfer
from designer.session import Change, Session
from designer.training.run import Run
from designer.training.runs.keeping import Keeping
from designer.training.runs.kept import KeptRun, in_order, interrupted_text, name_of_file, newest_of, refused_name
from designer.training.runs.left_runs import LeftRuns
from designer.training.runs.shelf import Shelf

MOST_BYTES = 2**30
"""The weights of earlier runs take no more than this; those of the oldest go first, never those of the newest."""


class Runs(QObject):
    """Begins the runs of the open document, keeps those that have ended, and says which one is looked at.

    Attributes
    ----------
    kept : tuple of KeptRun
        From the oldest to the newest.
    shown : KeptRun or None
        The one whose weights are looked at, saved, and gone on from: the newest, until another one is chosen. None
        before the first, and while the network as it is drawn, untrained, is chosen.
    wanted : Path or None
        The folder of the one that is to be shown as soon as its weights are read.
    """

    begun = Signal(str, object)
    """Carries the name of a run and its `Started`."""
    changed = Signal()
    """`kept` or `shown` have changed."""
    shown_changed = Signal(str)
    """Carries the name of the run that is shown from now on; "" for the network as it is drawn."""
    said = Signal(str)
    """A sentence for the status bar."""
    renamed = Signal(str, str)
    """Carries the name that a run had, and the one that it has."""

    def __init__(self, session: Session, run: Run, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._run, self.shelf = session, run, Shelf(self)
        self._keeping: Keeping | None = None
        self._deleted: list[tuple[int, KeptRun]] = []
        self.kept: tuple[KeptRun, ...] = ()
        self.shown: KeptRun | None = None
        self.wanted: Path | None = None
        self._n_begun, self._after, self._steps_before = 0, "", 0  # the last two of the run that is on, or was the last
        self._rewritten: list[Change] = []
        run.started.connect(self._on_started)
        run.finished.connect(self._on_finished)
        session.document_changed.connect(self._on_document)
        session.file_changed.connect(self._take_in)
        self.shelf.listed.connect(self.add)
        self.shelf.loaded.connect(self._on_loaded)
        self.shelf.said.connect(self.said)

    @property
    def store(self) -> RunStore:
        """The folder of the open document's runs; until it has a file, one that goes with the window."""
        return self.shelf.store(self._session.path)

    @property
    def name(self) -> str:
        """The name of the run that is on, or of the next one."""
        return f"run {self._n_begun + 1}"

    @property
    def newest_name(self) -> str:
        """The name of the run that is on, else of the newest that has ended."""
        return f"run {max(1, self._n_begun)}" if self._run.state == "idle" else self.name

    @property
    def folder(self) -> Path | None:
        """The folder of the run that is on, else of the one that is shown; None where it is in memory only."""
        if self.is_on:
            return self._keeping.written if self._keeping else None
        return self.shown.stored.folder if self.shown and self.shown.stored else None

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
        """The runs that closing loses, and that no other run went on from that still has something of use.

        They are neither in a file nor in a folder beside a document.
        """
        gone_on_from = {run.after for run in self.kept if run.goes_on}
        return tuple(
            run
            for run in self.kept
            if not (run.saved or self._is_safe(run) or run.name in gone_on_from)
            and (run.standing is not None or run.can_be_loaded)
        )

    @property
    def is_on_unsafely(self) -> bool:
        """Whether a run is on that closing loses, and has learned something."""
        is_written = self._keeping is not None and not self._keeping.said
        return self.is_on and self.has_learned and (self._session.path is None or not is_written)

    @property
    def can_undo_delete(self) -> bool:
        """Whether a deleted run can be brought back."""
        return bool(self._deleted)

    def _is_safe(self, run: KeptRun) -> bool:
        return run.stored is not None and not self.shelf.is_temporary(run.stored)

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

    def start_from(self, standing: Standing, after: str) -> None:
        """Train from an earlier moment of a run, called `after`, as a run of its own."""
        self._start(standing, after, step=False)

    def choose(self, kept: KeptRun | None) -> None:
        """Look at another run, or at the network as it is drawn.

        The weights of one that is in its folder are read first, in a thread of their own.
        """
        if self._run.state != "idle":
            return
        stored = kept.stored if kept is not None and not kept.is_loaded else None
        self.wanted = stored.folder if stored is not None else None
        if kept is not None and stored is not None and kept.can_be_loaded:
            self.shelf.load(kept)
        elif kept is not None and stored is not None and kept.is_on_elsewhere:
            self.changed.emit()
        elif kept is not self.shown:
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
            write_prepared(path, shown.standing.weights if kept is None else kept.weights, shown.standing.beside)
            self.exchange(shown, replace(shown, saved=True))

    def load(self, path: Path, transfer: Transfer | None = None) -> None:
        """Read weights for the network that is drawn, or only those of a transfer; earlier runs are kept.

        Raises
        ------
        WeightsError
            If the file can't be read, or doesn't suit the network.
        """
        from core.importing.weights_files import trained_weights

        report = self._session.report
        weights, beside = trained_weights(path, report) if transfer is None else (transfer.completed(report), Beside())
        self.take(weights, beside, path)

    def take(self, weights: Mapping[str, Array], beside: Beside, path: Path) -> None:
        """Keep weights for the network that is drawn as a run named after their file; earlier runs are kept."""
        document, own = self._session.document, dict(weights)
        for array in own.values():
            array.setflags(write=False)
        standing = Standing(own, training=document.training, beside=beside)
        name = name_of_file(path, {run.name for run in self.kept})
        self._keep(KeptRun(name, document, None, ((document.graph, standing),), saved=True))

    def _start(self, standing: Standing | None, after: str, *, step: bool) -> None:
        if self._run.state == "idle":
            self.wanted = None
            self._after, self._steps_before = after, 0
            self._rewritten.clear()
            path = self._session.path
            base = path.parent if path else None
            if path is None:
                self.shelf.claim()
            self._keeping = Keeping(self.store, self.name, after, is_new=standing is None)
            self._run.start(self._session.document, base, step=step, standing=standing, keep=self._keeping)

    @Slot(object)
    def _on_started(self, started: Started) -> None:
        self._steps_before = started.step
        self.begun.emit(self.name, started)

    @Slot()
    def _on_finished(self) -> None:
        run, keeping = self._run, self._keeping
        for sentence in keeping.said if keeping else ():
            self.said.emit(sentence)
        if run.document is None or not self.has_learned or run.standing is None:
            if self.has_learned:
                self.said.emit(f"The weights of {self.name} could not be kept: the memory is full. Its curve is.")
                self._n_begun += 1
            self.changed.emit()
            return
        forms = ((run.document.graph, run.standing),)
        is_sound = not isinstance(run.outcome, Diverged) and run.standing.is_finite
        stored = read_run(keeping.folder) if keeping is not None and keeping.folder is not None else None
        kept = KeptRun(self.name, run.document, run.dataset, forms, run.outcome, self._after, is_sound, stored=stored)
        self._keeping = None
        self._n_begun += 1
        for change in self._rewritten:
            kept = kept.carried(change)
        self._keep(kept)
        self._take_in()
        self.shelf.measure(self._session.path)

    def _keep(self, kept: KeptRun) -> None:
        self.kept, self.shown = (*self.kept, kept), kept
        self._keep_within_memory()
        self.changed.emit()

    def _keep_within_memory(self) -> None:
        """Forget weights, the oldest first, until the rest takes no more than is allowed."""
        for old in self.kept[:-1]:
            if sum(run.standing.n_bytes for run in self.kept if run.standing is not None) <= MOST_BYTES:
                return
            if old.standing is not None and old is not self.shown:
                self.exchange(old, replace(old, forms=()))
                if not old.can_be_loaded:
                    self.said.emit(
                        f"The memory was needed: the weights of {old.name} are no longer kept, its curve is."
                    )

    def exchange(self, old: KeptRun, new: KeptRun) -> None:
        """Have what is newly known of a run take the place of what was."""
        self.kept = tuple(new if run is old else run for run in self.kept)
        if self.shown is old:
            self.shown = new
        self.changed.emit()

    # --- Runs in folders ---------------------------------------------------------------------------------------------

    def rename(self, kept: KeptRun, name: str) -> None:
        """Call a run something else; says so where that can't be."""
        name = " ".join(name.split())
        if name == kept.name:
            return
        if refusal := refused_name(name, kept, self.kept):
            self.said.emit(refusal)
            return
        stored = kept.stored and self.shelf.rename(kept.stored, name)
        if kept.stored is not None and stored is None:
            return
        name = name or (stored.name if stored is not None else kept.name)
        before = kept.name
        self.exchange(kept, replace(kept, name=name, stored=stored))
        for other in self.kept:
            if other.after == before:
                self.exchange(other, replace(other, after=name))
        self.renamed.emit(before, name)

    def delete(self, kept: KeptRun) -> None:
        """Put a run aside, from where `undo_delete` brings it back."""
        if kept.stored is not None and not self.shelf.delete(kept.stored):
            return
        place = self.kept.index(kept)
        self._deleted.append((place, kept))
        self.kept = tuple(run for run in self.kept if run is not kept)
        if self.shown is kept:
            self.shown = None
            self.shown_changed.emit("")
        self.changed.emit()
        self.said.emit(f"{kept.name} is deleted; Ctrl+Z in the list brings it back.")

    def undo_delete(self) -> None:
        """Bring back the run that was deleted last."""
        if not self._deleted:
            return
        place, kept = self._deleted[-1]
        if kept.stored is not None:
            stored = self.shelf.restore(kept.stored)
            if stored is None:
                return
            kept = replace(kept, stored=stored)
        self._deleted.pop()
        self.kept = (*self.kept[:place], kept, *self.kept[place:])
        self.changed.emit()

    def adopt(self, left: LeftRuns) -> None:
        """Take over the runs of the open document, which the program left behind when it ended unexpectedly."""
        self.shelf.adopt(left)
        self._n_begun = self.store.last_number

    @Slot(object)
    def add(self, found: tuple[KeptRun, ...]) -> None:
        """List runs that were found in their folders, and show the one that is wanted, else the newest of use."""
        self.kept = in_order((*found, *self.kept))
        self._n_begun = max(self._n_begun, *(run.stored.number for run in found if run.stored))
        self.changed.emit()
        newest = next((run for run in found if run.stored and run.stored.folder == self.wanted), None)
        newest = newest or (None if self.shown else newest_of(found, self._session.document.graph))
        if newest is not None:  # while another one is on, nothing is chosen
            self.choose(newest)
        if sentence := interrupted_text(found, newest):
            self.said.emit(sentence)

    @Slot(object, object)
    def _on_loaded(self, kept: KeptRun, standing: Standing) -> None:
        known = next((run for run in self.kept if run.name == kept.name and not run.is_loaded), None)
        if known is None or self._run.state != "idle":
            return
        is_sound = known.is_sound and standing.is_finite
        self.exchange(known, replace(known, forms=((known.document.graph, standing),), is_sound=is_sound))
        self.choose(next(run for run in self.kept if run.name == kept.name))
        self._keep_within_memory()

    @Slot()
    def _take_in(self) -> None:
        """Have runs of the document's time without a file moved beside it, while none is on."""
        if self._session.path is None or self.is_on:
            return
        for kept in self.kept:
            if kept.stored is not None and self.shelf.is_temporary(kept.stored):
                stored = self.shelf.take_in(kept.stored, self._session.path)
                self.exchange(kept, replace(kept, stored=stored))

    def forget(self) -> None:
        """Forget all runs: their document is no longer open."""
        self.kept, self.shown, self._n_begun, self._deleted = (), None, 0, []
        self.wanted = None
        self.shelf.forget()
        self.changed.emit()

    @Slot(object)
    def _on_document(self, change: Change) -> None:
        if change.label is None:
            self.forget()
            if self._session.path is not None:
                self._n_begun = self.store.last_number
                self.shelf.list_runs(self._session.path)
            return
        if change.before.training != change.after.training:
            self._run.adjust(change.after)
        if change.carry is not None:
            self._rewritten.append(change)
            for kept in self.kept:
                if (carried := kept.carried(change)) is not kept:
                    self.exchange(kept, carried)
