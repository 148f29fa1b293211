"""Undo and redo: documents are values, so a step is simply the document before and after."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.graph.values import Document

LIMIT = 10_000
"""The most steps that are remembered; documents share almost everything, so they cost little."""


@dataclass(frozen=True, slots=True)
class Step:
    """One finished gesture: its name and what it led from and to."""

    label: str
    before: Document
    after: Document


@dataclass(slots=True)
class History:
    """A sequence of steps and the current place in it.

    Examples
    --------
    >>> from dataclasses import replace
    >>> history = History(Document())
    >>> history.record("Rename", replace(Document(), name="a"))
    >>> history.undo().label, history.document.name, history.redo_label
    ('Rename', '', 'Rename')
    """

    document: Document
    _done: list[Step] = field(default_factory=list)
    _undone: list[Step] = field(default_factory=list)
    _merge_key: str | None = None

    @property
    def undo_label(self) -> str | None:
        """What undo would take back, or None."""
        return self._done[-1].label if self._done else None

    @property
    def redo_label(self) -> str | None:
        """What redo would repeat, or None."""
        return self._undone[-1].label if self._undone else None

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of all steps, from the oldest remembered one to the last that can be redone."""
        return (*(step.label for step in self._done), *(step.label for step in reversed(self._undone)))

    @property
    def n_done(self) -> int:
        """How many of the steps are done: the current place among them."""
        return len(self._done)

    def copy(self) -> History:
        """Return a history that can be taken further without this one."""
        other = History(self.document)
        other._done, other._undone, other._merge_key = self._done.copy(), self._undone.copy(), self._merge_key
        return other

    def record(self, label: str, after: Document, merge_key: str | None = None) -> None:
        """Take a step; what had been undone is forgotten.

        Consecutive steps with the same `merge_key` become one, from before the first to after the last; where that
        leads back to the start, there was no step.
        """
        before = self.document
        if merge_key is not None and merge_key == self._merge_key:
            before = self._done.pop().before
        self._undone.clear()
        if after == before:
            self._merge_key = None
            self.document = before
            return
        self._merge_key = merge_key
        self._done.append(Step(label, before, after))
        if len(self._done) > LIMIT:
            del self._done[0]
        self.document = after

    def under_way(self, merge_key: str) -> Step | None:
        """Return the last step, if the next one with this `merge_key` would become one with it."""
        return self._done[-1] if merge_key == self._merge_key else None

    def undo(self) -> Step | None:
        """Go back a step and return it, or None at the start."""
        if not self._done:
            return None
        self._merge_key = None
        step = self._done.pop()
        self._undone.append(step)
        self.document = step.before
        return step

    def redo(self) -> Step | None:
        """Go forward again and return the step, or None at the end."""
        if not self._undone:
            return None
        self._merge_key = None
        step = self._undone.pop()
        self._done.append(step)
        self.document = step.after
        return step
