"""Opened blocks: drawn as documents of their own, and put back with all copies following."""

import pytest

from core.analysis.check import check
from core.analysis.opened import opened
from core.errors import EditError
from core.graph import edits
from core.graph.folding import fold
from core.graph.opening import block_at, ids_at, open_block, put_back
from core.graph.values import layers_by_id
from core.io.templates import load_template
from tests.core.engine.graphs import GRAPHS, lenet


@pytest.fixture
def resnet():
    return load_template("resnet20_cifar")


@pytest.fixture
def nested():
    """A LeNet whose first two layers are a block within a block."""
    inner = fold(lenet(), ["conv1", "relu2"], "unit").document
    return fold(inner, ["block1", "pool3"], "stage").document


def edited(document, place, edit):
    """Edit an opened block and put it back."""
    before = open_block(document, place, {})
    return put_back(document, place, before, edit(before))


@pytest.mark.parametrize(
    ("place", "name"),
    [("stage1/3/", "residual16"), ("stage1/4/", None), ("stage1/0/", None), ("conv1/1/", None), ("", None)],
)
def test_places(place, name, resnet):
    assert block_at(resnet.graph, place) == name


def test_places_within_places(nested):
    assert block_at(nested.graph, "block2/1/") == "stage"
    assert block_at(nested.graph, "block2/1/block1/1/") == "unit"
    assert ids_at(nested.graph, "block2/1/block1/1/") == ["x", "conv1", "relu2"]
    assert ids_at(nested.graph, "block2/2/") == []


@pytest.mark.parametrize("place", ["stage1/1/", "stage1/2/", "stage2a/1/"])
def test_an_opened_block_says_of_its_layers_what_the_whole_says(place, resnet):
    whole = check(resnet)
    inside = opened(whole, place)
    assert list(inside.layers) == ["x", *(id.removeprefix(place) for id in whole.layers if id.startswith(place))]
    for id, found in inside.layers.items():
        assert found.id == id
        assert id == "x" or (found.facts, found.flow) == (whole.layers[place + id].facts, whole.layers[place + id].flow)
    feeding = {"stage1/1/": "relu1", "stage1/2/": "stage1/1/relu", "stage2a/1/": "stage1/3/relu"}[place]
    assert inside.layers["x"].flow == whole.layers[feeding].flow
    assert check(inside.document).totals.parameters == inside.totals.parameters
    assert check(inside.document).totals.macs == inside.totals.macs


def test_within_blocks_within_blocks(nested):
    inside = opened(check(nested), "block2/1/block1/1/")
    assert list(inside.layers) == ["x", "conv1", "relu2"]
    assert inside.layers["x"].shape == (28, 28, 1)
    assert opened(check(nested), "block2/1/").of("block1").shape == (28, 28, 6)


def test_what_feeds_a_block_may_be_unknown():
    folded = edits.disconnect(fold(lenet(), ["conv1", "relu2"]).document, "block1", 0)
    inside = opened(check(folded), "block1/1/")
    assert inside.layers["x"].shape is None
    assert inside.totals.parameters is None


def test_all_copies_follow(resnet):
    after = edited(resnet, "stage1/2/", lambda block: edits.insert_layer(block, "Dropout", before="relu"))
    assert {f"stage1/{copy}/drop1" for copy in (1, 2, 3)} <= check(after).layers.keys()


def test_what_is_put_back_unchanged_changes_nothing(resnet):
    assert edited(resnet, "stage1/1/", lambda block: block) == resnet
    moved = edited(resnet, "stage1/1/", lambda block: edits.move_layers(block, {"conv1": (5, 7)}))
    assert moved.graph is resnet.graph
    assert moved.layout.positions["residual16/conv1"] == (5, 7)
    assert open_block(moved, "stage1/3/", {}).layout.positions["conv1"] == (5, 7)


def test_training_settings_are_the_documents(resnet):
    after = edited(resnet, "stage1/1/", lambda block: edits.set_training(block, {"epochs": 77}))
    assert after.training.settings.epochs == 77


def test_an_input_is_renamed_within(resnet):
    after = edited(resnet, "stage1/1/", lambda block: edits.rename_layer(block, "x", "image"))
    block = after.graph.blocks["residual16"]
    assert block.inputs == ("image",)
    assert check(after).totals == check(resnet).totals


def test_who_reads_an_output_follows_its_name():
    split = fold(GRAPHS["two_ends"](), ["conv", "relu", "pool"]).document
    after = edited(split, "block1/1/", lambda block: edits.rename_layer(block, "pool", "halved"))
    assert layers_by_id(after.graph)["flat"].inputs == ("block1/halved",)
    after = edited(after, "block1/1/", lambda block: edits.rename_layer(block, "relu", "kept"))
    assert after.graph.outputs == ("fc", "block1/kept")
    assert check(after).valid


def test_blocks_are_folded_within_blocks(resnet):
    after = edited(resnet, "stage1/1/", lambda block: fold(block, ["conv1", "bn1"], "unit").document)
    assert check(after).totals == check(resnet).totals
    assert "stage1/3/block1/1/conv1" in check(after).layers


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda block: edits.remove_layers(block, ["x"]), "x is where data enters the block residual16"),
        (lambda block: edits.set_config(block, "x", {"shape": [1, 2, 3]}), "x has the shape of what feeds"),
        (lambda block: edits.add_layer(block, "Input")[0], "draw an Input there"),
        (lambda block: edits.set_outputs(block, None), "relu is what the block residual16 gives"),
    ],
)
def test_what_a_block_is_from_outside_stays(edit, words, resnet):
    with pytest.raises(EditError, match=words):
        edited(resnet, "stage1/1/", edit)


def test_the_last_layer_is_removed_with_the_one_before_it_in_its_place(resnet):
    after = edited(resnet, "stage1/1/", lambda block: edits.remove_layers(block, ["relu"]))
    assert after.graph.blocks["residual16"].outputs == ("add",)


def test_a_problem_is_said_in_every_copy(resnet):
    wrong = edits.set_config(resnet, "stage1/1/conv2", {"filters": 5})
    for copy in (1, 2, 3):
        inside = opened(check(wrong), f"stage1/{copy}/")
        assert [problem.layer for problem in inside.problems] == ["add"]


def test_what_did_not_change_stays_the_same_object(resnet):
    report = check(resnet)
    first = opened(report, "stage1/1/")
    again = opened(check(edits.set_config(resnet, "fc", {"units": 11}), report), "stage1/1/", first)
    assert again.document.graph == first.document.graph
    assert all(again.layers[id] is first.layers[id] for id in first.layers)
