"""Every sentence that `check` says, word for word: a document in `problems`, and beside it what is printed for it.

`python -m tests.core.analysis.test_problem_texts` rewrites the texts, to be read before they are committed.
"""

import re
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

import core
from core.commands.main import main

FOLDER = Path(__file__).parent / "problems"
NAMES = sorted(file.stem for file in FOLDER.glob("*.json"))
CORE = Path(core.__file__).parent


def printed(name):
    output = StringIO()
    with redirect_stdout(output):
        status = main(["check", str(FOLDER / f"{name}.json")])
    assert status in (0, 1)
    return output.getvalue()


@pytest.mark.parametrize("name", NAMES)
def test_what_is_said(name):
    assert printed(name) == (FOLDER / f"{name}.txt").read_text(encoding="utf-8")


def test_every_code_is_said_somewhere():
    analysis = [file for file in (CORE / "analysis").rglob("*.py") if not {"advice", "fixes"} & set(file.parts)]
    files = [CORE / "sliding_windows.py", CORE / "graph/flatten.py", *analysis]
    source = "\n".join(file.read_text(encoding="utf-8") for file in files)
    codes = set(re.findall(r'"([A-Z]{3,}-[A-Z]{3,}|CYCLE|AXIS|GROUPS)"', source))
    said = set(re.findall(r"^\w+ ([A-Z-]+) at", "\n".join(map(printed, NAMES)), re.MULTILINE))
    assert codes - said == set()


if __name__ == "__main__":
    for name in NAMES:
        (FOLDER / f"{name}.txt").write_text(printed(name), encoding="utf-8")
