"""A run as the session keeps it: what was trained, how it ended, and its weights in the forms that drawings take."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import count
from math import floor, isinf
from pathlib import Path

from core.analysis.report import Report
from core.graph.values import Document, Graph
from core.io.datasets import Dataset
from core.learning.stopping import Figures
from core.runs.life import Life
from core.runs.stored import StoredRun
from core.text import counted, listing
from core.training.messages import Diverged, Finished
from core.training.standing import Standing, fitting_weights
from designer.session import Change
from designer.training.mailbox import Interrupted, Outcome, Stopped, ending

MOST_FORMS = 20
"""Forms of one trained network that are remembered, for undo to find them again."""
MOST_READ_UNASKED = 2**27
"""Bytes of the newest run that are read when its document is opened."""


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
    stored : StoredRun or None
        Its folder; None where it is in memory only.
    """

    name: str
    document: Document
    dataset: Dataset | None
    forms: tuple[tuple[Graph, Standing], ...]
    outcome: Outcome | None = None
    after: str = ""
    is_sound: bool = True
    saved: bool = False
    stored: StoredRun | None = None

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
        shapes = report.weight_shapes
        forms = (standing for _, standing in reversed(self.forms))
        return next((kept for kept in forms if len(fitting_weights(kept.weights, shapes)) == len(shapes)), None)

    def nearest(self, report: Report) -> Standing | None:
        """Return where it ended in the form of which most suits a network; None where nothing does."""
        if (standing := self.suiting(report)) is not None:
            return standing
        shapes = report.weight_shapes
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
        if self.step:
            parts.append(counted(self.epochs, "epoch") if self.epochs else f"step {self.step:,}")
        parts.append(self.state)
        return " · ".join(parts)

    @property
    def ending_lines(self) -> list[str]:
        """Why it ended before its epochs were done, and which of them was the best; nothing where that is unknown."""
        lines = [self.outcome.reason] if isinstance(self.outcome, Finished) and self.outcome.reason else []
        kept = None if self.standing is None else self.standing.best
        if kept is not None:
            _, loss, accuracy = kept.figures
            measured = (
                "" if accuracy is None or loss is None else f": validation accuracy {accuracy:.1%}, loss {loss:.3g}"
            )
            lines.append(f"The best was epoch {kept.epoch}{measured}.")
        return lines

    @property
    def epochs(self) -> int:
        """How many epochs it has."""
        if self.standing is not None:
            return self.standing.place.epochs
        return self.stored.record.epochs if self.stored and self.stored.record else 0

    @property
    def step(self) -> int:
        """How many steps it has taken."""
        if self.standing is not None:
            return self.standing.place.step
        return self.stored.record.step if self.stored and self.stored.record else 0

    @property
    def state(self) -> str:
        """How it ended, in a word or two."""
        return "loaded" if self.outcome is None else ending(self.outcome)

    @property
    def best(self) -> Figures | None:
        """What was measured after its best epoch; None before the first."""
        if self.standing is not None and self.standing.best is not None:
            return self.standing.best.figures
        measured = self.stored.record.best if self.stored and self.stored.record else {}
        if "train_loss" not in measured:
            return None
        return Figures(measured["train_loss"], measured.get("val_loss"), measured.get("val_accuracy"))

    @property
    def is_loaded(self) -> bool:
        """Whether its weights are in memory."""
        return bool(self.forms)

    @property
    def can_be_loaded(self) -> bool:
        """Whether its weights can be read from its folder."""
        stored = self.stored
        return stored is not None and stored.record is not None and not self.is_on_elsewhere

    @property
    def is_on_elsewhere(self) -> bool:
        """Whether another process trains it, here or on another computer, as far as can be seen."""
        return isinstance(self.outcome, Interrupted) and self.outcome.is_on

    @property
    def goes_on(self) -> bool:
        """Whether training can go on from where it ended."""
        return self.standing is not None and self.is_sound


def name_of_file(path: Path, names: Collection[str]) -> str:
    """Return what to call a file's weights: none of the names, and nothing that a run will be called.

    >>> name_of_file(Path("a.npz"), {"a.npz"}), name_of_file(Path("run 1"), {"a.npz"})
    ('a.npz (file)', 'run 1 (file)')
    """
    if path.name not in names and not path.name.startswith("run "):
        return path.name
    numbered = (f"{path.name} (file{f' {n}' if n > 1 else ''})" for n in count(1))
    return next(name for name in numbered if name not in names)


def refused_name(name: str, kept: KeptRun, runs: Collection[KeptRun]) -> str:
    """Say why a run, one of several, can't be called something; "" where it can."""
    if any(other.name == name for other in runs if other is not kept):
        return f"There is a run called {name}: choose another name."
    if name.startswith("run ") and (kept.stored is None or name != f"run {kept.stored.number}"):
        return "Runs without a name are called run 1, run 2 and so on: choose another name."
    return ""


def kept_from(stored: StoredRun) -> KeptRun | None:
    """Return a run that lies in its folder, without its weights; None where its record can't be read."""
    record = stored.record
    if record is None:
        return None
    outcome: Outcome
    match stored.state:
        case "finished":
            outcome = Finished(record.epochs, record.step, record.wall_seconds)
        case "diverged":
            outcome = Diverged(None, record.step, "The run diverged.", "Train with a smaller learning rate.")
        case "stopped":
            outcome = Stopped()
        case _:
            outcome = _interrupted(stored.life)
    is_sound = stored.state != "diverged" and stored.life is None
    return KeptRun(stored.name, record.trained, None, (), outcome, record.after, is_sound, stored=stored)


def _interrupted(life: Life | None) -> Interrupted:
    if life is None:
        return Interrupted()
    minutes = life.silent_seconds / 60
    return Interrupted(is_on=True, host=life.host, silent_minutes=minutes if isinf(minutes) else floor(minutes))


def in_order(runs: Iterable[KeptRun]) -> tuple[KeptRun, ...]:
    """Return runs from the oldest to the newest, as their records say when they began; last those without a record."""

    def began(run: KeptRun) -> tuple[bool, str]:
        record = run.stored.record if run.stored is not None else None
        return (record is None, record.began if record is not None else "")

    return tuple(sorted(runs, key=began))


def newest_of(runs: Sequence[KeptRun], graph: Graph) -> KeptRun | None:
    """Return the newest run, to be shown when its document is opened; None where it is no longer of use, or large.

    Parameters
    ----------
    runs : sequence of KeptRun
        From the oldest to the newest.
    graph : Graph
        The network as it is drawn.
    """
    newest = runs[-1]
    stored = newest.stored if newest.document.graph == graph else None
    if stored is None or stored.resume_bytes > MOST_READ_UNASKED:
        return None
    is_of_use = newest.is_on_elsewhere or (newest.can_be_loaded and newest.is_sound and stored.has_resume)
    return newest if is_of_use else None


def interrupted_text(runs: Sequence[KeptRun], shown: KeptRun | None) -> str:
    """Say which runs were interrupted, and how to go on from them; "" where none was.

    Parameters
    ----------
    runs : sequence of KeptRun
    shown : KeptRun or None
        The one that is shown, from which Continue goes on.
    """
    names = [run.name for run in runs if run.outcome == Interrupted()]
    if not names:
        return ""
    if shown is not None and names == [shown.name]:
        return f"{shown.name} was interrupted: Continue goes on from it."
    were = "was" if len(names) == 1 else "were"
    return f"{listing(names[-3:])} {were} interrupted: choose it in Train › Runs, and continue."
