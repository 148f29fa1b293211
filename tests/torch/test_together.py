"""Processes that share each batch have the losses of one, and what is lost with one of them is gone on from."""

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from core.engine.network import Network
from core.io.writing import document_text
from core.runs.stored import read_run
from core.training import trainer
from core.training.messages import Batch
from tests.drawing import chain
from tests.torch.test_engine import DRAWING

pytestmark = [pytest.mark.torch, pytest.mark.timeout(400)]  # each starts up to eight processes

ROOT = Path(__file__).parents[2]
CLOSE = 1e-5
KILLED_AFTER = 30

MADE = chain(
    (8, 8, 1),
    *DRAWING,
    epochs=2,
    batch_size=41,  # shares are not alike, and the last batch of 1438 has less samples than processes
    class_weights="balanced",
    augmentation=["Rotate"],
    l2=1e-3,
    clip_norm=1.0,
)


@pytest.fixture
def losses(monkeypatch):
    """The losses of NumPy's engine, in one process."""
    monkeypatch.setattr(trainer, "Network", partial(Network, dtype="float64"))
    return [m.loss for m in trainer.Trainer(MADE, replicas=1).messages() if isinstance(m, Batch)]


def together(folder, n, *options, killed=""):
    """Have `n` processes train; one is killed after a step where that is said."""
    (folder / "made.json").write_text(document_text(MADE), encoding="utf-8")
    launch = (sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(n))
    return subprocess.run(
        [*launch, str(ROOT / "tests/torch/together.py"), "train", "made.json", *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "KILLED": killed or "-1 0"},
        capture_output=True,
        text=True,
    )


def found(folder):
    run = read_run(folder / "runs/0001")
    return run, run.batches["loss"]


def test_four_processes_have_the_losses_of_one(losses, tmp_path):
    done = together(tmp_path, 4, "--engine", "torch", "--runs", "runs")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("epoch 1: ") == done.stderr.count("The run is kept in ") == 1
    run, theirs = found(tmp_path)
    assert len(losses) > 50
    np.testing.assert_allclose(theirs, losses, rtol=0, atol=CLOSE)
    assert (run.record.run_on.engine, run.record.run_on.device, run.record.run_on.world_size) == ("torch", "cpu", 4)


@pytest.mark.parametrize("rank", [0, 1])
def test_a_lost_process_ends_all_and_the_run_goes_on_from_there(rank, losses, tmp_path):
    died = together(tmp_path, 2, "--engine", "torch", "--runs", "runs", killed=f"{rank} {KILLED_AFTER}")
    assert died.returncode, died.stderr
    assert died.stderr.count("Another of the 2 processes of this training has ended") == 1, died.stderr
    assert "--resume runs/0001" in died.stderr
    run, _ = found(tmp_path)
    assert run.state == "interrupted"
    assert run.record.step <= KILLED_AFTER
    if rank:  # the one that writes has lived
        assert run.record.step == KILLED_AFTER
    gone_on = together(tmp_path, 2, "--resume", "runs/0001")
    assert gone_on.returncode == 0, gone_on.stderr
    np.testing.assert_allclose(found(tmp_path)[1], losses, rtol=0, atol=CLOSE)
