"""A search: trials one after the other or side by side, told as frozen messages."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from queue import Queue
from typing import Any

from core.errors import EditError, SearchError
from core.graph.edits import set_training
from core.graph.values import Document, Layout
from core.io.writing import document_text
from core.search.drawing import Drawing, Random
from core.search.journal import Journal, journal_for, trials_file
from core.search.messages import Message, SearchEnded, StageBegan, TrialBegan, TrialEnded, TrialEpoch
from core.search.optuna_drawing import Optuna, is_address
from core.search.space import Space, with_values
from core.search.stages import Stage
from core.search.trials import Outcome, Trial, is_hopeless, ranked
from core.search.worker import Answer, Worker

BEST_KEPT = 5
"""A later stage searches around so many of the best trials before, or a third of them where they are few."""


@dataclass
class _Running:
    """A trial under way."""

    number: int
    values: Mapping[str, Any]
    accuracies: list[float] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    seconds: float = 0.0


class Search:
    """A search for settings of a document.

    Parameters
    ----------
    document : Document
    space : Space
    stages : sequence of Stage
    base : Path
        Where the path of a data set starts: the document's folder.
    seed : int
        What is drawn follows from it.
    side_by_side : int
        How many trials are trained at a time.
    stop_early : bool
        Whether hopeless trials are stopped (`is_hopeless`).
    storage : str or Path, optional
        The file that keeps the trials, or the address of an Optuna storage; trials that it has are not trained again.
    beside : Path, optional
        The document's file. Without a storage, trials are kept beside it, in a file of the search's own or, drawn by
        Optuna, in a storage.
    sampler : {"random", "tpe"}

    Attributes
    ----------
    n_validation : int
        By how many samples trials are compared; 0 until that is known.

    Raises
    ------
    SearchError
        If the document keeps no samples back for validation.
    """

    def __init__(
        self,
        document: Document,
        space: Space,
        stages: Sequence[Stage],
        *,
        base: Path,
        seed: int = 0,
        side_by_side: int = 1,
        stop_early: bool = True,
        storage: str | Path | None = None,
        beside: Path | None = None,
        sampler: str = "random",
    ) -> None:
        require_validation(document)
        self.document, self.space, self.stages, self.base = document, space, tuple(stages), base
        self.stop_early = stop_early
        self.n_validation = 0
        self._answers: Queue[Answer | None] = Queue()
        self._n_workers, self._seed, self._sampler = side_by_side, seed, sampler
        self._storage, self._beside = storage, beside

    @property
    def about(self) -> dict[str, Any]:
        """What decides the trials, by which a file or a storage knows them."""
        about: dict[str, Any] = {
            "document": document_text(replace(self.document, name="", notes="", layout=Layout())),
            "space": self.space.as_json(),
            "stages": [str(stage) for stage in self.stages],
            "stop_early": self.stop_early,
        }
        if not self._uses_optuna:  # whose processes share their trials, each with a seed of its own
            about["seed"] = self._seed
        return about

    @property
    def is_in_memory(self) -> bool:
        """Whether its trials are kept nowhere else."""
        return self._storage is None and self._beside is None

    @property
    def _uses_optuna(self) -> bool:
        return self._sampler == "tpe" or (self._storage is not None and is_address(str(self._storage)))

    def keep(self, path: Path, trials: Iterable[Trial]) -> Path:
        """Write trials into a file, from which a search that draws at random goes on; one about another is left alone.

        Returns
        -------
        Path
            Where they are: `path`, or one with a number in its name.

        Raises
        ------
        SearchError
            If that can't be written.
        """
        path = journal_for(path, self.about)
        with closing(Journal(path, self.about)) as journal:
            for trial in trials:
                if trial.number not in journal.trials:
                    journal.write(trial)
        return path

    def _new_drawing(self) -> Drawing:
        storage = self._storage
        if self._uses_optuna:
            if storage is None and self._beside is not None:
                storage = f"sqlite:///{self._beside.absolute().with_name(f'{self._beside.stem}.trials.db')}"
            return Optuna(self._seed, None if storage is None else str(storage), self._sampler, self.about)
        if storage is None and self._beside is not None:
            storage = journal_for(trials_file(self._beside), self.about)
        return Random(self._seed, None if storage is None else Path(storage), self.about)

    def messages(self) -> Generator[Message, None, None]:
        """Search to the end; to close the generator is to stop, and what was under way is trained again next time.

        Raises
        ------
        SearchError
            If the storage can't be used.
        """
        drawing = self._new_drawing()
        workers = [Worker(self._answers) for _ in range(self._n_workers)]
        trials: dict[int, Trial] = {}
        space = self.space
        try:
            for place, stage in enumerate(self.stages):
                n_best = max(1, min(BEST_KEPT, len(trials) // 3))
                best = ranked([*trials.values()])[:n_best] if place else []
                space = self.space.around([trial.values for trial in best]) if best else self.space
                yield StageBegan(place, stage, space, tuple(best))
                is_whole = yield from self._stage(place, stage, space, drawing, workers, trials)
                if not is_whole:
                    return
            yield SearchEnded(tuple(trials[n] for n in sorted(trials)))
        finally:
            for worker in workers:
                worker.stop()
            drawing.close()

    def stop(self) -> None:
        """End it soon, from another thread; what was under way is trained again next time."""
        self._answers.put(None)

    def _stage(
        self,
        place: int,
        stage: Stage,
        space: Space,
        drawing: Drawing,
        workers: list[Worker],
        trials: dict[int, Trial],
    ) -> Generator[Message, None, bool]:
        """Train the trials of a stage; return whether all were, and keep them."""
        running: dict[Worker, _Running] = {}
        free, more = list(workers), True
        while more or running:
            while more and free:
                draw = drawing.draw(place, stage, space)
                if draw is None:
                    more = False
                    break
                if draw.trial is not None:
                    trials[draw.number] = draw.trial
                    yield TrialEnded(draw.trial, known=True)
                    continue
                yield TrialBegan(draw.number, place, draw.values)
                try:
                    document = set_training(with_values(self.document, draw.values), {"epochs": stage.epochs})
                except EditError as error:
                    yield _ended(drawing, trials, Trial(draw.number, place, draw.values, "failed", why=str(error)))
                    continue
                worker = free.pop(0)
                worker.train(draw.number, document, self.base)
                running[worker] = _Running(draw.number, draw.values)
            if not running:
                continue
            answer = self._answers.get()
            if answer is None:
                return False
            trial, said = running.get(answer.worker), answer.said
            if trial is None or trial.number != answer.trial:
                continue  # it was stopped meanwhile
            outcome: Outcome | None = said.get("end")
            if outcome is None:
                self.n_validation = said["n_validation"]
                trial.accuracies.append(said["val_accuracy"])
                trial.losses.append(said["val_loss"])
                trial.seconds = said["seconds"]
                yield TrialEpoch(trial.number, said["epoch"], said["val_accuracy"], said["val_loss"])
                if not self.stop_early or said["epoch"] == stage.epochs:
                    continue
                if not is_hopeless(trial.accuracies, drawing.others(place), stage.margin):
                    continue
                answer.worker.stop()
                outcome = "stopped early"
            del running[answer.worker]
            free.append(answer.worker)
            curve = tuple(trial.accuracies), tuple(trial.losses)
            seconds, why = said["seconds"] or trial.seconds, said.get("why", "")
            yield _ended(drawing, trials, Trial(trial.number, place, trial.values, outcome, *curve, seconds, why))
        return True


def _ended(drawing: Drawing, trials: dict[int, Trial], trial: Trial) -> TrialEnded:
    trials[trial.number] = trial
    drawing.end(trial)
    return TrialEnded(trial)


def require_validation(document: Document) -> None:
    """Raise where trials could not be compared because nothing is kept back for validation.

    Raises
    ------
    SearchError
    """
    if document.training.settings.validation_split == 0:
        raise SearchError(
            "Trials are compared by their accuracy on validation samples, but validation_split is 0: set it to 0.2."
        )
