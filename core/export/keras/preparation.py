"""Preprocessing in NumPy: how samples become what a Keras model takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.errors import ExportError
from core.export.exporter import Subject
from core.io.weights import Array
from core.preprocessing.centring import ChannelMean, MeanImage, Standardize
from core.preprocessing.directions import PCA, Whiten
from core.preprocessing.ranging import Invert, Range
from core.preprocessing.step import Fitted, Preprocessing
from core.preprocessing.turning import Turn

PREPARATION = "_preparation.npz"
"""What follows the stem in the name of the file with its arrays."""


def _turn(step: Turn) -> list[str]:
    lines = [f"x = np.rot90(x, {step.turns}, (1, 2))"] if step.turns else []
    lines += ["x = x.swapaxes(1, 2)"] if step.transpose else []
    return lines + (["x = x[:, :, ::-1]"] if step.mirror else [])


def _range(step: Range) -> list[str]:
    return [
        "spread = {largest} - {smallest}",
        f"scale = np.where(spread > 0, {step.high - step.low!r} / np.where(spread > 0, spread, 1), 1)",
        f"x = (x - {{smallest}}) * scale + {step.low!r}",
    ]


_STEPS: dict[type[Preprocessing], Callable[[Any], list[str]]] = {
    MeanImage: lambda step: ["x = x - {mean}"],
    ChannelMean: lambda step: ["x = x - {mean}"],
    Standardize: lambda step: ["x = (x - {mean}) / {deviation}"],
    PCA: lambda step: [
        "rows = (x - {mean}).reshape(len(x), -1)",
        "x = (rows @ {components}.T @ {components}).reshape(x.shape) + {mean}",
    ],
    Whiten: lambda step: ["x = ((x - {mean}).reshape(len(x), -1) @ {matrix}).reshape(x.shape)"],
    Range: _range,
    Turn: _turn,
    Invert: lambda step: ["x = 1 - x"],
}
"""The lines that do each step to `x`, (N, H, W, C); names in braces are its arrays."""


def preparation_arrays(subject: Subject) -> dict[str, Array]:
    """Return the arrays that the lines compute with, by their names in the file."""
    return {
        f"{place}/{name}": array
        for place, fitted in enumerate(subject.beside.steps)
        for name, array in fitted.used.items()
    }


def preparation_lines(subject: Subject, name: str) -> list[str]:
    """Return the function that prepares samples, and what it needs.

    Parameters
    ----------
    name : str
        Of the file with the arrays.

    Raises
    ------
    ExportError
        If a step can't be said.
    """
    steps = [line for place, fitted in enumerate(subject.beside.steps) for line in _lines(place, fitted)]
    lines = ["", "def prepare(x):", '    """Make of samples, bytes or numbers from 0 to 1, what the network takes."""']
    lines += ["    x = np.asarray(x)", "    x = x / np.float32(255) if x.dtype == np.uint8 else x.astype(np.float32)"]
    if preparation_arrays(subject):
        lines.append(f"    arrays = np.load(Path(__file__).with_name({name!r}))")
    return [*lines, *(f"    {line}" for line in steps), "    return x.astype(np.float32)", ""]


def _lines(place: int, fitted: Fitted) -> list[str]:
    say = _STEPS.get(type(fitted.step))
    if say is None:
        raise ExportError(
            f"{fitted.step.label()} cannot be said beside a Keras model. Take it out of the document's preprocessing, "
            "and train the network again."
        )
    names = {name: f'arrays["{place}/{name}"]' for name in fitted.used}
    lines = [line.format(**names) for line in say(fitted.step)]
    return [f"{line}  # {fitted.step.label()}" if n == 0 else line for n, line in enumerate(lines)]
