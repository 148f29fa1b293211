"""What a weights file holds beside the weights: how samples were prepared, and what the classes are called.

The arrays of preprocessing are `preprocessing/<i>/<array>`. Which steps they belong to and the names of the classes
stand as JSON in the archive's comment, where no reader of arrays stumbles over them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from core.errors import WeightsError
from core.io.failures import shown
from core.io.weights import MOST_COMMENT, Array, read_comment, read_named, read_names, write_weights
from core.kinds import read_kind
from core.preprocessing.step import Fitted, Preprocessing
from core.preprocessing.table import PREPROCESSING
from core.shapes import Shape
from core.text import listing, shape_text


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """What stands beside weights.

    Attributes
    ----------
    steps : tuple of Fitted
        The preprocessing of the samples that they were trained with, in order.
    classes : tuple of str
        The names of the classes; empty where nobody knows.
    """

    steps: tuple[Fitted, ...] = ()
    classes: tuple[str, ...] = ()

    @property
    def arrays(self) -> dict[str, Array]:
        """What the steps learned, by the names that files have."""
        return {
            f"preprocessing/{i}/{name}": array
            for i, fitted in enumerate(self.steps)
            for name, array in fitted.arrays.items()
        }

    @property
    def comment(self) -> bytes:
        """What stands in the archive's comment; the names of very many classes are left out."""
        steps = {"preprocessing": [fitted.step.written() for fitted in self.steps]} if self.steps else {}
        for content in (steps | ({"classes": list(self.classes)} if self.classes else {}), steps):
            comment = json.dumps(content, ensure_ascii=False).encode() if content else b""
            if len(comment) <= MOST_COMMENT:
                return comment
        return b""


def write_prepared(path: Path, weights: Mapping[str, Array], beside: Beside) -> None:
    """Save weights with what stands beside them; what the file held before is replaced in one step.

    Raises
    ------
    SaveError
        If the file can't be written.
    """
    write_weights(path, {**weights, **beside.arrays}, beside.comment)


def read_beside(path: Path, shape: Shape, settings: Sequence[Preprocessing] = ()) -> Beside:
    """Read what a weights file holds beside the weights.

    Parameters
    ----------
    shape
        Of the network's Input. No more is read than its samples need, whatever the file claims to hold.
    settings
        The steps that the document sets. They count where the file doesn't say which steps its arrays belong to.

    Raises
    ------
    WeightsError
        If the file can't be read, or its preprocessing doesn't suit the network.
    """
    about = _about(path)
    steps, of_file = _steps(path, about), "preprocessing" in about
    if not of_file:
        steps = tuple(settings)
    for step in steps:
        if said := step.refusal(shape):
            raise WeightsError(f"{shown(path)} was saved with a preprocessing that does not suit the network. {said}")
    arrays, wrong = _read(path, _shapes(steps, shape), _telling(steps))
    if wrong and not of_file and not arrays:
        raise _none_there(f"{shown(path)} holds", steps)
    wrong += [f"{name} holds NaN or infinity" for name, array in arrays.items() if not np.isfinite(array).all()]
    if wrong:
        raise WeightsError(f"The preprocessing in {shown(path)} does not suit the network: {listing(wrong)}.")
    classes = about.get("classes", [])
    names_classes = isinstance(classes, list) and all(isinstance(name, str) for name in classes)
    return Beside(_fitted(steps, shape, arrays), tuple(classes) if names_classes else ())


def beside_of(arrays: Mapping[str, ArrayLike], shape: Shape, settings: Sequence[Preprocessing]) -> Beside:
    """Take what stands beside weights from arrays by name, such as `numpy.load` returns; the settings say what it is.

    Raises
    ------
    WeightsError
        If an array is missing or has another shape.
    """
    shapes = _shapes(settings, shape)
    own = {name: np.asarray(arrays[name]) for name in shapes if name in arrays}
    if shapes and not own:
        raise _none_there("The weights given hold", settings)
    wrong = [f"{name} is missing" for name in shapes if name not in own and name not in _telling(settings)]
    wrong += [
        f"{name} is {shape_text(array.shape)}, not {shape_text(shapes[name])}"
        for name, array in own.items()
        if array.shape != shapes[name]
    ]
    wrong += [f"{name} does not hold real numbers" for name, array in own.items() if array.dtype.kind not in "fiub"]
    if wrong:
        raise WeightsError(f"The preprocessing beside the weights does not suit the network: {listing(wrong)}.")
    return Beside(_fitted(settings, shape, own))


def _shapes(steps: Sequence[Preprocessing], shape: Shape) -> dict[str, Shape]:
    return {
        f"preprocessing/{i}/{name}": each
        for i, step in enumerate(steps)
        for name, each in step.array_shapes(shape).items()
    }


def _telling(steps: Sequence[Preprocessing]) -> set[str]:
    return {f"preprocessing/{i}/{name}" for i, step in enumerate(steps) for name in step.telling}


def _read(path: Path, shapes: Mapping[str, Shape], telling: set[str]) -> tuple[dict[str, Array], list[str]]:
    """Read arrays, and say what is wrong with them; those that only tell of the data may be missing."""
    held = telling and set(read_names(path))
    return read_named(path, {name: shape for name, shape in shapes.items() if name not in telling or name in held})


def _fitted(steps: Sequence[Preprocessing], shape: Shape, arrays: Mapping[str, Array]) -> tuple[Fitted, ...]:
    fitted = []
    for i, step in enumerate(steps):
        stored = {name: arrays.get(f"preprocessing/{i}/{name}") for name in step.array_shapes(shape)}
        own = {name: array.astype(np.float32) for name, array in stored.items() if array is not None}
        for array in own.values():
            array.setflags(write=False)
        fitted.append(Fitted(step, shape, own))
    return tuple(fitted)


def _none_there(owner: str, steps: Sequence[Preprocessing]) -> WeightsError:
    names = listing([step.kind_name() for step in steps])
    return WeightsError(
        f"{owner} no preprocessing, but the document sets {names}: what that learned from the training samples is not "
        "known. Take it out of the document's preprocessing, or train the network again."
    )


def _about(path: Path) -> dict[str, Any]:
    """Read the comment of an archive; one that somebody else wrote says nothing."""
    try:
        about = json.loads(read_comment(path))
    except (ValueError, RecursionError):
        return {}
    return about if isinstance(about, dict) else {}


def _steps(path: Path, about: Mapping[str, Any]) -> tuple[Preprocessing, ...]:
    try:
        return tuple(read_kind(PREPROCESSING, step) for step in about.get("preprocessing", []))
    except (ValueError, TypeError) as error:
        raise WeightsError(f"{shown(path)} was saved with a preprocessing that cannot be read: {error}.") from error
