"""Networks drawn at random, with any kinds that fit, and looks at them."""

import numpy as np
from hypothesis import strategies as st

from core.analysis.check import check
from core.engine.network import Network
from core.inside.looking import look_inside
from core.layers import KINDS
from tests.drawing import document, layer

MOST_VALUES = 300
"""Of one layer, so that all of its cells can be gone through."""

CONFIGS = [(name, dict(example.config)) for name, kind in KINDS.items() for example in kind.examples if name != "Input"]
CONFIGS += [
    ("Conv2D", {"filters": 4, "kernel_size": 3, "padding": 1}),
    ("Conv2D", {"filters": 6, "kernel_size": 2, "stride": 2, "rounding": "floor", "groups": 2}),
    ("Conv2D", {"filters": 3, "kernel_size": 1}),
    ("MaxPool2D", {"pool_size": 2, "rounding": "ceil"}),
    ("AvgPool2D", {"pool_size": 3, "stride": 1, "padding": 1, "count_padding": False}),
    ("ConvTranspose2D", {"filters": 2, "kernel_size": 3, "stride": 2, "padding": 1}),
    ("Dense", {"units": 4}),
    ("Upsample2D", {"interpolation": "bilinear"}),
]
MERGES = ["Add", "Subtract", "Multiply", "Average", "Maximum", "Concat"]


@st.composite
def networks(draw, most_layers=6):
    """Draw a network of small layers, with merges where shapes allow them."""
    layers = [layer("input", "Input", shape=draw(st.sampled_from([(6, 5, 2), (4, 4, 3), (5, 7, 1), (9,)])))]
    for place in range(draw(st.integers(1, most_layers))):
        for _ in range(4):
            ids = [each.id for each in layers]
            if draw(st.integers(0, 3)) == 0:
                sources = [draw(st.sampled_from(ids)) for _ in range(draw(st.integers(2, 3)))]
                added = layer(f"l{place}", draw(st.sampled_from(MERGES)), sources)
            else:
                kind, config = draw(st.sampled_from(CONFIGS))
                least, _ = KINDS[kind].n_inputs
                added = layer(f"l{place}", kind, [draw(st.sampled_from(ids[-2:])) for _ in range(least)], **config)
            report = check(document(*layers, added))
            shape = report.layers[added.id].shape
            if not report.errors and shape is not None and np.prod(shape) <= MOST_VALUES:
                layers.append(added)
                break
    if len(layers) == 1:
        layers.append(layer("relu", "ReLU", "input"))
    return Network(document(*layers), "float64")


def stirred(network, rng):
    """Give all weights numbers that matter; statistics stay above 0."""
    for name, weight in network.weights.items():
        drawn = rng.standard_normal(weight.shape)
        network.weights[name] = np.abs(drawn) + 0.5 if name.endswith("moving_variance") else drawn
    return network


def looked(network, rng, aim=None):
    shape = network.program.nodes[0].shape
    return look_inside(network, np.round(rng.standard_normal(shape), 1), aim)


def any_cell(shape, rng):
    return tuple(int(rng.integers(n)) for n in shape)
