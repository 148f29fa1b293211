"""What the wheel's build carries over, and what it refuses to."""

import ast
import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def load():
    spec = importlib.util.spec_from_file_location("one_name", ROOT / ".ci" / "one_name.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


one_name = load()
KNOWN = {"core", "core.shapes", "core.io", "core.io.documents", "designer", "designer.guard", "resources", "main"}
IN_WHEEL = {"convograph", *(f"convograph.{name}" for name in KNOWN - {"main"}), "convograph.__main__"}


def rewritten(text):
    return one_name.rewritten(text, Path("core/some.py"), KNOWN)


def complaints(text):
    return list(one_name.complaints(text, Path("core/some.py"), KNOWN, IN_WHEEL))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from core.shapes import pair", "from convograph.core.shapes import pair"),
        ("from core import check as c", "from convograph.core import check as c"),
        ("from main import main", "from convograph.__main__ import main"),
        ("import core", "from convograph import core"),
        ("import resources as r", "from convograph import resources as r"),
        ("import main", "from convograph import __main__ as main"),
        ("import core.io as io", "from convograph.core import io"),
        (
            "def f():\n    import core; from core.io import x\n",
            "def f():\n    from convograph import core; from convograph.core.io import x\n",
        ),
        ('é = "é", "core.io.documents"', 'é = "é", "convograph.core.io.documents"'),
        ("patch('core.io.documents.load')", "patch('convograph.core.io.documents.load')"),
        (
            '"""Say.\n\n    >>> from core import check\n    >>> check(1)\n"""',
            '"""Say.\n\n    >>> from convograph.core import check\n    >>> check(1)\n"""',
        ),
    ],
)
def test_names_are_carried_over(before, after):
    assert rewritten(before) == after
    assert complaints(rewritten(before)) == []


@pytest.mark.parametrize(
    "text",
    [
        "import numpy\nfrom corelib import core",
        "core = 1\nprint(core.shapes)",
        '"""Words of `core.shapes`, and of core.io."""',
        "# from core import check",
        "shown = '>>> from core import check'",
        'name = "core"; path = "resources/icons"; file = "main.py"; key = "core.unknown"',
        "from __future__ import annotations",
    ],
)
def test_everything_else_stays_as_it_is(text):
    assert rewritten(text) == text
    assert complaints(text) == []


@pytest.mark.parametrize("text", ["import core.shapes", "import core, json", "from  core import check"])
def test_an_import_without_a_counterpart_is_refused_with_its_place(text):
    with pytest.raises(one_name.CannotMoveError, match=r"core/some\.py:2: .*write"):
        rewritten("\n" + text)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("from core.shapes import pair", "core.shapes is still imported"),
        ("if True:\n    import designer", "designer is still imported"),
        ("from convograph.core.nothing import x", "convograph.core.nothing is imported and is not in the wheel"),
        ("import convograph.main", "convograph.main is imported and is not in the wheel"),
        ("from . import x", "a relative import"),
        ("run('python -m core.io now')", "names the module core.io"),
        ("run(f'core.io.{name}')", "names the module core.io"),
    ],
)
def test_what_would_be_looked_for_in_vain_is_said_with_its_place(text, sentence):
    (complaint,) = complaints(text)
    assert complaint.startswith("core/some.py:")
    assert sentence in complaint


def test_a_file_that_would_not_work_installed_ends_the_build_with_a_sentence(tmp_path):
    for name in ("core", "designer", "resources"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("", encoding="utf-8")
    (tmp_path / "main.py").write_text("from core.gone import x\n", encoding="utf-8")
    with pytest.raises(one_name.CannotMoveError, match=r"main\.py:1: convograph\.core\.gone is imported"):
        one_name.relocate(tmp_path, tmp_path / "made")


def test_the_repository_is_carried_over_whole(tmp_path):
    one_name.relocate(ROOT, tmp_path / "convograph")
    made = {path.relative_to(tmp_path / "convograph").as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    shipped = {path.as_posix() for path in one_name.sources(ROOT)} - {"main.py"}
    assert made == shipped | {"__init__.py", "__main__.py"}
    assert "resources/schema/document.schema.json" in made
    for path in (tmp_path / "convograph").rglob("*.py"):
        ast.parse(path.read_text(encoding="utf-8"))


def test_the_public_face_is_that_of_the_core(tmp_path):
    one_name.relocate(ROOT, tmp_path / "convograph")
    face, core = (tmp_path / "convograph" / name for name in ("__init__.py", "core/__init__.py"))
    assert face.read_text(encoding="utf-8") == core.read_text(encoding="utf-8")
