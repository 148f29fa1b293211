"""Which samples make which batch."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.io.datasets import Indices

SHUFFLING = 2
"""The branch of the seed that orders of samples are drawn from; weights and noise are drawn from branches 0 and 1."""


def shuffled(samples: Indices, seed: int, epoch: int) -> Indices:
    """Put samples in an order that the seed and the number of the epoch alone decide, whatever was drawn before.

    >>> samples = np.arange(1000)
    >>> first, again, second = (shuffled(samples, seed=0, epoch=epoch).tolist() for epoch in (1, 1, 2))
    >>> first == again, first == second, sorted(first) == samples.tolist()
    (True, False, True)
    """
    branch = np.random.SeedSequence(seed, spawn_key=(SHUFFLING, epoch))
    return np.random.Generator(np.random.PCG64(branch)).permutation(samples)


def batches(samples: Indices, size: int) -> Iterator[Indices]:
    """Cut samples into batches; the last may be short, and a single sample that is left over joins the one before it.

    A batch of one would have no variance for BatchNorm to measure, and one sample's gradient would count as much as
    a whole batch's.

    >>> [len(batch) for batch in batches(np.arange(10), 4)], [len(batch) for batch in batches(np.arange(9), 4)]
    ([4, 4, 2], [4, 5])
    """
    start = 0
    for end in batch_ends(len(samples), size):
        yield samples[start:end]
        start = end


def batch_ends(n: int, size: int) -> list[int]:
    """Return where each batch of `n` samples ends.

    >>> batch_ends(10, 4), batch_ends(9, 4), batch_ends(3, 4), batch_ends(2, 1), batch_ends(0, 4)
    ([4, 8, 10], [4, 9], [3], [1, 2], [])
    """
    ends = [*range(size, n, size), n] if n else []
    if size > 1 and len(ends) > 1 and ends[-1] - ends[-2] == 1:
        del ends[-2]
    return ends
