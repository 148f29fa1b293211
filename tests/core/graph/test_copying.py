"""Copies of layers keep their settings and the wires among them, wherever they are put."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.analysis.check import check
from core.errors import DocumentError
from core.graph import edits
from core.graph.copying import copied, pasted
from core.graph.folding import fold
from core.graph.layouts import add_note, set_route
from core.graph.opening import rename_block
from core.graph.values import Document, Note, layers_by_id
from core.io.clippings import clipping
from core.io.documents import loads
from core.io.templates import load_template
from core.io.writing import document_text
from tests.core.engine.graphs import GRAPHS, lenet
from tests.property.drawing import drawn_documents


@given(drawn_documents(), drawn_documents(), st.data())
def test_copies_keep_settings_and_wires(source, target, data):
    ids = [layer.id for layer in source.graph.layers]
    chosen = data.draw(st.lists(st.sampled_from(ids), unique=True)) if ids else []
    copies = clipping(document_text(copied(source, chosen))) if chosen else Document()
    after, names = pasted(target, copies)
    theirs, ours = layers_by_id(copies.graph), layers_by_id(after.graph)
    assert len(set(names)) == len(names) == len(copies.graph.layers)
    assert after.graph.layers[: len(target.graph.layers)] == target.graph.layers
    for old, new in zip(copies.graph.layers, names, strict=True):
        copy = ours[new]
        assert (copy.kind, copy.trainable) == (old.kind, old.trainable)
        inner = [theirs[source].kind for source in old.inputs if source in theirs]
        assert [ours[source].kind for source in copy.inputs if source in names] == inner
    assert loads(document_text(after)).graph.layers == after.graph.layers
    check(after)


def test_what_is_copied_is_a_document_of_its_own():
    copies = copied(lenet(), ["conv1", "relu2"])
    assert [(layer.id, layer.inputs) for layer in copies.graph.layers] == [("conv1", ("input",)), ("relu2", ("conv1",))]
    assert loads(document_text(copies)) == copies


def test_names_that_are_taken_become_the_next_of_their_kind():
    after, names = pasted(lenet(), copied(lenet(), ["conv1", "relu2"]))
    assert names == ("conv2", "relu1")
    by_id = layers_by_id(after.graph)
    assert by_id["conv2"].inputs == ("input",)
    assert by_id["relu1"].inputs == ("conv2",)
    _, names = pasted(after, copied(lenet(), ["conv1"]))
    assert names == ("conv3",)


def test_wires_from_what_is_not_there_are_left_out():
    after, names = pasted(Document(), copied(GRAPHS["residual"](), ["sum", "conv1"]))
    assert names == ("conv1", "sum")
    assert layers_by_id(after.graph)["conv1"].inputs == ()
    assert layers_by_id(after.graph)["sum"].inputs == ()


def test_places_are_shifted():
    placed = edits.move_layers(lenet(), {"conv1": (100, 50), "input": (0, 0)})
    after, (name,) = pasted(placed, copied(placed, ["conv1"]), (32, 32))
    assert after.layout.positions[name] == (132, 82)
    assert after.layout.positions["conv1"] == (100, 50)


def test_blocks_come_along_once():
    resnet = load_template("resnet20_cifar")
    copies = copied(resnet, ["stage1", "stage2a"])
    assert copies.graph.blocks.keys() == {"residual16", "halve32"}
    after, names = pasted(lenet(), copies)
    assert names == ("stage1", "stage2a")
    assert after.graph.blocks == copies.graph.blocks
    twice, _ = pasted(after, copies)
    assert twice.graph.blocks == copies.graph.blocks


def test_another_block_of_the_same_name_gets_another_one():
    inner = fold(fold(lenet(), ["conv1"], "unit").document, ["block1", "relu2"], "stage").document
    ours = rename_block(fold(lenet(), ["conv4"], "other").document, "other", "unit")
    after, (use,) = pasted(ours, copied(inner, ["block2"]))
    assert after.graph.blocks.keys() == {"unit", "stage", "unit_2"}
    assert after.graph.blocks["stage"].layers[0].spec.block == "unit_2"
    assert f"{use}/1/block1/1/conv1" in check(after).layers


DENSE = {"id": "fc", "kind": "Dense", "config": {"units": 3}}


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"format": "convograph", "version": 1, "layers": [DENSE]}),
        json.dumps({"layers": [DENSE]}),
        json.dumps([DENSE]),
        json.dumps(DENSE),
        f"Try this:\n\n```json\n{json.dumps([DENSE])}\n```\nIt should do.",
        f"```\n{json.dumps(DENSE)}\n```",
    ],
)
def test_text_from_anywhere_is_understood(text):
    (layer,) = clipping(text).graph.layers
    assert (layer.id, layer.kind, layer.config) == ("fc", "Dense", {"units": 3})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is not a network: it is not JSON"),
        ("Dear all,", "is not a network: it is not JSON"),
        ("[" * 100_000, "is not a network"),
        ("[1, 2]", "is not a Convograph document"),
        ('{"a": 1}', "is not a Convograph document"),
        ('{"layers": []}', "holds no layers"),
        ('{"format": "convograph", "version": 99, "layers": []}', "newer Convograph"),
    ],
)
def test_other_text_is_refused_with_a_sentence(text, words):
    with pytest.raises(DocumentError, match=words):
        clipping(text)


def test_notes_and_the_ways_of_wires_come_along():
    document, card = add_note(lenet(), "cards", Note((10, 20), (100, 50), "read me"))
    document, _ = add_note(document, "frames", Note((0, 0), (400, 200), "Stage 1"))
    document = set_route(document, "relu2", "conv1", [(50, 60)])
    document = set_route(document, "conv1", "input", [(5, 6)])
    copies = copied(document, ["conv1", "relu2"], [card])
    assert copies.layout.cards == document.layout.cards
    assert copies.layout.frames == ()
    assert copies.layout.routes == {"relu2<-conv1": ((50, 60),)}
    after, names = pasted(document, copies, (8, 16))
    assert after.layout.cards == (*document.layout.cards, Note((18, 36), (100, 50), "read me"))
    assert after.layout.routes[f"{names[1]}<-{names[0]}"] == ((58, 76),)
    assert after.layout.frames == document.layout.frames
    assert loads(document_text(copies)) == copies


def test_what_is_drawn_in_a_block_comes_along_with_it():
    document = load_template("resnet20_cifar")
    block = layers_by_id(document.graph)["stage1"].spec.block
    document, _ = add_note(document, "cards", Note((1, 2), (100, 50), "inside", block=block))
    document, _ = add_note(document, "cards", Note((1, 2), (100, 50), "elsewhere", block="halve32"))
    after, _ = pasted(Document(), copied(document, ["stage1"]), (64, 64))
    assert after.layout.cards == (Note((1, 2), (100, 50), "inside", block=block),)
    again, _ = pasted(after, copied(document, ["stage1"]), (64, 64))
    assert again.layout.cards == after.layout.cards
