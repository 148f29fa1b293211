"""Keras as a format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pprint import pformat

from core.errors import ExportError
from core.export.changes import turned_axes
from core.export.exporter import Content, Exporter, Later, Subject
from core.export.keras.archive import keras_archive
from core.export.keras.code import keras_code
from core.export.keras.model import model_of
from core.export.keras.preparation import PREPARATION, preparation_arrays
from core.export.option import YES_NO, Option
from core.export.proof.proof import Proof
from core.io.weights import weights_bytes

CODE = Option("code", "the code that builds the model, in a file beside it", YES_NO)


def _main(subject: Subject) -> Content:
    """Write the model, or its code where that is asked for by the name of the file."""
    if not subject.name.endswith((".py", ".keras")):
        raise ExportError(
            f"Keras opens a model only if the name of its file ends in .keras: call it {subject.stem}.keras, or "
            f"{subject.stem}.py for the code alone."
        )
    return keras_code(subject).text if subject.name.endswith(".py") else keras_archive(subject)


def _beside(subject: Subject) -> Mapping[str, Later]:
    files: dict[str, Later] = {}
    if not subject.name.endswith(".py"):
        if CODE.is_on(subject):
            files[".py"] = lambda: keras_code(subject).text
    elif subject.weights is not None:
        files[".keras"] = partial(keras_archive, subject)
    if arrays := preparation_arrays(subject):
        files[PREPARATION] = partial(weights_bytes, arrays)
    return files


def _changes(subject: Subject) -> Iterator[str]:
    calls = model_of(subject).calls
    turned = [(name, axes) for call in calls for name, axes in call.weights if list(axes) != sorted(axes)]
    yield from turned_axes(turned)
    if any(call.layer == "BatchNormalization" for call in calls):
        yield (
            "Where it is trained on in Keras, moving variances follow the batch's variance by n, here by n − 1. "
            "What it computes is the same."
        )


_PROOF = """\
import os
from importlib.util import find_spec

BACKENDS = [name for name in ("jax", "tensorflow", "torch") if find_spec(name)]
os.environ.setdefault("KERAS_BACKEND", BACKENDS[0] if BACKENDS else "jax")

import keras

LIBRARY = f"keras {{keras.__version__}} on {{keras.backend.backend()}}"
# Of each layer: the layer of the model whose output is its value.
PLACES = {places}


def compute(samples):
    model = keras.saving.load_model(HERE / {name!r})
    seen = keras.Model(model.inputs, [model.get_layer(name).output for name in PLACES.values()])
    inputs = [np.asarray(samples[id], "float32") for id in {inputs}]
    values = seen(inputs, training=False)
    values = values if isinstance(values, (list, tuple)) else [values]
    return {{id: keras.ops.convert_to_numpy(value) for id, value in zip(PLACES, values)}}
"""


def _proof_script(subject: Subject) -> str:
    program = subject.program
    inputs = [program.nodes[index].id for index in program.inputs]
    places = dict(model_of(subject).places)
    return _PROOF.format(
        places=pformat(places, width=100, sort_dicts=False), name=f"{subject.stem}.keras", inputs=inputs
    )


KERAS = Exporter(
    "keras",
    "Keras",
    "network",
    "a Keras 3 model with its weights, and the code that builds it; a name that ends in .py asks for the code",
    ".keras",
    _main,
    _beside,
    Proof(("keras",), "keras jax", _proof_script),
    (CODE,),
    _changes,
    keras_code,
)
