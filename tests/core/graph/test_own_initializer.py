"""A layer whose kernel begins in a way of its own: in the file, in edits, blocks and differences."""

import json

import pytest

from core.analysis.check import check
from core.engine.network import Network
from core.graph.diff import ValueChange, diff
from core.graph.edits import rename_layer, replace_kind, set_config, set_initializer
from core.graph.fixing import apply_fix
from core.graph.folding import fold, unfold
from core.graph.values import layers_by_id
from core.io.clippings import clipping
from core.io.documents import document_text, loads
from core.learning.initializers import Constant, Orthogonal, Zeros
from tests.core.analysis.test_check import BLOCKS
from tests.drawing import chain

SMALL = chain((6, 6, 2), ("Conv2D", {"filters": 3, "kernel_size": 3}), "Flatten", ("Dense", {"units": 4}))


def own(document, id="conv1"):
    return layers_by_id(document.graph)[id].initializer


def entry(document, id="conv1"):
    return next(layer for layer in json.loads(document_text(document))["layers"] if layer["id"] == id)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("orthogonal", Orthogonal()),
        ({"kind": "constant", "value": 0.5}, Constant(value=0.5)),
        ({"kind": "zeros"}, Zeros()),
        (None, None),
    ],
)
def test_it_stands_in_the_file_beside_trainable(written, read):
    document = set_initializer(SMALL, "conv1", written)
    assert own(document) == read
    assert loads(document_text(document)) == document
    assert ("initializer" in entry(document)) == (read is not None)
    assert check(document).valid


def test_an_entry_that_says_nothing_of_it_is_written_as_it_was():
    document = set_initializer(set_initializer(SMALL, "conv1", "zeros"), "conv1", None)
    assert document == SMALL
    assert "initializer" not in entry(document)


@pytest.mark.parametrize(
    ("wrong", "said", "labels"),
    [
        ("zeroes", "did you mean zeros", ["Begin with zeros", "Begin as the other layers do"]),
        (5, "but is 5", ["Begin as the other layers do"]),
        ({"kind": "constant"}, "value must be a number", ["Begin as the other layers do"]),
        ({"kind": "constant", "value": "1"}, "value must be a number", ["Begin as the other layers do"]),
        ({"kind": "zeros", "scale": 2}, "zeros has no setting", ["Begin as the other layers do"]),
    ],
    ids=str,
)
def test_what_cannot_be_read_is_kept_and_can_be_cured(wrong, said, labels):
    document = set_initializer(SMALL, "conv1", wrong)
    assert entry(document)["initializer"] == wrong
    assert loads(document_text(document)) == document
    (problem,) = check(document).errors
    assert (problem.code, problem.field, problem.path) == ("KEY-VALUE", "initializer", "$.layers[1].initializer")
    assert problem.what.startswith("conv1: initializer")
    assert said in problem.what
    assert [fix.label for fix in problem.fixes] == labels
    for fix in problem.fixes:
        assert check(apply_fix(document, fix)).valid


def test_other_edits_leave_it():
    document = set_initializer(SMALL, "conv1", "zeros")
    assert own(set_config(document, "conv1", {"filters": 5})) == Zeros()
    assert own(rename_layer(document, "conv1", "first"), "first") == Zeros()
    assert own(replace_kind(document, "conv1", "LocallyConnected2D")) == Zeros()


def test_it_is_a_difference():
    (change,) = diff(SMALL, set_initializer(SMALL, "conv1", "zeros")).layers.changed
    assert change.settings == (ValueChange("initializer", None, "zeros"),)


def test_it_is_copied():
    document = set_initializer(SMALL, "conv1", "zeros")
    assert own(clipping(document_text(document))) == Zeros()


def test_it_goes_into_a_block_and_out_again():
    document = set_initializer(SMALL, "conv1", "zeros")
    folded = fold(document, ["conv1", "flatten2"], "front").document
    (block,) = folded.graph.blocks.values()
    assert next(layer for layer in block.layers if layer.id == "conv1").initializer == Zeros()
    use = next(layer.id for layer in folded.graph.layers if layer.kind == "Block")
    assert not Network(folded).weights[f"{use}/1/conv1/kernel"].any()
    assert own(unfold(folded, use).document) == Zeros()


def test_that_of_a_use_holds_for_all_its_layers_but_those_with_their_own():
    document = set_initializer(loads(BLOCKS), "stage1", {"kind": "constant", "value": 2})
    weights = Network(document).weights
    assert all((weights[f"stage1/{copy}/conv/kernel"] == 2).all() for copy in (1, 2, 3))
    assert weights["fc/kernel"].std() > 0
    both = set_initializer(document, "stage1/2/conv", "zeros")
    assert not Network(both).weights["stage1/2/conv/kernel"].any()
    bare = unfold(document, "stage1").document
    assert check(bare).valid
    kernels = [name for name in Network(bare).weights if name.endswith("conv/kernel")]
    assert len(kernels) == 3
    assert all((Network(bare).weights[name] == 2).all() for name in kernels)
