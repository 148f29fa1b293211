"""Notes and the ways of wires: drawn, kept in files, and in step with the graph."""

import json
from dataclasses import replace

import pytest

from core.graph.edits import connect, disconnect, insert_layer, remove_layers, rename_layer
from core.graph.folding import fold, without_blocks_left
from core.graph.layouts import (
    add_note,
    change_notes,
    notes_by_key,
    remove_notes,
    route_key,
    set_route,
    without_routes_left,
)
from core.graph.opening import open_block, put_back, rename_block
from core.graph.values import Layout, Note
from core.io.documents import loads
from core.io.templates import load_template
from core.io.writing import document_text

WAY = ((10.0, 20.0), (30.5, 20.0))
NOTE = Note((0.0, 8.0), (160.0, 96.0), "Two lines\nof it")


@pytest.fixture
def lenet():
    return load_template("lenet5")


@pytest.fixture
def folded(lenet):
    return fold(lenet, ["conv1", "relu1"], "stem").document


def test_notes_are_added_changed_and_taken_away_without_touching_the_graph(lenet):
    one, key = add_note(lenet, "cards", NOTE)
    two, frame = add_note(one, "frames", replace(NOTE, color="blue"))
    assert two.graph is lenet.graph
    assert list(notes_by_key(two.layout)) == [frame, key]
    moved = change_notes(two, {key: replace(NOTE, at=(5.0, 5.0))})
    assert moved.layout.cards[0].at == (5.0, 5.0)
    assert moved.layout.frames == two.layout.frames
    assert remove_notes(moved, [key, frame]) == lenet


def test_what_is_drawn_stands_in_the_file(lenet):
    drawn, _ = add_note(lenet, "cards", NOTE)
    drawn, _ = add_note(drawn, "frames", replace(NOTE, color="teal", unread={"locked": True}))
    drawn = set_route(drawn, "relu1", "conv1", WAY)
    text = document_text(drawn)
    assert '{"at": [0, 8], "size": [160, 96], "text": "Two lines\\nof it"}' in text
    assert '"relu1<-conv1": [[10, 20], [30.5, 20]]' in text
    assert loads(text) == drawn


@pytest.mark.parametrize(
    "layout",
    [
        {"frames": [{"at": [0, 0]}, {"at": [1, 1], "size": [2, 2], "text": "kept"}, 7]},
        {"cards": {"not": "a list"}},
        {"cards": [{"at": [0, 0], "size": [0, 5], "text": "no width"}]},
        {"routes": {"relu1<-conv1": [[0, 0], [1]], "fc1<-flatten1": [[4, 4]]}},
        {"routes": [1, 2]},
        {"positions": 3, "later": [1]},
    ],
)
def test_what_cannot_be_read_is_written_back(layout):

    raw = {"format": "convograph", "version": 1, "layers": [], "layout": layout}
    written = json.loads(document_text(loads(json.dumps(raw))))["layout"]
    assert {key: _sorted(part) for key, part in written.items()} == {k: _sorted(v) for k, v in layout.items()}


def _sorted(part):
    return sorted(map(repr, part)) if isinstance(part, list) else part


def test_a_note_can_be_drawn_where_what_stood_there_could_not_be_read():
    broken = loads('{"format": "convograph", "version": 1, "layers": [], "layout": {"cards": 3}}')
    drawn, _ = add_note(broken, "cards", NOTE)
    assert loads(document_text(drawn)).layout.cards == (NOTE,)


def test_a_way_follows_its_layers_names(lenet):
    routed = set_route(lenet, "relu1", "conv1", WAY)
    assert rename_layer(routed, "conv1", "first").layout.routes == {"relu1<-first": WAY}
    assert rename_layer(routed, "relu1", "r").layout.routes == {"r<-conv1": WAY}
    assert set_route(routed, "relu1", "conv1", ()).layout == lenet.layout


@pytest.mark.parametrize(
    "edit",
    [
        lambda document: disconnect(document, "relu1", 0),
        lambda document: remove_layers(document, ["conv1"]),
        lambda document: insert_layer(document, "Tanh", before="relu1"),
        lambda document: connect(document, "input", "relu1", 0),
    ],
)
def test_a_way_goes_with_its_wire(lenet, edit):
    routed = set_route(set_route(lenet, "relu1", "conv1", WAY), "fc2", "relu3", WAY)
    routed = replace(routed, layout=replace(routed.layout, routes={**routed.layout.routes, "no<-wire": WAY}))
    routes = without_routes_left(routed, edit(routed)).layout.routes
    assert route_key("relu1", "conv1") not in routes
    assert "no<-wire" in routes  # it was not this edit that left it


def test_what_is_drawn_in_a_block_stays_with_the_block(folded):
    place = "Block1/1/" if any(layer.id == "Block1" for layer in folded.graph.layers) else "block1/1/"
    outer, _ = add_note(folded, "cards", replace(NOTE, text="outside"))
    inside = open_block(outer, place, {})
    assert inside.layout.cards == ()
    drawn, _ = add_note(set_route(inside, "relu1", "conv1", WAY), "frames", NOTE)
    whole = put_back(outer, place, inside, drawn)
    assert whole.layout.routes == {"stem/relu1<-conv1": WAY}
    assert whole.layout.frames == (replace(NOTE, block="stem"),)
    assert open_block(whole, place, {}).layout.frames == (NOTE,)
    assert loads(document_text(whole)) == whole
    renamed = rename_block(whole, "stem", "head")
    assert renamed.layout.routes == {"head/relu1<-conv1": WAY}
    assert renamed.layout.frames[0].block == "head"
    gone = remove_layers(whole, [place.partition("/")[0]])
    gone = without_routes_left(whole, without_blocks_left(whole, gone))
    assert gone.layout.frames == ()
    assert gone.layout.routes == {}
    assert gone.layout.cards == outer.layout.cards


def test_a_document_without_notes_is_written_as_before(lenet):
    assert set(Layout.__dataclass_fields__) == {"positions", "routes", "frames", "cards", "unread", "direction"}
    assert "routes" not in document_text(lenet)
