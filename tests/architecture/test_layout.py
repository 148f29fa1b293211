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

LONG = 400
"""From how many lines on a file should say why it is one idea. It is no limit: a reason is all that it takes."""

LONG_FOR_A_REASON: dict[str, str] = {
    "core/graph/edits.py": "It is every edit of a document, one function each, and the few lines that they share.",
    "core/export/onnx/kinds.py": "It says every kind of layer in ONNX, a few lines each, and has the table of them.",
    "core/engine/network.py": "It is one class, the public API's network, and each method has an example.",
}
"""Path → why this file is one idea that reads better whole, as a sentence."""

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


def complaints(lines, reasons):
    """Say what is missing or needless, given how long each file is and which reasons are given."""
    for path, n in lines.items():
        if n > LONG and path not in reasons:
            yield f"{path} has {n} lines: divide it if it is two ideas, else say in LONG_FOR_A_REASON why it is one"
    for path, reason in reasons.items():
        if path not in lines:
            yield f"{path} does not exist: take it off the list"
        elif lines[path] <= LONG:
            yield f"{path} is short now: take it off the list"
        if len(reason.split()) < 5 or not (reason[0].isupper() and reason.endswith(".")):
            yield f"{path}: a reason is a sentence, not {reason!r}"


@pytest.mark.parametrize(
    ("n", "reasons", "expected"),
    [
        (400, {}, ""),
        (401, {}, "divide it if it is two ideas"),
        (2000, {"a.py": "One table, whose rows are read side by side."}, ""),
        (2000, {"a.py": "it is long"}, "a reason is a sentence"),
        (400, {"a.py": "One table, whose rows are read side by side."}, "is short now"),
        (401, {"a.py": "One idea that reads better whole.", "b.py": "One idea that is gone by now."}, "does not exist"),
    ],
)
def test_a_reason_is_all_that_a_long_file_needs(n, reasons, expected):
    said = list(complaints({"a.py": n}, reasons))
    assert len(said) == bool(expected)
    assert expected in "".join(said)


def test_a_long_file_says_why_it_is_one_idea():
    lines = {relative(path): n_lines(path) for path in sources("core", "designer")}
    assert len(lines) > 200
    assert not list(complaints(lines, LONG_FOR_A_REASON))


def test_no_file_or_folder_has_a_name_that_says_nothing():
    files = sources("core", "designer", "tests")
    parts = {(relative(path), part) for path in files for part in relative(path).removesuffix(".py").split("/")}
    empty = {name for name, part in parts if SAYS_NOTHING & set(part.lower().split("_"))}
    assert not empty


def test_every_package_folder_of_the_core_and_the_designer_is_a_package():
    folders = {path.parent for path in sources("core", "designer")}
    assert not [relative(folder) for folder in folders if not (folder / "__init__.py").exists()]
