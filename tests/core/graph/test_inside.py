"""Edits of layers inside blocks, which are edits of all copies."""

import pytest

from core.analysis.check import check
from core.errors import EditError
from core.graph.fixing import apply_edit
from core.io.documents import loads
from core.problems import Connect, Insert, Remove, Rename

DRAWN = loads("""{"format": "convograph", "version": 1, "layers": [
  {"id": "input", "kind": "Input", "config": {"shape": [8, 8, 4]}},
  {"id": "stage", "kind": "Block", "inputs": ["input"], "config": {"block": "pair", "repeat": 2}},
  {"id": "relu", "kind": "ReLU", "inputs": ["stage"]}],
 "blocks": {
   "pair": {"inputs": ["x"], "outputs": ["second"], "layers": [
     {"id": "first", "kind": "Block", "inputs": ["x"], "config": {"block": "conv"}},
     {"id": "second", "kind": "Tanh", "inputs": ["first"]}]},
   "conv": {"inputs": ["x"], "outputs": ["conv"], "layers": [
     {"id": "conv", "kind": "Conv2D", "inputs": ["x"],
      "config": {"filters": 4, "kernel_size": 3, "padding": 1}}]}}}""")


def layers(document):
    return {id: layer.layer.inputs for id, layer in check(document).layers.items()}


def test_a_layer_inserted_in_one_copy_is_inserted_in_all():
    edited = apply_edit(DRAWN, Insert("BatchNorm", {}, "stage/2/second"))
    assert layers(edited) == {
        "input": (),
        "stage/1/first/1/conv": ("input",),
        "stage/1/bn1": ("stage/1/first/1/conv",),
        "stage/1/second": ("stage/1/bn1",),
        "stage/2/first/1/conv": ("stage/1/second",),
        "stage/2/bn1": ("stage/2/first/1/conv",),
        "stage/2/second": ("stage/2/bn1",),
        "relu": ("stage/2/second",),
    }
    assert edited.graph.layers == DRAWN.graph.layers
    assert edited.graph.blocks["conv"] is DRAWN.graph.blocks["conv"]


def test_blocks_in_blocks_are_edited_in_their_own_graph():
    edited = apply_edit(DRAWN, Insert("ReLU", {}, "stage/1/first/1/conv"))
    assert [layer.id for layer in edited.graph.blocks["conv"].layers] == ["relu1", "conv"]
    assert layers(edited)["stage/2/first/1/conv"] == ("stage/2/first/1/relu1",)
    assert edited.graph.blocks["pair"] == DRAWN.graph.blocks["pair"]


def test_an_output_that_is_removed_is_stood_in_for():
    edited = apply_edit(DRAWN, Remove("stage/1/second"))
    assert edited.graph.blocks["pair"].outputs == ("first",)
    assert layers(edited)["relu"] == ("stage/2/first/1/conv",)


def test_names_and_wires_are_those_of_the_block():
    renamed = apply_edit(DRAWN, Rename("stage/1/second", "tanh"))
    assert renamed.graph.blocks["pair"].outputs == ("tanh",)
    unwired = apply_edit(DRAWN, Connect(None, "stage/2/second", 0))
    assert layers(unwired)["stage/1/second"] == ()
    again = apply_edit(unwired, Connect("stage/1/first", "stage/1/second", 0))
    assert again == DRAWN


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (Remove("stage/1/first/1/conv"), "The block conv would lose an output: conv."),
        (Connect("input", "stage/1/second", 0), "input cannot feed stage/1/second: it is outside the block."),
        (Rename("stage/1/first", "x"), "x is already an input of the block pair: choose another name."),
        (Remove("stage/1/third"), "There is no layer called third."),
        (Remove("input/1/third"), "There is no layer called input/1/third."),
    ],
)
def test_what_a_block_does_not_allow_is_refused(edit, reason):
    with pytest.raises(EditError, match=reason.replace(".", r"\.")):
        apply_edit(DRAWN, edit)


def test_an_output_without_a_source_can_not_be_removed():
    drawn = loads("""{"format": "convograph", "version": 1, "layers": [
      {"id": "stage", "kind": "Block", "config": {"block": "lone"}}],
     "blocks": {"lone": {"outputs": ["relu"], "layers": [{"id": "relu", "kind": "ReLU"}]}}}""")
    with pytest.raises(EditError, match="The block lone would lose an output: relu"):
        apply_edit(drawn, Remove("stage/1/relu"))
