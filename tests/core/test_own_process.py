"""Our own modules as processes: they find this very package, and nothing of the folder where somebody works."""

import os
import subprocess
from pathlib import Path

import core
from core.engine.replicas import replica
from core.own_process import own_command, own_environment


def test_the_package_is_looked_for_where_this_one_lies_first(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["somewhere", "else"]))
    home, *others = own_environment()["PYTHONPATH"].split(os.pathsep)
    assert Path(home, *core.__name__.split(".")) == Path(core.__file__).parent
    assert others == ["somewhere", "else"]


def test_variables_of_its_own_come_to_those_of_this_process(monkeypatch):
    monkeypatch.setenv("OURS", "1")
    assert {"OURS": "1", "ITS": "2"}.items() <= own_environment(ITS="2").items()


def test_files_in_the_folder_are_not_imported(tmp_path):
    for name in ("numpy", "json", "core", "convograph"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(9)\n", encoding="utf-8")
    done = subprocess.run(
        own_command(replica.__name__), cwd=tmp_path, env=own_environment(), input="", capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
