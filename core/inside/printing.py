"""Numbers as they are printed: with so many digits that the terms of a sum add up to what is said to come out."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, isfinite, isnan, log10

LEAST_DIGITS, MOST_DIGITS = 2, 6
_LEAST_POWER = -300  # smaller powers of ten have few digits left, or none
_SUPERSCRIPTS = str.maketrans("−0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float, digits: int = 3) -> str:
    """Write a number by itself.

    >>> number(4.3312), number(0.0), number(-0.1456), number(2.5e-7), number(3.0, 2), number(float("nan"))
    ('4.331', '0', '−0.146', '2.500·10⁻⁷', '3.00', 'NaN')
    """
    if not isfinite(value):
        return _not_finite(value)
    return _Scale.of([value]).text(value, digits)


def grid(values: Sequence[float], digits: int = 2) -> list[str]:
    """Write numbers that are shown side by side, with one power of ten for all.

    >>> grid([1.17, 0.0, -0.004, 2.0])
    ['1.17', '0', '−0.00', '2.00']
    """
    scale = _Scale.of(values)
    return [scale.text(value, digits) if isfinite(value) else _not_finite(value) for value in values]


def added_up(
    values: Sequence[float], total: float, least: int = LEAST_DIGITS, most: int = MOST_DIGITS
) -> tuple[list[str], str]:
    """Write the terms of a sum, and the sum, so that what is printed adds up.

    It takes the fewest decimals from `least` to `most` with which it does and no term looks like 0 that isn't; else the
    fewest with which it does; else `most`, and the terms that rounding changes most are rounded the other way. Exact
    zeros are printed as 0.

    Examples
    --------
    >>> added_up([0.094, 0.0, -0.146, 4.341, 0.042], 4.331)
    (['0.094', '0', '−0.146', '4.341', '0.042'], '4.331')
    """
    if not all(map(isfinite, (*values, total))):
        return [_plain(value) for value in values], _plain(total)
    scale = _Scale.of([*values, total])
    rounded = {d: [scale.units(value, d) for value in values] for d in range(least, most + 1)}
    fitting = [digits for digits, units in rounded.items() if sum(units) == scale.units(total, digits)]
    telling = [d for d in fitting if all(n or not value for n, value in zip(rounded[d], values, strict=True))]
    digits = next(iter(telling or fitting), most)
    units = rounded[digits]
    if not fitting:
        units = _rounded_to_add_up([scale.exactly(value, digits) for value in values], scale.units(total, digits))
    texts = [scale.written(n, digits) if value else "0" for value, n in zip(values, units, strict=True)]
    return texts, scale.written(scale.units(total, digits), digits) if total else "0"


def _rounded_to_add_up(exact: list[float], total: int) -> list[int]:
    units = [round(value) for value in exact]
    missing = total - sum(units)
    step = 1 if missing > 0 else -1
    order = sorted(range(len(exact)), key=lambda i: step * (units[i] - exact[i]))
    movable = [i for i in order if exact[i]]
    for i in movable[: abs(missing)]:
        units[i] += step
    return units


def _plain(value: float) -> str:
    return number(value) if isfinite(value) else _not_finite(value)


def _not_finite(value: float) -> str:
    return "NaN" if isnan(value) else "∞" if value > 0 else "−∞"


class _Scale:
    """A power of ten that numbers are written with; none where they are of a readable size."""

    def __init__(self, power: int) -> None:
        self.power = power

    @classmethod
    def of(cls, values: Sequence[float]) -> _Scale:
        largest = max((abs(value) for value in values if isfinite(value)), default=0.0)
        readable = largest == 0 or 0.01 <= largest < 1e6
        return cls(0 if readable else max(_LEAST_POWER, floor(log10(largest))))

    def exactly(self, value: float, digits: int) -> float:
        """Return a number in units of its last digit."""
        return value / 10.0**self.power * 10.0**digits

    def units(self, value: float, digits: int) -> int:
        return round(self.exactly(value, digits))

    def written(self, units: int, digits: int) -> str:
        sign, size = ("−" if units < 0 else ""), abs(units)
        whole, part = divmod(size, 10**digits)
        text = f"{sign}{whole}.{part:0{digits}}"
        return text if not self.power else f"{text}·10{f'{self.power}'.replace('-', '−').translate(_SUPERSCRIPTS)}"

    def text(self, value: float, digits: int) -> str:
        if not value:
            return "0"
        units = self.units(value, digits)
        text = self.written(abs(units), digits)
        return f"−{text}" if value < 0 else text
