"""The wheel holds everything, and works from an environment that has never seen the source."""

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGED = ("core", "designer", "resources")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def run(*command, cwd, expected=0):
    """Run a command far from the source tree, with nothing of it on the path, and return what it printed."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))}
    environment["PYTHONUTF8"] = "1"
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment, capture_output=True, encoding="utf-8"
    )
    assert done.returncode == expected, f"{command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    out = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, ROOT, cwd=out)
    (built,) = out.glob("convograph-*-py3-none-any.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The folder of the commands in a fresh environment that holds the wheel, and our dependencies by reference."""
    home = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", "--without-pip", home, cwd=home)
    scripts = home / ("Scripts" if os.name == "nt" else "bin")
    python = scripts / "python"
    install = ("-m", "pip", "--python", python, "install", "--no-deps", "--no-index", "--disable-pip-version-check")
    run(sys.executable, *install, wheel, cwd=home)
    # Paths named in a .pth file are searched after the environment's own, and their own .pth files (the editable
    # install of this very source tree) are not followed.
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=home).strip())
    ours = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (site / "dependencies.pth").write_text("\n".join(sorted(ours)), encoding="utf-8")
    return scripts


def test_every_file_of_the_packages_is_in_the_wheel(wheel):
    def shipped(path):
        return path.is_file() and "__pycache__" not in path.parts

    expected = {p.relative_to(ROOT).as_posix() for folder in PACKAGED for p in (ROOT / folder).rglob("*") if shipped(p)}
    names = set(zipfile.ZipFile(wheel).namelist())
    inside = {name for name in names if not name.partition("/")[0].endswith(".dist-info")}
    assert inside == expected | {"main.py"}
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


@pytest.mark.parametrize(
    ("folder", "ending"),
    [
        ("templates", ".json"),
        ("templates/pictures", ".png"),
        ("datasets", ""),
        ("fonts", ".otf"),
        ("icons", ".svg"),
        ("schema", ".json"),
    ],
)
def test_each_kind_of_resource_is_in_the_wheel(wheel, folder, ending):
    names = zipfile.ZipFile(wheel).namelist()
    assert [n for n in names if n.startswith(f"resources/{folder}/") and n.endswith(ending)]


def test_the_environment_uses_the_wheel_and_not_the_source(installed, tmp_path):
    where = run(installed / "python", "-c", "import core, main, resources; print(core.__file__)", cwd=tmp_path)
    assert not Path(where.strip()).is_relative_to(ROOT)
    assert Path(where.strip()).is_relative_to(installed.parent)


def test_check_works_from_the_wheel(installed, tmp_path):
    command = installed / "convograph"
    document = tmp_path / "lenet5.json"
    document.write_text(run(command, "zoo", "lenet5", cwd=tmp_path), encoding="utf-8")

    report = json.loads(run(command, "check", document, "--json", cwd=tmp_path))
    assert report["valid"] is True
    assert report["totals"]["parameters"] == 61_706

    document.write_text("{", encoding="utf-8")
    run(command, "check", document, cwd=tmp_path, expected=2)


def test_training_on_the_bundled_digits_works_from_the_wheel(installed, tmp_path):
    command = installed / "convograph"
    document = tmp_path / "digits_cnn.json"
    document.write_text(run(command, "zoo", "digits_cnn", cwd=tmp_path), encoding="utf-8")
    printed = run(command, "train", document, "--epochs", "1", "--json", cwd=tmp_path)
    (epoch,) = [json.loads(line) for line in printed.splitlines()]
    assert epoch["epoch"] == 1
    assert epoch["val_accuracy"] > 0.2
