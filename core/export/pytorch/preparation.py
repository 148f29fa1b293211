"""Preprocessing in PyTorch: how samples become what the network takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.errors import ExportError
from core.export.pytorch.state import PREPARATION
from core.preprocessing.centring import ChannelMean, MeanImage, Standardize
from core.preprocessing.directions import PCA, Whiten
from core.preprocessing.ranging import Invert, Range
from core.preprocessing.step import Fitted, Preprocessing
from core.preprocessing.turning import Turn


def _turn(step: Turn) -> list[str]:
    lines = [f"x = torch.rot90(x, {step.turns}, (1, 2))"] if step.turns else []
    lines += ["x = x.transpose(1, 2)"] if step.transpose else []
    return lines + (["x = x.flip(2)"] if step.mirror else [])


def _range(step: Range) -> list[str]:
    return [
        "spread = {largest} - {smallest}",
        f"x = (x - {{smallest}}) * torch.where(spread > 0, {step.high - step.low!r} / spread, 1) + {step.low!r}",
    ]


STEPS: dict[type[Preprocessing], Callable[[Any], list[str]]] = {
    MeanImage: lambda step: ["x = x - {mean}"],
    ChannelMean: lambda step: ["x = x - {mean}"],
    Standardize: lambda step: ["x = (x - {mean}) / {deviation}"],
    PCA: lambda step: [
        "rows = (x - {mean}).flatten(1)",
        "x = (rows @ {components}.T @ {components}).reshape(x.shape) + {mean}",
    ],
    Whiten: lambda step: ["x = ((x - {mean}).flatten(1) @ {matrix}).reshape(x.shape)"],
    Range: _range,
    Turn: _turn,
    Invert: lambda step: ["x = 1 - x"],
}
"""The lines that do each step to `x`, (N, H, W, C); names in braces are its arrays."""


def step_lines(place: int, fitted: Fitted) -> list[str]:
    """Return the lines that do a step.

    Raises
    ------
    ExportError
        If it can't be said in PyTorch.
    """
    say = STEPS.get(type(fitted.step))
    if say is None:
        raise ExportError(
            f"{fitted.step.label()} cannot be said in PyTorch. Take it out of the document's preprocessing, and train "
            "the network again."
        )
    names = {name: f"self.{PREPARATION.format(place=place, name=name)}" for name in fitted.used}
    lines = [line.format(**names) for line in say(fitted.step)]
    return [f"{line}  # {fitted.step.label()}" if n == 0 else line for n, line in enumerate(lines)]
