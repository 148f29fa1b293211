"""A Keras model as it is drawn, layer by layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.declare import LARGEST
from core.errors import ModelError
from core.importing.keras.configuration import KerasLayer, KerasModel, Path
from core.importing.keras.stored import Arrays
from core.importing.keras.uses import Uses
from core.importing.onnx.drawing import Drawing
from core.importing.onnx.order import rearrangement
from core.importing.onnx.signals import is_counting, require_followable
from core.io.failures import shown
from core.layers.values import Array
from core.shapes import Pair, Shape, shortest_padding
from core.text import excerpt, shape_text

Sides = tuple[Pair, Pair]


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """What a layer of Keras returns.

    Attributes
    ----------
    layer : str
        The layer of ours that it comes of.
    places : array of int, optional
        Which values of that layer's output stand where, if they are only moved about.
    zeros : Sides
        Around it, where what reads it can say them itself.
    wish : str
        What the layer is to be called that moves values or puts zeros around them.
    """

    layer: str
    places: NDArray[Any] | None = None
    zeros: Sides = ((0, 0), (0, 0))
    wish: str = ""


@dataclass(slots=True)
class Reading:
    """The drawing of a model, and what is known of its layers.

    Attributes
    ----------
    arrays : Arrays, optional
        None where the file has none.
    swallowed : set of Path
        Layers that are settings of the one before them.
    uses : Uses
        What is used in several places.
    """

    model: KerasModel
    arrays: Arrays | None
    drawing: Drawing = field(init=False)
    values: dict[Path, Value] = field(default_factory=dict)
    readers: dict[Path, list[KerasLayer]] = field(default_factory=dict)
    swallowed: set[Path] = field(default_factory=set)
    uses: Uses = field(init=False)
    _ids: dict[Value, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.drawing = Drawing(weighted=self.arrays is not None)
        self.uses = Uses(self.model)
        for layer in self.model.layers:
            for source in layer.sources:
                self.readers.setdefault(source, []).append(layer)

    def drawn(self, value: Value) -> str:
        """Return the layer that gives a value, after drawing what moves it or puts zeros around it.

        Raises
        ------
        ModelError
            If no kind moves values so.
        """
        if value not in self._ids:
            if value.places is not None:
                self._ids[value] = self._moved(value, value.places)
            elif any(map(any, value.zeros)):
                padding = shortest_padding(value.zeros)
                self._ids[value] = self._draw("ZeroPad2D", value, {"padding": padding})
            else:
                self._ids[value] = value.layer
        return self._ids[value]

    def _draw(self, kind: str, value: Value, config: Mapping[str, Any]) -> str:
        return self.drawing.draw(kind, (value.layer,), wish=value.wish, called=shown(value.wish), config=config)

    def _moved(self, value: Value, places: NDArray[Any]) -> str:
        shape, wanted = self.drawing.shape(value.layer), places.shape
        if wanted == shape and is_counting(places):
            return value.layer
        if len(wanted) not in (1, 3):
            raise ModelError(
                f"{shown(value.wish)} gives {len(wanted)} axes; Convograph knows images N×H×W×C and features N×C."
            )
        if is_counting(places):
            return self._draw("Reshape", value, {"shape": wanted})
        found = rearrangement(shape, places)
        if found is None:
            raise ModelError(f"{shown(value.wish)} brings values into an order that no kind of Convograph gives.")
        kind, config = found
        self.drawing.say(f"{shown(value.wish)}: reshapes and permutations are one {kind}.")
        return self._draw(kind, value, config)


@dataclass(frozen=True, slots=True)
class Step:
    """A layer of Keras that is to be drawn."""

    reading: Reading
    layer: KerasLayer

    @property
    def wish(self) -> str:
        """What it is called, as the name of a layer."""
        return "/".join(self.layer.path)

    @property
    def value(self) -> Value:
        """The one value that it reads."""
        if len(self.layer.sources) != 1:
            raise self.refuse(f"it reads {len(self.layer.sources)} values, and one is needed.")
        return self.reading.values[self.layer.sources[0]]

    @property
    def source(self) -> str:
        """The layer of ours that it reads."""
        return self.reading.drawn(self.value)

    @property
    def sources(self) -> tuple[str, ...]:
        """The layers of ours that it reads."""
        return tuple(self.reading.drawn(self.reading.values[path]) for path in self.layer.sources)

    @property
    def shape(self) -> Shape:
        """The shape of the value that it reads, without zeros around it."""
        value = self.value
        return self.reading.drawing.shape(value.layer) if value.places is None else value.places.shape

    def image(self) -> Shape:
        """Return the shape of the image that it reads.

        Raises
        ------
        ModelError
            It reads something else.
        """
        shape = self.shape
        if len(shape) != 3:
            raise self.refuse(f"it needs images N×H×W×C, and gets {shape_text(shape)}.")
        return shape

    def only_reader(self) -> KerasLayer | None:
        """Return the layer that alone reads this one's value; None where it is an output, or there are several."""
        readers = self.reading.readers.get(self.layer.path, [])
        is_output = self.layer.path in self.reading.model.outputs
        return readers[0] if len(readers) == 1 and not is_output else None

    def as_layer(self, class_name: str, config: Mapping[str, Any]) -> Step:
        """Return a step that draws the same layer as another class."""
        return Step(self.reading, replace(self.layer, class_name=class_name, config=config))

    def draw(
        self,
        kind: str,
        source: str | Sequence[str] | None = None,
        *,
        wish: str = "",
        weights: Mapping[str, Array] | None = None,
        **config: Any,
    ) -> Value:
        """Draw a layer of ours; it reads what this one reads unless told otherwise."""
        sources = (self.source,) if source is None else (source,) if isinstance(source, str) else tuple(source)
        id = self.reading.drawing.draw(
            kind, sources, wish=wish or self.wish, called=self.layer.called, config=config, weights=weights
        )
        if weights is not None and self.layer.config.get("trainable") is False:
            self.reading.drawing.freeze(id)
        self.reading.uses.note(self.reading.drawing, self.layer, id)
        return Value(id)

    def weights(self, shapes: Mapping[str, Shape]) -> dict[str, Array]:
        """Read the arrays of the layer.

        Parameters
        ----------
        shapes : mapping of str to Shape
            In Keras' order, as they have to be; nothing else is read.

        Raises
        ------
        ModelError
            Some are missing, or of another shape.
        """
        if self.reading.arrays is None:
            return {}
        stored = self.reading.arrays(self.layer)
        if len(stored) != len(shapes):
            raise self.refuse(f"it has {len(stored)} arrays in the file, and {len(shapes)} are needed.")
        for name, array in zip(shapes, stored, strict=True):
            if array.shape != shapes[name]:
                has, needed = shape_text(array.shape) or "one number", shape_text(shapes[name])
                raise self.refuse(f"its {name} is {has}, and {needed} are needed.")
        return dict(zip(shapes, self.reading.uses.read(self.layer, stored), strict=True))

    def say(self, change: str) -> None:
        """Add a sentence about this layer to the report."""
        self.reading.drawing.say(f"{shown(self.wish)}: {change}")

    def refuse(self, why: str) -> ModelError:
        """Return an error that names the layer."""
        return ModelError(f"{self.layer.called}: {why}")

    # --- Settings ---

    def number(self, key: str, default: float) -> float:
        """Return a setting that is a number."""
        value = self.layer.config.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
            raise self.refuse(f"its {key} is {excerpt(value)}, which is no number.")
        return float(value)

    def whole(self, key: str, default: int | None = None) -> int:
        """Return a setting that is a whole number of at least 1."""
        value = self.layer.config.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= LARGEST:
            raise self.refuse(f"its {key} is {excerpt(value)}; a whole number from 1 to {LARGEST:,} is needed.")
        return value

    def flag(self, key: str, default: bool) -> bool:
        """Return a setting that is true or false."""
        value = self.layer.config.get(key, default)
        if not isinstance(value, bool):
            raise self.refuse(f"its {key} is {excerpt(value)}; true or false is needed.")
        return value

    def word(self, key: str, default: str, known: Sequence[str]) -> str:
        """Return a setting that is one of a few words."""
        value = self.layer.config.get(key, default)
        if value not in known:
            raise self.refuse(f"its {key} is {excerpt(value)}, which Convograph can't say.")
        return str(value)

    def size(self, key: str, default: int | Pair | None = None) -> Pair:
        """Return a setting that is a height and a width, each at least 1."""
        value = self.layer.config.get(key, default)
        sides = [value] * 2 if isinstance(value, int) else value
        if not isinstance(sides, list | tuple) or len(sides) != 2 or not all(map(_is_size, sides)):
            raise self.refuse(f"its {key} is {excerpt(value)}; a height and a width are needed.")
        return sides[0], sides[1]

    def margins(self, key: str) -> Sides:
        """Return a setting that is ((top, bottom), (left, right))."""
        value = self.layer.config.get(key, 1)
        sides = [value] * 2 if isinstance(value, int) else value
        if isinstance(sides, list | tuple) and len(sides) == 2:
            pairs = [[side, side] if isinstance(side, int) else side for side in sides]
            if all(isinstance(p, list | tuple) and len(p) == 2 and all(map(_is_margin, p)) for p in pairs):
                return (pairs[0][0], pairs[0][1]), (pairs[1][0], pairs[1][1])
        raise self.refuse(f"its {key} is {excerpt(value)}; numbers of rows and columns are needed.")

    def require_last(self, key: str = "axis") -> None:
        """Raise where an axis is not that of the channels, the last one."""
        axis = self.layer.config.get(key, -1)
        axis = axis[0] if isinstance(axis, list) and len(axis) == 1 else axis
        if axis not in (-1, len(self.shape)):
            raise self.refuse(f"it works along axis {excerpt(axis)}; Convograph's kinds work along the channels.")

    def places(self) -> NDArray[Any]:
        """Return which of its source's values stand where in what it reads."""
        value = self.value
        if value.places is not None:
            return value.places
        shape = self.reading.drawing.shape(self.source)
        require_followable(shape)
        return np.arange(int(np.prod(shape))).reshape(shape)


def _is_size(side: Any) -> bool:
    return isinstance(side, int) and not isinstance(side, bool) and 1 <= side <= LARGEST


def _is_margin(side: Any) -> bool:
    return isinstance(side, int) and not isinstance(side, bool) and 0 <= side <= LARGEST
