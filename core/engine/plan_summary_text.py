"""A plan as it reads in a terminal."""

from __future__ import annotations

from core.engine.plan_summary import PlanSummary, StepSummary
from core.text import bytes_text, counted, table_lines

_HEAD = ("step", "layers", "kernel", "output", "kept", "scratch", "estimated")
_MEASURED = ("forward", "backward")
_WIDEST = 44
"""Characters of the layers' names in the table."""


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
