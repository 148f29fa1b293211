"""What the machine can do at best: matrix products and copies, and how long a network takes at that rate."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from core.engine.cores import n_cores
from core.engine.program import Program
from core.layers.values import Array
from core.shapes import count

SIDE = 2048
COPIED_BYTES = 16 * 2**20
"""A piece too large for the cache of a core: about what a batch's maps take."""
TIMES_COPIED = 8
VALUE_BYTES = 4


@dataclass(frozen=True, slots=True)
class Limits:
    """Per second, with all cores: floating-point operations in sgemm, and bytes that are read and written."""

    flops: float
    bytes: float

    def seconds(self, program: Program, batch: int, trains: bool) -> float:
        """Return how long a step takes at the limit: for each layer whichever takes longer, sums or memory.

        A training step computes and moves three times what a forward pass does; a layer's inputs and outputs and its
        weights are moved once each.
        """
        passes = 3 if trains else 1
        total = 0.0
        for node in program.nodes:
            if node.sources:
                flops = 2 * node.kind.macs(node.inputs) * batch
                values = (count(node.shape) + sum(map(count, node.inputs))) * batch
                values += sum(weight.size for weight in node.weights.values())
                total += passes * max(flops / self.flops, values * VALUE_BYTES / self.bytes)
        return total


def measure() -> Limits:
    """Measure both; BLAS uses as many threads as it chooses."""
    a = np.random.default_rng(0).random((SIDE, SIDE), dtype="float32")
    product = np.empty_like(a)
    flops = 2 * SIDE**3 / min(_seconds(lambda: np.matmul(a, a, out=product)) for _ in range(5))
    pieces = [np.ones(COPIED_BYTES, np.uint8) for _ in range(n_cores())]
    copies = [np.empty_like(piece) for piece in pieces]
    with ThreadPoolExecutor(len(pieces)) as pool:

        def copy_again(copied: Array, piece: Array) -> None:
            for _ in range(TIMES_COPIED):
                np.copyto(copied, piece)

        seconds = min(_seconds(lambda: list(pool.map(copy_again, copies, pieces))) for _ in range(5))
    return Limits(flops, 2 * TIMES_COPIED * COPIED_BYTES * len(pieces) / seconds)


def _seconds(work: Callable[[], object]) -> float:
    began = perf_counter()
    work()
    return perf_counter() - began
