"""`convograph diff`: what it says, and how it ends."""

import json

import pytest

from core.commands.main import main
from core.graph.edits import insert_layer, move_layers, remove_layers, rename_layer, set_config, set_training
from core.graph.values import Block, Document, Graph
from core.io.documents import save
from core.io.templates import load_template
from tests.drawing import layer


@pytest.fixture
def told(tmp_path, capsys):
    """Compare two documents on the command line; gives the exit status and what was printed."""

    def tell(before, after, *options):
        paths = [str(tmp_path / name) for name in ("a.json", "b.json")]
        for document, path in zip((before, after), paths, strict=True):
            save(document, path)
        status = main(["diff", *paths, *options])
        return status, capsys.readouterr().out.replace(f"{tmp_path}/", "")

    return tell


@pytest.fixture
def lenet():
    return load_template("lenet5")


def test_equal_documents_end_with_0(told, lenet):
    assert told(lenet, lenet) == (0, "No difference: a.json and b.json say the same thing.\n")


def test_a_setting_and_all_that_follows_from_it(told, lenet):
    status, text = told(lenet, set_config(lenet, "conv1", {"filters": 8}))
    assert status == 1
    assert text == (
        "a.json → b.json\n"
        "\n"
        "Changed\n"
        "  conv1  filters 6 → 8\n"
        "         28×28×6 → 28×28×8 · parameters 156 → 208 (+52) · MACs 117,600 → 156,800 (+39,200)\n"
        "\n"
        "Affected by changes elsewhere\n"
        "  relu1  28×28×6 → 28×28×8\n"
        "  pool1  14×14×6 → 14×14×8\n"
        "  conv2  parameters 2,416 → 3,216 (+800) · MACs 240,000 → 320,000 (+80,000)\n"
        "\n"
        "Parameters  61,706 → 62,558 (+852)\n"
        "MACs        416,520 → 535,720 (+119,200)\n"
    )


def test_layers_that_come_and_go_are_described(told, lenet):
    _, text = told(lenet, insert_layer(lenet, "BatchNorm", before="relu1", id="bn1"))
    assert "Added\n  bn1  BatchNorm, fed by conv1 · 28×28×6 · 12 parameters\n" in text
    assert "  relu1  fed by bn1 instead of conv1\n" in text
    assert "Parameters  61,706 → 61,718 (+12)\nMACs        416,520 (no difference)\n" in text
    _, text = told(lenet, remove_layers(lenet, ["softmax"]))
    assert "Removed\n  softmax  Softmax, fed by fc3 · 10\n" in text
    assert "Network\n  outputs  softmax → fc3\n" in text


def test_a_renamed_layer(told, lenet):
    _, text = told(lenet, rename_layer(lenet, "fc1", "hidden"))
    assert "Renamed\n  fc1 → hidden\n" in text
    assert "Changed" not in text


def test_training_settings(told, lenet):
    _, text = told(lenet, set_training(lenet, {"epochs": 30}))
    assert "Training\n  epochs  10 → 30\n" in text


def test_layout_alone_takes_one_line(told, lenet):
    status, text = told(lenet, move_layers(lenet, {"conv1": (1, 2), "relu1": (3, 4)}))
    assert (status, text) == (1, "Only the layout differs: 2 layers moved.\n")


def test_a_side_with_errors_is_named_and_its_sizes_are_unknown(told, lenet):
    _, text = told(lenet, set_config(lenet, "conv1", {"stride": 2}))
    assert "28×28×6 → ? · MACs 117,600 → ?" in text
    assert "b.json has 1 error: convograph check says which.\n" in text


def test_the_json_form(told, lenet):
    status, text = told(lenet, set_config(lenet, "conv1", {"filters": 8}), "--json")
    found = json.loads(text)
    assert status == 1
    assert found["equal"] is False
    (change,) = found["layers"]["changed"]
    assert change == {"id": "conv1", "settings": [{"name": "filters", "from": 6, "to": 8}]}
    assert [entry["id"] for entry in found["shape_only"]] == ["relu1", "pool1", "conv2"]
    assert found["shape_only"][0]["to"]["output_shape"] == [28, 28, 8]
    assert found["totals"]["difference"]["parameters"] == 852
    assert found["totals"]["difference"]["macs"] == 119_200


def test_the_json_form_of_no_difference(told, lenet):
    status, text = told(lenet, lenet, "--json")
    assert status == 0
    assert json.loads(text)["equal"] is True


def test_a_file_that_cannot_be_read_ends_with_2(tmp_path, capsys):
    there = tmp_path / "a.json"
    save(load_template("mlp"), there)
    assert main(["diff", str(there), str(tmp_path / "none.json")]) == 2
    assert "cannot be opened" in capsys.readouterr().err


def test_a_change_inside_a_block_is_told_once_with_the_uses_that_it_resizes(told):
    def stacked(**config):
        inner = (layer("conv", "Conv2D", "x", filters=3, kernel_size=3, **config), layer("relu", "ReLU", "conv"))
        block = Block(("x",), inner, ("relu",))
        drawn = (layer("input", "Input", shape=(9, 9, 3)), layer("stage", "Block", "input", block="body", repeat=2))
        return Document(Graph(drawn, None, {"body": block}))

    _, text = told(stacked(), stacked(padding=1))
    assert text == (
        "a.json → b.json\n"
        "\n"
        "Affected by changes elsewhere\n"
        "  stage  5×5×3 → 9×9×3 · MACs 5,994 → 13,122 (+7,128)\n"
        "\n"
        "In the block body\n"
        "  conv  padding 0 → 1\n"
        "\n"
        "Parameters  168 (no difference)\n"
        "MACs        5,994 → 13,122 (+7,128)\n"
    )


def test_a_nan_that_stands_in_a_file_becomes_a_word_in_json(told):
    one, two = (Document(Graph((layer("odd", "Strange", (), size=size),))) for size in (float("nan"), 1))
    found = json.loads(told(one, two, "--json")[1], parse_constant=pytest.fail)
    assert found["layers"]["changed"][0]["settings"] == [{"name": "size", "from": "NaN", "to": 1}]
