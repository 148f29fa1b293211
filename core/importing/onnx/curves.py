"""Functions of single values that a model spells out in arithmetic, known by what they compute.

Exporters write GELU, SiLU, HardSwish or Mish as sums and products, each in an order of its own. So a chain of such
nodes is kept as one function until something else reads it, and then compared with our activations: on a fine grid
where they bend, far out, and around each number that the nodes themselves hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelError
from core.importing.onnx.model import Node
from core.importing.onnx.signals import Signal
from core.layers import KINDS, Context
from core.layers.normal_distribution import normal_cdf

Values: TypeAlias = NDArray[np.float64]
Function: TypeAlias = Callable[[Values], Values]

MOST_NODES = 32
"""Nodes of one function; the longest spelling of an activation has about ten."""
TOLERANCE = 2e-6
"""Relative: what float32 constants such as √2 leave of a function, several times over."""


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A function of each value of a signal, not drawn yet.

    Attributes
    ----------
    base : Signal
        What it is a function of.
    compute : callable
        The whole function, of the base's values.
    last : callable
        What its last node computes of the operands.
    written : str
        The function in letters, the same for equal ones.
    node : Node
        The last of its nodes.
    operands : tuple of Curve, Signal or float
        What that node reads.
    numbers : frozenset of float
        Those that the nodes hold.
    n_nodes : int
    drawn : list of Signal
        Its output, once it is drawn.
    """

    base: Signal
    compute: Function
    last: Callable[[Sequence[Any]], Any]
    node: Node
    operands: tuple[Curve | Signal | float, ...]
    written: str
    numbers: frozenset[float] = frozenset()
    n_nodes: int = 1
    drawn: list[Signal] = field(default_factory=list)

    def inside(self) -> Iterator[Curve]:
        """Yield the functions that it is put together from, the last first."""
        for operand in self.operands:
            if isinstance(operand, Curve):
                yield operand
        for operand in self.operands:
            if isinstance(operand, Curve):
                yield from operand.inside()

    def of(self, inner: Curve, read: Signal) -> Curve | None:
        """Return it as a function of one of these, which is this signal; None where it depends on more than that."""
        operands: list[Curve | Signal | float] = []
        for operand in self.operands:
            if operand is inner:
                operands.append(read)
            elif isinstance(operand, float):
                operands.append(operand)
            else:
                part = operand.of(inner, read) if isinstance(operand, Curve) else None
                if part is None:
                    return None
                operands.append(part)
        return curve(self.node, read, operands, self.last)


def curve(
    node: Node, base: Signal, operands: Sequence[Curve | Signal | float], last: Callable[[Sequence[Any]], Any]
) -> Curve:
    """Put a node on top of functions of one base.

    Parameters
    ----------
    last : callable
        What the node computes of its operands' values.
    """
    curves = [operand for operand in operands if isinstance(operand, Curve)]
    numbers = frozenset(operand for operand in operands if isinstance(operand, float))

    def compute(x: Any) -> Any:
        return last([_computed(operand, x) for operand in operands])

    settings = "".join(f" {name}={value}" for name, value in node.attributes.items())
    parts = ", ".join(operand.written if isinstance(operand, Curve) else _written(operand) for operand in operands)
    return Curve(
        base,
        compute,
        last,
        node,
        tuple(operands),
        f"{node.op}{settings}({parts})",
        numbers.union(*(curve.numbers for curve in curves)),
        1 + sum(curve.n_nodes for curve in curves),
    )


def _computed(operand: Curve | Signal | float, x: Any) -> Any:
    if isinstance(operand, Curve):
        return operand.compute(x)
    return x if isinstance(operand, Signal) else operand


def _written(operand: Signal | float) -> str:
    return repr(operand) if isinstance(operand, float) else "x"


UNARY: Final[Mapping[str, Function]] = {
    "Relu": lambda x: np.maximum(x, 0),
    "Sigmoid": lambda x: 0.5 * (1 + np.tanh(0.5 * x)),
    "Tanh": np.tanh,
    "Softplus": lambda x: np.logaddexp(x, 0),
    "Softsign": lambda x: x / (1 + np.abs(x)),
    "Erf": lambda x: 2 * normal_cdf(x * np.sqrt(2)) - 1,
    "Exp": np.exp,
    "Log": np.log,
    "Sqrt": np.sqrt,
    "Abs": np.abs,
    "Neg": np.negative,
    "Reciprocal": np.reciprocal,
    "HardSwish": lambda x: x * np.clip(x / 6 + 0.5, 0, 1),
    "Mish": lambda x: x * np.tanh(np.logaddexp(x, 0)),
}
"""Functions without settings; those with settings are in `core.importing.onnx.elementwise`."""

BINARY: Final[Mapping[str, Callable[[Values, Values], Values]]] = {
    "Add": np.add,
    "Sub": np.subtract,
    "Mul": np.multiply,
    "Div": np.divide,
    "Pow": np.power,
    "Max": np.maximum,
    "Min": np.minimum,
    "Sum": np.add,
}

PLAIN: Final = frozenset(
    ("Relu", "Sigmoid", "Tanh", "Softplus", "Softsign", "HardSwish", "Mish", "Elu", "Selu", "LeakyRelu", "HardSigmoid",
     "Gelu", "Clip", "Swish", "Celu")
)  # fmt: skip
"""Operators that are an activation by themselves: what they read is drawn apart, if it is one, too."""


class Known:
    """Tells which activation a function is, each once, and no more functions than any network has."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[str, dict[str, Any]] | None] = {}
        self._n_nodes = 0

    def kind(self, curve: Curve) -> tuple[str, dict[str, Any]] | None:
        """Return the activation with its settings; `IDENTITY` where the values stay as they are, None if it is none.

        Raises
        ------
        ModelError
            If too many functions were asked about.
        """
        self._n_nodes += curve.n_nodes
        if self._n_nodes > MOST_SPELLED_OUT:
            raise ModelError(
                "it spells out functions in so many nodes of arithmetic that it would take minutes to tell which of "
                f"them are activations; up to {MOST_SPELLED_OUT:,} are looked at."
            )
        if curve.written not in self._found:
            if len(self._found) >= MOST_FUNCTIONS:
                raise ModelError(f"it spells out more than {MOST_FUNCTIONS:,} functions; no network has as many.")
            self._found[curve.written] = known_kind(curve.compute, curve.numbers)
        return self._found[curve.written]


IDENTITY: Final = "Identity"
"""Stands for no activation at all."""
MOST_SPELLED_OUT = 200_000
"""Nodes of all functions that are looked up, those of a part of a function once more; a GELU has five."""
MOST_FUNCTIONS = 1_000
"""Different functions of a model that are compared with ours; each comparison takes some milliseconds."""


def known_kind(compute: Function, numbers: frozenset[float]) -> tuple[str, dict[str, Any]] | None:
    """Return the activation that a function is, with its settings; None where it is none of ours.

    >>> known_kind(lambda x: x / (1 + np.exp(-x)), frozenset())
    ('SiLU', {})
    >>> known_kind(lambda x: np.maximum(x, 0.2 * x), frozenset({0.2}))
    ('LeakyReLU', {'slope': 0.2})
    """
    x = _points(numbers)
    with np.errstate(all="ignore"):
        y = np.broadcast_to(np.asarray(compute(x), np.float64), x.shape)
        if np.array_equal(x, y):
            return IDENTITY, {}
        known = np.isfinite(y) | (np.abs(x) <= _OVERFLOW)
        for kind, config in _candidates(compute):
            expected = _forward(kind, tuple(config.items()), x)
            if np.all(np.abs(y - expected)[known] <= TOLERANCE * np.maximum(np.abs(expected), 1)[known]):
                return kind, config
    return None


_OVERFLOW: Final = 80.0
"""Up to here e^x is a number in float32, and a function must agree; beyond, only where it still is a number."""


def _candidates(compute: Function) -> list[tuple[str, dict[str, Any]]]:
    at = {x: float(np.broadcast_to(compute(np.array([x])), 1)[0]) for x in (-1.0, -60.0)}
    names = (
        "ReLU",
        "ReLU6",
        "SiLU",
        "Mish",
        "Sigmoid",
        "Tanh",
        "Softplus",
        "Softsign",
        "SELU",
        "HardSigmoid",
        "HardSwish",
    )
    candidates: list[tuple[str, dict[str, Any]]] = [(name, {}) for name in names]
    candidates += [("GELU", {}), ("GELU", {"approximate": True})]
    slope, alpha = rounded(-at[-1.0]), rounded(-at[-60.0])
    if 0 < slope < 1:
        candidates.append(("LeakyReLU", {} if slope == 0.01 else {"slope": slope}))
    if 0 < alpha <= 100:
        candidates.append(("ELU", {} if alpha == 1 else {"alpha": alpha}))
    return candidates


def rounded(value: float) -> float:
    """Write a number that was float32 as it was meant: 0.01, not 0.009999999776.

    >>> rounded(float(np.float32(0.01)))
    0.01
    """
    return float(f"{value:.7g}") if np.float32(f"{value:.7g}") == np.float32(value) else value


def _points(numbers: frozenset[float]) -> Values:
    """Return where functions are compared."""
    held = np.array(sorted({float(n) for n in numbers if np.isfinite(n)} | {1.0, 3.0, 6.0}))[:64]
    near = np.concatenate([held, -held, *(1 / held[held != 0],)])
    bends = np.concatenate([near, near * (1 + 1e-3), near * (1 - 1e-3), near * 2, near + 1, near - 1])
    far = np.logspace(1, 4, 61)
    tiny = np.logspace(-6, -1, 31)
    x = np.concatenate([np.linspace(-12, 12, 2401), far, -far, tiny, -tiny, bends[np.abs(bends) < 1e6], np.zeros(1)])
    return x.astype(np.float64)


@cache
def _cached(kind: str, config: tuple[tuple[str, Any], ...]) -> Any:
    return KINDS[kind].read(dict(config))


def _forward(kind: str, config: tuple[tuple[str, Any], ...], x: Values) -> Values:
    y: Values = _cached(kind, config).forward((x,), {}, Context())
    return y
