"""Puts everything under one name for the wheel: `core` becomes `convograph.core`, `main.py` `convograph/__main__.py`.

Hatchling runs `OneName` when it makes a wheel; docs/adr/0011 says why. Run as a program,

    python .ci/one_name.py FOLDER

writes the tests into a folder as they are for the installed package.
"""

import ast
import re
import shutil
import sys
from collections.abc import Collection, Iterable, Iterator
from doctest import DocTestParser
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NAME = "convograph"
FACE = Path("core/__init__.py")
"""What `import convograph` offers."""

PLACES = {"core": "core", "designer": "designer", "resources": "resources", "main": "__main__"}
"""Name at the top of the repository → name below `convograph`."""

WORK_TREE = {
    "__init__.py": '''"""Convograph in a work tree: what `core` offers, under the name that it has when installed."""

import core

__all__ = core.__all__
__version__ = core.__version__


def __getattr__(name):
    return getattr(core, name)
''',
    "__main__.py": '''"""`python -m convograph` in a work tree."""

import sys

from main import main

if __name__ == "__main__":
    sys.exit(main())
''',
}
"""What an editable install adds to the path of the work tree: a package that hands on, and is never out of date."""

_DOTTED = re.compile(r"(?<![\w./])(?:" + "|".join(PLACES) + r")(?:\.[^\W\d]\w*)+")


class CannotMoveError(Exception):
    """A file says a name in a way that cannot be carried over."""


class _Edit(NamedTuple):
    line: int
    start: int  # in bytes of the line, as in the syntax tree
    end: int
    text: str


def sources(root: Path) -> list[Path]:
    """Return every file that ships, relative to the repository."""
    files = [root / "main.py"]
    for folder in ("core", "designer", "resources"):
        files += (path for path in (root / folder).rglob("*") if path.is_file())
    relative = (path.relative_to(root) for path in sorted(files))
    return [path for path in relative if path.suffix != ".pyc" and not any(p[0] in "._" for p in path.parts[:-1])]


def modules(files: Iterable[Path]) -> set[str]:
    """Return the dotted names of the modules and packages among these files."""
    dotted = (path.with_suffix("").as_posix().replace("/", ".") for path in files if path.suffix == ".py")
    return {name.removesuffix(".__init__") for name in dotted}


def moved(name: str) -> str:
    """Return the name that one of the repository's has in the wheel.

    Examples
    --------
    >>> moved("core.analysis.check"), moved("main")
    ('convograph.core.analysis.check', 'convograph.__main__')
    """
    top, dot, below = name.partition(".")
    return f"{NAME}.{PLACES[top]}{dot}{below}"


def rewritten(text: str, file: Path, known: Collection[str]) -> str:
    """Return the text of a Python file with every import, doctest and string that names a module of ours carried over.

    Parameters
    ----------
    text, file
        The file; its name is for complaints.
    known
        The modules of the repository.

    Raises
    ------
    CannotMoveError
        If an import is written in a way that has no counterpart.
    """
    lines = [line.encode() for line in text.splitlines(keepends=True)]
    edits = {edit for node in ast.walk(ast.parse(text)) for edit in _edits(node, lines, file, known)}
    for edit in sorted(edits, reverse=True):
        line = lines[edit.line - 1]
        lines[edit.line - 1] = line[: edit.start] + edit.text.encode() + line[edit.end :]
    return b"".join(lines).decode()


def _edits(node: ast.AST, lines: list[bytes], file: Path, known: Collection[str]) -> Iterator[_Edit]:
    match node:
        case ast.ImportFrom(module=str(module), level=0) if _is_ours(module):
            start = node.col_offset + len("from ")
            if not lines[node.lineno - 1][start:].startswith(module.encode()):
                raise CannotMoveError(f"{file}:{node.lineno}: write `from {module} import …` in one line.")
            yield _Edit(node.lineno, start, start + len(module), moved(module))
        case ast.Import(names=names) if any(_is_ours(alias.name) for alias in names):
            yield _whole_import(node, file)
        case ast.Constant(value=str(value)) if _names_a_module(value, known):
            quoted = lines[node.lineno - 1][node.col_offset : node.end_col_offset]
            if quoted[1:-1] != value.encode():
                raise CannotMoveError(f'{file}:{node.lineno}: write the name of the module plainly, as "{value}".')
            yield _Edit(node.lineno, node.col_offset + 1, (node.end_col_offset or 0) - 1, moved(value))
        case ast.Expr(value=ast.Constant(value=str(value)) as docstring) if ">>> " in value:
            yield from _examples(docstring, value, lines, file, known)


def _whole_import(node: ast.Import, file: Path) -> _Edit:
    (alias, *others) = node.names
    if others or ("." in alias.name and not alias.asname):
        raise CannotMoveError(
            f"{file}:{node.lineno}: `{ast.unparse(node)}` binds a name that the wheel does not have: "
            "write `from PACKAGE import MODULE`, one in a line."
        )
    package, _, name = moved(alias.name).rpartition(".")
    bound = alias.asname or alias.name
    statement = f"from {package} import {name}" + (f" as {bound}" if bound != name else "")
    return _Edit(node.lineno, node.col_offset, node.end_col_offset or 0, statement)


def _examples(
    node: ast.Constant, docstring: str, lines: list[bytes], file: Path, known: Collection[str]
) -> Iterator[_Edit]:
    """Yield the edits in the examples of a docstring: the file's own lines are rewritten, one for one."""
    for example in DocTestParser().get_examples(docstring):
        old = example.source.splitlines()
        new = rewritten(example.source, file, known).splitlines()
        for offset, (before, after) in enumerate(zip(old, new, strict=True)):
            number = node.lineno + example.lineno + offset
            if before == after:
                continue
            start = example.indent + len(">>> ")
            if lines[number - 1][start:].rstrip() != before.encode():
                raise CannotMoveError(
                    f"{file}:{number}: write the docstring without escapes, so that its lines are known."
                )
            yield _Edit(number, start, start + len(before.encode()), after)


def complaints(text: str, file: Path, known: Collection[str], in_wheel: Collection[str]) -> Iterator[str]:
    """Yield what a rewritten file would look for in vain, or find in another package, once it is installed.

    Parameters
    ----------
    known, in_wheel
        The modules of the repository, and those of the wheel.
    """
    tree = ast.parse(text)
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        where = f"{file}:{getattr(node, 'lineno', 0)}"
        match node:
            case ast.ImportFrom(level=level) if level:
                yield f"{where}: a relative import; write the whole name."
            case ast.Import(names=names):
                yield from _unresolved((alias.name for alias in names), where, in_wheel)
            case ast.ImportFrom(module=str(module)):
                yield from _unresolved([module], where, in_wheel)
            case ast.Constant(value=str(value)) if id(node) not in prose:
                for name in _DOTTED.findall(value):
                    if _names_a_module(name, known):
                        yield f'{where}: the text {value!r} names the module {name}: write f"{{__package__}}.…".'


def _unresolved(names: Iterable[str], where: str, in_wheel: Collection[str]) -> Iterator[str]:
    for name in names:
        if _is_ours(name):
            yield f"{where}: {name} is still imported by the name that it has in the repository."
        elif name.partition(".")[0] == NAME and name not in in_wheel:
            yield f"{where}: {name} is imported and is not in the wheel."


def _is_ours(name: str) -> bool:
    return name.partition(".")[0] in PLACES


def _names_a_module(text: str, known: Collection[str]) -> bool:
    """Whether a text is the dotted name of a module of ours, or of something in one; a single word is only a word."""
    return bool(_DOTTED.fullmatch(text)) and ".".join(text.split(".")[:2]) in known


def relocate(root: Path, package: Path) -> None:
    """Write the package as it is installed, and make sure that it is complete.

    Parameters
    ----------
    root : Path
        The repository.
    package : Path
        A folder that does not exist yet.

    Raises
    ------
    CannotMoveError
        If a file cannot be carried over, or would look for something that the wheel does not hold.
    """
    files = sources(root)
    known = modules(files)
    places = {_place(path): path for path in files} | {Path("__init__.py"): FACE}
    in_wheel = {NAME} | {f"{NAME}.{name}" for name in modules(places)}
    wrong: list[str] = []
    for place, path in places.items():
        target = package / place
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix != ".py":
            shutil.copyfile(root / path, target)
            continue
        text = rewritten((root / path).read_text(encoding="utf-8"), path, known)
        wrong += complaints(text, path, known, in_wheel)
        target.write_text(text, encoding="utf-8", newline="\n")
    if wrong:
        raise CannotMoveError("These cannot be installed under one name:\n" + "\n".join(wrong))


def _place(path: Path) -> Path:
    """Return where a file of the repository lies below `convograph`."""
    top, *below = path.parts
    return Path(PLACES[top], *below) if below else Path(PLACES[path.stem] + path.suffix)


def relocate_tests(root: Path, folder: Path) -> None:
    """Write the tests into a folder, with the imports that the installed package has."""
    known = modules(sources(root))
    shutil.copytree(root / "tests", folder / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    for path in (folder / "tests").rglob("*.py"):
        text = rewritten(path.read_text(encoding="utf-8"), path.relative_to(folder), known)
        path.write_text(text, encoding="utf-8", newline="\n")


class OneName(BuildHookInterface[BuilderConfig]):
    """Hands hatchling the package `convograph`, which the repository itself does not hold."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make the package in a folder of its own; for an editable install the one that hands on."""
        self._made = TemporaryDirectory(prefix="convograph-")
        package = Path(self._made.name, NAME)
        if version == "editable":
            package.mkdir()
            for name, text in WORK_TREE.items():
                (package / name).write_text(text, encoding="utf-8", newline="\n")
            build_data["force_include_editable"][str(package)] = NAME
        else:
            relocate(Path(self.root), package)
            build_data["force_include"][str(package)] = NAME

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the folder."""
        self._made.cleanup()


if __name__ == "__main__":
    relocate_tests(Path(__file__).parents[1], Path(sys.argv[1]))
