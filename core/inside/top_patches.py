"""The patches of the data that excite the filters of a layer most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from core.analysis.check import check
from core.analysis.receptive_field import Box, seen
from core.engine.network import Network
from core.engine.threads import ONE_THREAD
from core.inside.passes import node_of
from core.inside.reason import Reason
from core.io.datasets import Dataset, Indices
from core.shapes import count
from core.training.preparation import Preparation
from core.work import Work

N_PATCHES = 9
MOST_VALUES = 1 << 22
"""Values of a layer that are looked through at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Patches:
    """The strongest answers of every filter of a layer, each from another sample, the strongest first.

    Attributes
    ----------
    layer : str
    values : array, (K, n)
        What the filters answered.
    samples : array of int, (K, n)
        Where in the data set.
    places : array of int, (K, n, 2)
        Row and column in the map; 0 for features.
    boxes : tuple of tuple of Box or None
        What each of them sees of the input, clipped to it; None where that is all.
    """

    layer: str
    values: NDArray[np.floating]
    samples: NDArray[np.int64]
    places: NDArray[np.int64]
    boxes: tuple[tuple[Box | None, ...], ...]


class TopPatches(Reason):
    """Which parts of the samples a filter answers to most.

    Examples
    --------
    >>> from core.work import outcome_of
    >>> from core.io.datasets import load_dataset
    >>> from core.io.templates import load_template
    >>> digits = load_dataset("digits")
    >>> network = Network(load_template("digits_cnn"))
    >>> work = TopPatches().work(network, "conv1", digits, Preparation(), np.arange(100))
    >>> patches = outcome_of(work)
    >>> patches.values.shape[1], bool((np.diff(patches.values) <= 0).all())
    (9, True)
    """

    name: ClassVar = "top-patches"
    title: ClassVar = "Top patches"
    formula: ClassVar = "the nine samples with the largest max over places of y_k, cut to the receptive field there"
    source: ClassVar = "Girshick et al., “Rich Feature Hierarchies …”, 2014, section 3.1; Zeiler and Fergus, 2014"
    about: ClassVar = "filter"
    scale: ClassVar = "pictures as they are stored, with the value of the layer's output"
    not_shown: ClassVar = (
        "Nine extremes say little of how a filter answers to the rest, and not which part of a patch it is that counts."
    )

    def work(
        self, network: Network, layer: str, dataset: Dataset, preparation: Preparation, samples: Indices
    ) -> Work[Patches]:
        """Go through samples of a data set that is fitted to the Input; of equal values the first counts."""
        node = node_of(network, layer)
        n_filters = node.shape[-1]
        best = np.full((n_filters, 0), 0.0)
        which, where = np.zeros((n_filters, 0), np.int64), np.zeros((n_filters, 0), np.int64)
        at_once = max(1, min(256, MOST_VALUES // count(node.shape)))
        for start in range(0, len(samples), at_once):
            batch = samples[start : start + at_once]
            with ONE_THREAD, np.errstate(all="ignore"):
                maps = network.activations(preparation.of(dataset, batch), [layer])[layer]
            flat = maps.reshape(len(batch), -1, n_filters)  # (N, H·W, K)
            at = flat.argmax(axis=1)  # (N, K)
            top = np.take_along_axis(flat, at[:, None], axis=1)[:, 0]
            best = np.concatenate([best, np.nan_to_num(top.T, nan=-np.inf)], axis=1)
            which = np.concatenate([which, np.tile(batch, (n_filters, 1))], axis=1)
            where = np.concatenate([where, at.T], axis=1)
            order = np.argsort(-best, axis=1, kind="stable")[:, :N_PATCHES]
            best, which, where = (np.take_along_axis(array, order, axis=1) for array in (best, which, where))
            yield min(1.0, (start + at_once) / len(samples))
        wide = node.shape[1] if len(node.shape) == 3 else 1
        places = np.stack(np.divmod(where, wide), axis=-1)
        report = check(network.document)
        size = dataset.shape

        def box(row: int, column: int) -> Box | None:
            own = seen(report, layer, row, column) if len(size) == 3 else None
            return own and clipped(own, size[0], size[1])

        boxes = tuple(tuple(box(*place) for place in row) for row in places.tolist())
        return Patches(layer, best, which, places, boxes)


def clipped(box: Box, high: int, wide: int) -> Box:
    """Return what of a box lies within a picture.

    >>> clipped(Box(-2, 1, 3, 9), 8, 8)
    Box(top=0, left=1, bottom=3, right=8)
    """
    return Box(max(box.top, 0), max(box.left, 0), min(box.bottom, high), min(box.right, wide))
