"""Who may know whom, seen at run time; the import contracts in pyproject.toml say the same about the source."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WINDOW = ("PySide6", "shiboken6", "pyqtgraph", "designer")
NEEDS_TORCH = {"core.bench.torch_twin"} | {
    f"core.engines.pytorch.{name}" for name in ("arrays", "engine", "gathering", "moving", "noise", "written")
}


def loaded_after(code, tmp_path):
    """The packages of the window that a fresh Python has loaded after running `code`."""
    report = tmp_path / "modules.txt"
    script = (
        "import pathlib, sys\n"
        f"{code}\n"
        f"pathlib.Path({str(report)!r}).write_text('\\n'.join(name.partition('.')[0] for name in sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return set(report.read_text().splitlines()) & set(WINDOW)


def modules(folder):
    files = sorted((ROOT / folder).rglob("*.py"))
    return [".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in files]


def test_importing_the_core_loads_neither_qt_nor_pyqtgraph(tmp_path):
    assert loaded_after("import core", tmp_path) == set()


def test_no_module_of_the_core_loads_qt(tmp_path):
    names = set(modules("core")) - NEEDS_TORCH
    code = "import importlib\n" + "\n".join(f"importlib.import_module({name!r})" for name in sorted(names))
    assert loaded_after(code, tmp_path) == set()


@pytest.mark.parametrize("arguments", [["zoo"], ["zoo", "lenet5"], ["schema"]])
def test_a_command_loads_no_qt(arguments, tmp_path):
    assert loaded_after(f"import main\nassert main.main({arguments!r}) == 0", tmp_path) == set()


def test_qt_is_noticed_when_it_is_loaded(tmp_path):
    assert "PySide6" in loaded_after("import PySide6.QtCore", tmp_path)
