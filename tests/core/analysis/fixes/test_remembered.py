"""What trying a fix showed is remembered as long as it holds."""

from dataclasses import replace

import pytest

from core.analysis.check import check
from core.graph import edits
from core.graph.folding import fold
from tests.core.engine.graphs import GRAPHS


@pytest.fixture
def misspelt():
    """A block within a block, whose output `pool` a layer beside it calls `pol`."""
    split = fold(GRAPHS["two_ends"](), ["conv", "relu", "pool"], "unit").document
    whole = fold(edits.set_outputs(split, ("fc",)), ["block1", "flat", "fc"], "stage").document
    stage = whole.graph.blocks["stage"]
    layers = tuple(replace(one, inputs=("block1/pol",)) if one.id == "flat" else one for one in stage.layers)
    blocks = {**whole.graph.blocks, "stage": replace(stage, layers=layers)}
    return replace(whole, graph=replace(whole.graph, blocks=blocks))


@pytest.mark.parametrize(
    "edit",
    [
        lambda document: edits.set_training(document, {"epochs": 3}),
        lambda document: edits.add_layer(document, "Input", {"shape": [3]})[0],
        lambda document: edits.set_config(document, "input", {"shape": [10, 10, 1]}),
    ],
)
def test_a_wire_inside_a_block_is_offered_again_after_an_edit_elsewhere(edit, misspelt):
    report = check(misspelt)
    (problem,) = report.errors
    assert problem.fixes[0].label == "Use block2/1/block1/pool"
    (again,) = (found for found in check(edit(misspelt), report).errors if found.layer == problem.layer)
    assert again.fixes == problem.fixes
