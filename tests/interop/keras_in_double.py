"""What Keras computes in double precision of what was exported, on JAX."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from core.engine.network import Network
from core.export.exporter import Subject
from core.export.keras.exporter import KERAS
from core.export.keras.model import model_of, turned
from core.export.proof.samples import drawn_samples

os.environ.setdefault("KERAS_BACKEND", "jax")


@contextmanager
def double_precision() -> Iterator[None]:
    """Let JAX compute in float64, and Keras, too.

    Wherever Keras decides on a type it takes float32 for float64, on every backend but TensorFlow's: Tanh, averages and
    BatchNorm then differ by 1e-7 although all else is computed in float64. Here it keeps float64, as on TensorFlow.
    """
    import jax
    import keras
    from keras.src.backend.common.dtypes import BIT64_TO_BIT32_DTYPE as SHORTENED

    floatx, policy, short = keras.config.floatx(), keras.config.dtype_policy(), SHORTENED["float64"]
    try:
        with jax.enable_x64(True):
            keras.config.set_floatx("float64")
            keras.config.set_dtype_policy("float64")  # the first layer of a process settles it for all that follow
            SHORTENED["float64"] = "float64"
            yield
    finally:
        keras.config.set_floatx(floatx)
        keras.config.set_dtype_policy(policy)
        SHORTENED["float64"] = short


def largest_difference(subject: Subject) -> float:
    """Return how far outputs are from ours, relative to our largest value where that is above 1.

    Raises
    ------
    ExportError
        If Keras can't say the network.
    """
    subject = Subject(subject.report, subject.weights, name="net.keras")
    written = KERAS.files(subject)["net.py"]
    network = Network(subject.report.document, "float64", report=subject.report)
    network.weights.update(subject.weights)
    samples = {id: x.astype("float64") for id, x in drawn_samples(network.program).items()}
    found = network.forward(samples)
    ours = found.values() if isinstance(found, dict) else [found]
    with double_precision():
        theirs = _computed(written, subject, [samples[id] for id in network.input_ids])
    return max(
        float(np.abs(z - y).max(initial=0) / max(1.0, np.abs(y).max(initial=0)))
        for y, z in zip(ours, theirs, strict=True)
    )


def _computed(written: bytes, subject: Subject, inputs: list[np.ndarray]) -> list[np.ndarray]:
    import keras

    with TemporaryDirectory() as folder:
        path = Path(folder, "net.py")
        path.write_bytes(written)
        loader = importlib.machinery.SourceFileLoader("net_in_double", str(path))
        module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
        loader.exec_module(module)
        model = module.network()
    for call in model_of(subject).calls:
        if call.weights:
            model.get_layer(call.name).set_weights([turned(subject.arrays[name], axes) for name, axes in call.weights])
    values = model(inputs if len(inputs) > 1 else inputs[0], training=False)
    values = values if isinstance(values, list | tuple) else [values]
    return [keras.ops.convert_to_numpy(value) for value in values]
