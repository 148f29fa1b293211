"""Trials drawn by Optuna and kept in its storage, which several processes and machines can share."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from typing import Any

from core.errors import SearchError
from core.search.drawing import Draw
from core.search.ranges import Choice, Log
from core.search.space import Space
from core.search.stages import Stage
from core.search.trials import Trial, read_trial

STAGE, TRIAL = "stage", "trial"
"""What is written beside each of Optuna's trials."""


def is_address(storage: str) -> bool:
    """Say whether a storage is an address, such as "sqlite:///trials.db", and no file of ours.

    >>> is_address("sqlite:///trials.db"), is_address("postgresql://lab/trials"), is_address("C:/trials.jsonl")
    (True, True, False)
    """
    return "://" in storage


class Optuna:
    """Draws trials with Optuna: at random, or by its Tree-structured Parzen Estimator.

    Source of the estimator: Bergstra et al., "Algorithms for Hyper-Parameter Optimization", NIPS 2011, section 4.

    Parameters
    ----------
    storage : str or None
        The address of a storage; None keeps the trials in memory.
    sampler : {"random", "tpe"}
    about : mapping
        What decides the trials; searches that agree in it share them.

    Raises
    ------
    SearchError
        If Optuna is not installed, or the storage can't be opened.
    """

    def __init__(self, seed: int, storage: str | None, sampler: str, about: Mapping[str, Any]) -> None:
        try:
            import optuna
        except ImportError as error:
            raise SearchError(
                "That needs Optuna, which is not installed: pip install 'convograph[search]'. "
                "The random sampler with a file needs nothing more."
            ) from error
        self._optuna = optuna
        optuna.logging.set_verbosity(logging.WARNING)
        digest = hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:16]
        samplers = optuna.samplers
        chosen = samplers.TPESampler(seed=seed) if sampler == "tpe" else samplers.RandomSampler(seed=seed)
        try:
            self._study = optuna.create_study(
                storage=storage,
                sampler=chosen,
                study_name=f"convograph-{digest}",
                direction="maximize",
                load_if_exists=True,
            )
        except Exception as error:  # whatever the database has to say
            why = str(error).strip().splitlines()
            raise SearchError(f"The storage {storage} can't be opened: {why[0] if why else error}") from error
        self._open: dict[int, Any] = {}
        self._told: set[int] = set()

    def draw(self, place: int, stage: Stage, space: Space) -> Draw | None:
        """Return the next trial of a stage; None when it has as many as it needs."""
        states = self._optuna.trial.TrialState
        here = [
            trial
            for trial in self._study.get_trials(deepcopy=False)
            if trial.user_attrs.get(STAGE) == place
            and (TRIAL in trial.user_attrs or trial.state == states.RUNNING)  # not those that somebody gave up
        ]
        for past in here:
            if past.state != states.RUNNING and past.number not in self._told and TRIAL in past.user_attrs:
                self._told.add(past.number)
                known = read_trial(past.user_attrs[TRIAL])
                return Draw(known.number, known.values, known)
        if len(here) >= stage.trials:
            return None
        asked = self._study.ask()
        asked.set_user_attr(STAGE, place)
        number = asked.number + 1
        self._open[number] = asked
        return Draw(number, {path: self._suggested(asked, path, space) for path in space.ranges})

    def others(self, place: int) -> list[Trial]:
        """Return all trials of a stage that have ended."""
        trials = self._study.get_trials(deepcopy=False)
        return [
            read_trial(trial.user_attrs[TRIAL])
            for trial in trials
            if trial.user_attrs.get(STAGE) == place and TRIAL in trial.user_attrs
        ]

    def end(self, trial: Trial) -> None:
        """Keep how a trial ended."""
        asked, states = self._open.pop(trial.number), self._optuna.trial.TrialState
        self._told.add(asked.number)
        asked.set_user_attr(TRIAL, trial.as_json())
        accuracy = trial.accuracy
        if accuracy is None or trial.outcome in ("diverged", "failed"):
            self._study.tell(asked, state=states.FAIL)
            return
        for epoch, reached in enumerate(trial.accuracies, 1):
            asked.report(reached, epoch)
        if trial.outcome == "stopped early":
            self._study.tell(asked, state=states.PRUNED)
        else:
            self._study.tell(asked, accuracy)

    def close(self) -> None:
        """Leave what is under way to others."""
        for asked in self._open.values():  # nobody trains them any more
            self._study.tell(asked, state=self._optuna.trial.TrialState.FAIL)
        self._open.clear()

    @staticmethod
    def _suggested(asked: Any, path: str, space: Space) -> Any:
        range = space.ranges[path]
        if isinstance(range, Choice):  # Optuna knows plain values only, and one list of them for a setting
            written = [json.dumps(value) for value in range.values]
            return json.loads(asked.suggest_categorical(f"{path}={'|'.join(written)}", written))
        low, high = range.ends()
        is_log = isinstance(range, Log)
        if range.whole:
            return asked.suggest_int(path, int(low), int(high), log=is_log)
        return float(f"{asked.suggest_float(path, low, high, log=is_log):.4g}")
