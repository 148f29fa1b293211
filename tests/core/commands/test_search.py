"""`convograph search` as scripts rely on it: what is wrong with the data is said once, before a trial begins."""

import json

import numpy as np
import pytest

from core.commands.main import main
from core.io.documents import save
from core.io.templates import load_template


@pytest.fixture
def files(tmp_path):
    save(load_template("mlp"), tmp_path / "net.json")
    (tmp_path / "space.json").write_text(json.dumps({"training.l2": {"choice": [0.0, 0.1]}}), encoding="utf-8")
    return str(tmp_path / "net.json"), "--space", str(tmp_path / "space.json")


@pytest.mark.parametrize(("data", "said"), [("nowhere", "nowhere"), ("many.npz", "12 classes")])
def test_data_that_does_not_suit_is_said_once_and_nothing_is_tried(files, tmp_path, capsys, data, said):
    np.savez(tmp_path / "many.npz", x=np.zeros((24, 8, 8), np.uint8), y=np.arange(24) % 12)
    status = main(["search", *files, "--data", data if data == "nowhere" else str(tmp_path / data)])
    out, err = capsys.readouterr()
    assert (status, out) == (1, "")
    assert err.count(said) == 1, err
    assert not list(tmp_path.glob("*.trials*"))
