"""What CONTRIBUTING.md promises about adding a command and an exporter is done here, word for word."""

import re
import runpy
from pathlib import Path

import pytest

from core.commands.main import main
from core.commands.table import COMMANDS
from core.export.exporters import EXPORTERS
from core.io.templates import template_path

ROOT = Path(__file__).parents[2]
LENET = str(template_path("lenet5"))


@pytest.fixture
def made_by(tmp_path):
    """Run the only code block of a recipe as a module; gives what it defines."""
    return lambda recipe: runpy.run_path(str(_written(recipe, tmp_path / "recipe.py")))


def _written(recipe, file):
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = text.partition(f"## {recipe}\n")[2].partition("\n## ")[0]
    (code,) = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    file.write_text(code, encoding="utf-8")
    return file


def test_the_command_in_contributing_works(made_by, monkeypatch, capsys):
    command = made_by("Add a command")["COUNT"]
    monkeypatch.setitem(COMMANDS, command.name, command)
    assert main(["count", LENET]) == 0
    assert capsys.readouterr().out == "61,706\n"
    assert main(["count", "gone.json"]) == 2
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "print how many parameters a network has" in capsys.readouterr().out


def test_the_exporter_in_contributing_works(made_by, monkeypatch, capsys, tmp_path):
    exporter = made_by("Add an exporter")["NAMES"]
    monkeypatch.setitem(EXPORTERS, exporter.format, exporter)
    assert main(["export", LENET, "--to", "names"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("input\nconv1\nrelu1\n")
    assert main(["export", LENET, "--to", "names", "-o", str(tmp_path / "names.txt")]) == 0
    assert (tmp_path / "names.txt").read_text(encoding="utf-8") == printed
