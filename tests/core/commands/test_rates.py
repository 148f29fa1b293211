"""`convograph rates` as scripts rely on it: what is printed, and the exit status."""

import json

import numpy as np
import pytest

from core.commands.main import main
from core.io.documents import save
from core.io.templates import template_path
from tests.core.training.making import chain

MLP = str(template_path("mlp"))


@pytest.fixture
def run(capsys):
    """Run the command in this process; gives its status and what it printed."""

    def command(*arguments):
        status = main(["rates", *map(str, arguments)])
        output = capsys.readouterr()
        assert "Traceback" not in output.err
        return status, output.out, output.err

    return command


def test_the_table_ends_with_the_proposal(run):
    status, out, err = run(MLP)
    assert (status, err) == (0, "")
    head, *rows = out.splitlines()
    assert head.split() == ["learning", "rate", "smoothed", "loss"]
    assert [float(cell) for cell in rows[0].split()] == pytest.approx([1e-6, 2.5], rel=0.1)
    assert rows[-1].startswith("A learning rate of ")


def test_json_has_the_curve_and_the_proposal(run):
    status, out, _ = run(MLP, "--json")
    tested = json.loads(out)
    assert status == 0
    assert list(tested) == ["proposal", "what", "tried"]
    assert 1e-3 < tested["proposal"] < 1e-1
    assert all(list(one) == ["rate", "loss", "smoothed"] for one in tested["tried"])


def test_where_nothing_is_learned_the_status_is_1(run, tmp_path):
    np.savez(tmp_path / "blank.npz", images=np.zeros((64, 8, 8, 1), np.uint8), labels=np.arange(64) % 10)
    status, out, _ = run(MLP, "--data", tmp_path / "blank.npz", "--json")
    tested = json.loads(out)
    assert (status, tested["proposal"]) == (1, None)
    assert "No learning rate is proposed" in tested["what"]


def test_a_document_that_can_not_be_trained_is_refused_with_status_1(run, tmp_path):
    save(chain(("in", "Input", {"shape": [8, 8, 1]}), ("fc1", "Dense", {"units": 0})), tmp_path / "wrong.json")
    status, out, err = run(tmp_path / "wrong.json", "--json")
    assert (status, out) == (1, "")
    assert "units" in err


def test_what_can_not_be_read_has_status_2(run, tmp_path):
    (tmp_path / "no.json").write_text("{")
    assert run(tmp_path / "no.json")[0] == 2
    status, out, err = run(MLP, "--data", tmp_path / "missing")
    assert (status, out) == (2, "")
    assert "missing" in err
