"""What the documents for people name, a path, a make target, a module or a command, exists."""

import importlib.util
import re
from pathlib import Path

import pytest

import main

ROOT = Path(__file__).parents[2]
DOCUMENTS = [name for name in ("CONTRIBUTING.md", "README.md", "docs/architecture.md") if (ROOT / name).exists()]
ENDINGS = {".py", ".md", ".toml", ".yml"}


def code(text):
    """Return the lines of code blocks that are no program, and the spans in backticks."""
    blocks = re.findall(r"^```\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    return [line.partition("#")[0] for block in blocks for line in block.splitlines()], re.findall(r"`([^`]+)`", prose)


def paths(text):
    """Return the files and folders that a text names in backticks."""
    words = [word.rstrip(",:") for span in code(text)[1] for word in span.split()]
    named = [w for w in words if re.fullmatch(r"[\w.-]+(/[\w.-]+)*/?", w) and ("/" in w or Path(w).suffix in ENDINGS)]
    return {path for path in named if path and not path.startswith(".venv")}


def links(text):
    """Return the files that a text links to, from its own folder."""
    targets = re.findall(r"\]\(([^)\s]+)\)", text)
    return {path for target in targets if "://" not in target and (path := target.partition("#")[0])}


def after(words, text):
    """Return what follows some words wherever they are called in code."""
    lines, spans = code(text)
    return {name for line in (*lines, *spans) for name in re.findall(rf"(?:^|\s){words} ([a-z][\w.-]*)", line)}


def make_targets():
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    return set(phony[1].split())


def missing(text, folder=ROOT):
    """Return what a text, in a file of a folder, names that does not exist."""
    named = [(path, ROOT / path) for path in paths(text)] + [(path, folder / path) for path in links(text)]
    yield from sorted(path for path, place in named if not place.exists())
    yield from sorted(f"make {name}" for name in after(r"make(?: PYTHON=\S+)?", text) - make_targets())
    for name in sorted(after("python -m", text)):
        if name.split(".")[0] in {"core", "designer", "docs", "tests"} and importlib.util.find_spec(name) is None:
            yield f"python -m {name}"


def test_the_search_finds_what_it_should():
    text = (
        "In `core/gone/`, `core/text.py` and `tests/gone.py`, [here](docs/gone.md#top), `make gone`, not `a/b·c`;\n"
        "`python -m core.gone`, `python -m venv .venv` and https://example.org/gone.\n"
        "```\nmake vanish       # make no mistake\nmake PYTHON=python3.13 test\n```\n"
    )
    assert list(missing(text)) == [
        *("core/gone/", "docs/gone.md", "tests/gone.py", "make gone", "make vanish", "python -m core.gone")
    ]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_what_a_document_names_exists(document):
    text = (ROOT / document).read_text(encoding="utf-8")
    assert paths(text)
    assert not list(missing(text, (ROOT / document).parent))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_command_a_document_names_has_help(document, capsys):
    for command in after("convograph", (ROOT / document).read_text(encoding="utf-8")):
        with pytest.raises(SystemExit) as ended:
            main.main([command, "--help"])
        assert ended.value.code == 0, command


def test_contributing_names_the_packages_of_the_core_and_every_folder_of_tests():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (order,) = re.findall(r"imports only those below it: (.*?)\.\s", text, re.DOTALL)
    named = set(re.findall(r"`(\w+)`", order))
    packages = {init.parent.name for init in (ROOT / "core").glob("*/__init__.py")}
    assert packages <= named
    assert not [name for name in named - packages if not (ROOT / "core" / f"{name}.py").exists()]
    folders = {f"tests/{path.name}" for path in (ROOT / "tests").iterdir() if any(path.glob("**/*.py"))}
    assert folders <= paths(text)


def test_no_lint_exception_is_scattered_in_the_code():
    files = [path for folder in ("core", "designer") for path in (ROOT / folder).rglob("*.py")]
    scattered = [path.relative_to(ROOT).as_posix() for path in files if "# noqa" in path.read_text(encoding="utf-8")]
    assert files
    assert not scattered, "Say it once in pyproject.toml, with the reason"
