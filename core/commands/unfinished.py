"""A training that is asked to end before it is finished keeps what it has learned."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, suppress
from pathlib import Path
from secrets import token_hex
from signal import Signals
from tempfile import gettempdir
from typing import TypeAlias, cast

from core.commands.command import OK, WRONG
from core.commands.interruption import Interruption
from core.commands.terminal import silence
from core.errors import LostProcessError, NetworkError, SaveError
from core.io.failures import reason, shown
from core.io.prepared import write_prepared
from core.runs.writer import RunWriter
from core.text import counted
from core.training.best import Best
from core.training.messages import Batch, Diverged, Epoch, Finished, Message, Trying, Validating
from core.training.reporting import follow
from core.training.trainer import Trainer

Lost: TypeAlias = Callable[[LostProcessError], None]


def train_and_keep(
    trainer: Trainer, save: Path | None, writer: RunWriter | None, lost: Lost, *, best: bool = False, as_json: bool
) -> int:
    """Train, and keep the weights: those of the end, or those there are when the program is asked to end.

    With `best` those of the best epoch are saved, once one is complete.

    A signal counts between two messages, where the weights are whole; while they are saved, it changes nothing.

    Parameters
    ----------
    trainer : Trainer
    save : Path, optional
        A file for the weights.
    writer : RunWriter, optional
        What keeps the run.
    lost : callable
        Says that another process that shares the training is lost; torchrun ends those that are left before long.

    Returns
    -------
    The exit status.

    Raises
    ------
    NetworkError
        If the run diverged; nothing is saved.
    SaveError
    """
    with Interruption() as interruption:
        course = _Course(trainer.messages() if writer is None else writer.messages(), interruption)
        unsaid: OSError | None = None
        try:
            follow(course, as_json=as_json)
        except LostProcessError as error:
            if interruption.signal != Signals.SIGINT:  # else the others have heard of it before
                lost(error)
                return WRONG
        except OSError as error:  # the reader has seen enough, the terminal is gone, the disk is full
            unsaid = error
            course.close()
        refuse_divergence(course.last)
        if course.done and save is not None:
            _save(trainer, save, trainer.best if best else None)
        if isinstance(course.last, Finished) and unsaid is None:
            return _end_of(writer)
        if interruption.signal is not None:
            why, status = interruption.why, interruption.status
        elif isinstance(unsaid, BrokenPipeError):
            why, status = "because nobody reads the output any more", OK
        else:
            why, status = f"because the output cannot be written ({reason(unsaid or OSError())})", WRONG
        with suppress(OSError):
            kept = _what_is_kept(course.done, save, writer, trainer.best if best else None)
            print(f"Stopped {why} {kept}", file=sys.stderr, flush=True)
            _end_of(writer)
        silence()  # else what could not be said would fail once more when Python ends, with a status of its own
        return status


def train_along(trainer: Trainer, lost: Lost) -> int:
    """Train in a process that only computes its share: another one speaks and writes; return the exit status."""
    with Interruption() as interruption, closing(trainer.messages()) as messages:
        try:
            for message in messages:
                if isinstance(message, Diverged):
                    return WRONG
                if interruption.signal is not None:
                    break
        except LostProcessError as error:
            if interruption.signal != Signals.SIGINT:
                lost(error)
                return WRONG
        return interruption.status


def _what_is_kept(done: str, save: Path | None, writer: RunWriter | None, best: Best | None) -> str:
    """Say how far a stopped training came, and where that is; follows "Stopped by Ctrl+C"."""
    which = "the weights so far" if best is None else f"the weights of epoch {best.epoch}, the best,"
    if writer is not None:
        kept = f"go on by --resume {shown(writer.folder)}."
        if save is not None and done:
            return f"after {done}: {which} are saved in {shown(save)}; {kept}"
        return f"{f'after {done}' if done else 'before the first batch'}: {kept}"
    if done and save is not None:
        return f"after {done}: {which} are saved in {shown(save)}."
    return "before the first batch, so that nothing is saved."


def _end_of(writer: RunWriter | None) -> int:
    """Say where a run could not be written; return the exit status."""
    if writer is None or writer.failure is None:
        return OK
    print(f"The run is not all in {shown(writer.folder)}: {writer.failure}", file=sys.stderr, flush=True)
    return WRONG


def _save(trainer: Trainer, path: Path, best: Best | None) -> None:
    """Save weights, the best or the last; where that fails, among the system's temporary files: they are not lost."""
    weights = trainer.network.weights if best is None else best.weights
    try:
        write_prepared(path, weights, trainer.network.beside)
    except SaveError as error:
        elsewhere = Path(gettempdir(), f"convograph-weights-{token_hex(4)}.npz")
        try:
            write_prepared(elsewhere, weights, trainer.network.beside)
        except SaveError:
            raise error from None
        raise SaveError(f"{error} The weights are in {shown(elsewhere)}: move them from there.") from error


def refuse_divergence(last: Message | None) -> None:
    """Raise where a run ended because it diverged, or while advice for that was sought."""
    if isinstance(last, Trying):
        last = last.diverged
    if isinstance(last, Diverged):
        raise NetworkError(f"{last.what} {last.why}")


class _Course:
    """The messages of a run until its end, or until a signal asks for it; `last` is the latest."""

    def __init__(self, messages: Iterator[Message], interruption: Interruption) -> None:
        self.last: Message | None = None
        self._learned: Message | None = None  # the latest that counts; others, such as a Finding, may follow it
        self._messages = cast(Generator[Message, None, None], messages)  # closing it ends the replicas
        self._interruption = interruption

    def __iter__(self) -> Iterator[Message]:
        with closing(self._messages):
            for message in self._messages:
                self.last = message
                if isinstance(message, Batch | Validating | Epoch | Finished):
                    self._learned = message
                yield message
                if self._interruption.signal is not None:
                    return

    def close(self) -> None:
        """End the run."""
        self._messages.close()

    @property
    def done(self) -> str:
        """Say how far the run has come: "2 epochs and 13 batches"; nothing before the first batch is done."""
        match self._learned:
            case Batch(epoch=epoch, batch=batch):
                parts = [counted(epoch - 1, "epoch")] if epoch > 1 else []
                return " and ".join([*parts, counted(batch, "batch", "batches")])
            case Validating(epoch=epoch) | Epoch(epoch=epoch) | Finished(epochs=epoch):
                return counted(epoch, "epoch")
        return ""
