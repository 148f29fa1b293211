"""The script for Slurm in docs/clusters.md, with stand-ins for srun and scontrol: told to end, and begun again."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from socket import socket

import pytest

from core.graph.edits import set_training
from core.io.documents import save
from core.io.templates import load_template

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/clusters.md"
STAND_INS = {
    "convograph": f'exec "{sys.executable}" "{ROOT / "main.py"}" "$@"',
    "torchrun": f'exec "{sys.executable}" -m torch.distributed.run "$@"',
    "srun": 'exec "$@"',
    "scontrol": 'echo "$@" >> scontrol.txt; [ "$1" = show ] && echo localhost || true',
}
LONG = 120

pytestmark = pytest.mark.skipif(os.name != "posix" or shutil.which("bash") is None, reason="a script for bash")


def script():
    (found,) = re.findall(r"<!-- sbatch -->\n```bash\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return found


def test_bash_reads_the_script():
    done = subprocess.run(["bash", "-n"], input=script(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.torch
def test_told_that_its_time_is_up_it_is_queued_again_and_goes_on(tmp_path):
    with socket() as taken:
        taken.bind(("", 0))
        port = taken.getsockname()[1]
    (tmp_path / "train.sbatch").write_text(script().replace("29500", str(port)), encoding="utf-8")
    document = set_training(load_template("digits_cnn"), {"epochs": 2000})
    save(document, tmp_path / "net.json")
    stand_ins = tmp_path / "bin"
    stand_ins.mkdir()
    for name, line in STAND_INS.items():
        (stand_ins / name).write_text(f"#!/bin/bash\n{line}\n")
        (stand_ins / name).chmod(0o755)
    environment = os.environ | {
        "PATH": f"{stand_ins}{os.pathsep}{os.environ['PATH']}",
        "SLURM_JOB_ID": "4711",
        "SLURM_JOB_NODELIST": "node07",
        "SLURM_NNODES": "1",
        "SLURM_GPUS_ON_NODE": "2",
        "DEVICE": "cpu",
        "OMP_NUM_THREADS": "1",
    }
    run = tmp_path / "net-4711.runs/0001"

    def begin():
        return subprocess.Popen(
            ["bash", "train.sbatch", "net.json"],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def lines():
        return len((run / "curve.csv").read_text().splitlines()) if (run / "curve.csv").exists() else 0

    def record():
        return json.loads((run / "run.json").read_text())

    def until(n):
        limit = time.monotonic() + LONG
        while lines() < n and time.monotonic() < limit:
            time.sleep(0.1)

    job = begin()
    until(3)
    job.send_signal(signal.SIGUSR1)
    said, _ = job.communicate(timeout=LONG)
    assert job.returncode == 0, said
    assert record()["state"] == "stopped", said
    assert record()["world_size"] == 2
    assert (tmp_path / "scontrol.txt").read_text().splitlines() == ["show hostnames node07", "requeue 4711"]
    before = record()["step"], lines()
    assert before[0] > 0
    job = begin()
    until(before[1] + 1)
    job.send_signal(signal.SIGTERM)  # as a pre-emption does
    said, _ = job.communicate(timeout=LONG)
    assert record()["state"] == "stopped", said
    assert record()["step"] > before[0]
    assert [path.name for path in run.parent.iterdir()] == ["0001"]
