"""Weights of other programs as a weights file of ours: safetensors with our names, or those of PyTorch's code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from core.analysis.report import Report
from core.engine.program import Program, compile_program
from core.errors import ExportError, WeightsError
from core.export.pytorch.scopes import Scope, network_scope
from core.export.pytorch.state import PREPARATION, placed_lines
from core.io.failures import shown
from core.io.formats import SAFETENSORS, is_of
from core.io.prepared import Beside
from core.io.safetensors import Safetensors, open_safetensors
from core.io.weights import Array, write_weights
from core.text import listing, nearest_name, shape_text
from core.training.preparation import read_trained

_LISTED = 5
_PREPARED = re.compile(PREPARATION.format(place=r"(\d+)", name="([a-z_]+)"))
_UNREAD = ("num_batches_tracked",)
"""What PyTorch keeps beside the weights, and nothing here reads."""


@contextmanager
def weights_file(path: Path, report: Report, *, partly: bool = False) -> Iterator[Path]:
    """Yield a weights file of ours: the path itself, or what becomes of safetensors, for as long as it is needed.

    Parameters
    ----------
    report
        Of the document that the weights are for.
    partly
        Whether arrays may be missing, left over or of other shapes: then those are as they are in the file.

    Raises
    ------
    NetworkError
        If the document has errors.
    WeightsError
        If safetensors can't be read, or don't suit the network; the text names what does not.
    """
    if not is_of(path, SAFETENSORS):
        yield path
        return
    program = compile_program(report.document, report)
    with TemporaryDirectory(prefix="convograph-weights-") as folder:
        ours = Path(folder, f"{path.stem}.npz")
        with open_safetensors(path) as stored:
            write_weights(ours, *_taken(stored, path, report, program, partly=partly), durable=False)
        try:
            yield ours
        except WeightsError as error:
            raise WeightsError(str(error).replace(shown(ours), shown(path))) from error


def trained_weights(path: Path, report: Report) -> tuple[dict[str, Array], Beside]:
    """Read weights of either kind, and how samples were prepared for them.

    Raises
    ------
    NetworkError
        If the document has errors.
    WeightsError
        If the file can't be read, or doesn't suit the network.
    """
    with weights_file(path, report) as file:
        return read_trained(file, report)


def _taken(
    stored: Safetensors, path: Path, report: Report, program: Program, *, partly: bool
) -> tuple[dict[str, Array], bytes]:
    """Return arrays by our names, and what the file says of preparation and classes."""
    shapes = report.weight_shapes
    if any(name in shapes for name in stored) or not any("." in name for name in stored):
        return dict(stored), _comment(stored.about)  # what is wrong with them is said where they are read
    try:
        scope = network_scope(report, program)
    except ExportError as error:
        raise WeightsError(f"{shown(path)} has names of PyTorch's, and that cannot say the network: {error}") from error
    taken = _Taken(stored, _places(scope, shapes))
    if taken.wrong and not partly:
        more = len(taken.wrong) - _LISTED
        rest = [f"{more} more differ"] if more > 0 else []
        raise WeightsError(f"{shown(path)} does not suit the network: {listing([*taken.wrong[:_LISTED], *rest])}.")
    return taken.arrays, _comment(stored.about)


def _comment(about: Mapping[str, str]) -> bytes:
    """Write what safetensors of ours say beside the weights as a weights file has it."""
    said = [f'"{key}": {about[key]}' for key in ("preprocessing", "classes") if isinstance(about.get(key), str)]
    return f"{{{', '.join(said)}}}".encode() if said else b""


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    """Which of our arrays one of PyTorch's is, and where in ours, read row by row, each of its numbers stands."""

    ours: str
    shape: tuple[int, ...]
    numbers: Array


def _places(scope: Scope, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, _Place]:
    """Return the places of PyTorch's arrays by their names."""
    places = {}
    for path, line in placed_lines(scope):
        if line.node is None or line.said is None:
            continue
        for name, (theirs, turn) in line.said.arrays.items():
            ours = f"{line.node.id}/{name}"
            numbers = np.arange(int(np.prod(shapes[ours])), dtype=np.int64).reshape(shapes[ours])
            places[f"{path}.{theirs}"] = _Place(ours, shapes[ours], np.asarray(turn(numbers)))
    return places


@dataclass(slots=True)
class _Taken:
    """What is taken of PyTorch's arrays.

    Attributes
    ----------
    arrays : dict of str to array
        By our names in our axes; those that don't fit as they are.
    wrong : list of str
        A phrase for each array that is missing, left over or of another shape.
    """

    stored: Safetensors
    places: Mapping[str, _Place]
    arrays: dict[str, Array] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.wrong += [f"{name} is missing" for name in self.places if name not in self.stored]
        for name, shape in self.stored.shapes.items():
            place = self.places.get(name)
            if place is not None and place.numbers.shape == shape:
                values = self.stored[name]
                taken = np.empty(values.size, values.dtype)
                taken[place.numbers.reshape(-1)] = values.reshape(-1)
                self.arrays[place.ours] = taken.reshape(place.shape)
            elif place is not None:
                self.wrong.append(f"{name} is {_said(shape)}, not {_said(place.numbers.shape)}")
            elif (step := _step(name)) is not None:
                self.arrays[step] = self.stored[name]
            elif not name.endswith(_UNREAD):
                near = nearest_name(name, self.places)
                self.wrong.append(f"{shown(name)} is not in the network" + (f" (is it {near}?)" if near else ""))
                self.arrays[name] = self.stored[name]


def _step(name: str) -> str | None:
    """Return what an array of preprocessing is called here; None where it is none."""
    found = _PREPARED.fullmatch(name)
    return None if found is None else f"preprocessing/{found[1]}/{found[2]}"


def _said(shape: tuple[int, ...]) -> str:
    return shape_text(shape) or "a single number"
