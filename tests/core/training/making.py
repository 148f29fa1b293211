"""Small documents, and data sets that train in a moment."""

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np

from core.io.datasets import Dataset, load_dataset
from core.io.documents import loads


def document(layers, **training):
    """Make a document of layers given as (id, kind, inputs, config)."""
    entries = [{"id": id, "kind": kind, "inputs": inputs, "config": config} for id, kind, inputs, config in layers]
    return loads(json.dumps({"format": "convograph", "version": 1, "layers": entries, "training": training}))


def chain(*layers, **training):
    """Make a document of layers given as (id, kind, config), each fed by the one before."""
    before = [[], *([first[0]] for first, _ in pairwise(layers))]
    rows = [(id, kind, inputs, config) for (id, kind, config), inputs in zip(layers, before, strict=True)]
    return document(rows, **training)


def small_net(**training):
    """Make a network with something of everything that training meets: images, draws, features."""
    return chain(
        ("input", "Input", {"shape": [8, 8, 1]}),
        ("conv1", "Conv2D", {"filters": 4, "kernel_size": 3}),
        ("relu1", "ReLU", {}),
        ("pool1", "MaxPool2D", {}),
        ("flat", "Flatten", {}),
        ("drop1", "Dropout", {"rate": 0.25}),
        ("fc1", "Dense", {"units": 10}),
        **training,
    )


def linear(features=4, units=3, **training):
    return chain(("input", "Input", {"shape": [features]}), ("fc1", "Dense", {"units": units}), **training)


def some_digits(n):
    digits = load_dataset("digits")
    return replace(digits, images=digits.images[:n], labels=digits.labels[:n])


def rows(n=12, features=4, classes=3, seed=0):
    """Make a data set of random rows."""
    rng = np.random.default_rng(seed)
    images = rng.random((n, features), dtype=np.float32)
    return Dataset("rows", images, np.arange(n) % classes, tuple("abcdefgh"[:classes]), scale=1.0)
