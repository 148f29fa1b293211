"""Unfolding after an edit gives what unfolding from scratch gives, and keeps every layer that has not changed."""

import pytest

from core.graph.edits import connect, insert_layer, remove_layers, rename_layer, set_config, set_trainable
from core.graph.flatten import flatten
from core.io.documents import loads
from core.io.templates import load_template

EDITS = {
    "a layer before all": lambda d: set_config(d, "conv1", {"bias": True}),
    "a layer in a block": lambda d: set_config(d, "stage2b/1/conv1", {"bias": True}),
    "a repeat": lambda d: set_config(d, "stage2b", {"repeat": 2}),
    "another block": lambda d: set_config(d, "stage2b", {"block": "residual64"}),
    "a block that is not there": lambda d: set_config(d, "stage2b", {"block": "residual65"}),
    "a use that is frozen": lambda d: set_trainable(d, "stage3a", False),
    "a new name": lambda d: rename_layer(d, "stage1b", "first"),
    "a layer between": lambda d: insert_layer(d, "ReLU", before="stage3a"),
    "another source": lambda d: connect(d, "stage2a", "stage3a", 0),
    "a use that is gone": lambda d: remove_layers(d, ["stage3b"]),
}


def contents(flat):
    return flat.layers, flat.paths, flat.outputs, flat.broken, flat.problems


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_unfolding_again_is_unfolding_from_scratch(edit):
    before = load_template("resnet50")
    after = edit(before)
    first = flatten(before.graph)
    second = flatten(after.graph, first)
    assert contents(second) == contents(flatten(after.graph))
    assert contents(flatten(before.graph, second)) == contents(first)


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_layers_about_which_nothing_changed_stay_the_same_objects(edit):
    before = load_template("resnet50")
    first = flatten(before.graph)
    known = {layer.id: layer for layer in first.layers}
    for layer in flatten(edit(before).graph, first).layers:
        assert layer != known.get(layer.id) or layer is known[layer.id]


def test_blocks_within_blocks_are_unfolded_again_when_the_inner_one_changes():
    inner = '{"inputs": ["x"], "layers": [{"id": "a", "kind": "ReLU", "inputs": ["x"]}], "outputs": ["a"]}'
    outer = (
        '{"inputs": ["x"], "layers": [{"id": "b", "kind": "Block", "inputs": ["x"], "config": {"block": "inner"}}], '
        '"outputs": ["b"]}'
    )
    document = loads(
        '{"format": "convograph", "version": 1, "layers": [{"id": "in", "kind": "Input", "config": {"shape": [4]}}, '
        '{"id": "use", "kind": "Block", "inputs": ["in"], "config": {"block": "outer", "repeat": 2}}], '
        f'"blocks": {{"inner": {inner}, "outer": {outer}}}}}'
    )
    first = flatten(document.graph)
    assert [layer.id for layer in first.layers] == ["in", "use/1/b/1/a", "use/2/b/1/a"]
    assert first.layers[2].inputs == ("use/1/b/1/a",)
    frozen = set_trainable(document, "use/1/b/1/a", False)
    assert [layer.trainable for layer in flatten(frozen.graph, first).layers] == [True, False, False]
