"""Every kind with each of its examples, and what is drawn to run them."""

import numpy as np
import pytest

from core.layers import KINDS, Context

CASES = [
    pytest.param(kind.read(example.config), example, id=f"{name}-{place}")
    for name, kind in KINDS.items()
    for place, example in enumerate(kind.examples)
]
LAYER_CASES = [case for case in CASES if case.values[1].inputs]
"""Those of layers that compute something: without the Input."""


def draw_inputs(example, rng, batch=2, dtype="float64"):
    return tuple(rng.standard_normal((batch, *shape)).astype(dtype) for shape in example.inputs)


def draw_weights(kind, example, rng, dtype="float64"):
    """Draw weights of size 1 or so; statistics stay above 0, as variances do."""
    weights = {}
    for name, weight in kind.weights(example.inputs).items():
        values = rng.standard_normal(weight.shape)
        weights[name] = (values if weight.role == "parameter" else np.abs(values) + 0.5).astype(dtype)
    return weights


def context(training, seed=0):
    return Context(training=training, rng=np.random.default_rng(seed))
