"""What a training runs on, as its record says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Precision: TypeAlias = Literal["float32", "bfloat16"]


@dataclass(frozen=True, slots=True)
class RunOn:
    """What a training runs on.

    Attributes
    ----------
    engine : str
        A name of `core.engines.table.ENGINES`.
    device : str
        What it computes on: "cpu", "cuda" or "mps".
    precision : {"float32", "bfloat16"}
        In what layers compute; weights, and the optimiser's moments, are float32 always.
    world_size : int
        How many processes share each batch, each with a network of its own.
    """

    engine: str = "numpy"
    device: str = "cpu"
    precision: Precision = "float32"
    world_size: int = 1
