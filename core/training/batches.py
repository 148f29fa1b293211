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


def batch_end(start: int, n: int, size: int) -> int:
    """Return where the batch that begins at `start` ends, of `n` samples.

    The last batch may be short, and a single sample that would be left over joins the one before it: a batch of one
    would have no variance for BatchNorm to measure, and one sample's gradient would count as much as a whole batch's.

    >>> batch_end(0, 10, 4), batch_end(8, 10, 4), batch_end(4, 9, 4), batch_end(0, 2, 1)
    (4, 10, 9, 1)
    """
    end = start + size
    return n if end >= n or (size > 1 and n - end == 1) else end


def batches(samples: Indices, size: int) -> Iterator[Indices]:
    """Cut samples into batches, as `batch_end` says.

    >>> [len(batch) for batch in batches(np.arange(10), 4)], [len(batch) for batch in batches(np.arange(9), 4)]
    ([4, 4, 2], [4, 5])
    """
    start = 0
    while start < len(samples):
        end = batch_end(start, len(samples), size)
        yield samples[start:end]
        start = end


def n_batches(n: int, size: int) -> int:
    """Return how many batches `n` samples make.

    >>> n_batches(10, 4), n_batches(9, 4), n_batches(3, 4), n_batches(2, 1), n_batches(0, 4)
    (3, 2, 1, 2, 0)
    """
    whole, rest = divmod(n, size)
    return whole + (rest > 1 or (rest == 1 and (size == 1 or not whole)))
