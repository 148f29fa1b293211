"""What lies in the folder of runs: listed whatever it is, renamed, deleted and brought back, bounded."""

import json
import os
import pickle
import shutil
import zipfile

import numpy as np
import pytest

from core.errors import ConvographError, SaveError
from core.runs.curve import MOST_BATCHES, Batches, CurveFile, read_curve
from core.runs.resuming import go_on, replay, resumed
from core.runs.store import RunStore, bytes_of, runs_folder
from core.runs.stored import read_run
from core.training.messages import Batch, Epoch
from core.training.trainer import Trainer
from tests.core.training.making import linear, rows

FILES = ("run.json", "curve.csv", "batches.npz", "best.npz", "last.npz", "resume.npz")


def keep(store, epochs=2, seed=0, **how):
    document = linear(epochs=epochs, seed=seed)
    writer = store.begin(Trainer(document, rows(), replicas=1), **how)
    list(writer.messages())
    assert writer.failure is None
    return read_run(writer.folder)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Make a run once, for copies of its folder."""
    folder = tmp_path_factory.mktemp("made")
    return keep(RunStore(folder)).folder


@pytest.fixture
def run(made, tmp_path):
    shutil.copytree(made, tmp_path / "0001")
    return read_run(tmp_path / "0001")


def test_a_run_is_a_folder_of_these_files(run):
    assert {path.name for path in run.folder.iterdir()} == {*FILES, ".lock", "ticks"}
    raw = json.loads((run.folder / "run.json").read_text())
    assert raw["state"] == "finished"
    assert (raw["seed"], raw["replicas"], raw["epochs"]) == (0, 1, 2)
    assert raw["data"]["hash"].startswith("sha256:")
    assert (raw["data"]["n"], raw["data"]["training"], raw["data"]["validation"]) == (12, 10, 2)
    assert raw["versions"].keys() == {"convograph", "numpy", "python"}
    assert raw["versions"]["numpy"] == np.__version__
    assert raw["document"]["format"] == "convograph"
    with np.load(run.folder / "resume.npz", allow_pickle=False) as resume:
        assert resume["step"] == 2
        assert resume["order"].tolist() == [0, 3, 0]
        assert resume["moments/1/fc1/kernel"].shape == (4, 3)


def test_they_are_numbered_and_listed_oldest_first(tmp_path):
    store = RunStore(tmp_path / "net.runs")
    assert store.runs() == ()
    for seed in range(3):
        keep(store, seed=seed, name="the third" if seed == 2 else "")
    (store.folder / "notes.txt").write_text("mine")
    (store.folder / "old").mkdir()
    assert [(run.folder.name, run.name) for run in store.runs()] == [
        ("0001", "run 1"),
        ("0002", "run 2"),
        ("0003", "the third"),
    ]
    assert runs_folder(tmp_path / "net.json") == store.folder


def test_a_name_is_given_and_taken_away(tmp_path):
    store = RunStore(tmp_path)
    run = store.rename(keep(store), "  warm\nrestart ")
    assert run.name == "warm restart"
    assert store.runs()[0].name == "warm restart"
    assert len(store.rename(run, "x" * 1000).name) == 200
    assert store.rename(store.runs()[0], "").name == "run 1"


def test_what_is_deleted_comes_back_and_its_number_is_not_given_again(tmp_path):
    store = RunStore(tmp_path)
    keep(store)
    run = keep(store)
    weights = run.last_weights()
    store.delete(run)
    assert [one.number for one in store.runs()] == [1]
    assert keep(store).number == 3
    back = store.restore(2)
    np.testing.assert_array_equal(back.last_weights()["fc1/kernel"], weights["fc1/kernel"])
    assert [one.number for one in store.runs()] == [1, 2, 3]
    with pytest.raises(SaveError, match="could not be moved"):
        store.restore(2)


def test_a_run_that_is_on_is_neither_deleted_nor_renamed(tmp_path):
    store = RunStore(tmp_path)
    messages = store.begin(Trainer(linear(), rows(), replicas=1)).messages()
    next(messages)
    (run,) = store.runs()
    for change in (store.delete, lambda run: store.rename(run, "x")):
        with pytest.raises(SaveError, match="run 1 is on: stop it first"):
            change(run)
    messages.close()
    store.delete(store.runs()[0])


@pytest.mark.parametrize("make", [lambda at: at.write_text("mine"), lambda at: at.mkdir(mode=0o500)])
def test_where_nothing_can_be_kept_a_sentence_says_so(tmp_path, make):
    make(tmp_path / "net.runs")
    if os.access(tmp_path / "net.runs", os.W_OK) and (tmp_path / "net.runs").is_dir():
        pytest.skip("root writes everywhere")
    with pytest.raises(SaveError, match=r"No run can be kept in .*net\.runs: .*\.$"):
        RunStore(tmp_path / "net.runs").begin(Trainer(linear(), rows(), replicas=1))


class TestBounds:
    def test_the_least_needed_goes_first_and_never_the_best(self, tmp_path):
        store = RunStore(tmp_path)
        for seed in range(3):
            keep(store, seed=seed)
        assert store.tidy() == ()
        without_ticks = store.n_bytes - bytes_of(store.runs()[0].folder / "ticks")
        (said,) = RunStore(tmp_path, without_ticks).tidy()
        assert said.endswith("the ticks of run 1 went.")
        assert [bool(run.ticks) for run in store.runs()] == [False, True, True]
        assert [run.has_standing for run in store.runs()] == [True, True, True]
        (said,) = RunStore(tmp_path, 0).tidy()
        assert "what could be gone on from of run 1" in said
        assert [(run.has_best, run.has_standing) for run in store.runs()] == [
            (True, False),
            (True, False),
            (True, True),
        ]
        assert len(store.runs()[0].curve) == 2

    def test_a_deleted_run_goes_only_when_its_day_is_over(self, tmp_path):
        store = RunStore(tmp_path)
        run = keep(store)
        keep(store)
        store.delete(run)
        RunStore(tmp_path, 0).tidy()
        aside = tmp_path / ".deleted" / "0001"
        assert aside.exists()
        os.utime(aside, (0, 0))
        (said,) = RunStore(tmp_path, 0).tidy()
        assert "run 1, deleted earlier" in said
        assert not aside.exists()

    def test_of_many_batches_every_second_one_is_kept(self, monkeypatch):
        monkeypatch.setattr("core.runs.curve.MOST_BATCHES", 8)
        kept = Batches()
        for step in range(1, 40):
            kept.add(Batch(step, 1, step, 0.5, 0.5, 32))
        steps = kept.arrays()["step"].tolist()
        assert len(steps) < 8
        assert set(np.diff(steps).tolist()) == {8}
        again = Batches()
        again.take(kept.arrays(), 20)
        again.add(Batch(21, 1, 21, 0.5, 0.5, 32))
        again.add(Batch(24, 1, 24, 0.5, 0.5, 32))
        assert again.arrays()["step"].tolist() == [8, 16, 24]
        assert MOST_BATCHES == 1 << 18

    def test_a_disk_that_is_full_never_ends_a_training(self, tmp_path, monkeypatch):
        from core.io import atomic

        writer = RunStore(tmp_path).begin(Trainer(linear(epochs=3), rows(), replicas=1))

        def full(*_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(atomic, "_new_beside", full)
        said = list(writer.messages())
        assert [message.epoch for message in said if isinstance(message, Epoch)] == [1, 2, 3]
        assert "the disk is full" in str(writer.failure)


def damaged(path, how):
    """Spoil a file in one of many ways."""
    data = path.read_bytes()
    match how:
        case "gone":
            path.unlink()
        case "empty":
            path.write_bytes(b"")
        case "half":
            path.write_bytes(data[: len(data) // 2])
        case "noise":
            path.write_bytes(bytes(range(256)) * 8)
        case "folder":
            path.unlink()
            path.mkdir()
        case "pipe":
            path.unlink()
            os.mkfifo(path)
        case "pickle":
            path.write_bytes(pickle.dumps(Evil()))
        case "objects":
            with path.open("wb") as file:
                np.savez(file, step=np.array([Evil()], dtype=object))
        case "claims":
            header = b"\x93NUMPY\x01\x00v\x00{'descr': '<f8', 'fortran_order': False, 'shape': (9000000000,), }"
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr("step.npy", header.ljust(127) + b"\n")
        case "deep":
            path.write_text("[" * 200_000)
        case "numbers":
            path.write_text('{"format": "convograph-run", "version": 1, "epochs": -3, "document": {}}')
        case "list":
            path.write_text('[{"format": "convograph-run"}]')
        case "newer":
            path.write_text('{"format": "convograph-run", "version": 9}')


class Evil:
    def __reduce__(self):
        return pytest.fail, ("something was unpickled",)


HOWS = ("gone", "empty", "half", "noise", "folder", "pipe", "pickle", "objects", "claims")


WHOLE = {("curve.csv", "gone"), ("curve.csv", "empty"), ("curve.csv", "half"), ("batches.npz", "gone")}
"""What reads as if nothing, or less, had been written."""


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("how", [*HOWS, "deep", "numbers", "list", "newer"])
def test_whatever_is_damaged_is_said_in_a_sentence(run, file, how):
    damaged(run.folder / file, how)
    (listed,) = RunStore(run.folder.parent).runs()
    if file == "run.json":
        assert listed.state == "damaged"
        assert listed.problem.endswith(".")
        assert str(run.folder / "run.json") in listed.problem
    else:
        assert listed.state == "finished"
    readers = [
        listed.last_weights,
        listed.best_weights,
        lambda: listed.curve,
        lambda: listed.batches,
        lambda: list(go_on(listed, *resumed(listed, rows(), epochs=3)).messages()),
        lambda: replay(listed, rows()),
    ]
    sentences = []
    for read in readers:
        try:
            read()
        except ConvographError as error:
            sentences.append(str(error))
    assert all(sentences)
    is_harmless = file in ("last.npz", "best.npz")
    assert sentences or (file, how) in WHOLE
    if file in ("curve.csv", "batches.npz") or is_harmless:  # it goes on all the same
        assert read_run(run.folder).record.epochs == 3


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("step", -1),
        ("epochs", float("nan")),
        ("seen", 2**60),
        ("loss_sum", float("inf")),
        ("seen", [1, 2]),
        ("weights/fc1/kernel", np.zeros((5, 3))),
        ("moments/0/fc1/bias", np.zeros(7)),
        ("weights/fc2/kernel", np.zeros(3)),
        ("seen", 11),
        ("history", np.zeros((2, 9))),
        ("best/epoch", 0),
    ],
)
def test_a_standing_that_cannot_be_is_refused(run, name, value):
    with np.load(run.folder / "resume.npz") as file:
        arrays = dict(file)
    np.savez(run.folder / "resume.npz", **arrays | {name: np.array(value)})
    with pytest.raises(ConvographError, match="damaged"):
        resumed(run, rows(), epochs=9)


def test_a_last_line_that_was_cut_off_is_left_out(run):
    path = run.folder / "curve.csv"
    whole = path.read_text()
    path.write_text(whole[:-9])
    assert [epoch.epoch for epoch in run.curve] == [1]
    path.write_text(whole.replace("\n2,", "\n1,", 1))
    with pytest.raises(ConvographError, match="line 3 is not the line of an epoch"):
        read_curve(run.folder)


def test_lines_are_appended_and_there_at_once(tmp_path):
    epochs = [Epoch(n, n, 0.1 + n, 0.5, None, None, 1.0, 2.0, 1e-3) for n in (1, 2, 3)]
    curve = CurveFile(tmp_path, epochs[:1])
    curve.append(epochs[1])
    assert read_curve(tmp_path) == tuple(epochs[:2])
    curve.append(epochs[2])
    assert read_curve(tmp_path) == tuple(epochs)
    curve.close()
