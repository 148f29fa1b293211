"""What a plan does, step by step, for people to read: which kernel and why, what memory, how long; and its table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from math import prod
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from core.engine.cost import PASSES, layer_seconds
from core.engine.kernels.choice import reason
from core.engine.kernels.definition import samples_last
from core.engine.kernels.kernel import Kernel, Part, Phase
from core.engine.network import INFERENCE, Network
from core.engine.plans.memory_plan import STEP, MemoryPlan, Purpose
from core.engine.plans.needs import trains
from core.engine.plans.pool import divide
from core.engine.threads import ONE_THREAD
from core.text import bytes_text, counted, table_lines

ROUNDS = 5
"""Passes that are timed after one that is not; their median counts."""

_HEAD = ("step", "layers", "kernel", "output", "kept", "scratch", "estimated")
_MEASURED = ("forward", "backward")
_WIDEST = 44
"""Characters of the layers' names in the table."""


@dataclass(frozen=True, slots=True)
class StepSummary:
    """One step of a plan.

    Attributes
    ----------
    layers, kinds : tuple of str
        What it computes.
    kernel, why : str
        How, and why so.
    output_bytes, kept_bytes, scratch_bytes : int
        Its output, its own arrays, and its part of the scratch that all steps share.
    estimated_ms : float
        From shapes alone, forwards and, in training, backwards.
    forward_ms, backward_ms : float or None
        Measured; None where nothing was.
    """

    layers: tuple[str, ...]
    kinds: tuple[str, ...]
    kernel: str
    why: str
    output_bytes: int
    kept_bytes: int
    scratch_bytes: int
    estimated_ms: float
    forward_ms: float | None = None
    backward_ms: float | None = None


@dataclass(frozen=True, slots=True)
class PlanSummary:
    """A plan as one replica computes it.

    Attributes
    ----------
    purpose : str
        "training" or "inference".
    batch, part : int
        The samples of the whole batch, and of the part of one replica.
    replicas : int
    weight_bytes, plan_bytes : int
        The memory of the weights with their gradients, and of one replica's plan: values and gradients that are not
        needed at the same time share it.
    total_bytes : int
        Of all replicas together.
    """

    purpose: str
    batch: int
    part: int
    replicas: int
    weight_bytes: int
    plan_bytes: int
    total_bytes: int
    steps: tuple[StepSummary, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """Return the form that `plan --json` prints."""
        return asdict(self)


def plan_summary(network: Network, batch: int, *, measure: bool = False, purpose: Purpose | None = None) -> PlanSummary:
    """Describe what a network does with batches of a size.

    Parameters
    ----------
    measure : bool
        Whether to compute some passes of random samples and tell how long each step takes; this changes the network's
        statistics.
    purpose : Purpose, optional
        By default a training step where the network can be trained, else inference.
    """
    program = network.program
    purpose = purpose or (STEP if trains(program) else INFERENCE)
    part = divide(batch, network.n_replicas if purpose is STEP else 1)[0]
    memory = MemoryPlan(program, purpose, purpose.setting(part, network.dtype, network.rng))
    times = _measured(network, part, purpose) if measure else [(None, None)] * len(memory.kernels)
    steps = (_step(kernel, memory, *ms) for kernel, ms in zip(memory.kernels, times, strict=True))
    return PlanSummary(
        purpose="training" if purpose is STEP else "inference",
        batch=batch,
        part=part.n,
        replicas=part.n_parts,
        weight_bytes=network.weight_bytes,
        plan_bytes=memory.n_bytes,
        total_bytes=network.bytes_for(batch, purpose),
        steps=tuple(steps),
    )


def _step(kernel: Kernel, memory: MemoryPlan, forward_ms: float | None, backward_ms: float | None) -> StepSummary:
    passes = PASSES if memory.purpose.derives else 1
    seconds = sum(layer_seconds(node, memory.batch) for node in kernel.nodes)
    itemsize = kernel.setting.dtype.itemsize
    return StepSummary(
        layers=tuple(node.id for node in kernel.nodes),
        kinds=tuple(type(node.kind).__name__ for node in kernel.nodes),
        kernel=kernel.how,
        why=reason(kernel),
        output_bytes=prod(memory.values[kernel.target].extent) * itemsize,
        kept_bytes=kernel.kept_bytes,
        scratch_bytes=kernel.n_scratch * itemsize,
        estimated_ms=1e3 * passes * seconds,
        forward_ms=forward_ms,
        backward_ms=backward_ms,
    )


def _measured(network: Network, part: Part, purpose: Purpose) -> list[tuple[float, float | None]]:
    """Time every kernel of a plan, in ms, forwards and backwards."""
    # Alone, as the other replicas would have to be waited for.
    alone = Part(part.n, part.n)
    plan = network.plan_for(alone, purpose)
    rng = np.random.default_rng(0)
    for index in plan.inputs:
        samples = rng.random((part.n, *network.program.nodes[index].shape))
        np.copyto(plan.values[index].view(), samples_last(samples), casting="unsafe")
    labels = np.zeros(part.n, np.int64)
    forwards, backwards = _Clock(), _Clock()
    with ONE_THREAD, np.errstate(all="ignore"):
        for _ in range(1 + ROUNDS):
            forwards.run(plan.forwards)
            if purpose.derives:
                plan.measure(labels, part.n)
                backwards.run(plan.backwards)
    return [(forwards.ms(kernel), backwards.ms(kernel) if purpose.derives else None) for kernel in plan.kernels]


class _Clock:
    """Runs passes, and keeps how long each kernel took in each."""

    def __init__(self) -> None:
        self._rounds: list[dict[int, float]] = []

    def run(self, phases: Iterable[Iterable[Phase]]) -> None:
        """Run a pass; what belongs to no kernel, such as clearing margins, counts with the kernel that follows."""
        seconds: dict[int, float] = {}
        waiting = 0.0
        for phase in phases:
            for call in phase:
                began = perf_counter()
                call()
                waiting += perf_counter() - began
                owner = getattr(call, "__self__", None)
                if isinstance(owner, Kernel):
                    seconds[id(owner)] = seconds.get(id(owner), 0.0) + waiting
                    waiting = 0.0
        self._rounds.append(seconds)

    def ms(self, kernel: Kernel) -> float:
        """Return a kernel's median, without the first pass."""
        return 1e3 * median(seconds.get(id(kernel), 0.0) for seconds in self._rounds[1:])


def plan_summary_text(summary: PlanSummary) -> str:
    """Write the steps of a plan as a table, why each is as it is, and the memory it takes."""
    measured = bool(summary.steps) and summary.steps[0].forward_ms is not None
    rows = [_row(number, step, measured) for number, step in enumerate(summary.steps, 1)]
    head = (*_HEAD, *(_MEASURED if measured else ()))
    lines = table_lines([head, *rows, _total(summary, measured)], n_left=3)
    rule = "─" * max(map(len, lines))
    return "\n".join([_title(summary), "", lines[0], rule, *lines[1:-1], rule, lines[-1], "", *_closing(summary)])


def _title(summary: PlanSummary) -> str:
    title = f"{summary.purpose}, {counted(summary.batch, 'sample')} a batch"
    if summary.replicas > 1:
        return f"{title}, divided among {summary.replicas} replicas: what follows is the first one's {summary.part}"
    return title


def _row(number: int, step: StepSummary, measured: bool) -> tuple[str, ...]:
    layers = " + ".join(step.layers)
    times = (_ms(step.forward_ms), _ms(step.backward_ms)) if measured else ()
    return (
        str(number),
        layers if len(layers) <= _WIDEST else f"{layers[: _WIDEST - 1]}…",
        step.kernel,
        bytes_text(step.output_bytes),
        bytes_text(step.kept_bytes) if step.kept_bytes else "",
        bytes_text(step.scratch_bytes) if step.scratch_bytes else "",
        _ms(step.estimated_ms),
        *times,
    )


def _total(summary: PlanSummary, measured: bool) -> tuple[str, ...]:
    steps = summary.steps
    times: tuple[str, ...] = ()
    if measured:
        backward = [step.backward_ms for step in steps if step.backward_ms is not None]
        forward = sum(step.forward_ms or 0 for step in steps)
        times = (_ms(forward), _ms(sum(backward)) if backward else "")
    return ("total", "", "", "", "", "", _ms(sum(step.estimated_ms for step in steps)), *times)


def _ms(milliseconds: float | None) -> str:
    return "" if milliseconds is None else f"{milliseconds:.3f} ms"


def _closing(summary: PlanSummary) -> list[str]:
    reasons: dict[str, list[str]] = {step.why: [] for step in summary.steps}
    for number, step in enumerate(summary.steps, 1):
        reasons[step.why].append(str(number))
    lines = [f"{_listed(numbers)}: {why}" for why, numbers in reasons.items()]
    lines += [
        "",
        f"weights and gradients {bytes_text(summary.weight_bytes)}, values that share memory "
        f"{bytes_text(summary.plan_bytes)}{' a replica' if summary.replicas > 1 else ''}",
        f"needs about {bytes_text(summary.total_bytes)}",
    ]
    return lines


def _listed(numbers: list[str]) -> str:
    if len(numbers) == 1:
        return f"step {numbers[0]}"
    return f"steps {', '.join(numbers)}"
