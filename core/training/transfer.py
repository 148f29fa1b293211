"""Weights of one network in another: what fits by name and shape is taken, the other layers begin anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.analysis.report import Report
from core.errors import WeightsError
from core.io.failures import shown
from core.io.weights import Array, read_named, read_names
from core.text import counted, listing
from core.training.standing import fitting_weights, layers_of

_LISTED = 5


@dataclass(frozen=True, slots=True, eq=False)
class Transfer:
    """What a weights file gives a network.

    Attributes
    ----------
    weights : mapping of str to array
        Those that fit, of whole layers.
    fitted, new : tuple of str
        The layers that they belong to, and those that begin with new weights.
    wrong : tuple of str
        Why these do, a phrase each: "fc1/kernel is 128×10, not 128×12".
    unused : tuple of str
        Layers of the file that the network doesn't have.
    """

    weights: Mapping[str, Array]
    fitted: tuple[str, ...]
    new: tuple[str, ...]
    wrong: tuple[str, ...]
    unused: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether the file is one of this network."""
        return not self.new and not self.unused

    def completed(self, report: Report) -> dict[str, Array]:
        """Return all weights of a network: those that fit, and newly drawn ones."""
        from core.engine.network import Network  # the window is there before it

        drawn = Network(report.document, report=report).weights
        return {name: np.array(self.weights.get(name, array)) for name, array in drawn.items()}

    def text(self, name: str) -> str:
        """Say which layers begin with the weights of a file, and which don't."""
        sentences = [f"{_some(self.fitted)} {_begin(self.fitted)} with the weights of {name}"]
        if self.new:
            sentences[0] += f"; {_some(self.new)} {_begin(self.new)} with new ones ({_some(self.wrong)})"
        if self.unused:
            one = len(self.unused) == 1
            sentences.append(f"{_some(self.unused)} in {name} {'is' if one else 'are'} not in the network")
        return ". ".join(sentences) + "."


def read_fitting(path: Path, shapes: Mapping[str, tuple[int, ...]]) -> Transfer:
    """Read what of a weights file fits a network.

    Parameters
    ----------
    shapes : mapping of str to shape
        The arrays that the network has.

    Raises
    ------
    WeightsError
        It can't be read, or nothing in it fits.
    """
    arrays, wrong = read_named(path, shapes)
    stored = [name for name in read_names(path) if not name.startswith("preprocessing/")]
    layers = set(layers_of(shapes))
    more = [name for name in stored if name not in shapes and layers_of([name])[0] in layers]
    wrong += [f"{shown(name)} is not in the network" for name in more]
    broken = set(layers_of(more))
    weights = {
        name: array for name, array in fitting_weights(arrays, shapes).items() if layers_of([name])[0] not in broken
    }
    if not weights:
        raise WeightsError(
            f"Nothing in {shown(path)} fits the network: {_some(wrong)}. Weights are taken by the names and shapes of "
            "layers: give those that are to be taken the names and settings that they were trained with."
        )
    fitted = layers_of(weights)
    new = tuple(layer for layer in layers_of(shapes) if layer not in fitted)
    unused = tuple(shown(layer) for layer in layers_of(stored) if layer not in layers)
    return Transfer(weights, fitted, new, tuple(wrong), unused)


def _some(names: tuple[str, ...] | list[str]) -> str:
    rest = len(names) - _LISTED
    return listing([*names[:_LISTED], *([f"{counted(rest, 'other')}"] if rest > 0 else [])])


def _begin(layers: tuple[str, ...]) -> str:
    return "begins" if len(layers) == 1 else "begin"
