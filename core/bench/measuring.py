"""Contenders measured in turn, each in its own process, with an eye on what else the machine is doing."""

from __future__ import annotations

import importlib.util
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import IO, Any, cast

from core.bench.contender import Contender
from core.bench.limits import Limits
from core.bench.load import PROC, Reading, family, memory_bytes, read
from core.bench.networks import Case
from core.engine.cores import n_cores
from core.engine.network import INFERENCE, Network
from core.engine.plan_summary import StepSummary, plan_summary
from core.engine.plans.memory_plan import STEP
from core.engine.program import compile_program
from core.own_process import own_environment

ROUNDS = 4
MOST_FOREIGN = 0.15
"""How many cores others may keep busy; a sample taken while they keep more is taken again."""
MOST_TRIES = 4

OURS = Contender("Convograph", "convograph")
OURS_ALONE = Contender("Convograph, 1 replica", "convograph", 1)


def contenders(case: Case) -> tuple[Contender, ...]:
    """Return what is measured: our engine as it is used, with one replica, and PyTorch where it is installed."""
    ours = (OURS, OURS_ALONE) if case.trains and n_cores() > 1 else (OURS,)
    if importlib.util.find_spec("torch") is None:
        return ours
    threads = dict.fromkeys((1, n_cores()))
    theirs = [Contender(f"PyTorch, {n} thread{'s' * (n > 1)}", "torch", n) for n in threads]
    last = Contender(f"PyTorch, {n_cores()} threads, channels last", "torch", n_cores(), channels_last=True)
    return (*ours, *theirs, last)


@dataclass(frozen=True, slots=True)
class Figure:
    """What one contender took.

    Attributes
    ----------
    ms : float
        The median of a step, over the medians of the rounds.
    foreign : float or None
        How many cores others kept busy meanwhile, at most; None where the system doesn't say.
    memory_bytes : int or None
        Of its processes.
    """

    ms: float
    foreign: float | None
    memory_bytes: int | None


@dataclass(frozen=True, slots=True)
class Result:
    """A network's figures, by contender.

    Attributes
    ----------
    limit_ms : float
        What a step would take at the machine's limits.
    steps : tuple of StepSummary
        How long each step of the plan of our engine takes, with one replica.
    """

    case: Case
    figures: dict[str, Figure] = field(default_factory=dict)
    limit_ms: float = 0.0
    steps: tuple[StepSummary, ...] = ()

    @property
    def ours(self) -> Figure:
        """What our engine took, as it is used."""
        return self.figures[OURS.title]

    @property
    def best(self) -> Figure | None:
        """What PyTorch took at its fastest; None where it was not measured."""
        theirs = [figure for title, figure in self.figures.items() if title.startswith("PyTorch")]
        return min(theirs, key=lambda figure: figure.ms, default=None)

    @property
    def ratio(self) -> float | None:
        """How many times as fast as PyTorch's best our engine is."""
        return None if self.best is None else self.best.ms / self.ours.ms

    @property
    def images_per_second(self) -> float:
        """What our engine computes."""
        return 1e3 * self.case.batch / self.ours.ms

    @property
    def disturbed(self) -> bool:
        """Whether other programs kept the machine busy meanwhile, in spite of all retries."""
        return any((figure.foreign or 0) > MOST_FOREIGN for figure in self.figures.values())

    def as_json(self) -> dict[str, Any]:
        """Return the form that `bench --json` prints."""
        return {
            "network": self.case.name,
            "batch": self.case.batch,
            "what": "training step" if self.case.trains else "forward pass",
            "contenders": {title: asdict(figure) for title, figure in self.figures.items()},
            "ratio": self.ratio,
            "goal": self.case.must,
            "images_per_second": self.images_per_second,
            "limit_ms": self.limit_ms,
            "share_of_limit": self.limit_ms / self.ours.ms,
            "disturbed": self.disturbed,
            "steps": [asdict(step) for step in self.steps],
        }


def measure(
    case: Case, limits: Limits, seconds: float, rivals: Sequence[Contender], tell: Callable[[str], object]
) -> Result:
    """Measure a network, the contenders in turn.

    Parameters
    ----------
    seconds : float
        How long a contender computes at a time.
    tell : callable
        Called with a phrase that says what is being done.
    """
    limit = 1e3 * limits.seconds(compile_program(case.draw()), case.batch, case.trains)
    samples: dict[str, list[Figure]] = {contender.title: [] for contender in rivals}
    with ExitStack() as stack:
        workers = {}
        for contender in rivals:
            tell(f"{case.title}: {contender.title} begins")
            workers[contender.title] = stack.enter_context(_at_work(contender, case))
        for number in range(1, ROUNDS + 1):
            tell(f"{case.title}: round {number} of {ROUNDS}")
            for title, worker in workers.items():
                samples[title].append(_sample(worker, seconds))
    tell(f"{case.title}: its steps, one by one")
    steps = plan_summary(
        Network(case.draw()), case.batch, measure=True, purpose=STEP if case.trains else INFERENCE
    ).steps
    return Result(case, {title: _figure(figures) for title, figures in samples.items()}, limit, steps)


@contextmanager
def _at_work(contender: Contender, case: Case) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        contender.command(case.name), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=own_environment()
    ) as worker:
        if not cast(IO[str], worker.stdout).readline().startswith("ready"):
            raise RuntimeError(f"{contender.title} could not begin with {case.title}")
        yield worker
        cast(IO[str], worker.stdin).close()


def _sample(worker: subprocess.Popen[str], seconds: float) -> Figure:
    """Let a contender compute, and again if others disturb it; the least disturbed sample counts."""
    best: Figure | None = None
    for _ in range(MOST_TRIES):
        before = read()
        print(seconds, file=worker.stdin, flush=True)
        ms = float(cast(IO[str], worker.stdout).readline())
        foreign = _foreign(before, read())
        if best is None or (foreign or 0) < (best.foreign or 0):
            best = Figure(ms, foreign, _memory(worker))
        if (foreign or 0) <= MOST_FOREIGN:
            break
    return cast(Figure, best)


def _foreign(before: Reading | None, after: Reading | None) -> float | None:
    return None if before is None or after is None else before.foreign(after)


def _memory(worker: subprocess.Popen[str]) -> int | None:
    return memory_bytes(family(PROC, worker.pid)) if PROC.exists() else None


def _figure(samples: list[Figure]) -> Figure:
    foreign = [sample.foreign for sample in samples if sample.foreign is not None]
    memory = [sample.memory_bytes for sample in samples if sample.memory_bytes is not None]
    return Figure(
        median(sample.ms for sample in samples), max(foreign) if foreign else None, max(memory) if memory else None
    )
