"""Receptive fields against brute force: which cells change a cell, and which cells a cell changes."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.analysis.check import check
from core.analysis.receptive_field import Box, seen
from core.engine.network import Network
from core.engine.program import compile_program
from core.errors import NetworkError
from core.inside.regions import Region, fed_by, seen_by
from core.io.templates import load_template
from core.layers import KINDS
from tests.core.engine import graphs
from tests.drawing import chain, document, layer

ARCHITECTURES = {  # the template, and the sides that its Input gets here
    "lenet5": None,
    "lenet5_1998": None,
    "alexnet_grouped": 99,
    "vgg11": 32,
    "nin": 32,
    "all_cnn_c": 32,
    "googlenet": 64,
    "resnet18": 48,
    "resnet20_cifar": None,
    "squeezenet1_1": 63,
    "mobilenet_v2": 32,
    "densenet121": 32,
    "unet": 188,
    "dcgan_generator": None,
}
SMOOTH = {"MaxPool2D": "AvgPool2D", "ReLU": "Softplus", "ReLU6": "Softplus", "GlobalMaxPool2D": "GlobalAvgPool2D"}
"""What stands here for kinds that shut some of their inputs out, depending on the sample: it reads the same ones."""


def smaller(name):
    """Read a template and give it a smaller Input."""
    whole, side = load_template(name), ARCHITECTURES[name]
    return whole if side is None else respecified(whole, lambda spec: with_side(spec, side))


def with_side(spec, side):
    return type(spec).read({"shape": (side, side, spec.shape[2])}) if type(spec).__name__ == "Input" else spec


def smooth(spec):
    """Choose a kind in the place of another that passes on all that it reads."""
    kind = KINDS.get(SMOOTH.get(type(spec).__name__, ""))
    return spec if kind is None else kind.read({k: v for k, v in spec.config().items() if k in kind.model_fields})


def respecified(whole, change):
    """Change what layers are, in blocks too."""

    def changed(layers):
        return tuple(replace(each, spec=change(each.spec)) for each in layers)

    blocks = {name: replace(block, layers=changed(block.layers)) for name, block in whole.graph.blocks.items()}
    return replace(whole, graph=replace(whole.graph, layers=changed(whole.graph.layers), blocks=blocks))


def positive(whole):
    """Compile a network in which all numbers are above 0, so that nothing cancels out."""
    network = Network(whole, "float64", seed=0)
    rng = np.random.default_rng(1)
    for node in network.program.nodes:
        for name, weight in node.weights.items():
            network.weights[f"{node.id}/{name}"] = rng.uniform(0.5, 1.5, weight.shape) / weight.fan_in
    return network


def chosen(nodes, rng):
    """Choose cells at the border and within, in the middle of the network and near its end."""
    images = [node for node in nodes if len(node.shape) == 3 and node.sources]
    for node in (images[len(images) // 3], images[-1], nodes[-1]):
        if type(node.kind).__name__ != "Softmax":
            yield node, tuple(int(rng.integers(n)) for n in node.shape)
            yield node, tuple(n - 1 for n in node.shape)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_a_cell_sees_what_changes_it(name):
    whole = smaller(name)
    program, network = compile_program(whole), positive(respecified(whole, smooth))
    rng = np.random.default_rng(2)
    x = rng.uniform(0.5, 1.5, (1, *program.nodes[0].shape))
    for node, cell in chosen(program.nodes, rng):
        found = seen_by(program, node.id, cell)
        dy = np.zeros((1, *node.shape))
        dy[0, *cell] = 1
        gradients = network.derivatives(x, lambda outputs, id=node.id, dy=dy: {id: dy}).gradients
        for id, gradient in gradients.items():
            mask = found[id].mask if id in found else np.zeros(gradient.shape[1:], bool)
            np.testing.assert_array_equal(mask, gradient[0] != 0, err_msg=f"{node.id} {cell} sees {id}")
        assert set(found) <= set(gradients)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_a_cell_feeds_what_it_changes(name):
    whole = smaller(name)
    program, network = compile_program(whole), positive(respecified(whole, smooth))
    rng = np.random.default_rng(3)
    first = program.nodes[0]
    x = rng.uniform(0.5, 1.5, (1, *first.shape))
    before = network.activations(x)
    for cell in ((0,) * len(first.shape), tuple(int(rng.integers(n)) for n in first.shape)):
        found = fed_by(program, first.id, cell)
        moved = x.copy()
        moved[0, *cell] += 1e5
        for id, after in network.activations(moved).items():
            if type(program.by_id[id].kind).__name__ == "Softmax":
                continue  # takes the largest off first: where that comes from, the others may not feel it
            mask = found[id].mask if id in found else np.zeros(after.shape[1:], bool)
            np.testing.assert_array_equal(mask, after[0] != before[id][0], err_msg=f"{cell} feeds {id}")


@pytest.mark.parametrize("name", ["lenet5", "alexnet_grouped", "vgg11", "resnet18", "all_cnn_c"])
def test_boxes_are_where_the_published_formulas_put_them(name):
    whole = smaller(name)
    report, program = check(whole), compile_program(whole)
    rng = np.random.default_rng(4)
    high, wide, _ = program.nodes[0].shape
    for node in program.nodes:
        cell = tuple(int(rng.integers(n)) for n in node.shape)
        box = seen(report, node.id, *cell[:2]) if len(cell) == 3 else None
        if box is None:
            continue
        clipped = Box(max(0, box.top), max(0, box.left), min(high, box.bottom), min(wide, box.right))
        found = seen_by(program, node.id, cell)[program.nodes[0].id]
        assert found.inside == clipped, node.id


@pytest.mark.parametrize("graph", [graphs.residual, graphs.inception, graphs.doubled, graphs.unet])
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_seeing_is_feeding_turned_round(graph, data):
    program = compile_program(graph())
    one, other = (data.draw(st.sampled_from(program.nodes)) for _ in range(2))
    cells = [tuple(data.draw(st.integers(0, n - 1)) for n in node.shape) for node in (one, other)]
    sees, feeds = seen_by(program, one.id, cells[0]), fed_by(program, other.id, cells[1])
    sees_it = other.id in sees and bool(sees[other.id].mask[cells[1]])
    feeds_it = one.id in feeds and bool(feeds[one.id].mask[cells[0]])
    assert sees_it == feeds_it


def test_padding_is_told_layer_by_layer():
    program = compile_program(
        chain(
            (8, 8, 1),
            ("Conv2D", {"filters": 2, "kernel_size": 5, "padding": 2}),
            ("MaxPool2D", {"pool_size": 3, "stride": 2, "padding": 1, "rounding": "floor"}),
        )
    )
    corner = seen_by(program, "pool2", (0, 0, 1))
    assert corner["conv1"].beyond == (1, 0, 1, 0)
    assert corner["conv1"].inside == Box(0, 0, 2, 2)
    assert corner["conv1"].frame == Box(-1, -1, 2, 2)
    assert corner["conv1"].channels == [1]
    assert corner["input"].beyond == (2, 0, 2, 0)
    assert corner["input"].frame == Box(-2, -2, 4, 4)
    inner = seen_by(program, "conv1", (4, 4, 0))["input"]
    assert inner.beyond == (0, 0, 0, 0)
    assert inner.frame == inner.inside == Box(2, 2, 7, 7)


def test_holes_are_not_filled():
    program = compile_program(chain((9, 9, 1), ("Conv2D", {"filters": 1, "kernel_size": 3, "dilation": 3})))
    found = seen_by(program, "conv1", (1, 2, 0))["input"]
    assert found.inside == Box(1, 2, 8, 9)
    assert not found.is_box
    assert found.n_cells == 9
    assert np.argwhere(found.mask)[:3].tolist() == [[1, 2, 0], [1, 5, 0], [1, 8, 0]]


def test_paths_that_meet_see_their_union():
    program = compile_program(
        document(
            layer("input", "Input", shape=(9, 9, 2)),
            layer("flat", "Conv2D", "input", filters=2, kernel_size=(1, 7), padding=(0, 3)),
            layer("high", "Conv2D", "input", filters=2, kernel_size=(7, 1), padding=(3, 0)),
            layer("sum", "Add", ["flat", "high"]),
        )
    )
    found = seen_by(program, "sum", (4, 4, 0))["input"]
    assert found.n_cells == 2 * (7 + 7 - 1)
    assert found.inside == Box(1, 1, 8, 8)
    assert not found.is_box


def test_what_stands_in_padding_alone_sees_no_cell():
    program = compile_program(
        chain((4, 4, 1), ("ZeroPad2D", {"padding": 2}), ("PadChannels", {"before": 1, "after": 0}))
    )
    found = seen_by(program, "pad1", (0, 1, 0))
    assert found["input"].n_cells == 0
    assert found["input"].inside == Box(0, 0, 0, 0)
    assert found["input"].beyond == (2, 0, 1, 0)
    assert set(seen_by(program, "pad2", (3, 3, 0))) == {"pad2"}
    assert seen_by(program, "pad2", (3, 3, 1))["input"].inside == Box(1, 1, 2, 2)


def test_rows_of_features_are_regions_too():
    region = Region(np.array([False, True, True, False]))
    assert region.inside == Box(0, 1, 1, 3)
    assert region.is_box
    assert region.channels == [1, 2]
    assert not Region(np.array([True, False, True])).is_box


@pytest.mark.parametrize(
    ("layer_id", "cell", "said"),
    [
        ("conv3", (0, 0, 0), "The network has no layer conv3. Did you mean conv2?"),
        (
            "conv2",
            (10, 0, 0),
            r"conv2 gives 10×10×16 and has no cell \(10, 0, 0\): the last is \(9, 9, 15\)",
        ),
        ("conv2", (-1, 0, 0), "has no cell"),
        ("conv2", (1, 2), "has no cell"),
        ("fc1", (120,), r"the last is \(119\)"),
    ],
)
def test_what_does_not_exist_is_named(layer_id, cell, said):
    program = compile_program(load_template("lenet5"))
    for ask in (seen_by, fed_by):
        with pytest.raises(NetworkError, match=said):
            ask(program, layer_id, cell)
