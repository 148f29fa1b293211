"""Long batches computed in parts, so that a training can be stopped within one."""

from __future__ import annotations

import numpy as np

from core.engine.cost import step_seconds
from core.engine.program import Program
from core.io.datasets import Indices

MOST_SECONDS = 0.5
"""An estimate, on one core, of the longest part of a step."""
LEAST = 4
"""Samples of a part, however long it takes: adding up the gradients of smaller ones would take too much of the time."""
MEASURED = 1000
"""Samples for which a step is estimated: so many that what a step costs whatever its size does not count."""


def part_size(program: Program) -> int:
    """Return the most samples of one part.

    >>> from core.engine.program import compile_program
    >>> from core.io.templates import load_template
    >>> [part_size(compile_program(load_template(name))) > 5_000 for name in ("mlp", "vgg16")]
    [True, False]
    """
    return max(LEAST, int(MOST_SECONDS * MEASURED / step_seconds(program, MEASURED)))


def is_divisible(program: Program) -> bool:
    """Whether the gradient of a batch is the mean of those of its parts; statistics of a batch need the whole of it."""
    return not any(weight.role == "statistic" for node in program.nodes for weight in node.weights.values())


def in_parts(samples: Indices, most: int) -> list[Indices]:
    """Cut a batch into parts that differ by one sample at most.

    >>> [part.tolist() for part in in_parts(np.arange(5), 2)], len(in_parts(np.arange(5), 5))
    ([[0, 1], [2, 3], [4]], 1)
    """
    return np.array_split(samples, -(-len(samples) // most))
