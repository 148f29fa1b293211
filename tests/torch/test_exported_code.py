"""The exported code computes what the engine computes: every kind, graphs drawn at random, and the zoo."""

from random import Random

import pytest

from core.analysis.check import check
from core.export.pytorch.kinds import SPELLINGS
from core.export.pytorch.names import RESERVED
from core.graph.values import Block, Document, Graph
from core.io.templates import load_template, template_names
from core.layers import KINDS
from tests.drawing import document, layer

try:
    import torch

    from tests.torch.exported import compare
except ImportError:  # then every test below is skipped, and counted
    torch = None

pytestmark = pytest.mark.torch

N_GRAPHS = 80
STOCHASTIC = {"Dropout", "SpatialDropout", "GaussianNoise"}
EXAMPLES = [(name, place) for name, kind in KINDS.items() for place in range(len(kind.examples))]


@pytest.fixture(autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def test_every_kind_is_said():
    assert set(SPELLINGS) == set(KINDS.values())


def of_example(name, place):
    """Draw the example of a kind as a network, between layers that learn."""
    example = KINDS[name].examples[place]
    if name == "Input":
        return document(layer("in", "Input", shape=example.config["shape"]), layer("y", "Tanh", "in"))
    inputs = [layer(f"in{port}", "Input", shape=shape) for port, shape in enumerate(example.inputs)]
    before = [layer(f"before{port}", "PReLU", f"in{port}") for port in range(len(inputs))]
    own = layer("it", name, [each.id for each in before], **example.config)
    return document(*inputs, *before, own, layer("after", "PReLU", "it"))


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize(("name", "place"), EXAMPLES)
def test_the_example_of_a_kind(name, place, training, tmp_path):
    made = of_example(name, place)
    if check(made).totals.parameters > 500_000:
        pytest.skip("a large example; smaller ones stand beside it")
    compare(made, place, training and name not in STOCHASTIC, tmp_path)


# --- graphs drawn at random -----------------------------------------------------------------------------------------

WINDOWS = {
    "kernel_size": [1, 2, 3, (3, 2), 5],
    "pool_size": [2, 3, (2, 3)],
    "stride": [1, 1, 2, (2, 1), 3],
    "padding": [0, 1, "same", (1, 0), ((0, 1), (1, 2))],
    "dilation": [1, 1, 2],
    "groups": [1, 1, 2],
    "rounding": ["floor", "floor", "ceil", "exact"],
    "filters": [2, 4, 6],
    "units": [1, 4, 8],
    "bias": [True, False],
    "affine": [True, False],
    "epsilon": [1e-3, 0.01],
    "momentum": [0.9, 0.7],
    "count_padding": [True, False],
    "interpolation": ["nearest", "bilinear"],
    "output_padding": [0, 0, 1],
    "shared": [True, False],
    "axis": [-1, -1, 0, 1],
    "approximate": [True, False],
    "cropping": [0, 1, ((0, 1), (1, 0))],
    "output_size": [1, 2, (3, 2)],
    "before": [0, 2],
    "after": [0, 1],
    "block_size": [1, 2],
    "pieces": [1, 2],
    "size": [2, 3, 5],
    "factor": [1, 2, (1, 2)],
    "slope": [0.2],
    "alpha": [0.5],
}
"""Values that settings are drawn from."""

DRAWN = sorted(set(KINDS) - {"Input"} - STOCHASTIC)


def drawn(seed):
    """Draw a graph over all kinds: branches, several Inputs and outputs, frozen layers, blocks that repeat."""
    draw = Random(seed)
    shape = draw.choice([(8, 8, 4), (7, 9, 12), (6, 5, 2), (12,)])
    layers = [layer("input", "Input", shape=shape)]
    if draw.random() < 0.3:
        layers.append(layer("other-one", "Input", shape=shape))
    for number in range(60):
        kind = draw.choice(DRAWN)
        fields = KINDS[kind].model_fields
        config = {name: draw.choice(values) for name, values in WINDOWS.items() if name in fields}
        if kind == "Reshape":
            config = {"shape": draw.choice([(2, 2, 3), (4, 3, 1), (12,), (24,)])}
        sources = [draw.choice(layers[-3:]).id]
        least, most = KINDS[kind].n_inputs
        n_more = least - 1 + (most is None and draw.random() < 0.3)
        sources += [draw.choice(layers).id for _ in range(n_more)]
        stem = draw.choice([kind.lower(), f"é.{kind}", "_", "train-"])
        id = "train" if number == 7 else f"{stem}{number}"
        added = [*layers, layer(id, kind, sources, draw.random() < 0.85, **config)]
        report = check(document(*added))
        if report.valid and report.totals.activation_values < 20_000:
            layers = added
        if len(layers) > 14:
            break
    return document(*layers)


def test_the_graphs_are_of_all_kinds():
    kinds = {each.kind for seed in range(N_GRAPHS) for each in drawn(seed).graph.layers}
    assert kinds == set(KINDS) - STOCHASTIC


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("seed", range(N_GRAPHS))
def test_graphs_drawn_at_random(seed, training, tmp_path):
    compare(drawn(seed), seed, training, tmp_path)


def with_blocks(seed):
    """Draw a network of blocks: nested, repeated, of several inputs and outputs, whose copies differ in channels."""
    draw = Random(seed)
    grow = Block(
        ("x",),
        (
            layer("norm", "BatchNorm", "x"),
            layer("conv", "Conv2D", "norm", filters=draw.choice([2, 3]), kernel_size=3, padding=1),
            layer("joined", "Concat", ["x", "conv"]),
        ),
        ("joined",),
    )
    both = Block(
        ("a", "b"),
        (
            layer("sum", "Add", ["a", "b"]),
            layer("inner", "Block", "sum", block="grow", repeat=draw.choice([1, 2])),
            layer("act", draw.choice(["Tanh", "PReLU"]), "inner"),
        ),
        ("act", "sum"),
    )
    layers = (
        layer("input", "Input", shape=(5, 4, 3)),
        layer("conv", "Conv2D", "input", filters=3, kernel_size=1),
        layer("grown", "Block", "conv", block="grow", repeat=draw.choice([1, 3])),
        layer("two", "Block", ["conv", "input"], draw.random() < 0.7, block="both"),
        layer("three", "Block", ["two/sum", "conv"], block="both"),
        layer("all", "Concat", ["grown", "two", "three", "two/sum"]),
        layer("gap", "GlobalAvgPool2D", "all"),
        layer("fc", "Dense", "gap", units=4),
        layer("softmax", "Softmax", "fc"),
    )
    return Document(Graph(layers, blocks={"grow": grow, "both": both}))


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("seed", range(8))
def test_blocks_are_classes(seed, training, tmp_path):
    made = with_blocks(seed)
    assert check(made).valid, check(made).errors
    compare(made, seed, training, tmp_path)


# --- the zoo --------------------------------------------------------------------------------------------------------

SMALL = [name for name in template_names() if check(load_template(name)).totals.parameters < 5_000_000]
"""Larger ones are compared in inference mode alone, by the proof that every export can be asked for."""


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("name", SMALL)
def test_the_zoo(name, training, tmp_path):
    made = load_template(name)
    stochastic = any(each.kind in STOCHASTIC for each in made.graph.layers)
    compare(made, 1, training and not stochastic, tmp_path, close=1e-6)


# --- names ----------------------------------------------------------------------------------------------------------


def test_no_name_of_a_module_is_given_to_a_layer():
    of_modules = {name for name in dir(torch.nn.Module()) if not name.startswith("_")}
    assert of_modules <= RESERVED
