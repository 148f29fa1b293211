"""A process that trains trials: it reads orders, a line of JSON each, and answers with a line for each epoch."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any, TypeAlias

from core.analysis.check import check
from core.engine.threads import ONE_THREAD
from core.errors import ConvographError
from core.graph.values import Document
from core.io.datasets import Dataset
from core.io.datasets.resize import Resize
from core.io.documents import loads
from core.io.writing import document_text
from core.own_process import own_command, own_environment, unasked_to_end
from core.shapes import Shape
from core.training.messages import Diverged, Epoch, Finished, Trying
from core.training.preparation import load_for
from core.training.requirements import Question, require_trainable, training_input
from core.training.trainer import Trainer

Key: TypeAlias = tuple[str, Path, Shape, Resize]
"""Which samples are meant, and how they are read."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a worker says of the trial that it trains.

    Attributes
    ----------
    worker : Worker
    trial : int
        Its number: what a stopped trial had said may come late.
    said : dict
        `{"epoch", "val_accuracy", "val_loss"}` after an epoch, `{"end", "why", "seconds"}` last.
    """

    worker: Worker
    trial: int
    said: dict[str, Any]


class Worker:
    """A process that trains one trial at a time.

    Parameters
    ----------
    answers : Queue of Answer
        Where all workers of a search put what they say.
    """

    def __init__(self, answers: Queue[Answer | None]) -> None:
        self._answers = answers
        self._process: subprocess.Popen[str] | None = None
        self._listener: Thread | None = None
        self._trial = 0

    def train(self, trial: int, document: Document, base: Path) -> None:
        """Begin a trial; the process is started if there is none.

        Parameters
        ----------
        trial : int
            Its number.
        base : Path
            Where the path of a data set starts.
        """
        self._trial = trial
        if self._process is None or self._process.poll() is not None:
            with unasked_to_end():
                self._process = subprocess.Popen(
                    own_command("core.search.worker"),
                    env=own_environment(),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    encoding="utf-8",
                    errors="surrogatepass",
                )
            self._listener = Thread(target=self._listen, args=(self._process,), daemon=True)
            self._listener.start()
        order = json.dumps({"trial": trial, "document": document_text(document), "base": str(base)})
        if self._process.stdin is not None:
            self._process.stdin.write(order + "\n")
            self._process.stdin.flush()

    def stop(self) -> None:
        """End the process, whatever it does."""
        process, self._process = self._process, None
        if process is not None and self._listener is not None:
            process.kill()
            self._listener.join()
            with suppress(BrokenPipeError):  # an order that it has not read
                process.communicate()

    def _listen(self, process: subprocess.Popen[str]) -> None:
        for line in process.stdout or ():
            said = json.loads(line)
            self._answers.put(Answer(self, said.pop("trial"), said))
        if self._process is process:  # nobody has stopped it
            why = f"The process that trained it ended with status {process.wait()}."
            self._answers.put(Answer(self, self._trial, {"end": "failed", "why": why, "seconds": 0.0}))


def outcomes(document: Document, base: Path, datasets: dict[Key, Dataset]) -> Iterator[dict[str, Any]]:
    """Train a document, and say what a worker says of it."""
    seconds = 0.0
    try:
        settings = document.training.settings
        shape = training_input(require_trainable(Question(check(document)))).shape
        key = (settings.dataset, base, shape, settings.resize)
        if key not in datasets:
            datasets.clear()
            datasets[key] = load_for(settings, shape, base)
        trainer = Trainer(document, datasets[key], base=base, replicas=1)
        for message in trainer.messages():
            match message:
                case Epoch():
                    seconds += message.seconds
                    yield {
                        "epoch": message.epoch,
                        "n_validation": len(trainer.validation_indices),
                        "val_accuracy": message.val_accuracy,
                        "val_loss": message.val_loss,
                        "seconds": seconds,
                    }
                case Trying():
                    yield {"end": "diverged", "why": message.diverged.what, "seconds": seconds}
                    return
                case Diverged():
                    yield {"end": "diverged", "why": message.what, "seconds": seconds}
                    return
                case Finished():
                    yield {"end": "finished", "why": "", "seconds": message.seconds}
    except ConvographError as error:
        yield {"end": "failed", "why": str(error), "seconds": seconds}
    except MemoryError:
        yield {"end": "failed", "why": "The memory was full.", "seconds": seconds}


def main() -> None:
    """Answer orders until there are none."""
    datasets: dict[Key, Dataset] = {}
    with ONE_THREAD:
        for line in sys.stdin:
            order = json.loads(line)
            for said in outcomes(loads(order["document"]), Path(order["base"]), datasets):
                sys.stdout.write(json.dumps({"trial": order["trial"], **said}) + "\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
