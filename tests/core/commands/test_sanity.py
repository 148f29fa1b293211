"""`convograph sanity` as scripts rely on it: what is printed, and the exit status."""

import json

import pytest

from core.commands.main import main
from core.io.documents import save
from core.io.templates import template_path
from tests.core.training.making import chain, small_net

MLP = str(template_path("mlp"))


@pytest.fixture
def run(capsys):
    """Run the command in this process; gives its status and what it printed."""

    def command(*arguments):
        status = main(["sanity", *map(str, arguments)])
        output = capsys.readouterr()
        assert "Traceback" not in output.err
        return status, output.out, output.err

    return command


def test_a_healthy_network_passes_and_the_status_says_so(run):
    status, out, err = run(MLP)
    assert (status, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines()[::2]] == ["passed"] * 4


def test_json_is_one_array_with_the_promised_keys(run):
    status, out, _ = run(MLP, "--json")
    outcomes = json.loads(out)
    assert status == 0
    assert [outcome["check"] for outcome in outcomes] == [
        "initial_loss",
        "regularisation_raises_loss",
        "overfits_20_samples",
        "gradients",
    ]
    assert all(list(outcome) == ["check", "passed", "measured", "expected", "what"] for outcome in outcomes)
    assert all(outcome["passed"] is True for outcome in outcomes)


def test_a_check_that_fails_says_what_to_do_with_status_1(run, tmp_path):
    save(small_net(optimizer={"kind": "SGD", "learning_rate": 500}), tmp_path / "sick.json")
    status, out, _ = run(tmp_path / "sick.json")
    assert status == 1
    assert "FAILED      overfits_20_samples" in out
    assert "Set learning_rate to" in out


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
