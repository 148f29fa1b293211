"""README's script, from a folder of pictures to a trained network, does what it says."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core.own_process import own_environment

ROOT = Path(__file__).parents[2]
SCRIPT = re.compile(r"<!-- story -->\n```bash\n(.*?)```\n<!-- end of the story -->", re.DOTALL)

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="the script is for a shell")


@pytest.fixture
def path(tmp_path):
    """Make the commands `python` and `convograph` those of the tests, and return where commands are found."""
    commands = {"python": "", "convograph": "-m core "}
    (tmp_path / "bin").mkdir()
    for name, arguments in commands.items():
        command = tmp_path / "bin" / name
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments}"$@"\n', encoding="utf-8")
        command.chmod(0o755)
    return f"{tmp_path / 'bin'}:/usr/bin:/bin"


def test_the_script_of_readme_runs_in_an_empty_folder(path, tmp_path):
    (script,) = SCRIPT.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    here = tmp_path / "here"
    here.mkdir()
    environment = {**own_environment(), "PATH": path, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], cwd=here, env=environment, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    said = ran.stdout
    assert "square/7.png: It is none of the pictures read here" in said
    assert "Fix: Invert the pictures" in said
    assert [line.split()[0] for line in said.splitlines() if re.match(r"(passed|failed|not judged) ", line)] == [
        "passed"
    ] * 4
    assert "8 trials: " in said
    assert [int(n) for n in re.findall(r"^epoch (\d+):", said, re.MULTILINE)] == list(range(1, 21))
    (accuracy,) = re.findall(r"^120 samples: accuracy ([\d.]+)%", said, re.MULTILINE)
    assert float(accuracy) > 70
    assert re.search(r"^drawings/hexagon/1\.png: hexagon ", said, re.MULTILINE)
