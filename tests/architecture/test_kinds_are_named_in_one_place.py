"""`designer`, `graph`, `io` and the command line know kinds only through their declarations, never by name."""

import ast
from pathlib import Path

import pytest

from core.layers import KINDS

ROOT = Path(__file__).parents[2]
BLIND_TO_KINDS = ("core/graph", "core/io", "core/commands", "designer")
MAY_NAME_KINDS = {"core/io/migrations.py"}
"""A migration rewrites the files of older versions, so it must name what stood in them."""


def blind_files():
    for place in BLIND_TO_KINDS:
        path = ROOT / place
        files = [path] if path.suffix else path.rglob("*.py")
        yield from (file for file in files if file.relative_to(ROOT).as_posix() not in MAY_NAME_KINDS)


def is_qt(node):
    """Tell whether an attribute chain starts at Qt, as in ``QSizePolicy.Policy.Maximum``."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name) and node.id.startswith("Q")


def kinds_named(source):
    """Yield (line, kind) for each string constant, name, attribute or import that is exactly a kind's name."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Constant(value=str(word)) | ast.Name(id=word):
                words = [word]
            case ast.Attribute(attr=word) if not is_qt(node):
                words = [word]
            case ast.ImportFrom(names=names):
                words = [alias.name for alias in names]
            case _:
                continue
        yield from ((node.lineno, word) for word in words if word in KINDS)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('kind == "Conv2D"', [(1, "Conv2D")]),
        ("isinstance(layer.kind, Dense)", [(1, "Dense")]),
        ("\nlayers.Dropout(rate=0.5)", [(2, "Dropout")]),
        ("from core.layers import Flatten as Flat", [(1, "Flatten")]),
        ('{"Dense": 1}', [(1, "Dense")]),
        ("def f(kind):\n    match kind:\n        case Dense(units=3): pass", [(3, "Dense")]),
        ('"Conv2D and Dense are kinds"', []),
        ("QDialog.Role.Add", []),
        ("add(concat)", []),
    ],
)
def test_the_search_finds_what_it_should(source, expected):
    assert list(kinds_named(source)) == expected


def test_the_search_has_something_to_read():
    assert {"core/commands/table.py", "designer/guard.py"} <= {
        file.relative_to(ROOT).as_posix() for file in blind_files()
    }


def test_no_kind_is_named_where_kinds_are_looked_up():
    named = [
        f"{file.relative_to(ROOT).as_posix()}:{line}: {kind}"
        for file in blind_files()
        for line, kind in kinds_named(file.read_text(encoding="utf-8"))
    ]
    assert not named, "Ask the declaration instead:\n" + "\n".join(named)
