"""Patterns that repeat become blocks, and the network stays what it was."""

from dataclasses import replace

import numpy as np
import pytest

from core.analysis.check import check
from core.engine.network import Network
from core.graph.flatten import flatten
from core.graph.folding import unfold
from core.graph.repeats import fold_repeats
from core.graph.values import Block, BlockUse, Layout
from core.io.templates import load_template
from tests.drawing import document, layer


def plain(drawn):
    """Unfold all blocks."""
    while uses := [each.id for each in drawn.graph.layers if isinstance(each.spec, BlockUse)]:
        drawn = unfold(drawn, uses[0]).document
    return replace(drawn, layout=Layout())


def residual(name, source, filters=4, prefix=""):
    return [
        layer(f"{prefix}conv{name}", "Conv2D", source, filters=filters, kernel_size=3, padding=1),
        layer(f"{prefix}bn{name}", "BatchNorm", f"{prefix}conv{name}"),
        layer(f"{prefix}add{name}", "Add", (f"{prefix}bn{name}", source)),
        layer(f"{prefix}relu{name}", "ReLU", f"{prefix}add{name}"),
    ]


def stack(n, **how):
    layers = [layer("input", "Input", shape=(6, 6, 4))]
    for number in range(n):
        layers += residual(number, layers[-1].id, **how)
    return layers


@pytest.mark.parametrize(
    ("name", "uses"),
    [
        ("resnet20_cifar", {"stage1": 3}),
        ("resnet50", {"stage1b": 2, "stage2b": 3, "stage3b": 5, "stage4b": 2}),
        ("densenet121", {}),
        ("lenet5", None),
    ],
)
def test_the_stages_of_a_network_are_found_again(name, uses):
    flat = plain(load_template(name))
    folded = fold_repeats(flat)
    found = [each.spec.repeat for each in folded.document.graph.layers if isinstance(each.spec, BlockUse)]
    if uses is None:
        assert folded.document is flat
    else:
        assert found
        assert all(n in found for n in uses.values())
    before, after = flatten(flat.graph), flatten(folded.document.graph)
    assert len(before.layers) == len(after.layers)
    names = {each.id: folded.names.get(each.id, each.id) for each in before.layers}
    again = {each.id: (each.spec, each.inputs) for each in after.layers}
    assert {names[each.id]: (each.spec, tuple(names[s] for s in each.inputs)) for each in before.layers} == again


def test_the_network_computes_the_same_with_renamed_weights():
    drawn = document(*stack(3), layer("flat", "Flatten", "relu2"), layer("fc", "Dense", "flat", units=3))
    folded = fold_repeats(drawn)
    assert [each.id for each in folded.document.graph.layers] == ["input", "block1", "flat", "fc"]
    assert not check(folded.document).errors
    before, after = Network(drawn), Network(folded.document)
    after.weights.update(folded.weights(dict(before.weights)))
    x = np.random.default_rng(0).random((2, 6, 6, 4), dtype=np.float32)
    np.testing.assert_array_equal(before.forward(x), after.forward(x))


def test_a_block_is_used_again_where_it_stands_again():
    layers = stack(2)
    layers += [layer("pool", "MaxPool2D", layers[-1].id)]
    for number in (5, 6):
        layers += residual(number, layers[-1].id)
    folded = fold_repeats(document(*layers)).document.graph
    assert list(folded.blocks) == ["block1"]
    assert [each.spec.block for each in folded.layers if isinstance(each.spec, BlockUse)] == ["block1", "block1"]


def test_names_in_folders_name_the_use_and_are_short_inside():
    layers = [layer("input", "Input", shape=(6, 6, 4))]
    for number in range(2):
        layers += residual("", layers[-1].id, prefix=f"layer1.{number}.")
    graph = fold_repeats(document(*layers)).document.graph
    assert [each.id for each in graph.layers] == ["input", "layer1"]
    (block,) = graph.blocks.values()
    assert isinstance(block, Block)
    assert [each.id for each in block.layers] == ["conv", "bn", "add", "relu"]


@pytest.mark.parametrize(
    "drawn",
    [
        document(*stack(1)),
        document(*stack(3), outputs=("relu0", "relu2")),
        document(*stack(2)[:5], *residual(1, "relu0", filters=4)[:1]),
    ],
    ids=["no repeat", "an output inside", "cut short"],
)
def test_what_does_not_repeat_exactly_stays(drawn):
    assert fold_repeats(drawn).document is drawn


def test_equal_layers_with_another_wiring_are_no_copies():
    layers = [*stack(1), *residual(1, "relu0")]
    layers[-2] = replace(layers[-2], inputs=layers[-2].inputs[::-1])
    drawn = document(*layers)
    assert fold_repeats(drawn).document is drawn


def test_an_output_at_the_end_is_the_block():
    drawn = document(*stack(2), outputs=("relu1",))
    after = fold_repeats(drawn).document
    assert after.graph.outputs in (None, ("relu1",), ("block1",))
    assert not check(after).errors


def test_documents_with_blocks_stay():
    drawn = load_template("resnet18")
    assert fold_repeats(drawn).document is drawn


def test_no_use_has_more_copies_than_a_use_may_have():
    folded = fold_repeats(document(*stack(1001))).document
    assert all(each.spec.repeat <= 1000 for each in folded.graph.layers if isinstance(each.spec, BlockUse))
    assert not check(folded).errors
