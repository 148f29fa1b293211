"""What a prototxt says of itself: its layers, as they stand at inference, whichever version of Caffe wrote it.

Source of the fields and their defaults: `caffe.proto` and `upgrade_proto.cpp` in `src/caffe`, version 1.0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Final

from core.declare import LARGEST
from core.errors import ModelError
from core.importing.caffe.text import Message
from core.io.failures import shown
from core.limits import MOST_IMPORTED
from core.text import counted

_RENAMED: Final[Mapping[str, str]] = {
    "ABSVAL": "AbsVal",
    "ACCURACY": "Accuracy",
    "ARGMAX": "ArgMax",
    "BNLL": "BNLL",
    "CONCAT": "Concat",
    "CONTRASTIVE_LOSS": "ContrastiveLoss",
    "CONVOLUTION": "Convolution",
    "DATA": "Data",
    "DECONVOLUTION": "Deconvolution",
    "DROPOUT": "Dropout",
    "DUMMY_DATA": "DummyData",
    "ELTWISE": "Eltwise",
    "EUCLIDEAN_LOSS": "EuclideanLoss",
    "EXP": "Exp",
    "FLATTEN": "Flatten",
    "HDF5_DATA": "HDF5Data",
    "HDF5_OUTPUT": "HDF5Output",
    "HINGE_LOSS": "HingeLoss",
    "IM2COL": "Im2col",
    "IMAGE_DATA": "ImageData",
    "INFOGAIN_LOSS": "InfogainLoss",
    "INNER_PRODUCT": "InnerProduct",
    "LRN": "LRN",
    "MEMORY_DATA": "MemoryData",
    "MULTINOMIAL_LOGISTIC_LOSS": "MultinomialLogisticLoss",
    "MVN": "MVN",
    "POOLING": "Pooling",
    "POWER": "Power",
    "RELU": "ReLU",
    "SIGMOID": "Sigmoid",
    "SIGMOID_CROSS_ENTROPY_LOSS": "SigmoidCrossEntropyLoss",
    "SILENCE": "Silence",
    "SLICE": "Slice",
    "SOFTMAX": "Softmax",
    "SOFTMAX_LOSS": "SoftmaxWithLoss",
    "SPLIT": "Split",
    "TANH": "TanH",
    "THRESHOLD": "Threshold",
    "WINDOW_DATA": "WindowData",
}
"""Types as the old format writes them, and what they are called since."""


class Fields:
    """A message whose values are read as what they should be.

    Parameters
    ----------
    message : Message
    called : str
        What error messages call the layer.
    """

    def __init__(self, message: Message, called: str) -> None:
        self.message = message
        self.called = called

    def refuse(self, why: str) -> ModelError:
        """Return an error that names the layer."""
        return ModelError(f"{self.called}: {why}")

    def inner(self, name: str) -> Fields:
        """Return a message in it; an empty one where it is not there."""
        value = self.message.get(name, [{}])[-1]
        if isinstance(value, str):
            raise self.refuse(f"its {name} is {shown(value[:50])}, and a message in braces is needed.")
        return Fields(value, self.called)

    def all(self, name: str) -> list[Fields]:
        """Return all messages of this name in it."""
        return [Fields(value, self.called) for value in self.message.get(name, []) if not isinstance(value, str)]

    def has(self, name: str) -> bool:
        """Say whether a field is there."""
        return name in self.message

    def texts(self, name: str) -> list[str]:
        """Return all values of a field of words or texts."""
        values = self.message.get(name, [])
        texts = [value for value in values if isinstance(value, str)]
        if len(texts) < len(values):
            raise self.refuse(f"its {name} is a message; a name is needed.")
        return texts

    def text(self, name: str, default: str = "") -> str:
        """Return a word or text."""
        return (self.texts(name) or [default])[-1]

    def wholes(self, name: str, least: int = 0) -> list[int]:
        """Return all values of a field of whole numbers."""
        found = []
        for value in self.texts(name):
            digits = value.removeprefix("+")
            if not digits.isascii() or not digits.isdecimal() or len(digits) > 9 or not least <= int(digits) <= LARGEST:
                raise self.refuse(
                    f"its {name} is {shown(value[:50])}; a whole number from {least} to {LARGEST:,} is needed."
                )
            found.append(int(digits))
        return found

    def whole(self, name: str, default: int = 0, least: int = 0) -> int:
        """Return a whole number."""
        return (self.wholes(name, least) or [default])[-1]

    def number(self, name: str, default: float) -> float:
        """Return a number."""
        value = self.text(name, repr(default)).removesuffix("f")
        try:
            number = float(value)
        except ValueError:
            number = float("nan")
        if not isfinite(number):
            raise self.refuse(f"its {name} is {shown(value[:50])}, which is no number.")
        return number

    def flag(self, name: str, default: bool) -> bool:
        """Return a setting that is true or false."""
        value = self.text(name, str(default)).lower()
        if value not in ("true", "false", "1", "0", "t", "f"):
            raise self.refuse(f"its {name} is {shown(value[:50])}; true or false is needed.")
        return value in ("true", "1", "t")


@dataclass(frozen=True, slots=True, eq=False)
class CaffeLayer:
    """A layer as the file has it.

    Attributes
    ----------
    kind : str
        Its type, as the newer format writes it: "Convolution".
    bottoms, tops : tuple of str
        The blobs that it reads and gives; one that it reads can be overwritten.
    """

    name: str
    kind: str
    bottoms: tuple[str, ...]
    tops: tuple[str, ...]
    fields: Fields


def layers_of(net: Message) -> list[CaffeLayer]:
    """Return the layers that a network has at inference, its inputs first.

    Raises
    ------
    ModelError
        It has none, or is written as Caffe did before 2014.
    """
    entries = Fields(net, "it")
    if entries.has("layer") and entries.has("layers"):
        raise ModelError("it has layers of the old format and of the new one. Use one of them.")
    written = entries.all("layer") + entries.all("layers")
    if len(written) > MOST_IMPORTED:
        raise ModelError(f"it has {counted(len(written), 'layer')}; Convograph reads up to {MOST_IMPORTED:,}.")
    if any(layer.has("layer") for layer in written):
        raise ModelError("it is in the format of 2013. Upgrade it with Caffe's upgrade_net_proto_text.")
    layers = [_layer(layer, number) for number, layer in enumerate(written, start=1) if _is_at_inference(layer)]
    return [*_inputs(entries), *layers]


def _layer(fields: Fields, number: int) -> CaffeLayer:
    kind = fields.text("type")
    kind = _RENAMED.get(kind, kind)
    name = fields.text("name") or f"layer {number}"
    if not kind:
        raise ModelError(f"{shown(name)} has no type.")
    called = f"{shown(name)} ({shown(kind)})"
    named = Fields(fields.message, called)
    return CaffeLayer(name, kind, tuple(named.texts("bottom")), tuple(named.texts("top")), named)


def _is_at_inference(fields: Fields) -> bool:
    """Say whether a layer is there in the phase TEST, without stages or levels."""

    def holds(rule: Fields) -> bool:
        level = rule.whole("min_level") > 0
        return rule.text("phase", "TEST") in ("TEST", "1") and not rule.texts("stage") and not level

    included, excluded = fields.all("include"), fields.all("exclude")
    return any(map(holds, included)) if included else not any(map(holds, excluded))


def _inputs(net: Fields) -> Iterator[CaffeLayer]:
    """Yield the inputs that stand before the layers, each as a layer."""
    names, dims, shapes = net.texts("input"), net.texts("input_dim"), net.all("input_shape")
    for i, name in enumerate(names):
        own: list[str] = shapes[i].texts("dim") if i < len(shapes) else dims[4 * i : 4 * i + 4]
        if not own:
            raise ModelError(f"its input {shown(name)} does not say its size. Add input_shape {{ dim: … }}.")
        message: Message = {"input_param": [{"shape": [{"dim": [*own]}]}]}
        yield CaffeLayer(name, "Input", (), (name,), Fields(message, f"{shown(name)} (Input)"))
