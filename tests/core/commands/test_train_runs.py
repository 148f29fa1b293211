"""`convograph train` with runs that are kept, resumed and begun from weights; every refusal is a sentence."""

import json

import numpy as np
import pytest

from core.commands.main import main
from core.graph.edits import set_config, set_training
from core.io.documents import load, save
from core.io.templates import template_path
from core.runs.store import RunStore


@pytest.fixture
def file(tmp_path):
    save(set_training(load(template_path("mlp")), {"epochs": 2}), tmp_path / "mlp.json")
    return tmp_path / "mlp.json"


def train(capsys, *words):
    own = [] if "--resume" in words else ["--replicas", "1"]
    found = main(["train", *map(str, words), *own])
    said = capsys.readouterr()
    assert found == 0, said.err
    return said


def weights(path):
    with np.load(path) as file:
        return {name: file[name] for name in file}


def assert_same(one, other):
    one, other = weights(one), weights(other)
    assert one.keys() == other.keys()
    for name, array in one.items():
        np.testing.assert_array_equal(array, other[name])


def test_nothing_is_kept_unless_asked_for(file, capsys):
    train(capsys, file)
    train(capsys, file, "--no-runs")
    assert [path.name for path in file.parent.iterdir()] == ["mlp.json"]


def test_a_run_is_kept_and_goes_on_to_more_epochs(file, capsys):
    runs = file.parent / "runs"
    said = train(capsys, file, "--runs", runs, "--json")
    lines = [json.loads(line) for line in said.out.splitlines()]
    assert [line["learning_rate"] for line in lines] == [0.001, 0.001]
    assert all(line["findings"] == [] for line in lines)
    assert f"The run is kept in {runs / '0001'}." in said.err
    train(capsys, file, "--resume", runs / "0001", "--epochs", 4)
    train(capsys, file, "--epochs", 4, "--save", file.parent / "whole.npz")
    assert_same(runs / "0001" / "last.npz", file.parent / "whole.npz")
    (run,) = RunStore(runs).runs()
    assert (run.state, run.record.epochs, [epoch.epoch for epoch in run.curve]) == ("finished", 4, [1, 2, 3, 4])


def test_a_run_is_named_by_its_number_too(file, capsys):
    train(capsys, file, "--runs", file.parent / "mlp.runs")
    train(capsys, file, "--resume", "1", "--epochs", 3)
    train(capsys, file, "--runs", file.parent / "mlp.runs", "--resume", "0001", "--epochs", 4)
    (run,) = RunStore(file.parent / "mlp.runs").runs()
    assert run.record.epochs == 4


def test_resumed_without_keeping_the_folder_stays_as_it_is(file, capsys):
    train(capsys, file, "--runs", file.parent / "mlp.runs")
    before = {path.name: path.read_bytes() for path in (file.parent / "mlp.runs" / "0001").glob("*.*")}
    train(capsys, file, "--resume", "1", "--epochs", 3, "--no-runs", "--save", file.parent / "w.npz")
    assert {path.name: path.read_bytes() for path in (file.parent / "mlp.runs" / "0001").glob("*.*")} == before
    train(capsys, file, "--epochs", 3, "--save", file.parent / "whole.npz")
    assert_same(file.parent / "w.npz", file.parent / "whole.npz")


def test_a_run_with_nothing_left_to_do_says_so_and_saves_what_it_has(file, capsys):
    train(capsys, file, "--runs", file.parent / "mlp.runs")
    said = train(capsys, file, "--resume", "1", "--save", file.parent / "w.npz")
    assert "run 1 has ended after 2 epochs, as it was to: nothing is left to do." in said.err
    assert "--epochs 12" in said.err
    assert_same(file.parent / "w.npz", file.parent / "mlp.runs" / "0001" / "last.npz")


def test_it_begins_with_weights_that_are_given(file, capsys):
    train(capsys, file, "--save", file.parent / "w.npz")
    train(capsys, file, "--weights", file.parent / "w.npz", "--runs", file.parent / "runs", "--epochs", 1)
    (run,) = RunStore(file.parent / "runs").runs()
    assert run.record.after == "w.npz"
    assert_same_weights(run.start().weights, weights(file.parent / "w.npz"))


def assert_same_weights(one, other):
    for name, array in one.items():
        np.testing.assert_array_equal(array, other[name])


def test_an_edited_file_is_named_and_the_run_goes_on_as_it_was(file, capsys):
    train(capsys, file, "--runs", file.parent / "mlp.runs")
    save(set_config(load(file), "fc1", {"units": 7}), file)
    said = train(capsys, file, "--resume", "1", "--epochs", 3)
    assert f"{file} has changed since run 1 was trained; the run goes on as it was trained." in said.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--resume", "1", "--seed", "3"), "goes on with its own seed: leave --seed out"),
        (("--resume", "1", "--batch-size", "3"), "goes on with its own batch size: leave --batch-size out"),
        (("--resume", "1", "--weights", "w.npz"), "goes on with its own weights: leave --weights out"),
        (("--resume", "9"), "There is no run 9: give the folder of a run, or its number in"),
        (("--resume", "mlp.runs/0001", "--runs", "."), "A run that is resumed stays in its folder"),
        (("--resume", "."), "cannot be read: it is not there."),
        (("--resume", "1", "--data", "moons"), "holds samples of"),
        (("--weights", "nowhere.npz"), "nowhere.npz could not be read: it is not there."),
        (("--runs", "mlp.json"), "No run can be kept in mlp.json: it is a file, not a folder."),
    ],
)
def test_what_cannot_be_is_said(file, capsys, monkeypatch, words, sentence):
    monkeypatch.chdir(file.parent)
    main(["train", "mlp.json", "--runs", "mlp.runs", "--replicas", "1", "--epochs", "1"])
    capsys.readouterr()
    assert main(["train", "mlp.json", *words]) == 1
    said = capsys.readouterr().err
    assert sentence in said
    assert "Traceback" not in said
