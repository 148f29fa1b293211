"""Drawn layers, and their kernels held against their definitions."""

from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import assume
from hypothesis import strategies as st

from core.analysis.check import check
from core.engine.kernels import columns, products, tails
from core.engine.kernels.kernel import Part
from core.engine.network import INFERENCE, Network
from tests.core.engine.slowly import assert_as_slow
from tests.drawing import document, layer

TOLERANCE = {"float64": 1e-12, "float32": 2e-5}

dtypes = st.sampled_from(["float32", "float64"])
batches = st.integers(1, 5)
sides = st.integers(1, 9)
sizes = st.integers(1, 4) | st.tuples(st.integers(1, 4), st.integers(1, 4))
strides = st.integers(1, 3) | st.tuples(st.integers(1, 3), st.integers(1, 3))
margins = st.integers(0, 3)
paddings = st.one_of(
    margins,
    st.tuples(margins, margins),
    st.tuples(st.tuples(margins, margins), st.tuples(margins, margins)),
    st.just("same"),
)


TAILS = [tuple(kind.__name__ for kind in tail) for tail in tails.TAILS]


def kernels_of(net, batch=2, purpose=INFERENCE):
    return [(type(kernel), len(kernel.nodes)) for kernel in net._plans.of(Part(batch, batch), purpose).kernels]


def compile_fitting(document, dtype="float64"):
    """Compile a drawn document, or pass over it where its layers don't fit."""
    assume(check(document).valid)
    return Network(document, dtype)


def compare(net, batch, seed, training, whole_numbers=False):
    rng = np.random.default_rng(seed)
    for name, array in net.weights.items():
        drawn = rng.standard_normal(array.shape)
        net.weights[name] = np.abs(drawn) if name.endswith("variance") else drawn
    xs = {}
    for index in net.program.inputs:
        node = net.program.nodes[index]
        x = rng.integers(-2, 3, (batch, *node.shape)) if whole_numbers else rng.standard_normal((batch, *node.shape))
        xs[node.id] = x.astype(net.dtype)
    assert_as_slow(net, xs, rng, training, TOLERANCE[net.dtype.name])


def between_layers(shape, tested, behind):
    """Draw a layer with others behind it, between two without a tuned kernel, so that gradients flow everywhere."""
    drawn = [layer("input", "Input", shape=shape), layer("before", "Tanh", "input"), tested]
    for number, kind in enumerate(behind):
        sources = ["before", drawn[-1].id] if kind == "Add" else drawn[-1].id
        drawn.append(layer(f"behind{number}", kind, sources))
    return document(*drawn, layer("after", "Tanh", drawn[-1].id))


chunks = st.sampled_from([1, 500, 2000, 20_000, 10**6])
"""Bytes: one row at a time, a few, or all at once."""
small_products = st.sampled_from([0, 40, 300, 3000])
"""Multiply-accumulates of the products that BLAS computes in a way of their own; 0 where it has none."""


@contextmanager
def cutting(chunk, small):
    """Cut convolutions into chunks of so many bytes, and their products into small ones."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "CHUNK_BYTES", chunk)
        patch.setattr(products, "small_products", lambda: small > 0)
        patch.setattr(products, "MOST_MACS", small)
        patch.setattr(products, "MOST_SUMS", 1 + small // 4)
        patch.setattr(products, "LEAST_COLUMNS", 1)
        yield
