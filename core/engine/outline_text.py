"""A plan as it reads in a terminal."""

from __future__ import annotations

from core.engine.outline import Outline, StepOutline
from core.text import bytes_text, counted, table_lines

_HEAD = ("step", "layers", "kernel", "output", "kept", "scratch", "estimated")
_MEASURED = ("forward", "backward")
_WIDEST = 44
"""Characters of the layers' names in the table."""


def outline_text(outline: Outline) -> str:
    """Write the steps of a plan as a table, why each is as it is, and the memory it takes."""
    measured = bool(outline.steps) and outline.steps[0].forward_ms is not None
    rows = [_row(number, step, measured) for number, step in enumerate(outline.steps, 1)]
    head = (*_HEAD, *(_MEASURED if measured else ()))
    lines = table_lines([head, *rows, _total(outline, measured)], n_left=3)
    rule = "─" * max(map(len, lines))
    return "\n".join([_title(outline), "", lines[0], rule, *lines[1:-1], rule, lines[-1], "", *_closing(outline)])


def _title(outline: Outline) -> str:
    title = f"{outline.purpose}, {counted(outline.batch, 'sample')} a batch"
    if outline.replicas > 1:
        return f"{title}, divided among {outline.replicas} replicas: what follows is the first one's {outline.part}"
    return title


def _row(number: int, step: StepOutline, measured: bool) -> tuple[str, ...]:
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


def _total(outline: Outline, measured: bool) -> tuple[str, ...]:
    steps = outline.steps
    times: tuple[str, ...] = ()
    if measured:
        backward = [step.backward_ms for step in steps if step.backward_ms is not None]
        forward = sum(step.forward_ms or 0 for step in steps)
        times = (_ms(forward), _ms(sum(backward)) if backward else "")
    return ("total", "", "", "", "", "", _ms(sum(step.estimated_ms for step in steps)), *times)


def _ms(milliseconds: float | None) -> str:
    return "" if milliseconds is None else f"{milliseconds:.3f} ms"


def _closing(outline: Outline) -> list[str]:
    reasons: dict[str, list[str]] = {step.why: [] for step in outline.steps}
    for number, step in enumerate(outline.steps, 1):
        reasons[step.why].append(str(number))
    lines = [f"{_listed(numbers)}: {why}" for why, numbers in reasons.items()]
    lines += [
        "",
        f"weights and gradients {bytes_text(outline.weight_bytes)}, values that share memory "
        f"{bytes_text(outline.plan_bytes)}{' a replica' if outline.replicas > 1 else ''}",
        f"needs about {bytes_text(outline.total_bytes)}",
    ]
    return lines


def _listed(numbers: list[str]) -> str:
    if len(numbers) == 1:
        return f"step {numbers[0]}"
    return f"steps {', '.join(numbers)}"
