"""No circle of imports among the files of core and designer: each can be read after those it stands on.

Every import counts: imports for type checkers only, because a reader needs both files all the same, and imports inside
functions, because a circle that is put off until a call is still one. What a file asks of a package is the package's
`__init__`, unless it names a file in it; that a file lies in a package is no import.
"""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def name_of(path, root):
    return ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


def imported(tree, names):
    """The files of ours that a parsed file imports, wherever in it."""
    asked = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            asked |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            within = {f"{node.module}.{alias.name}" for alias in node.names}
            asked |= within & names
            if not within <= names:
                asked.add(node.module)
    return asked & names


def imports_in(root, *folders):
    """What each file imports, by name: `core.shapes`."""
    paths = {name_of(path, root): path for folder in folders for path in sorted((root / folder).rglob("*.py"))}
    trees = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in paths.items()}
    return {name: sorted(imported(tree, set(paths)) - {name}) for name, tree in trees.items()}


def circles(imports):
    """Circles of imports, each as the names along it; where they share files, not every one, but at least one."""
    found, done = [], set()

    def walk(name, way):
        if name in way:
            found.append([*way[way.index(name) :], name])
        elif name not in done:
            for other in imports[name]:
                walk(other, [*way, name])
            done.add(name)

    for name in imports:
        walk(name, [])
    return found


@pytest.mark.parametrize("folder", ["core", "designer"])
def test_no_file_imports_itself_by_way_of_others(folder):
    imports = imports_in(ROOT, "core", "designer")
    assert len(imports) > 100
    lines = [" → ".join(circle) for circle in circles(imports) if circle[0].split(".")[0] == folder]
    assert not lines, "circles of imports:\n" + "\n".join(lines)


@pytest.mark.parametrize(
    "back",
    [
        "from core import a",
        "from core.a import one",
        "import core.a",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from core.a import one",
        "def late():\n    from core.a import one",
    ],
)
def test_a_circle_is_noticed_however_it_is_closed(back, tmp_path):
    folder = tmp_path / "core"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "a.py").write_text("from core.b import two\none = 1")
    (folder / "b.py").write_text("from core import c")
    (folder / "c.py").write_text(back)
    assert circles(imports_in(tmp_path, "core")) == [["core.a", "core.b", "core.c", "core.a"]]
    (folder / "c.py").write_text("import ast")
    assert circles(imports_in(tmp_path, "core")) == []
