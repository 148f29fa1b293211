"""Explanation of a decision by covering parts of the sample, one after the other."""

from __future__ import annotations

from math import ceil
from typing import ClassVar

import numpy as np

from core.engine.threads import ONE_THREAD
from core.inside.reason import ClassReason, Heat
from core.inside.subject import Subject
from core.layers.values import Array
from core.training.parts import part_size
from core.training.predicting import probabilities_of
from core.work import Work

SHARE = 4
"""What part of the picture's longer side the cover's side is."""
MOST_PLACES = 28
"""Covers along one side: 28×28 make 784 passes."""
AT_ONCE = 32


class Occlusion(ClassReason):
    """How far the probability falls when a part of the sample is covered.

    A black square, a quarter of the picture wide, is centred on each pixel in turn, on larger pictures on every n-th,
    and cut off at the borders. Of features one at a time is set to what black is.

    Examples
    --------
    >>> from core.engine.network import Network
    >>> from core.work import outcome_of
    >>> from core.io.templates import load_template
    >>> picture = np.ones((28, 28, 1))
    >>> subject = Subject(Network(load_template("lenet5")), picture, 3, np.zeros_like(picture))
    >>> outcome_of(Occlusion().work(subject)).values.shape
    (28, 28)
    """

    name: ClassVar = "occlusion"
    title: ClassVar = "Occlusion"
    formula: ClassVar = "p_c(x) − p_c(x with a black square on this place)"
    source: ClassVar = "Zeiler and Fergus, “Visualizing and Understanding Convolutional Networks”, 2014, section 4.2"
    scale: ClassVar = (
        "divided by its own largest magnitude: blue where covering lowers the probability, orange where it raises it"
    )
    not_shown: ClassVar = (
        "A black square is itself something to see, and parts that stand in for each other are not found one at a time."
    )

    def work(self, subject: Subject) -> Work[Heat]:
        """Compute the map."""
        places, side = covers(subject.x.shape)
        base = float(_probabilities(subject, subject.x[None])[0])
        at_once = max(1, min(AT_ONCE, part_size(subject.network.program)))
        found = np.empty(len(places))
        for start in range(0, len(places), at_once):
            now = places[start : start + at_once]
            found[start : start + at_once] = _probabilities(subject, covered(subject, now, side))
            yield (start + len(now)) / len(places)
        rows = len({place[0] for place in places})
        values = (base - found).reshape(rows, -1) if subject.x.ndim == 3 else base - found
        what = f"{side}×{side} black" if subject.x.ndim == 3 else "each feature set to 0"
        return Heat(values, signed=True, note=f"{what}: p {base:.2f} → {found.min():.2f}")


def covers(shape: tuple[int, ...]) -> tuple[list[tuple[int, int]], int]:
    """Return the middles of the covers, row by row, and the side of the square; of features their places.

    >>> places, side = covers((28, 28, 1))
    >>> len(places), side, places[:2]
    (784, 7, [(0, 0), (0, 1)])
    >>> places, side = covers((224, 224, 3))
    >>> len(places), side, places[1]
    (784, 57, (4, 12))
    """
    if len(shape) == 1:
        return [(0, place) for place in range(shape[0])], 1
    high, wide, _ = shape
    stride = ceil(max(high, wide) / MOST_PLACES)
    side = max(1, round(max(high, wide) / SHARE))
    side += 1 - side % 2  # odd, so that it has a middle
    first = stride // 2
    return [(row, column) for row in range(first, high, stride) for column in range(first, wide, stride)], side


def covered(subject: Subject, places: list[tuple[int, int]], side: int) -> Array:
    """Return copies of the sample, each covered at one place: (n, …)."""
    xs = np.repeat(subject.x[None], len(places), axis=0)
    reach = side // 2
    for x, (row, column) in zip(xs, places, strict=True):
        if x.ndim == 1:
            x[column] = subject.black[column]
        else:
            cover = np.s_[max(row - reach, 0) : row + reach + 1, max(column - reach, 0) : column + reach + 1]
            x[cover] = subject.black[cover]
    return xs


def _probabilities(subject: Subject, xs: Array) -> Array:
    """Return the probability of the class for some samples, (n,), by the engine: only outputs are asked for."""
    output = subject.network.output_ids[0]
    with ONE_THREAD, np.errstate(all="ignore"):
        rows = subject.network.activations(xs, [output])[output].reshape(len(xs), -1)
    return np.array([probabilities_of(row)[subject.label] for row in rows])
