"""The engine against PyTorch on graphs drawn at random, in float64: values, all gradients, and statistics."""

from random import Random

import numpy as np
import pytest

from core.analysis.check import check
from core.engine.network import Network
from core.layers import KINDS
from tests.drawing import document, layer

try:
    import torch

    from tests.torch.theirs import THEIRS, channels_first, channels_last
except ImportError:  # then every test below is skipped, and counted
    torch = None

pytestmark = pytest.mark.torch

CLOSE = 1e-8
N_GRAPHS = 60
N_TRIES = 40

CONFIGS = {
    "Conv2D": lambda draw: {
        "filters": draw.choice([2, 4, 12, 13]),
        "kernel_size": draw.choice([1, 3, (3, 2), 5]),
        "stride": draw.choice([1, 1, 2]),
        "padding": draw.choice([0, 1, "same", (1, 0)]),
        "dilation": draw.choice([1, 1, 2]),
        "bias": draw.random() < 0.7,
        "groups": draw.choice([1, 1, 1, 2]),
        "rounding": "floor",
    },
    "ConvTranspose2D": lambda draw: {"filters": 3, "kernel_size": 2, "stride": 2},
    "MaxPool2D": lambda draw: {
        "pool_size": draw.choice([2, 2, 3]),
        "stride": draw.choice([None, 1, 2]),
        "padding": draw.choice([0, 0, 1]),
        "rounding": draw.choice(["floor", "ceil"]),
    },
    "AvgPool2D": lambda draw: {"pool_size": draw.choice([2, 3]), "stride": draw.choice([None, 1]), "rounding": "floor"},
    "L2Pool2D": lambda draw: {"rounding": "floor"},
    "Dense": lambda draw: {"units": draw.choice([1, 5, 8]), "bias": draw.random() < 0.7},
    "BatchNorm": lambda draw: {"affine": draw.random() < 0.8, "momentum": 0.7, "epsilon": 0.01},
    "GroupNorm": lambda draw: {"groups": 2, "epsilon": 0.01},
    "Concat": lambda draw: {},
    "ZeroPad2D": lambda draw: {"padding": 1},
    "Upsample2D": lambda draw: {"interpolation": draw.choice(["nearest", "bilinear"])},
}
"""Settings of the kinds that have any, drawn so that most of them fit."""

SETTLED = (
    "LayerNorm",
    "InstanceNorm",
    "ReLU",
    "ReLU",
    "ReLU",
    "LeakyReLU",
    "Tanh",
    "Sigmoid",
    "GELU",
    "SiLU",
    "Softplus",
)
MERGES = ("Add", "Add", "Average", "Multiply", "Concat")
ENDS = ("Flatten", "GlobalAvgPool2D", "GlobalMaxPool2D")
DRAWN = (*CONFIGS, *CONFIGS, *SETTLED, *MERGES, *ENDS)


def drawn(seed):
    """Draw a graph without errors: chains, branches that meet again, sources used twice, one Input or two."""
    draw = Random(seed)
    layers = [layer("input", "Input", shape=draw.choice([(8, 8, 2), (7, 9, 12), (12,)]))]
    if draw.random() < 0.3:
        layers.append(layer("other", "Input", shape=layers[0].spec.shape))
    for number in range(N_TRIES):
        kind = draw.choice(DRAWN)
        recent = [each.id for each in layers[-2:]]
        sources = [draw.choice(recent)]
        if kind in MERGES:
            sources.append(draw.choice([each.id for each in layers]))
        config = CONFIGS.get(kind, lambda _: {})(draw)
        added = [*layers, layer(f"{kind.lower()}{number}", kind, sources, draw.random() < 0.9, **config)]
        report = check(document(*added))
        if kind == "InstanceNorm" and report.valid and report.of(added[-1].id).shape[:2] == (1, 1):
            continue  # PyTorch refuses to normalise single values
        if report.valid and report.totals.activation_values < 30_000:
            layers = added
        if len(layers) > 12:
            break
    return document(*layers)


def computed(net, found, training):
    """Compute all layers in PyTorch, by their ids, channels first."""
    values = {}
    weights = {}
    for node in net.program.nodes:
        own = {}
        for name, weight in node.weights.items():
            learns = weight.role == "parameter"
            own[name] = torch.tensor(net.weights[f"{node.id}/{name}"], requires_grad=learns)
            weights[f"{node.id}/{name}"] = own[name]
        sources = [values[net.program.nodes[source].id] for source in node.sources]
        if sources:
            values[node.id] = THEIRS[type(node.kind).__name__](node.kind, own, *sources, training)
        else:
            values[node.id] = channels_first(found[node.id]).contiguous()
    return values, weights


def assert_near(ours, tensor, name):
    scale = max(1.0, float(tensor.detach().abs().max()))
    np.testing.assert_allclose(ours, tensor.detach().numpy(), rtol=CLOSE, atol=CLOSE * scale, err_msg=name)


@pytest.fixture(autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def test_the_graphs_are_of_many_kinds():
    kinds, n_outputs, twice = set(), set(), 0
    for seed in range(N_GRAPHS):
        graph = drawn(seed).graph
        kinds |= {each.kind for each in graph.layers}
        fed = [source for each in graph.layers for source in each.inputs]
        n_outputs.add(len({each.id for each in graph.layers} - set(fed)))
        twice += any(fed.count(source) > 1 for source in fed)
    assert kinds == {"Input", *DRAWN}
    assert len(n_outputs) >= 3
    assert twice > N_GRAPHS / 2
    assert kinds <= set(KINDS)


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("seed", range(N_GRAPHS))
def test_outputs_gradients_and_statistics(seed, training):
    net = Network(drawn(seed), "float64")
    rng = np.random.default_rng(seed)
    for name, array in net.weights.items():
        values = 0.5 * rng.standard_normal(array.shape)
        net.weights[name] = np.abs(values) + 0.1 if name.endswith(("variance", "gamma")) else values
    inputs = [net.program.nodes[index] for index in net.program.inputs]
    xs = {node.id: rng.standard_normal((3, *node.shape)) for node in inputs}
    theirs = {id: torch.tensor(x, requires_grad=True) for id, x in xs.items()}
    values, weights = computed(net, theirs, training)

    found = net.forward(xs, training)
    ys = found if isinstance(found, dict) else {net.output_ids[0]: found}
    dys = {id: rng.standard_normal(y.shape) for id, y in ys.items()}
    gradients = net.backward(dys)
    torch.autograd.backward([channels_last(values[id]) for id in ys], [torch.from_numpy(dys[id]) for id in ys])
    for id, y in ys.items():
        assert_near(y, channels_last(values[id]), id)
    for id, dx in gradients.inputs.items():
        expected = theirs[id].grad
        assert_near(dx, torch.zeros_like(theirs[id]) if expected is None else expected, f"the gradient of {id}")
    for name, gradient in gradients.weights.items():
        expected = weights[name].grad
        assert_near(gradient, torch.zeros_like(weights[name]) if expected is None else expected, f"that of {name}")
    for name, tensor in weights.items():
        if not tensor.requires_grad:
            assert_near(net.weights[name], tensor, name)
