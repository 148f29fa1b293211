"""The weights alone, as safetensors."""

from __future__ import annotations

import json

import numpy as np

from core.export.exporter import Exporter, Subject
from core.export.libraries import library
from core.export.number_type import of_type
from core.export.option import Option

TYPE = Option("type", "the type of the weights; float16 takes half the place", ("float32", "float16"))


def safetensors_weights(subject: Subject) -> bytes:
    """Write the weights with the names and axes that they have in an `.npz`: `conv1/kernel`, channels last.

    The arrays of preprocessing stand beside them, `preprocessing/0/mean`; which steps they belong to, and the names of
    the classes, are JSON in the file's metadata, under `preprocessing` and `classes`.
    """
    beside = subject.beside
    writer = library("safetensors.numpy", "safetensors", "safetensors")
    weights = {name: of_type(array, name, TYPE.of(subject)) for name, array in subject.arrays.items()}
    arrays = {name: np.ascontiguousarray(array) for name, array in {**weights, **beside.arrays}.items()}
    about = {"format": "np"}
    if beside.steps:
        steps = [fitted.step.written() for fitted in beside.steps]
        about["preprocessing"] = json.dumps(steps, ensure_ascii=False)
    if beside.classes:
        about["classes"] = json.dumps(beside.classes, ensure_ascii=False)
    written: bytes = writer.save(arrays, metadata=about)
    return written


SAFETENSORS = Exporter(
    "safetensors",
    "safetensors",
    "network",
    "the weights alone, with the names that they have in Convograph",
    ".safetensors",
    safetensors_weights,
    options=(TYPE,),
)
