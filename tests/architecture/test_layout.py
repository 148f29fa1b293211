"""The shape of the house: what stands at the top, how big files get and what they are called."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

AT_THE_TOP = {
    *("core", "designer", "resources", "tests", "docs"),
    *("main.py", "pyproject.toml", "Makefile"),
    *("README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md"),
}
GENERATED = {"build", "dist", "__pycache__", "convograph.egg-info", "convograph.png"}

LONGEST = 400
LONG_FOR_A_REASON: dict[str, str] = {
    "core/engine/network.py": "the public face of the engine: every method that scripts call carries its example",
}
"""Path → why this file is one idea that needs more than 400 lines."""

SAYS_NOTHING = {"utils", "util", "helpers", "helper", "misc", "manager", "managers", "common"}


def sources(*folders):
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def relative(path):
    return path.relative_to(ROOT).as_posix()


def n_lines(path):
    return len(path.read_text(encoding="utf-8").splitlines())


def test_nothing_else_stands_at_the_top():
    found = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    assert found - GENERATED == AT_THE_TOP


@pytest.mark.parametrize("folder", ["core", "designer"])
def test_a_file_is_one_idea_of_at_most_400_lines(folder):
    files = sources(folder)
    assert files, f"{folder} has no file to measure"
    too_long = {relative(p): n_lines(p) for p in files if n_lines(p) > LONGEST and relative(p) not in LONG_FOR_A_REASON}
    assert not too_long


def test_long_files_still_need_their_reason():
    for name, reason in LONG_FOR_A_REASON.items():
        assert n_lines(ROOT / name) > LONGEST, f"{name} is short now: take it off the list ({reason})"


def test_no_file_or_folder_has_a_name_that_says_nothing():
    files = sources("core", "designer", "tests")
    parts = {(relative(path), part) for path in files for part in relative(path).removesuffix(".py").split("/")}
    empty = {name for name, part in parts if SAYS_NOTHING & set(part.lower().split("_"))}
    assert not empty


def test_every_package_folder_of_the_core_and_the_designer_is_a_package():
    folders = {path.parent for path in sources("core", "designer")}
    assert not [relative(folder) for folder in folders if not (folder / "__init__.py").exists()]
