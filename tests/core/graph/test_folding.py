"""Folding and unfolding: the same network, under other names."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.analysis.check import check
from core.engine.network import Network
from core.errors import EditError
from core.graph.edits import add_layer, move_layers, set_config, set_trainable
from core.graph.folding import fold, renamed, unfold
from core.graph.layouts import add_note, set_route
from core.graph.values import Note, layers_by_id
from core.io.documents import loads
from core.io.templates import load_template
from core.io.writing import document_text
from tests.core.engine.graphs import GRAPHS, lenet
from tests.drawing import chain


@st.composite
def foldings(draw):
    """A document with some of its layers, chosen at random."""
    whole = draw(st.sampled_from([*GRAPHS.values(), lenet]))()
    ids = [layer.id for layer in whole.graph.layers]
    return whole, draw(st.lists(st.sampled_from(ids), min_size=1, unique=True))


@given(foldings())
def test_what_can_be_folded_is_the_same_network_and_unfolds_to_the_same(found):
    whole, ids = found
    try:
        folded = fold(whole, ids)
    except EditError:
        return
    assert check(folded.document).totals == check(whole).totals
    assert check(folded.document).valid
    assert loads(document_text(folded.document)).graph == folded.document.graph
    back = unfold(folded.document, folded.layers[0])
    assert layers_by_id(back.document.graph) == layers_by_id(whole.graph)
    assert not back.document.graph.blocks
    assert sorted(check(back.document).outputs) == sorted(check(whole).outputs)


@given(foldings())
def test_weights_follow_and_compute_the_same(found):
    whole, ids = found
    try:
        folded = fold(whole, ids)
    except EditError:
        return
    net, other = Network(whole, seed=1), Network(folded.document, seed=2)
    other.weights.update(folded.weights(net.weights))
    rng = np.random.default_rng(0)
    xs = {id: rng.random((2, *net.program.by_id[id].shape), "float32") for id in net.input_ids}
    ours, theirs = net.activations(xs), other.activations(xs)
    for id, y in ours.items():
        np.testing.assert_array_equal(theirs[folded.names.get(id, id)], y)


def test_a_residual_block_is_folded_with_its_way_around():
    folded = fold(GRAPHS["residual"](), ["conv1", "relu1", "conv2", "sum", "relu2", "sum2"])
    graph = folded.document.graph
    assert [layer.id for layer in graph.layers] == ["input", "block1", "flat", "fc"]
    block = graph.blocks["block1"]
    assert (block.inputs, block.outputs) == (("x",), ("sum2",))
    assert layers_by_id(graph)["flat"].inputs == ("block1",)
    assert folded.names["conv1"] == "block1/1/conv1"


def test_several_inputs_and_outputs_have_names():
    folded = fold(GRAPHS["inception"](), ["one", "relu3", "joined", "three"])
    block = folded.document.graph.blocks["block1"]
    assert block.inputs == ("x1", "x2", "x3")
    assert layers_by_id(folded.document.graph)["block1"].inputs == ("stem", "five", "pool")
    two = fold(GRAPHS["residual"](), ["conv1", "relu1"])
    assert two.document.graph.blocks["block1"].outputs == ("relu1",)
    split = fold(GRAPHS["two_ends"](), ["conv", "relu", "pool"]).document.graph
    assert split.blocks["block1"].outputs == ("relu", "pool")
    assert split.outputs == ("fc", "block1/relu")
    assert layers_by_id(split)["flat"].inputs == ("block1/pool",)


@pytest.mark.parametrize(
    ("ids", "words"),
    [
        ([], "Select the layers"),
        (["gone"], "Select the layers"),
        (["input", "conv1"], "input is where samples enter"),
        (["conv1", "sum"], "relu1 and conv2 lie on a path that leaves these layers and comes back"),
        (["conv1", "relu1", "sum"], "conv2 lies on a path"),
    ],
)
def test_what_cannot_be_a_block_is_refused_with_the_reason(ids, words):
    with pytest.raises(EditError, match=words):
        fold(GRAPHS["residual"](), ids)


def test_copies_are_unrolled_in_a_row():
    whole = load_template("resnet20_cifar")
    back = unfold(whole, "stage1")
    assert "stage1_2_conv1" in back.layers
    assert check(back.document).totals == check(whole).totals
    assert "residual16" not in back.document.graph.blocks
    net, other = Network(whole, seed=1), Network(back.document, seed=2)
    other.weights.update(back.weights(net.weights))
    x = np.random.default_rng(0).random((1, 32, 32, 3), "float32")
    np.testing.assert_array_equal(other.forward(x), net.forward(x))


@pytest.mark.parametrize("name", ["resnet152", "googlenet", "unet"])
def test_every_block_of_a_template_unfolds_to_the_same_network(name):
    whole = unfolded = load_template(name)
    while uses := [layer.id for layer in unfolded.graph.layers if layer.kind == "Block"]:
        unfolded = unfold(unfolded, uses[0]).document
    assert unfolded.graph.blocks == {}
    assert check(unfolded).totals == check(whole).totals
    assert check(unfolded).valid


def test_a_block_that_is_used_elsewhere_stays():
    whole = load_template("googlenet")
    uses = [layer for layer in whole.graph.layers if layer.kind == "Block"]
    block = uses[0].spec.block
    twice = fold(whole, [uses[0].id])
    assert block in unfold(twice.document, twice.layers[0]).document.graph.blocks


def test_a_frozen_use_unfolds_to_frozen_layers():
    frozen = set_trainable(fold(lenet(), ["conv1", "relu2"]).document, "block1", False)
    assert not layers_by_id(unfold(frozen, "block1").document.graph)["conv1"].trainable


def test_names_that_are_taken_are_avoided():
    folded = fold(lenet(), ["conv1"]).document
    clash, _ = add_layer(folded, "ReLU", id="conv1")
    assert unfold(clash, "block1").layers == ("block1_conv1",)


def test_places_go_in_and_out():
    whole = chain((5,), ("Dense", {"units": 4}), "ReLU", ("Dense", {"units": 3}))
    whole = move_layers(whole, {"input": (0, 0), "fc1": (100, 0), "relu2": (200, 40), "fc3": (300, 0)})
    folded = fold(whole, ["fc1", "relu2"]).document
    assert folded.layout.positions == {
        "input": (0, 0),
        "fc3": (300, 0),
        "block1": (150, 0),
        "block1/fc1": (100, 0),
        "block1/relu2": (200, 40),
    }
    back = unfold(move_layers(folded, {"block1": (500, 0)}), "block1").document
    assert back.layout.positions == {"input": (0, 0), "fc3": (300, 0), "fc1": (500, 0), "relu2": (600, 40)}


def test_blocks_within_blocks_keep_their_weights_names():
    assert renamed({"a/1/b/2/conv/kernel": 1, "ab/kernel": 2}, {"a/1/b": "c"}) == {"c/2/conv/kernel": 1, "ab/kernel": 2}


@pytest.mark.parametrize("use", ["conv1", "gone"])
def test_what_is_no_block_does_not_unfold(use):
    with pytest.raises(EditError, match="is not a block"):
        unfold(lenet(), use)


def test_ways_of_wires_go_in_and_out():
    whole = chain((8, 8, 3), "ReLU", "Sigmoid", "Tanh")
    whole = move_layers(whole, {"input": (0, 0), "relu1": (200, 0), "sigmoid2": (400, 0), "tanh3": (600, 0)})
    whole = set_route(whole, "sigmoid2", "relu1", [(300, 90)])
    folded = fold(whole, ["relu1", "sigmoid2"])
    assert folded.document.layout.routes["block1/sigmoid2<-relu1"] == ((300, 90),)
    back = unfold(move_layers(folded.document, {"block1": (1000, 50)}), "block1").document
    assert back.layout.routes["sigmoid2<-relu1"] == ((1100, 140),)


def test_notes_in_a_block_come_out_with_every_copy():
    whole = chain((8, 8, 3), "ReLU", "Sigmoid")
    whole = move_layers(whole, {"input": (0, 0), "relu1": (200, 0), "sigmoid2": (400, 0)})
    document = fold(whole, ["relu1", "sigmoid2"]).document
    document, _ = add_note(document, "cards", Note((200, 100), (90, 40), "twice", block="block1"))
    document = set_config(move_layers(document, {"block1": (200, 0)}), "block1", {"repeat": 2})
    after = unfold(document, "block1").document
    assert [(note.text, note.at, note.block) for note in after.layout.cards] == [
        ("twice", (200, 100), ""),
        ("twice", (600, 100), ""),
    ]
