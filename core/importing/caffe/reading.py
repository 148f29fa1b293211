"""A Caffe network read layer by layer: which of our layers each blob is now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import ModelError
from core.importing.caffe.network import CaffeLayer, Fields
from core.importing.onnx.drawing import Drawing
from core.io.failures import shown
from core.shapes import Pair, Shape


@dataclass(frozen=True, slots=True)
class Blob:
    """What a name stands for.

    Attributes
    ----------
    layer : str
        The layer of ours whose output it is; "" for labels, which no layer of ours gives.
    is_column : bool
        Whether it is 1×1×C in Caffe, and features (C,) here.
    """

    layer: str
    is_column: bool = False


class Reading:
    """How far a network has been read.

    Attributes
    ----------
    blobs : dict of str to Blob
        What each name stands for now; layers may overwrite what they read.
    scales : mapping of int to CaffeLayer
        The Scale that follows a BatchNorm, by the number of the latter.
    taken : set of CaffeLayer
        These Scales.
    losses : list of tuple of str and float
        The layer that each loss reads, and the loss's weight.
    """

    def __init__(self, layers: Sequence[CaffeLayer]) -> None:
        self.layers = layers
        self.drawing = Drawing(weighted=False)
        self.blobs: dict[str, Blob] = {}
        self.scales = _scales(layers)
        self.taken = set(self.scales.values())
        self.losses: list[tuple[str, float]] = []
        self.shared: dict[str, str] = {}

    def step(self, layer: CaffeLayer) -> Step:
        """Return a layer with what it reads."""
        return Step(self, layer)


def _scales(layers: Sequence[CaffeLayer]) -> dict[int, CaffeLayer]:
    """Return the Scale that alone reads a BatchNorm, by the number of the BatchNorm."""
    givers: dict[str, int] = {}
    readers: dict[int, list[CaffeLayer]] = {}
    for number, layer in enumerate(layers):
        for bottom in layer.bottoms:
            if bottom in givers:
                readers[givers[bottom]].append(layer)
        for top in layer.tops:
            givers.pop(top, None)
        if layer.kind == "BatchNorm" and len(layer.tops) == 1:
            givers[layer.tops[0]], readers[number] = number, []
    return {
        number: read[0]
        for number, read in readers.items()
        if len(read) == 1 and read[0].kind == "Scale" and read[0].bottoms == layers[number].tops
    }


class Step:
    """One layer with what it reads."""

    def __init__(self, reading: Reading, layer: CaffeLayer) -> None:
        self.reading = reading
        self.drawing = reading.drawing
        self.layer = layer
        self.fields = layer.fields

    def refuse(self, why: str) -> ModelError:
        """Return the error that says why this layer can't be said here."""
        return self.fields.refuse(why)

    def say(self, change: str) -> None:
        """Add a sentence about this layer to the report."""
        self.drawing.say(f"{shown(self.layer.name)}: {change}")

    # --- What it reads ------------------------------------------------------------------------------------------------

    def blobs(self) -> list[Blob]:
        """Return all that it reads."""
        found = []
        for name in self.layer.bottoms:
            blob = self.reading.blobs.get(name)
            if blob is None:
                raise self.refuse(f"it reads {shown(name)}, which no layer above it gives.")
            if not blob.layer:
                raise self.refuse(f"it reads {shown(name)}, labels or weights of samples, which are no input here.")
            found.append(blob)
        return found

    def blob(self) -> Blob:
        """Return the one value that it reads."""
        blobs = self.blobs()
        if len(blobs) != 1:
            raise self.refuse(f"it reads {len(blobs)} blobs, and one is needed.")
        return blobs[0]

    def shape(self, blob: Blob) -> Shape:
        """Return a blob's shape, as ours have it."""
        return self.drawing.shape(blob.layer)

    def image(self) -> str:
        """Return the layer that gives the image which it reads."""
        return self.as_image(self.blob())

    def as_image(self, blob: Blob) -> str:
        """Return the layer that gives a blob as an image."""
        shape = self.shape(blob)
        if len(shape) == 3:
            return blob.layer
        if not blob.is_column:
            raise self.refuse(f"it needs an image, and reads {shape[0]:,} features.")
        return self.draw("Reshape", blob.layer, wish="", shape=(1, 1, shape[0])).layer

    def features(self) -> str:
        """Return the layer that gives what it reads as features, flattened if it is an image."""
        blob = self.blob()
        return blob.layer if len(self.shape(blob)) == 1 else self.draw("Flatten", blob.layer, wish="").layer

    # --- What it draws ------------------------------------------------------------------------------------------------

    def draw(self, kind: str, *sources: str, wish: str | None = None, **config: Any) -> Blob:
        """Draw a layer of ours."""
        name = self.layer.name if wish is None else wish
        id = self.drawing.draw(kind, sources, wish=name, called=self.fields.called, config=config)
        if wish is None:
            self.learn(id, self.fields)
        return Blob(id)

    def learn(self, id: str, fields: Fields) -> None:
        """Keep the arrays of a layer as they are in training, where each has the rate 0; name those that are shared.

        Parameters
        ----------
        fields : Fields
            Of the layer that has the arrays in Caffe: a BatchNorm's are its Scale's.
        """
        params = fields.all("param")
        rates = [each.number("lr_mult", 1.0) for each in params] or [*map(self._rate, fields.texts("blobs_lr"))]
        n_arrays = sum(weight.role == "parameter" for weight in self.drawing.weight_specs(id).values())
        if n_arrays and len(rates) >= n_arrays and not any(rates):
            self.drawing.freeze(id)
        # In the old format `param` is a list of names.
        names = [each.text("name") for each in params] or fields.texts("param")
        for name in filter(None, names):
            other = self.reading.shared.setdefault(name, id)
            if other != id:
                self.say(f"it shares its weights with {other} in Caffe; here each has its own, trained apart.")

    def _rate(self, text: str) -> float:
        try:
            return float(text)
        except ValueError as error:
            raise self.refuse(f"its blobs_lr is {shown(text[:50])}, which is no number.") from error

    # --- Settings -----------------------------------------------------------------------------------------------------

    def pair(self, fields: Fields, name: str, default: int, least: int = 1) -> Pair:
        """Return a height and a width, said by one number, two, or two fields."""
        short = name.removesuffix("_size")
        high, wide = (fields.wholes(f"{short}_{side}", least) for side in ("h", "w"))
        if high or wide:
            if not (high and wide) or fields.has(name):
                raise self.refuse(f"its {short}_h and {short}_w do not say one size.")
            return high[-1], wide[-1]
        values = fields.wholes(name, least) or [default]
        if len(values) > 2:
            raise self.refuse(f"its {name} has {len(values)} numbers; images have a height and a width.")
        return values[0], values[-1]
