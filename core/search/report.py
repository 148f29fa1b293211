"""A search told in words: for a terminal, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core.search.importance import importances
from core.search.messages import Message, SearchEnded, StageBegan, TrialEnded
from core.search.search import Search
from core.search.space import short_name, values_text
from core.search.trials import Trial, as_good_as, ranked
from core.text import counted, listing, setting_text


class Report:
    """Follows a search and says what its messages mean."""

    def __init__(self, search: Search) -> None:
        self._search = search
        self._trials: list[Trial] = []

    @property
    def best(self) -> Trial | None:
        """The best trial so far; of a later stage, if it is as good."""
        return next(iter(ranked(self._trials)), None)

    def json_of(self, message: Message) -> dict[str, Any] | None:
        """Return the object that `search --json` prints for a message; None where it prints none."""
        match message:
            case TrialEnded(trial):
                self._trials.append(trial)
                return trial.as_json()
            case SearchEnded(trials):
                best = self.best
                return {
                    "best": None if best is None else best.as_json(),
                    "trials": len(trials),
                    "outcomes": {outcome: n for outcome, n in _outcomes(trials).items() if n},
                    "importance": importances(trials, self._search.space.ranges),
                }
        return None

    def lines_of(self, message: Message) -> Iterator[str]:
        """Yield what a terminal shows for a message."""
        match message:
            case StageBegan():
                yield from self._stage_lines(message)
            case TrialEnded(trial, known):
                self._trials.append(trial)
                yield f"{_trial_line(trial)}{' (known from before)' if known else ''}"
            case SearchEnded(trials):
                yield from self._end_lines(trials)

    def _stage_lines(self, began: StageBegan) -> Iterator[str]:
        stage = began.stage
        yield f"Stage {began.number + 1}: {counted(stage.trials, 'trial')} of {counted(stage.epochs, 'epoch')}"
        if began.around:
            best = listing([str(trial.number) for trial in began.around])
            yield f"around the best so far, trial {best}:" if len(began.around) == 1 else f"around the best, {best}:"
        for path, range in began.space.as_json().items():
            ((word, values),) = range.items()
            ends = ", ".join(map(setting_text, values)) if word == "choice" else " … ".join(f"{v:g}" for v in values)
            yield f"  {short_name(path)}: {ends}{' (log)' if word == 'log' else ''}"
        if self._search.stop_early and stage.epochs > 1:
            yield (
                f"A trial ends when its accuracy is more than {100 * stage.margin:g} points below the median "
                "of the others at the same epoch."
            )

    def _end_lines(self, trials: tuple[Trial, ...]) -> Iterator[str]:
        told = [f"{n} {outcome}" for outcome, n in _outcomes(trials).items() if n]
        yield f"{counted(len(trials), 'trial')}: {', '.join(told)}."
        best = self.best
        if best is None or best.accuracy is None:
            return
        reached = f"{best.accuracy:.1%} after epoch {best.best_epoch}"
        yield f"Best: trial {best.number}, {reached}: {values_text(best.values)}"
        n = self._search.n_validation
        equal = [trial for trial in as_good_as(best, trials, n) if trial is not best]
        if n and equal:
            numbers = listing([str(trial.number) for trial in equal[:8]])
            yield f"One of the {n:,} validation samples is {1 / n:.2%}: as good as equal {_are(len(equal))} {numbers}."
        shares = importances(trials, self._search.space.ranges)
        if shares is not None:
            told = [f"{short_name(path)} {share:.0%}" for path, share in shares.items()]
            yield f"Of the differences between trials each setting explains by itself: {', '.join(told)}."


def _are(n: int) -> str:
    return "is trial" if n == 1 else "are trials"


def _trial_line(trial: Trial) -> str:
    figure = "no epoch" if trial.accuracy is None else f"{trial.accuracy:.1%} after epoch {trial.best_epoch}"
    line = f"trial {trial.number}: {figure} · {values_text(trial.values)} · {trial.seconds:.1f} s"
    if trial.outcome != "finished":
        line += f" · {trial.outcome}{f': {trial.why}' if trial.why else ''}"
    return line


def _outcomes(trials: tuple[Trial, ...]) -> dict[str, int]:
    return {
        outcome: sum(trial.outcome == outcome for trial in trials)
        for outcome in ("finished", "stopped early", "diverged", "failed")
    }
