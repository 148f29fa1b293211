"""Names of any alphabet: what can be one, and that two spellings of one name are one name, wherever they come from."""

import json
import re
from itertools import pairwise
from unicodedata import normalize

import pytest

from core.analysis.check import check
from core.engine.network import Network
from core.errors import EditError
from core.graph.edits import add_layer, rename_layer
from core.graph.names import can_be_name, composed, name_refusal
from core.graph.opening import rename_block
from core.graph.values import Document
from core.io.documents import loads
from core.io.schema import document_schema
from core.io.weights import read_weights, write_weights
from core.io.writing import document_text

COMPOSED = "entrée"
APART = normalize("NFD", COMPOSED)
NAMES = ["conv1", "_", "плоский", "畳み込み1", "λ.1", "conv-é", COMPOSED, "طبقة٢", "हिन्दी"]
NO_NAMES = ["", "1a", "٢a", ".a", "-a", "a b", "a/b", "a~2", "a→b", "a\n", "a\u200eb", "²", "\ud800", "a<-b", "😀"]


@pytest.mark.parametrize("name", NAMES)
def test_names_of_any_alphabet_are_names_to_the_check_and_to_the_schema(name):
    assert can_be_name(name)
    assert re.search(document_schema()["$defs"]["layer"]["properties"]["id"]["pattern"], name)


@pytest.mark.parametrize("name", NO_NAMES)
def test_what_would_be_ambiguous_or_unreadable_is_no_name(name):
    assert not can_be_name(name)
    assert name_refusal(name).endswith("begin with a letter or _.")


@pytest.mark.parametrize("name", ["", "1a", ".a", "-a", "a b", "a/b", "a~2", "a<-b"])
def test_the_schema_refuses_what_ascii_names_cannot_have(name):
    assert not re.search(document_schema()["$defs"]["layer"]["properties"]["id"]["pattern"], name)


def drawn(*ids, **parts):
    chain = [{"id": ids[0], "kind": "Input", "config": {"shape": [4]}}]
    chain += [{"id": id, "kind": "ReLU", "inputs": [before]} for before, id in pairwise(ids)]
    return loads(json.dumps({"format": "convograph", "version": 1, "layers": chain} | parts))


def test_both_spellings_in_a_file_mean_one_layer_and_its_place():
    layout = {"positions": {APART: [1, 2]}, "routes": {f"r<-{APART}": [[3, 4]]}}
    document = drawn("in", APART, "r", outputs=["r"], layout=layout)
    assert [layer.id for layer in document.graph.layers] == ["in", COMPOSED, "r"]
    assert document.graph.layers[2].inputs == (COMPOSED,)
    assert dict(document.layout.positions) == {COMPOSED: (1, 2)}
    assert list(document.layout.routes) == [f"r<-{COMPOSED}"]
    assert check(document).valid
    assert APART not in document_text(document)


def test_two_layers_that_differ_only_in_spelling_are_a_repeated_id():
    (problem,) = [p for p in check(drawn("in", COMPOSED, APART)).problems if p.code == "LAYER-REPEATED"]
    assert problem.what == f"{COMPOSED}~2: two layers are called {COMPOSED}; the later one opens as {COMPOSED}~2."
    assert [fix.label for fix in problem.fixes] == [f"Rename to {COMPOSED}_2"]


def test_names_are_composed_on_entry():
    document = add_layer(Document(), "ReLU", id=APART)[0]
    assert [layer.id for layer in document.graph.layers] == [COMPOSED]
    with pytest.raises(EditError, match="already a layer"):
        add_layer(document, "ReLU", id=APART)
    assert rename_layer(document, COMPOSED, APART) is document
    assert rename_layer(document, COMPOSED, normalize("NFD", "été")).graph.layers[0].id == "été"


def test_blocks_are_found_in_either_spelling_and_renamed_composed():
    block = {"inputs": ["x"], "layers": [{"id": APART, "kind": "ReLU", "inputs": ["x"]}], "outputs": [COMPOSED]}
    document = drawn("in", blocks={"b": block})
    use = {"id": APART, "kind": "Block", "inputs": ["in"], "config": {"block": "b"}}
    raw = json.loads(document_text(document))
    raw["layers"] += [use, {"id": "r", "kind": "ReLU", "inputs": [f"{APART}/{APART}"]}]
    document = loads(json.dumps(raw))
    report = check(document)
    assert report.valid
    assert list(report.layers) == ["in", f"{COMPOSED}/1/{COMPOSED}", "r"]
    assert list(rename_block(document, "b", APART).graph.blocks) == [COMPOSED]


def test_a_wrong_name_keeps_the_letters_that_it_can():
    (problem,) = check(drawn("in", "слой 1")).errors
    assert problem.code == "LAYER-NAME"
    assert [fix.label for fix in problem.fixes] == ["Rename to слой_1"]


def test_weights_are_found_in_either_spelling(tmp_path):
    raw = json.loads(document_text(drawn("in")))
    raw["layers"].append({"id": COMPOSED, "kind": "Dense", "inputs": ["in"], "config": {"units": 2}})
    network = Network(loads(json.dumps(raw)))
    network.save_weights(tmp_path / "own.npz")
    arrays = read_weights(tmp_path / "own.npz", {name: w.shape for name, w in network.weights.items()})
    assert set(arrays) == {f"{COMPOSED}/kernel", f"{COMPOSED}/bias"}
    write_weights(tmp_path / "apart.npz", {normalize("NFD", name): w for name, w in arrays.items()})
    network.load_weights(tmp_path / "apart.npz")


def test_composing_leaves_what_is_composed_alone():
    assert composed(COMPOSED) is COMPOSED or composed(COMPOSED) == COMPOSED
    assert composed(APART) == COMPOSED
