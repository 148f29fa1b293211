"""The files named on a command line: none that is read is written over, and each has a name."""

import numpy as np
import pytest

from core.commands.main import main
from core.engine.network import Network
from core.io.datasets.bundled import BUNDLED
from core.io.documents import save
from core.io.templates import load_template
from tests.drawing import chain

MADE = chain((4,), ("Dense", {"units": 2}))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a network, its weights and an input, and another name for the document; the current one."""
    monkeypatch.chdir(tmp_path)
    save(MADE, tmp_path / "net.json")
    save(load_template("mlp"), tmp_path / "mlp.json")
    Network(MADE).save_weights(tmp_path / "w.npz")
    np.save(tmp_path / "x.npy", np.zeros((3, 4), np.float32))
    (tmp_path / "link.json").symlink_to("mlp.json")
    return tmp_path


@pytest.mark.parametrize(
    ("words", "written", "what"),
    [
        ("train mlp.json --epochs 1 --save mlp.json", "mlp.json", "the document"),
        ("train mlp.json --epochs 1 --save ./link.json", "link.json", "the document"),
        ("train mlp.json --epochs 1 --data x.npy --save x.npy", "x.npy", "the data set"),
        ("export net.json --to csv -o net.json", "net.json", "the document"),
        ("run net.json --weights w.npz --input x.npy --output net.json", "net.json", "the document"),
        ("run net.json --weights w.npz --input x.npy --output w.npz", "w.npz", "the weights"),
        ("run net.json --weights w.npz --input x.npy --output x.npy", "x.npy", "the input"),
    ],
)
def test_a_file_that_is_read_is_not_written_over(folder, capsys, words, written, what):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert main(words.split()) == 1
    assert f"{written} holds {what}, which would be lost: " in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize("data", [name for name, bundled in BUNDLED.items() if len(bundled.shape) == 3])
def test_a_bundled_data_set_is_no_file_of_that_name(folder, data):
    assert main(["train", "mlp.json", "--epochs", "1", "--data", data, "--save", data]) == 0


@pytest.mark.parametrize(
    ("words", "argument"),
    [
        (["check", ""], "FILE"),
        (["train", "mlp.json", "--data", ""], "--data"),
        (["train", "mlp.json", "--save", ""], "--save"),
        (["diff", "", "mlp.json"], "A"),
        (["diff", "mlp.json", ""], "B"),
        (["export", "mlp.json", "--to", "csv", "-o", ""], "-o/--output"),
        (["run", "net.json", "--weights", "", "--input", "x.npy", "--output", "y.npy"], "--weights"),
        (["bench", "--into", ""], "--into"),
    ],
)
def test_an_empty_name_is_not_the_current_folder(folder, capsys, words, argument):
    """A variable of the shell that is not set gives one."""
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert f"argument {argument}: the name is empty" in capsys.readouterr().err
