"""The wheel holds everything under one name, and works among packages and folders that have the names of our own."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGED = ("core", "designer", "resources")

TESTED_INSTALLED = (
    "tests/contract/test_declarations.py",
    *("tests/core/analysis", "tests/core/commands", "tests/core/datasets", "tests/core/graph", "tests/core/io"),
    *("tests/core/engine/test_network.py", "tests/core/engine/test_replicas.py", "tests/core/test_own_process.py"),
    *("tests/designer/test_guard.py", "tests/flows/test_front_door.py"),
)
"""The tests that are run against the installed package too: what reads resources, starts processes or says names."""

NOT_INSTALLED = "killed or told_nothing"
"""Tests that start a process with a line of code which imports `core`."""

TRAP = "raise SystemExit(f'{__file__} was imported')\n"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]


def run(*command, cwd, expected=0, **variables):
    """Run a command far from the source tree, with nothing of it on the path, and return what it printed."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV", "PYTEST"))}
    environment |= {"PYTHONUTF8": "1", **variables}
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment, capture_output=True, encoding="utf-8"
    )
    assert done.returncode == expected, f"{command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


def environment_with(wheel, home):
    """Make an environment with the wheel, and our dependencies by reference; returns the folder of its commands."""
    run(sys.executable, "-m", "venv", "--without-pip", home, cwd=home)
    scripts = home / ("Scripts" if os.name == "nt" else "bin")
    pip(scripts, "install", "--no-deps", "--no-index", wheel)
    # Paths named in a .pth file are searched after the environment's own, and their own .pth files (the editable
    # install of this very source tree) are not followed.
    ours = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (site_packages(scripts) / "dependencies.pth").write_text("\n".join(sorted(ours)), encoding="utf-8")
    return scripts


def pip(scripts, command, *arguments):
    python = ("-m", "pip", "--python", scripts / "python", command, "--disable-pip-version-check")
    run(sys.executable, *python, *arguments, cwd=scripts)


def site_packages(scripts):
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    return Path(run(scripts / "python", "-c", code, cwd=scripts).strip())


def foreign_wheel(folder):
    """Write a wheel of somebody else, whose packages have the names that ours have in the repository."""
    info = "foreign-1.dist-info"
    files = {f"{name}/__init__.py": TRAP for name in PACKAGED} | {
        "main.py": TRAP,
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: foreign\nVersion: 1\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{name},,\n" for name in [*files, f"{info}/RECORD"])
    path = folder / "foreign-1-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    out = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, ROOT, cwd=out)
    (built,) = out.glob("convograph-*-py3-none-any.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The folder of the commands in an environment that also holds a foreign `core`, `designer` and `resources`."""
    scripts = environment_with(wheel, tmp_path_factory.mktemp("environment"))
    pip(scripts, "install", "--no-deps", "--no-index", foreign_wheel(scripts.parent))
    return scripts


@pytest.fixture
def traps(tmp_path):
    """A folder to work in that holds files and packages with the names of modules we import."""
    for name in ("core", "main", "numpy", "json", "convograph", "pydantic"):
        (tmp_path / f"{name}.py").write_text(TRAP, encoding="utf-8")
    for name in ("resources", "designer"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(TRAP, encoding="utf-8")
    return tmp_path


def test_every_file_of_the_packages_is_in_the_wheel_under_one_name(wheel):
    def shipped(path):
        return path.is_file() and "__pycache__" not in path.parts

    expected = {p.relative_to(ROOT).as_posix() for folder in PACKAGED for p in (ROOT / folder).rglob("*") if shipped(p)}
    names = set(zipfile.ZipFile(wheel).namelist())
    inside = {name for name in names if not name.partition("/")[0].endswith(".dist-info")}
    assert inside == {f"convograph/{name}" for name in (*expected, "__init__.py", "__main__.py")}
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
    assert [n for n in names if n.startswith(f"convograph/resources/{folder}/") and n.endswith(ending)]


def test_a_wheel_made_from_the_source_distribution_is_the_same(wheel, tmp_path):
    run(sys.executable, "-m", "build", "--sdist", "--no-isolation", "--outdir", tmp_path, ROOT, cwd=tmp_path)
    (archive,) = tmp_path.glob("*.tar.gz")
    shutil.unpack_archive(archive, tmp_path, filter="data")
    unpacked = archive.name.removesuffix(".tar.gz")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path, unpacked, cwd=tmp_path)
    (again,) = tmp_path.glob("*.whl")
    assert again.read_bytes() == wheel.read_bytes()


def test_python_imports_the_public_face(installed, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import convograph\n"
        "from convograph import Network, check, load, save, train\n"
        "assert check is convograph.core.check\n"
        "import convograph.core.analysis.check\n"
        "assert check is convograph.core.analysis.check.check\n"
        "assert convograph.__version__ == convograph.core.__version__\n"
        "print(convograph.__file__)\n",
        encoding="utf-8",
    )
    (tmp_path / "core.py").write_text(TRAP, encoding="utf-8")
    where = run(installed / "python", script, cwd=tmp_path)
    assert Path(where.strip()).is_relative_to(installed.parent)


@pytest.mark.parametrize("started_by", [["convograph"], ["python", "-P", "-m", "convograph"]])
def test_every_way_to_start_it_passes_the_traps(installed, traps, started_by):
    program = (installed / started_by[0], *started_by[1:])
    document = traps / "lenet5.json"
    document.write_text(run(*program, "zoo", "lenet5", cwd=traps), encoding="utf-8")

    report = json.loads(run(*program, "check", document, "--json", cwd=traps))
    assert report["valid"] is True
    assert report["totals"]["parameters"] == 61_706
    assert "conv1" in run(*program, "summary", document, cwd=traps)
    assert run(*program, "--version", cwd=traps).startswith("convograph ")

    document.write_text("{", encoding="utf-8")
    run(*program, "check", document, cwd=traps, expected=2)


def test_python_m_works_where_python_itself_does(installed, tmp_path):
    for name in ("core", "main", "resources", "designer"):
        (tmp_path / f"{name}.py").write_text(TRAP, encoding="utf-8")
    assert "lenet5" in run(installed / "python", "-m", "convograph", "zoo", cwd=tmp_path)


def test_replicas_train_among_the_traps(installed, traps):
    command = installed / "convograph"
    document = traps / "digits_cnn.json"
    document.write_text(run(command, "zoo", "digits_cnn", cwd=traps), encoding="utf-8")
    printed = run(command, "train", document, "--epochs", "1", "--replicas", "2", "--json", cwd=traps)
    (epoch,) = [json.loads(line) for line in printed.splitlines()]
    assert epoch["epoch"] == 1
    assert epoch["val_accuracy"] > 0.2


def test_replicas_begin_among_the_traps(installed, traps):
    program = (
        "import sys, time\n"
        "from convograph import Network, load\n"
        "net = Network(load(sys.argv[1]), n_replicas=2)\n"
        "with net.replicas_at_work(16):\n"
        "    began = time.perf_counter()\n"
        "    while not net.has_all_replicas:\n"
        "        assert time.perf_counter() - began < 60\n"
        "        time.sleep(0.01)\n"
        "print('both')\n"
    )
    document = traps / "net.json"
    document.write_text(run(installed / "convograph", "zoo", "lenet5", cwd=traps), encoding="utf-8")
    assert run(installed / "python", "-P", "-c", program, document, cwd=traps) == "both\n"


def test_the_window_is_drawn_from_the_wheel(installed, traps):
    code = (
        "from convograph.designer import app, guard\n"
        "from convograph.designer.window.main_window import MainWindow\n"
        "from PySide6.QtWidgets import QApplication\n"
        "assert not guard.refusal(), guard.refusal()\n"
        "program = QApplication([])\n"
        "window = MainWindow()\n"
        "window.show()\n"
        "program.processEvents()\n"
        "print(not window.grab().isNull())\n"
    )
    settings = {name: str(traps) for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")}
    python = (installed / "python", "-P", "-c", code)
    assert run(*python, cwd=traps, QT_QPA_PLATFORM="offscreen", **settings) == "True\n"


def test_a_foreign_package_that_comes_and_goes_takes_nothing_along(wheel, tmp_path):
    home = tmp_path / "environment"
    home.mkdir()
    scripts = environment_with(wheel, home)
    assert {path.name for path in site_packages(scripts).iterdir() if path.is_dir()} == {
        "convograph",
        f"{'-'.join(wheel.name.split('-')[:2])}.dist-info",
    }
    foreign = foreign_wheel(tmp_path)
    pip(scripts, "install", "--no-deps", "--no-index", foreign)
    assert "lenet5" in run(scripts / "convograph", "zoo", cwd=tmp_path)
    pip(scripts, "uninstall", "--yes", "foreign")
    assert "lenet5" in run(scripts / "convograph", "zoo", cwd=tmp_path)


def test_an_editable_install_has_the_same_names(tmp_path):
    code = "import sys\nfrom hatchling.build import build_editable\nprint(build_editable(sys.argv[1]))\n"
    built = tmp_path / run(sys.executable, "-c", code, tmp_path, cwd=ROOT).strip().splitlines()[-1]
    home = tmp_path / "environment"
    home.mkdir()
    scripts = environment_with(built, home)
    (site_packages(scripts) / "_convograph.pth").write_text(str(ROOT), encoding="utf-8")
    code = "import convograph, core; print(convograph.check is core.check, core.__file__)"
    assert run(scripts / "python", "-c", code, cwd=tmp_path).split() == ["True", str(ROOT / "core" / "__init__.py")]
    for program in ([scripts / "convograph"], [scripts / "python", "-m", "convograph"]):
        assert "lenet5" in run(*program, "zoo", cwd=tmp_path)


def test_the_suite_passes_against_the_installed_package(installed, tmp_path):
    run(sys.executable, ROOT / ".ci" / "one_name.py", tmp_path, cwd=ROOT)
    shutil.copyfile(ROOT / "pyproject.toml", tmp_path / "pyproject.toml")
    for name in ("core", "designer", "resources"):
        (tmp_path / f"{name}.py").write_text(TRAP, encoding="utf-8")
    # Tests that start the program find here what the console script does.
    program = "import sys\n\nfrom convograph.__main__ import main\n\nsys.exit(main())\n"
    (tmp_path / "main.py").write_text(program, encoding="utf-8")
    pytest_options = ("-q", "-p", "no:cacheprovider", "-k", f"not ({NOT_INSTALLED})")
    run(installed / "python", "-P", "-m", "pytest", *pytest_options, *TESTED_INSTALLED, cwd=tmp_path)
