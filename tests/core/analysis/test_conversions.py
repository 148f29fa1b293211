"""Dense layers turned into convolutions compute the same, and on larger inputs slide."""

import numpy as np
import pytest

from core.analysis.check import check
from core.analysis.conversions import convertible, dense_to_convolution
from core.engine.network import Network
from core.errors import EditError
from core.graph.edits import set_config
from core.graph.values import Block, Document, Graph
from core.io.templates import load_template
from core.layers import KINDS
from tests.drawing import chain, document, layer

CONV = ("Conv2D", {"filters": 4, "kernel_size": 3})


def drawn(network, seed=1):
    """Draw all weights; those of size 1 or so show what a small difference would hide, variances stay above 0."""
    rng = np.random.default_rng(seed)
    for name in network.weights:
        values = rng.standard_normal(network.weights[name].shape)
        network.weights[name] = np.abs(values) + 0.5 if name.endswith("variance") else values
    return network


def converted(document, flatten):
    """Return the network and its conversion, with the same weights."""
    network = drawn(Network(document, "float64"))
    found = dense_to_convolution(check(document), flatten)
    other = Network(found.document(document), "float64")
    other.weights.update(found.weights(network.weights))
    return network, other


def assert_same_function(document, flatten, batch=3):
    network, other = converted(document, flatten)
    (shape,) = (layer.shape for layer in check(document).layers.values() if layer.layer.kind == "Input")
    x = np.random.default_rng(2).standard_normal((batch, *shape))
    y = network.forward(x)
    found = other.forward(x)
    np.testing.assert_allclose(found.reshape(y.shape), y, rtol=1e-9, atol=1e-12)
    return found.shape[1:]


def test_lenet_becomes_all_convolutional_and_computes_the_same():
    lenet = load_template("lenet5")
    assert assert_same_function(lenet, "flat") == (1, 1, 10)
    after = check(dense_to_convolution(check(lenet), "flat").document(lenet))
    assert after.valid
    kinds = {id: found.layer.kind for id, found in after.layers.items()}
    assert "flat" not in kinds
    assert (kinds["fc1"], kinds["fc2"], kinds["fc3"], kinds["softmax"]) == ("Conv2D", "Conv2D", "Conv2D", "Softmax")
    sizes = {id: after.layers[id].layer.config["kernel_size"] for id in ("fc1", "fc2", "fc3")}
    assert sizes == {"fc1": 5, "fc2": 1, "fc3": 1}
    assert after.totals.parameters == 61_706
    assert after.totals.macs == check(lenet).totals.macs


def test_the_weights_keep_their_names_and_the_kernels_become_filters():
    lenet = load_template("lenet5")
    weights = dense_to_convolution(check(lenet), "flat").weights(Network(lenet).weights)
    shapes = {name: weights[name].shape for name in weights if name.startswith("fc")}
    assert shapes == {
        "fc1/kernel": (5, 5, 16, 120),
        "fc1/bias": (120,),
        "fc2/kernel": (1, 1, 120, 84),
        "fc2/bias": (84,),
        "fc3/kernel": (1, 1, 84, 10),
        "fc3/bias": (10,),
    }


def test_a_map_that_is_not_square_and_layers_of_every_family_between():
    net = chain(
        (7, 9, 2),
        CONV,
        "ReLU",
        "Flatten",
        "Dropout",
        "LeakyReLU",
        ("Dense", {"units": 12, "bias": False}),
        "BatchNorm",
        ("Maxout", {"pieces": 2}),
        "LayerNorm",
        "PReLU",
        "Flatten",
        ("Dense", {"units": 4}),
        "Softmax",
    )
    assert assert_same_function(net, "flat3") == (1, 1, 4)


def test_two_heads_and_their_sum():
    net = document(
        layer("input", "Input", shape=(4, 5, 3)),
        layer("flat", "Flatten", "input"),
        layer("left", "Dense", "flat", units=6),
        layer("right", "Dense", "flat", units=6),
        layer("sum", "Add", ("left", "right")),
        layer("both", "Concat", ("sum", "right")),
    )
    assert assert_same_function(net, "flat") == (1, 1, 12)


def test_a_decoder_takes_its_row_from_the_map():
    net = chain((4, 4, 2), "Flatten", ("Dense", {"units": 18}), ("Reshape", {"shape": (3, 3, 2)}), ("Conv2D", CONV[1]))
    assert assert_same_function(net, "flat1") == (1, 1, 4)


def test_on_a_larger_input_the_converted_network_slides_the_old_one():
    pool = ("MaxPool2D", {"pool_size": 2})
    dense = [("Dense", {"units": units}) for units in (7, 5)]
    net = chain((10, 10, 1), CONV, "ReLU", pool, "Flatten", dense[0], "ReLU", dense[1], "Softmax")
    network = drawn(Network(net, "float64"))
    found = dense_to_convolution(check(net), "flat4")
    other = Network(set_config(found.document(net), "input", {"shape": (14, 12, 1)}), "float64")
    other.weights.update(found.weights(network.weights))
    x = np.random.default_rng(3).standard_normal((2, 14, 12, 1))
    scores = other.forward(x)
    assert scores.shape == (2, 3, 2, 5)
    for i in range(3):
        for j in range(2):
            crop = x[:, 2 * i : 2 * i + 10, 2 * j : 2 * j + 10]
            np.testing.assert_allclose(scores[:, i, j], network.forward(crop), rtol=1e-9)


FEATURE_CASES = [
    pytest.param(name, example, id=f"{name}-{place}")
    for name, kind in KINDS.items()
    for place, example in enumerate(kind.examples)
    if example.inputs and all(len(shape) == 1 for shape in example.inputs)
]


@pytest.mark.parametrize(("name", "example"), FEATURE_CASES)
def test_every_kind_computes_the_same_after_the_first_dense(name, example):
    feeding = [layer(f"fc{i}", "Dense", "flat", units=units) for i, (units,) in enumerate(example.inputs)]
    net = document(
        layer("input", "Input", shape=(3, 2, 2)),
        layer("flat", "Flatten", "input"),
        *feeding,
        layer("own", name, [source.id for source in feeding], **example.config),
    )
    assert_same_function(net, "flat")


def test_what_would_not_compute_the_same_after_the_first_dense_is_refused():
    net = document(
        layer("input", "Input", shape=(3, 2, 2)),
        layer("flat", "Flatten", "input"),
        layer("fc", "Dense", "flat", units=4),
        layer("twice", "Concat", ("fc", "fc"), axis=0),
    )
    assert check(net).valid
    with pytest.raises(EditError, match="twice takes 4; with 1×1×4 it would compute something else"):
        dense_to_convolution(check(net), "flat")


@pytest.mark.parametrize("kind", ["BatchNorm", "Softmax", "PReLU"])
def test_what_works_on_flattened_features_is_refused(kind):
    net = chain((4, 4, 2), "Flatten", kind, ("Dense", {"units": 3}))
    with pytest.raises(EditError, match="works on the flattened features"):
        dense_to_convolution(check(net), "flat1")
    assert convertible(check(net)) == ()


def test_a_flatten_that_leads_to_no_dense_is_refused():
    with pytest.raises(EditError, match="No Dense layer follows flat1"):
        dense_to_convolution(check(chain((4, 4, 2), "Flatten", "ReLU")), "flat1")


def test_what_is_not_known_or_not_there_is_refused():
    report = check(chain((7, 7, 1), ("Conv2D", {"filters": 1, "kernel_size": 3, "stride": 3}), "Flatten"))
    with pytest.raises(EditError, match="not fed by a map of known size"):
        dense_to_convolution(report, "flat2")
    with pytest.raises(EditError, match="is not a Flatten"):
        dense_to_convolution(report, "conv1")


def test_layers_inside_a_block_are_refused():
    head = Block(("x",), (layer("fc", "Dense", "x", units=3),), ("fc",))
    layers = (
        layer("input", "Input", shape=(4, 4, 1)),
        layer("flat", "Flatten", "input"),
        layer("head", "Block", "flat", block="head"),
    )
    with pytest.raises(EditError, match="head/1/fc is inside a block"):
        dense_to_convolution(check(Document(Graph(layers, None, {"head": head}))), "flat")


def test_the_convertible_are_named():
    assert convertible(check(load_template("lenet5"))) == ("flat",)
    assert convertible(check(chain((6,), ("Dense", {"units": 3})))) == ()
