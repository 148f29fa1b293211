"""A Keras model as code that reads from top to bottom, a line for each layer."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from core.export.exporter import Subject
from core.export.keras.calls import Call
from core.export.keras.model import Model, model_of
from core.export.keras.preparation import PREPARATION, preparation_lines
from core.io.failures import shown
from core.layers.normalisation import BatchNorm
from core.text import counted, listing, shape_text

_UNSAID: dict[str, Any] = {
    "data_format": "channels_last",
    "dilation_rate": (1, 1),
    "groups": 1,
    "keepdims": False,
    "max_value": None,
    "negative_slope": 0.0,
    "output_padding": [0, 0],
    "threshold": 0.0,
    "use_bias": True,
}
"""What no reader misses: where a setting is as Keras has it by default, the code leaves it out."""
_FIRST = ("filters", "kernel_size", "units", "pool_size", "target_shape", "activation", "rate", "dims", "batch_shape")
"""Settings that come first, without their names."""


@dataclass(frozen=True, slots=True)
class Code:
    """The file, and where what stands in it.

    Attributes
    ----------
    layers : mapping of int to str
        The ids of the layers that lines speak of, by the numbers of the lines, from 1.
    """

    text: str
    layers: Mapping[int, str]

    def lines_of(self, id: str) -> tuple[int, ...]:
        """Return the numbers of the lines that speak of a layer, or of all layers that a use of a block stands for."""
        return tuple(number for number, own in self.layers.items() if own == id or own.startswith(f"{id}/"))

    def layer_at(self, number: int) -> str | None:
        """Return the layer that a line speaks of."""
        return self.layers.get(number)


def keras_code(subject: Subject) -> Code:
    """Write the network as functional code.

    Raises
    ------
    ExportError
        If Keras can't say a layer; the text names it.
    NetworkError
        If the document has errors.
    """
    model, stem = model_of(subject), subject.stem
    names = _identifiers([call.name for call in model.calls])
    preparation = preparation_lines(subject, f"{stem}{PREPARATION}")
    lines = [*_head(subject, model), *(["from pathlib import Path", ""] if subject.weights is not None else [])]
    lines += ["import keras", "import numpy as np", "from keras import layers", "", *preparation, ""]
    lines += ["def network():", '    """Return the network with new weights."""']
    before = len(lines)
    lines += [f"    {names[call.name]} = {_called(call, names)}  # {shape_text(call.shape)}" for call in model.calls]
    ends = [_several([names[name] for name in ends]) for ends in (model.inputs, model.outputs)]
    lines += [f"    return keras.Model({ends[0]}, {ends[1]}, name={stem!r})"]
    if subject.weights is not None:
        lines += ["", "", f"WEIGHTS = Path(__file__).with_name({f'{stem}.keras'!r})", "", "", "def load(path=WEIGHTS):"]
        lines += ['    """Return the network with its weights."""', "    model = network()"]
        lines += ["    model.load_weights(path)", "    return model"]
    places = {before + place: model.layers[call.name] for place, call in enumerate(model.calls, 1)}
    return Code("\n".join(lines) + "\n", places)


def _head(subject: Subject, model: Model) -> list[str]:
    report = subject.report
    takes = listing([shape_text(call.shape) for call in model.calls if call.name in model.inputs])
    frozen = [node.id for node in subject.program.nodes if isinstance(node.kind, BatchNorm) and not node.trainable]
    notes = [
        f"{counted(report.totals.parameters or 0, 'parameter')}. It takes N×{takes}, channels last, as prepare says."
    ]
    if frozen:
        notes.append(
            f"While it trains, {listing(frozen)} would not compute as in Convograph: Keras normalises with the moving "
            "averages where BatchNormalization is frozen."
        )
    title = _plain(report.document.name or PurePath(subject.name).stem)
    notes = [_plain(note) for note in notes]
    return [f'"""{title}: the network as a Keras 3 model.', "", *notes, '"""', ""]


def _called(call: Call, names: dict[str, str]) -> str:
    if call.layer == "InputLayer":
        return f"layers.Input({_text(call.shape)}, name={call.name!r})"
    first = [_text(call.settings[name]) for name in _FIRST if name in call.settings]
    named = [
        f"{name}={_text(value)}"
        for name, value in call.settings.items()
        if name not in _FIRST and not (name in _UNSAID and _text(value) == _text(_UNSAID[name]))
    ]
    frozen = ["trainable=False"] if call.is_frozen else []
    made = ", ".join([*first, *named, *frozen, f"name={call.name!r}"])
    return f"layers.{call.layer}({made})({_several([names[source] for source in call.sources])})"


def _text(value: Any) -> str:
    """Write a setting; a pair of equal numbers as one.

    >>> _text([5, 5]), _text([(0, 1), (0, 1)]), _text((10,)), _text("same")
    ('5', '((0, 1), (0, 1))', '(10,)', "'same'")
    """
    if isinstance(value, list | tuple):
        if len(value) == 2 and value[0] == value[1] and isinstance(value[0], int):
            return repr(value[0])
        inner = ", ".join(
            f"({', '.join(map(repr, part))})" if isinstance(part, list | tuple) else repr(part) for part in value
        )
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    return repr(value)


def _several(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"[{', '.join(names)}]"


def _identifiers(names: Sequence[str]) -> dict[str, str]:
    """Return what values are called in the code.

    >>> _identifiers(["a.b", "a_b", "2nd", "lambda", "np"])
    {'a.b': 'a_b', 'a_b': 'a_b_2', '2nd': 'x_2nd', 'lambda': 'lambda_', 'np': 'np_'}
    """
    taken = {*keyword.kwlist, "keras", "layers", "np", "Path", "WEIGHTS", "network", "prepare", "load"}
    found: dict[str, str] = {}
    for name in names:
        plain = re.sub(r"[^0-9A-Za-z_]", "_", name)
        plain = f"x_{plain}" if not plain or plain[0].isdigit() else plain
        free, number = f"{plain}_" if plain in taken and plain not in found.values() else plain, 1
        while free in taken:
            number += 1
            free = f"{plain}_{number}"
        taken.add(free)
        found[name] = free
    return found


def _plain(text: str) -> str:
    """Write a text so that it ends no docstring and is no escape."""
    return shown(text).replace("\\", "/").replace('"', "'")
