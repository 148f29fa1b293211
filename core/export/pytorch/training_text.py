"""The parts of a script that trains, each as PyTorch has it: loss, optimiser, schedule, first weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from core.engine.program import Node, Program
from core.export.pytorch.scopes import Scope
from core.export.pytorch.state import state_names
from core.layers.local import LocallyConnected2D
from core.layers.transposed import ConvTranspose2D
from core.learning.initializers import Constant, Initializer, Orthogonal, Zeros
from core.learning.losses import (
    BinaryCrossEntropy,
    CrossEntropy,
    Hinge,
    Loss,
    MeanAbsoluteError,
    MeanSquaredError,
    SquaredHinge,
)
from core.learning.optimizers import SGD, Adadelta, Adagrad, Adam, AdamW, Optimizer, RMSProp
from core.learning.schedules import (
    Cosine,
    Exponential,
    InverseTime,
    MultiStep,
    OneCycle,
    Plateau,
    Schedule,
    Step,
)

_EXCESS = [
    "own = scores.gather(1, labels[:, None])",
    "excess = (scores - own + {margin}).clamp(min=0).scatter(1, labels[:, None], 0.0)",
]
_TARGETS = "targets = F.one_hot(labels, scores.shape[1]).to(scores.dtype)"

_EACH: dict[type[Loss], Callable[[Any], list[str]]] = {
    Hinge: lambda loss: [*_with(_EXCESS, loss), "each = excess.sum(1)"],
    SquaredHinge: lambda loss: [*_with(_EXCESS, loss), "each = (excess * excess).sum(1)"],
    BinaryCrossEntropy: lambda loss: [
        _TARGETS,
        'each = F.binary_cross_entropy_with_logits(scores, targets, reduction="none").mean(1)',
    ],
    MeanSquaredError: lambda loss: [_TARGETS, "each = ((scores - targets) ** 2).mean(1)"],
    MeanAbsoluteError: lambda loss: [_TARGETS, "each = (scores - targets).abs().mean(1)"],
}
"""The lines that measure each sample."""


def _with(lines: list[str], loss: Any) -> list[str]:
    return [line.format(margin=loss.margin) for line in lines]


def loss_lines(loss: Loss) -> list[str]:
    """Return the lines that measure a batch, given `scores`, `labels` and `weights`, which may be None."""
    if isinstance(loss, CrossEntropy):
        smoothing = f", label_smoothing={loss.label_smoothing!r}" if loss.label_smoothing else ""
        return [f"return F.cross_entropy(scores, labels, weights{smoothing})"]
    return [
        *_EACH[type(loss)](loss),
        "if weights is None:",
        "    return each.mean()",
        "return (each * weights[labels]).sum() / weights[labels].sum()",
    ]


_OPTIMIZERS: dict[type[Optimizer], tuple[str, Callable[[Any], dict[str, Any]], tuple[str, ...]]] = {
    SGD: (
        "SGD",
        lambda o: {"momentum": o.momentum, "nesterov": o.nesterov and o.momentum > 0},
        ("momentum_buffer",),
    ),
    Adagrad: ("Adagrad", lambda o: {"eps": o.epsilon}, ("sum",)),
    RMSProp: ("RMSprop", lambda o: {"alpha": o.decay, "eps": o.epsilon}, ("square_avg",)),
    Adadelta: ("Adadelta", lambda o: {"rho": o.decay, "eps": o.epsilon}, ("square_avg", "acc_delta")),
    Adam: ("Adam", lambda o: {"betas": (o.beta1, o.beta2), "eps": o.epsilon}, ("exp_avg", "exp_avg_sq")),
    AdamW: ("AdamW", lambda o: {"betas": (o.beta1, o.beta2), "eps": o.epsilon}, ("exp_avg", "exp_avg_sq")),
}
"""Of each, what PyTorch calls it, its settings, and its moments."""


def optimizer_class(optimizer: Optimizer) -> tuple[str, dict[str, Any]]:
    """Return what PyTorch calls an optimiser, and every setting of it by PyTorch's name."""
    name, settings, _ = _OPTIMIZERS[type(optimizer)]
    return name, {"lr": optimizer.learning_rate, **settings(optimizer), "weight_decay": optimizer.weight_decay}


def moment_names(optimizer: Optimizer) -> tuple[str, ...]:
    """Return what PyTorch calls the moments that an optimiser keeps, in our order.

    >>> moment_names(Adam())
    ('exp_avg', 'exp_avg_sq')
    """
    return _OPTIMIZERS[type(optimizer)][2]


def optimizer_call(optimizer: Optimizer) -> str:
    """Write the optimiser of `parameters`, every setting said.

    >>> optimizer_call(SGD(learning_rate=0.1, momentum=0.9))
    'torch.optim.SGD(parameters, lr=0.1, momentum=0.9, nesterov=False, weight_decay=0.0)'
    """
    name, said = optimizer_class(optimizer)
    return f"torch.optim.{name}(parameters, {', '.join(f'{key}={value!r}' for key, value in said.items())})"


_RATES: dict[type[Schedule], Callable[[Any], list[str]]] = {
    Step: lambda s: [f"rate = LEARNING_RATE * {s.factor!r} ** floor((step + 1e-9) / ({s.every!r} * per_epoch))"],
    MultiStep: lambda s: [
        f"passed = sum(step + 1e-9 >= epoch * per_epoch for epoch in {tuple(s.at)!r})",
        f"rate = LEARNING_RATE * {s.factor!r} ** passed",
    ],
    Exponential: lambda s: [f"rate = LEARNING_RATE * {s.factor!r} ** (step / per_epoch)"],
    Cosine: lambda s: [
        "wave = (1 + cos(pi * min(1.0, step / (EPOCHS * per_epoch)))) / 2",
        f"rate = {s.minimum!r} + (LEARNING_RATE - {s.minimum!r}) * wave",
    ],
    InverseTime: lambda s: [f"rate = LEARNING_RATE / (1 + {s.decay!r} * step / per_epoch)"],
    OneCycle: lambda s: [
        f"last, top = EPOCHS * per_epoch - 1, {s.rise!r} * EPOCHS * per_epoch - 1",
        f"low = LEARNING_RATE / {s.div!r}",
        "if step <= top:",
        "    begin, end, share = low, LEARNING_RATE, step / top if top else 1.0",
        "else:",
        "    share = min(1.0, (step - top) / (last - top)) if last > top else 1.0",
        f"    begin, end = LEARNING_RATE, low / {s.final_div!r}",
        "rate = end + (begin - end) / 2 * (1 + cos(pi * share))",
    ],
    Plateau: lambda s: [
        "best, n_bad, n_drops = inf, 0, 0",
        "for loss in losses:",
        f"    better = loss < best * (1 - {s.min_delta!r})",
        "    best, n_bad = (loss, 0) if better else (best, n_bad + 1)",
        f"    if n_bad > {s.patience!r}:",
        "        n_drops, n_bad = n_drops + 1, 0",
        f"rate = LEARNING_RATE * {s.factor!r} ** n_drops",
    ],
}
"""The lines that set `rate`, given `step` from 0, `per_epoch`, and the validation `losses` of the epochs before."""


def rate_lines(schedule: Schedule | None) -> list[str]:
    """Return the lines that return the learning rate of a step."""
    if schedule is None:
        return ["return LEARNING_RATE"]
    lines = _RATES[type(schedule)](schedule)
    if schedule.warmup:
        lines += [
            f"warm = {schedule.warmup!r} * per_epoch",
            "if step < warm:",
            f"    rate *= {schedule.warmup_start!r} + (1 - {schedule.warmup_start!r}) * step / warm",
        ]
    return [*lines, "return rate"]


def first_weights(program: Program, scope: Scope, initializer: Initializer) -> dict[str, tuple[str, Any]]:
    """Say of every kernel how it is drawn, by PyTorch's names.

    Returns
    -------
    mapping of str to (str, value)
        `("normal", deviation)`, `("uniform", bound)`, `("constant", value)`, or `("orthogonal", …)` with the shape of
        our kernel, the rows of its matrices and the order of our axes in PyTorch.
    """
    return dict(_first_weights(program, state_names(scope), initializer))


def _first_weights(
    program: Program, names: Mapping[str, str], initializer: Initializer
) -> Iterator[tuple[str, tuple[str, Any]]]:
    for node in program.nodes:
        kernel = node.weights.get("kernel")
        if kernel is None or f"{node.id}/kernel" not in names:
            continue
        rule, fans = node.initializer or initializer, (kernel.fan_in, kernel.fan_out)
        how: tuple[str, Any]
        if isinstance(rule, Orthogonal):
            how = "orthogonal", _matrices(node)
        elif isinstance(rule, Zeros | Constant):
            how = "constant", getattr(rule, "value", 0.0)
        elif hasattr(rule, "spread"):
            how = "normal", rule.spread(*fans)
        else:
            how = "uniform", rule.bound(*fans)  # type: ignore[attr-defined]
        yield names[f"{node.id}/kernel"], how


def _matrices(node: Node) -> tuple[tuple[int, ...], int, tuple[int, ...]]:
    kernel = node.weights["kernel"]
    units = kernel.shape[-1]
    rows = kernel.fan_in if kernel.size % (kernel.fan_in * units) == 0 else kernel.size // units
    if isinstance(node.kind, LocallyConnected2D):
        return kernel.shape, rows, (0, 1, 2, 3)
    if isinstance(node.kind, ConvTranspose2D):
        return kernel.shape, rows, (2, 3, 0, 1)
    return kernel.shape, rows, (3, 2, 0, 1) if len(kernel.shape) == 4 else (1, 0)
