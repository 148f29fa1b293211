"""`convograph summary --explain`: all that can be said of a layer, where a terminal shows it."""

import pytest

from core.commands.main import main
from core.graph.values import Block, Document, Graph
from core.io.documents import save
from core.io.templates import load_template
from tests.drawing import chain, layer


@pytest.fixture
def explain(tmp_path, capsys):
    """Explain a layer of a document; gives the exit status and what was printed."""

    def run(document, id):
        path = tmp_path / "net.json"
        save(document, path)
        status = main(["summary", str(path), "--explain", id])
        return status, *capsys.readouterr()

    return run


def test_all_topics_of_a_layer(explain):
    status, out, err = explain(load_template("lenet5"), "conv2")
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "conv2 · Conv2D · 14×14×6 → 10×10×16"
    topics = [line.strip() for line in lines[1:] if line.startswith("  ") and not line.startswith("    ")]
    assert topics == ["Shape and parameters", "Forward", "Backward", "As matrices", "Receptive field", "Memory"]
    assert "    r = 6 + (5 − 1)·2 = 14, j = 2·1 = 2" in lines
    assert "    W_row is 16×150: for each filter a row" in lines
    assert max(map(len, lines)) <= 100


def test_a_block_explains_all_its_layers(explain):
    inner = (layer("conv", "Conv2D", "x", filters=3, kernel_size=3), layer("relu", "ReLU", "conv"))
    drawn = (layer("input", "Input", shape=(9, 9, 3)), layer("stage", "Block", "input", block="body", repeat=2))
    net = Document(Graph(drawn, None, {"body": Block(("x",), inner, ("relu",))}))
    _, out, _ = explain(net, "stage")
    heads = [line.partition(" ")[0] for line in out.splitlines() if line.startswith("stage/")]
    assert heads == ["stage/1/conv", "stage/1/relu", "stage/2/conv", "stage/2/relu"]
    assert explain(net, "stage/2/conv")[1].startswith("stage/2/conv · Conv2D · 7×7×3 → 5×5×3\n")


def test_a_layer_that_is_not_there_is_named_with_the_nearest(explain):
    status, out, err = explain(load_template("lenet5"), "conv3")
    assert (status, out) == (1, "")
    assert err == "There is no layer called conv3: did you mean conv1?\n" or "did you mean conv2?" in err


def test_a_layer_whose_output_is_not_known_comes_with_its_problems_only(explain):
    fit = ("Conv2D", {"filters": 1, "kernel_size": 3, "stride": 3})
    status, out, _ = explain(chain((7, 7, 1), fit, ("Conv2D", {"filters": 1, "kernel_size": 99})), "conv1")
    assert status == 1
    assert out.startswith("conv1 · Conv2D · 7×7×1 → ?\n  Its output is unknown")
    assert "does not fit a 7×7 input" in out
    assert "conv2" not in out
