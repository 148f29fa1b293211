"""Calls of Keras layers, of which both the file and the code are made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from core.engine.program import Node, Program
from core.errors import ExportError
from core.shapes import Shape

CHANNELS_LAST: dict[str, Any] = {"data_format": "channels_last"}

Axes: TypeAlias = tuple[int, ...]
"""Of an array of the document, in the order in which Keras has them; -1 for one of a single place that it has more."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a layer that Keras has.

    Attributes
    ----------
    name : str
        Of the layer, and of what it returns.
    layer : str
        The class: "Conv2D".
    settings : mapping of str to JSON
        All that matter, also where they are Keras' defaults: these differ from library to library.
    sources : tuple of str
        The names of the calls whose values it takes.
    shape : Shape
        Of what it returns, without the batch.
    weights : tuple of (str, tuple of int)
        The arrays of the document, in the order of Keras' weights, each with its axes as Keras has them.
    trainable : bool
    """

    name: str
    layer: str
    settings: Mapping[str, Any]
    sources: tuple[str, ...]
    shape: Shape
    weights: tuple[tuple[str, Axes], ...] = ()
    trainable: bool = True

    @property
    def is_frozen(self) -> bool:
        """Whether it has weights that training leaves as they are."""
        return bool(self.weights) and not self.trainable


@dataclass(slots=True)
class Draft:
    """The calls that say one layer, as its kind adds them.

    Attributes
    ----------
    id : str
        Of the layer, in the document.
    name : str
        Of the call that computes it; calls before and after it have names that begin so.
    """

    id: str
    name: str
    trainable: bool = True
    calls: list[Call] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)

    def call(
        self,
        layer: str,
        sources: str | Sequence[str],
        shape: Shape,
        weights: Sequence[tuple[str, Axes]] = (),
        *,
        as_: str = "",
        **settings: Any,
    ) -> str:
        """Add a call, and return its name.

        Parameters
        ----------
        as_ : str
            What follows the layer's name where it takes several calls: "pad".
        """
        name = f"{self.name}_{as_}" if as_ else self.name
        while name in self.taken:
            name += "_"
        self.taken.add(name)
        inbound = (sources,) if isinstance(sources, str) else tuple(sources)
        arrays = tuple((f"{self.id}/{array}", axes) for array, axes in weights)
        self.calls.append(Call(name, layer, settings, inbound, shape, arrays, self.trainable))
        return name


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer that is to be said, and what its sources are called."""

    program: Program
    node: Node
    sources: tuple[str, ...]

    @property
    def source(self) -> str:
        """What the first of them is called."""
        return self.sources[0]

    @property
    def image(self) -> Shape:
        """The shape of its value."""
        return self.node.inputs[0]

    @property
    def shape(self) -> Shape:
        """The shape of what the layer returns."""
        return self.node.shape

    def refused(self, why: str) -> ExportError:
        """Return an error that names the layer."""
        text = f"Keras can't say {self.node.id} ({type(self.node.kind).__name__}): {why}."
        return ExportError(text, self.node.id)
