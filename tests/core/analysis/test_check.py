"""What every layer computes, in which order, and what of it is used again."""

import json
import time
from dataclasses import replace
from fractions import Fraction

import pytest

from core.analysis.check import check
from core.commands.check import report_as_json
from core.graph.edits import connect, insert_layer, move_layers, remove_layers, rename_layer, set_config, set_training
from core.graph.values import Document
from core.io.documents import loads
from core.io.templates import load_template
from core.layers.kind import ReceptiveField
from tests.drawing import chain, document, layer


def residual():
    return document(
        layer("input", "Input", shape=(8, 8, 4)),
        layer("conv1", "Conv2D", "input", filters=4, kernel_size=3, padding=1),
        layer("relu1", "ReLU", "conv1"),
        layer("conv2", "Conv2D", "relu1", filters=4, kernel_size=3, padding=1),
        layer("add", "Add", ("conv2", "input")),
        layer("other", "Tanh", "input"),
    )


def codes(drawn):
    return [problem.code for problem in check(drawn).problems]


def test_an_empty_document_lacks_an_input():
    report = check(Document())
    assert not report.valid
    assert [problem.code for problem in report.problems] == ["INPUT-NONE"]
    assert report.totals.layers == 0


def test_layers_are_reported_in_topological_order_and_else_as_they_came():
    drawn = document(
        layer("d", "Add", ("c", "b")),
        layer("c", "ReLU", "a"),
        layer("b", "Tanh", "a"),
        layer("a", "Input", shape=(4,)),
    )
    assert list(check(drawn).layers) == ["a", "c", "b", "d"]
    assert check(drawn).valid


def test_layers_of_a_circle_come_last():
    drawn = document(
        layer("x", "Add", ("y", "a")), layer("y", "ReLU", "x"), layer("a", "Input", shape=(4,)), layer("z", "ReLU", "y")
    )
    report = check(drawn)
    assert list(report.layers) == ["a", "x", "y", "z"]
    assert [problem.code for problem in report.problems] == ["CYCLE"]


def test_outputs_default_to_what_an_input_reaches_and_nothing_consumes():
    drawn = document(
        layer("a", "Input", shape=(4,)), layer("b", "ReLU", "a"), layer("c", "Tanh", "a"), layer("lone", "ReLU")
    )
    assert check(drawn).outputs == ("b", "c")
    assert check(replace(drawn, graph=replace(drawn.graph, outputs=("a",)))).outputs == ("a",)
    assert check(replace(drawn, graph=replace(drawn.graph, outputs=("c", "b", "c")))).outputs == ("c", "b")


def test_totals_sum_what_is_known_and_are_unknown_where_a_part_is():
    totals = check(residual()).totals
    assert (totals.layers, totals.parameters, totals.macs) == (6, 2 * 148, 2 * 64 * 144)
    assert totals.activation_values == 5 * 256
    broken = check(set_config(residual(), "conv2", {"kernel_size": 9, "padding": 0})).totals
    assert (broken.layers, broken.parameters, broken.macs, broken.activation_values) == (6, None, None, None)


def test_frozen_layers_count_as_parameters_that_do_not_learn():
    drawn = document(
        layer("a", "Input", shape=(4,)),
        layer("b", "Dense", "a", trainable=False, units=3),
        layer("c", "Dense", "b", units=2),
    )
    totals = check(drawn).totals
    assert (totals.parameters, totals.trainable_parameters) == (15 + 8, 8)


def test_an_error_makes_everything_after_it_unknown_and_is_one_problem():
    drawn = chain((7, 7, 1), ("Conv2D", {"filters": 1, "kernel_size": 3, "stride": 3}), "ReLU", "MaxPool2D", "Flatten")
    report = check(drawn)
    assert [problem.code for problem in report.problems] == ["SHAPE-FIT"]
    assert [report.layers[id].shape for id in report.layers] == [(7, 7, 1), None, None, None, None]
    assert all(report.layers[id].receptive_field is None for id in list(report.layers)[1:])


def test_receptive_fields_of_the_published_kind():
    vgg = [("Conv2D", {"filters": 8, "kernel_size": 3, "padding": 1})] * 2 + ["MaxPool2D"]
    report = check(chain((32, 32, 3), *vgg, *vgg))
    sizes = [(layer.receptive_field.size[0], layer.receptive_field.jump[0]) for layer in report.layers.values()]
    assert sizes == [(1, 1), (3, 1), (5, 1), (6, 2), (10, 2), (14, 2), (16, 4)]


def test_receptive_fields_per_axis_with_dilation_and_stride():
    report = check(
        chain(
            (41, 40, 1),
            ("Conv2D", {"filters": 1, "kernel_size": (3, 5), "dilation": (2, 1), "stride": (2, 1)}),
            ("Conv2D", {"filters": 1, "kernel_size": 3, "rounding": "floor"}),
        )
    )
    first, second = list(report.layers.values())[1:]
    assert first.receptive_field == ReceptiveField((5, 5), (2, 1))
    assert second.receptive_field == ReceptiveField((9, 7), (2, 1))


def test_element_wise_kinds_pass_the_field_on_and_merges_take_the_largest():
    report = check(residual())
    assert report.layers["relu1"].receptive_field == report.layers["conv1"].receptive_field
    assert report.layers["add"].receptive_field == ReceptiveField((5, 5), (1, 1))


def test_after_flatten_and_dense_the_whole_input_is_seen():
    report = check(load_template("lenet5"))
    assert report.layers["pool2"].receptive_field == ReceptiveField((16, 16), (4, 4))
    assert report.layers["flat"].receptive_field is None
    assert report.layers["softmax"].receptive_field is None


def test_a_jump_may_be_a_fraction_in_a_report():
    field = ReceptiveField((3, 3), (Fraction(1, 2), 1))
    report = check(chain((4, 4, 1), "ReLU"))
    relu = report.layers["relu1"]
    halved = replace(relu, flow=replace(relu.flow, receptive_field=field))
    printed = report_as_json(replace(report, layers={"relu1": halved}))["layers"][0]
    assert (printed["receptive_field"], printed["jump"]) == ([3, 3], [0.5, 1])


# --- used again -----------------------------------------------------------------------------------------------------


def test_only_what_an_edit_concerns_is_reported_again():
    drawn = residual()
    before = check(drawn)
    after = check(set_config(drawn, "conv2", {"filters": 8}), before)
    assert {id for id in after.layers if after.layers[id] is not before.layers[id]} == {"conv2", "add"}
    assert after.layers["add"].shape is None


def test_a_layer_after_an_unchanged_flow_is_the_same_object():
    drawn = residual()
    before = check(drawn)
    after = check(set_config(drawn, "conv2", {"bias": False}), before)
    assert after.layers["conv2"] is not before.layers["conv2"]
    assert after.layers["add"] is before.layers["add"]


@pytest.mark.parametrize(
    "edit",
    [
        lambda drawn: move_layers(drawn, {"conv1": (10, 20)}),
        lambda drawn: replace(drawn, name="other", notes="new"),
        lambda drawn: set_training(drawn, {"epochs": 3}),
    ],
)
def test_what_is_not_the_graph_changes_no_layer(edit):
    drawn = residual()
    before = check(drawn)
    after = check(edit(drawn), before)
    assert after.layers.keys() == before.layers.keys()
    assert all(after.layers[id] is before.layers[id] for id in after.layers)


def test_layers_of_a_circle_keep_their_reports_too():
    drawn = document(
        layer("a", "Input", shape=(4,)), layer("x", "Add", ("y", "a")), layer("y", "ReLU", "x"), layer("z", "Tanh", "a")
    )
    before = check(drawn)
    after = check(move_layers(insert_layer(drawn, "ReLU", before="z"), {"x": (1, 2)}), before)
    assert after.layers["x"] is before.layers["x"]
    assert after.layers["y"] is before.layers["y"]


def test_block_layers_keep_their_reports():
    drawn = loads(BLOCKS)
    before = check(drawn)
    after = check(set_config(drawn, "fc", {"units": 7}), before)
    assert {id for id in after.layers if after.layers[id] is not before.layers[id]} == {"fc"}
    changed = check(set_config(drawn, "stage1/2/conv", {"kernel_size": 5, "padding": 2}), before)
    fresh = {id for id in changed.layers if changed.layers[id] is not before.layers[id]}
    assert {"stage1/1/conv", "stage1/2/conv"} <= fresh
    assert "input" not in fresh


def test_fixes_that_no_longer_cure_are_withdrawn():
    drawn = document(
        layer("a", "Input", shape=(4,)),
        layer("near", "ReLU", "a"),
        layer("lone", "Tanh"),
        layer("last", "ReLU", "lone"),
    )
    before = check(drawn)
    assert labels(before) == ["Connect near to it", "Connect a to it", "Remove the layer"]
    gone = check(remove_layers(drawn, ["near"]), before)
    assert labels(gone) == ["Connect a to it", "Remove the layer"]
    renamed = check(rename_layer(drawn, "near", "nearer"), before)
    assert labels(renamed)[0] == "Connect nearer to it"
    behind = check(connect(drawn, "last", "near", 0), before)
    assert labels(behind) == ["Connect a to it", "Remove the layer"]


def labels(report):
    (problem,) = report.problems
    return [fix.label for fix in problem.fixes]


# --- blocks ---------------------------------------------------------------------------------------------------------

BLOCKS = """{"format": "convograph", "version": 1, "layers": [
  {"id": "input", "kind": "Input", "config": {"shape": [8, 8, 4]}},
  {"id": "stage1", "kind": "Block", "inputs": ["input"], "config": {"block": "residual", "repeat": 3}},
  {"id": "relu", "kind": "ReLU", "inputs": ["stage1/add"]},
  {"id": "flat", "kind": "Flatten", "inputs": ["stage1"]},
  {"id": "fc", "kind": "Dense", "inputs": ["flat"], "config": {"units": 10}}],
 "blocks": {"residual": {"inputs": ["x"], "layers": [
    {"id": "conv", "kind": "Conv2D", "inputs": ["x"], "config": {"filters": 4, "kernel_size": 3, "padding": 1}},
    {"id": "add", "kind": "Add", "inputs": ["conv", "x"]}], "outputs": ["add"]}}}"""


def test_blocks_unfold_into_layers_named_after_use_copy_and_layer():
    report = check(loads(BLOCKS))
    assert report.valid
    assert list(report.layers) == [
        "input",
        "stage1/1/conv",
        "stage1/1/add",
        "stage1/2/conv",
        "stage1/2/add",
        "stage1/3/conv",
        "stage1/3/add",
        "relu",
        "flat",
        "fc",
    ]
    assert report.layers["stage1/2/conv"].layer.inputs == ("stage1/1/add",)
    assert report.layers["stage1/2/add"].layer.inputs == ("stage1/2/conv", "stage1/1/add")
    assert report.layers["flat"].layer.inputs == ("stage1/3/add",)
    assert report.outputs == ("relu", "fc")
    assert report.of("stage1") is report.layers["stage1/3/add"]
    assert [layer.id for layer in report.inside("stage1")] == list(report.layers)[1:7]
    assert report.totals.parameters == 3 * 148 + 2570


def test_a_block_used_once_still_counts_its_copy():
    once = loads(BLOCKS.replace(', "repeat": 3', ""))
    assert "stage1/1/add" in check(once).layers


def test_blocks_within_blocks():
    text = BLOCKS.replace(
        '"blocks": {',
        '"blocks": {"pair": {"inputs": ["y"], "layers": ['
        '{"id": "one", "kind": "Block", "inputs": ["y"], "config": {"block": "residual"}}, '
        '{"id": "two", "kind": "Block", "inputs": ["one/add"], "config": {"block": "residual", "repeat": 2}}], '
        '"outputs": ["two"]}, ',
    ).replace('"block": "residual", "repeat": 3}}', '"block": "pair", "repeat": 2}}', 1)
    report = check(loads(text.replace("stage1/add", "stage1/two")))
    assert report.problems == ()
    assert report.layers["flat"].layer.inputs == ("stage1/2/two/2/add",)
    assert report.layers["stage1/1/two/1/conv"].layer.inputs == ("stage1/1/one/1/add",)
    assert len(report.layers) == 4 + 2 * 3 * 2


def test_freezing_a_use_freezes_all_its_layers():
    frozen = loads(BLOCKS.replace('"repeat": 3}}', '"repeat": 3}, "trainable": false}', 1))
    totals = check(frozen).totals
    assert (totals.parameters, totals.trainable_parameters) == (3 * 148 + 2570, 2570)


def test_a_problem_of_a_blocks_layer_is_said_once_with_its_place_in_the_block():
    report = check(loads(BLOCKS.replace('"filters": 4', '"filters": "four"')))
    (problem,) = report.problems
    assert problem.path == "$.blocks.residual.layers[0].config.filters"
    assert problem.layer == "stage1/1/conv"
    assert report.problems_of("stage1") == (problem,)
    assert [fix.label for fix in problem.fixes] == ["Set filters to 32"]
    bad_stride = check(loads(BLOCKS.replace('"padding": 1', '"padding": 1, "stride": 4')))
    assert [p.code for p in bad_stride.problems] == ["SHAPE-FIT"]
    assert bad_stride.problems[0].fixes


@pytest.mark.parametrize(
    ("old", "new", "code", "path"),
    [
        ('"block": "residual"', '"block": "residul"', "BLOCK-UNKNOWN", "$.layers[1].config.block"),
        ('"inputs": ["x"], "layers"', '"inputs": ["x", "y"], "layers"', "BLOCK-REPEAT", "$.layers[1].config.repeat"),
        ('"outputs": ["add"]', '"outputs": []', "BLOCK-REPEAT", "$.layers[1].config.repeat"),
        ('"outputs": ["add"]', '"outputs": ["sum"]', "BLOCK-OUTPUT", "$.layers[1].config.block"),
        ('"Block", "inputs": ["input"]', '"Block", "inputs": []', "BLOCK-INPUTS", "$.layers[1]"),
        ('"Block", "inputs": ["input"]', '"Block", "inputs": ["input", "input"]', "BLOCK-INPUTS", "$.layers[1]"),
        ('"repeat": 3', '"repeat": 0', "SETTING-VALUE", "$.layers[1].config.repeat"),
        ('"repeat": 3', '"repeat": 1001', "SETTING-VALUE", "$.layers[1].config.repeat"),
        ('"block": "residual", ', "", "SETTING-MISSING", "$.layers[1].config.block"),
        (
            '"inputs": ["conv", "x"]',
            '"inputs": ["conv", "z"]',
            "INPUT-UNKNOWN",
            "$.blocks.residual.layers[1].inputs[1]",
        ),
        ('["stage1/add"]', '["stage1/conv"]', "INPUT-UNKNOWN", "$.layers[2].inputs[0]"),
        ('"id": "add"', '"id": "conv"', "LAYER-REPEATED", "$.blocks.residual.layers[1].id"),
    ],
)
def test_what_is_wrong_with_blocks(old, new, code, path):
    assert old in BLOCKS
    report = check(loads(BLOCKS.replace(old, new, 1)))
    assert (code, path) in [(problem.code, problem.path) for problem in report.problems]
    assert not report.valid


def test_a_broken_use_of_a_block_is_one_problem_and_what_follows_it_unknown():
    report = check(loads(BLOCKS.replace('"block": "residual"', '"block": "residul"', 1)))
    assert [problem.code for problem in report.problems] == ["BLOCK-UNKNOWN"]
    assert report.layers["fc"].shape is None
    assert report.totals.parameters is None


@pytest.mark.parametrize("nested", ["a", "b"])
def test_a_block_inside_itself_is_one_problem(nested):
    inner = {"a": "b", "b": nested}
    blocks = ", ".join(
        f'"{name}": {{"inputs": ["x"], "outputs": ["u"], "layers": [{{"id": "u", "kind": "Block", "inputs": ["x"], '
        f'"config": {{"block": "{use}", "repeat": 1000}}}}]}}'
        for name, use in inner.items()
    )
    text = (
        '{"format": "convograph", "version": 1, "layers": [{"id": "i", "kind": "Input", "config": {"shape": [4]}}, '
        f'{{"id": "s", "kind": "Block", "inputs": ["i"], "config": {{"block": "a"}}}}], "blocks": {{{blocks}}}}}'
    )
    (problem,) = check(loads(text)).problems
    assert problem.code == "BLOCK-CYCLE"
    assert problem.why == f"A block is inside itself: a → b → {nested}."


def nested_blocks(depth, repeat):
    blocks = {
        f"b{level}": {
            "inputs": ["x"],
            "layers": [
                {"id": "u", "kind": "Block", "inputs": ["x"], "config": {"block": f"b{level + 1}", "repeat": repeat}}
            ],
            "outputs": ["u"],
        }
        for level in range(depth)
    }
    blocks[f"b{depth}"] = {"inputs": ["x"], "layers": [{"id": "r", "kind": "ReLU", "inputs": ["x"]}], "outputs": ["r"]}
    layers = [
        {"id": "i", "kind": "Input", "config": {"shape": [4]}},
        {"id": "s", "kind": "Block", "inputs": ["i"], "config": {"block": "b0"}},
    ]
    return loads(json.dumps({"format": "convograph", "version": 1, "layers": layers, "blocks": blocks}))


def test_blocks_that_multiply_are_refused_before_they_unfold():
    (problem,) = check(nested_blocks(12, 1000)).problems
    assert problem.code == "BLOCK-SIZE"
    assert problem.what == "s: the document would unfold to more than 100,000 layers."


def test_blocks_may_lie_in_blocks_but_not_without_end():
    assert check(nested_blocks(31, 1)).problems == ()
    (problem,) = check(nested_blocks(32, 1)).problems
    assert problem.code == "BLOCK-DEPTH"
    assert [p.code for p in check(nested_blocks(3000, 1)).problems] == ["BLOCK-DEPTH"]


def test_ids_like_those_of_unfolded_layers_are_named_and_lose_nothing():
    drawn = loads(BLOCKS.replace('"id": "relu"', '"id": "stage1/2/add"'))
    report = check(drawn)
    assert "LAYER-NAME" in [problem.code for problem in report.problems]
    assert not report.valid


def test_unused_blocks_are_read_but_keep_nothing_from_running():
    drawn = loads(BLOCKS.replace('"blocks": {', '"blocks": {"old": {"layers": [{"id": "c", "kind": "Conv2D"}]}, '))
    report = check(drawn)
    assert report.valid
    assert {(p.severity, p.path) for p in report.problems} == {
        ("advice", "$.blocks.old.layers[0].config.filters"),
        ("advice", "$.blocks.old.layers[0].config.kernel_size"),
    }


# --- bounds ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "entry",
    [
        '{"id": "r%d", "kind": "ReLU", "inputs": ["q%d"]}',
        '{"id": "a", "kind": "ReLU", "inputs": ["a"]}',
        '{"id": "r%d", "kind": "ReLU"}',
        '{"id": "r%d", "kind": "ReLU", "inputs": ["input"], "config": {"slope": 1, "alpha": 2}}',
        "5",
    ],
)
def test_thousands_of_problems_are_found_in_bounded_time(entry):
    layers = ", ".join(entry % ((n,) * entry.count("%d")) for n in range(1000))
    first = '{"id": "input", "kind": "Input", "config": {"shape": [4]}}'
    drawn = loads(f'{{"format": "convograph", "version": 1, "layers": [{first}, {layers}]}}')
    started = time.perf_counter()
    report = check(drawn)
    assert time.perf_counter() - started < 10
    assert len(report.problems) >= 1000
