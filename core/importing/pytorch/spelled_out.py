"""Layers that PyTorch, or a module of Convograph's, spells out in several calls: known by how they are put together.

Source of these: `torch/nn/functional.py` (local_response_norm, lp_pool2d) and `torch/_decomp`, PyTorch 2.13, and
`core/export/pytorch/lacking.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from core.importing.pytorch.program import Argument, Call, Name
from core.importing.pytorch.wording import Saying, Words

_UNCHANGED = ("clone", "alias", "contiguous", "detach", "_to_copy")


def quotient(otherwise: Saying) -> Saying:
    """Say a division: what local_response_norm ends with is that layer."""

    def say(words: Words) -> None:
        found = _Chain(words)
        value, root = words.argument("self"), found.made(words.argument("other"), "pow")
        total = found.made(root.first, "add") if root else None
        share = found.made(total.first, "mul") if total else None
        window = found.through(share.first, "view", "reshape", "squeeze") if share else None
        pool = found.made(window, "avg_pool3d")
        ends = found.made(pool.first, "pad", "constant_pad_nd") if pool else None
        squares = found.through(ends.first, "view", "reshape", "unsqueeze") if ends else None
        if root and total and share and pool and ends and found.squared(squares) == value and len(words.sizes()) == 4:
            size, pads = found.numbers(pool, "kernel_size"), found.numbers(ends, "pad")
            alpha, k, beta = share.number("other"), total.number("other"), root.number("exponent")
            n = size[0] if size else 0
            if (
                size == (n, 1, 1)
                and pads == (0, 0, 0, 0, n // 2, (n - 1) // 2)
                and found.numbers(pool, "stride") == (1, 1, 1)
                and None not in (alpha, k, beta)
            ):
                words.end("LocalResponse", [words.value("self")], size=n, alpha=alpha, beta=beta, k=k)
                return
        otherwise(words)

    return say


def power(otherwise: Saying) -> Saying:
    """Say a power: what lp_pool2d ends with is L2Pool2D."""

    def say(words: Words) -> None:
        found = _Chain(words)
        total = found.made(words.argument("self"), "mul") if words.argument("exponent") == 0.5 else None
        signed = found.made(total.first, "mul") if total else None
        pool = None
        if signed:
            sign, size = (found.made(each, op) for each, op in zip(signed.both, ("sign", "relu"), strict=False))
            inner = found.made(size.first, "abs") if size else None
            if sign and inner and sign.first == inner.first:
                pool = found.made(inner.first, "avg_pool2d")
        if total and pool and _sums_squares(words, found, pool, total.number("other")):
            return
        otherwise(words)

    return say


def joined_product(otherwise: Saying) -> Saying:
    """Say a product: what Convograph's own l2_pool ends with is L2Pool2D."""

    def say(words: Words) -> None:
        found = _Chain(words)
        root, mask = found.made(words.argument("self"), "sqrt"), found.made(words.argument("other"), "gt")
        chosen = found.made(root.first, "where") if root else None
        if root and mask and chosen and mask.number("other") == 0:
            condition = found.made(chosen.first, "gt")
            squares = chosen.call.arguments.get("self")
            one = found.filled(chosen.call.arguments.get("other"))
            pool = found.made(squares, "avg_pool2d")
            same = condition is not None and condition.number("other") == 0 and condition.first == squares == mask.first
            if same and pool and one == 1 and _sums_squares(words, found, pool, None):
                return
        otherwise(words)

    return say


def _sums_squares(words: Words, found: _Chain, pool: _Made, factor: float | None) -> bool:
    """Say L2Pool2D if a pool, times a factor, sums the squares of a value."""
    value = found.squared(pool.first)
    size = found.numbers(pool, "kernel_size")
    if not isinstance(value, Name) or size is None:
        return False
    size = size * 2 if len(size) == 1 else size
    sums = pool.number("divisor_override") == 1 if factor is None else factor == size[0] * size[1]
    plain = not any(found.numbers(pool, "padding") or ()) and not pool.call.arguments.get("ceil_mode")
    if not sums or not plain or (factor is not None and "divisor_override" in pool.call.arguments):
        return False
    stride = found.numbers(pool, "stride") or size
    strides = [*(stride * 2 if len(stride) == 1 else stride)]
    words.end("LpPool", [words.value(value)], kernel_shape=[*size], strides=strides)
    return True


def laid_back(otherwise: Saying) -> Saying:
    """Say a view: a matrix for each pixel, all pixels of all samples laid out as rows before, and laid back now."""

    def say(words: Words) -> None:
        found = _Chain(words)
        product = found.made(words.argument("self"), "addmm", "mm")
        rows = product.call.arguments.get("mat1" if product.op == "addmm" else "self") if product else None
        laid = found.made(rows, "view", "reshape", "_unsafe_view")
        value = laid.first if laid else None
        if product is None or not isinstance(value, Name) or words.made()[:-1] != words.wording.sizes(value.name)[:-1]:
            otherwise(words)
            return
        bias, matrix = product.call.arguments.get("self"), product.call.arguments.get("mat2")
        inputs = [words.value(each) for each in (value, matrix) if isinstance(each, Name)]
        if product.op == "mm":
            words.end("MatMul", inputs)
        elif isinstance(bias, Name) and product.number("alpha") in (None, 1) and product.number("beta") in (None, 1):
            words.end("Add", [words.node("MatMul", inputs), words.value(bias)])
        else:
            otherwise(words)

    return say


def selected(words: Words) -> None:
    """Say where: a larger one of two, or an activation that is spelled out."""
    found = _Chain(words)
    condition = found.made(words.argument("condition"), "ge", "gt", "le", "lt")
    one, other = words.argument("self"), words.argument("other")
    if condition:
        is_above = condition.op in ("ge", "gt")
        if condition.both == ((one, other) if is_above else (other, one)):
            words.end("Max", [words.value("self"), words.value("other")])
            return
        if condition.op == "gt" and condition.first == one and isinstance(one, Name):
            bound, logarithm = condition.number("other"), found.made(other, "log1p")
            inner = found.made(logarithm.first, "exp") if logarithm else None
            if bound == 20 and inner and inner.first == one:
                words.end("Softplus", [words.value("self")])
                return
            product = found.made(other, "mul")
            if bound == 0 and product and one in product.both:
                (slope,) = [each for each in product.both if each != one] or [None]
                if isinstance(slope, Name):
                    words.end("PRelu", [words.value("self"), words.value(slope)])
                    return
    words.unknown()


@dataclass(frozen=True, slots=True)
class _Made:
    """The call that gives a value."""

    call: Call

    @property
    def op(self) -> str:
        return self.call.target.removeprefix("aten.").partition(".")[0].rstrip("_")

    @property
    def first(self) -> Argument:
        return next(iter(self.call.arguments.values()), None)

    @property
    def both(self) -> tuple[Argument, ...]:
        return (*self.call.arguments.values(),)[:2]

    def number(self, key: str) -> float | None:
        """Return an argument that is a number; None where it is none."""
        value = self.call.arguments.get(key)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


class _Chain:
    """Follows values back through the calls that give them."""

    def __init__(self, words: Words) -> None:
        self._calls = words.wording.calls
        self._constants = words.wording

    def made(self, value: Argument, *ops: str) -> _Made | None:
        """Return the call that gives a value, if it is one of these."""
        for call in self._back(value):
            if call.op not in _UNCHANGED:
                return call if call.op in ops else None
        return None

    def through(self, value: Argument, *ops: str) -> Argument:
        """Return what a value is made of by some of these operators."""
        for call in self._back(value):
            if call.op not in (*ops, *_UNCHANGED):
                break
            value = call.first
        return value

    def squared(self, value: Argument) -> Argument:
        """Return of what a value is the square; None where it is none."""
        made = self.made(value, "mul", "pow")
        if made is None:
            return None
        if made.op == "pow":
            return made.first if made.number("exponent") == 2 else None
        one, other = made.both
        return one if one == other else None

    def numbers(self, made: _Made, key: str) -> tuple[int, ...] | None:
        """Return an argument that is a list of whole numbers; None where it is none."""
        value = made.call.arguments.get(key)
        found = value if isinstance(value, tuple) else (value,)
        return tuple(n for n in found if isinstance(n, int)) if all(isinstance(n, int) for n in found) else None

    def filled(self, value: Argument) -> float | None:
        """Return the number that a tensor is full of; None where it is something else."""
        if isinstance(value, int | float):
            return float(value)
        made = self.made(value, "scalar_tensor", "full", "ones_like", "full_like", "lift_fresh_copy")
        if made is not None:
            return made.number("s") if made.op == "scalar_tensor" else made.number("fill_value")
        return self._constants.number(value) if isinstance(value, Name) else None

    def _back(self, value: Argument) -> Iterator[_Made]:
        seen = set()
        while isinstance(value, Name) and value.name in self._calls and value.name not in seen:
            seen.add(value.name)
            made = _Made(self._calls[value.name])
            yield made
            value = made.first
