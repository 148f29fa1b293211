"""Our own functions as they are written into a script: what is drawn and cut there is what is drawn and cut here."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

from core.errors import ExportError


def own_sources(wanted: Iterable[Callable[..., Any]]) -> tuple[list[str], list[str]]:
    """Return what some functions and classes of ours need to work anywhere.

    Annotations, examples and all but the first paragraph of descriptions are left out.

    Returns
    -------
    imports : list of str
        The lines that import what they use of Python and NumPy.
    definitions : list of str
        They themselves and all of ours that they use, each after what it uses.

    Raises
    ------
    ExportError
        If Convograph was installed without its sources.

    Examples
    --------
    >>> from core.training.batches import shuffled
    >>> imports, definitions = own_sources([shuffled])
    >>> imports
    ['import numpy as np']
    >>> print(definitions[0])
    SHUFFLING = 2
    """
    found = _Found()
    for each in wanted:
        found.add(sys.modules[each.__module__], each.__name__)
    return sorted(found.imports), list(found.definitions.values())


_NOT_WRITTEN = {"refusal", "array_shapes", "facts"}
"""What steps of preparation have for the window alone."""


class _Found:
    def __init__(self) -> None:
        self.imports: set[str] = set()
        self.definitions: dict[tuple[str, str], str] = {}
        self._trees: dict[str, ast.Module] = {}

    def add(self, module: ModuleType, name: str) -> None:
        """Add what a module calls by a name, after all that it uses."""
        for node in self._tree(module).body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                self._add_import(node, name)
            elif name in _defined(node) and (module.__name__, _defined(node)[0]) not in self.definitions:
                bare = _Bare().visit(node)
                key = module.__name__, _defined(node)[0]
                self.definitions[key] = ""  # it may use itself
                for used in sorted(_used(bare) - {name}):
                    self.add(module, used)
                self.definitions[key] = self.definitions.pop(key) or ast.unparse(ast.fix_missing_locations(bare))

    def _add_import(self, node: ast.Import | ast.ImportFrom, name: str) -> None:
        alias = next((each for each in node.names if (each.asname or each.name) == name), None)
        if alias is None:
            return
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == __name__.partition(".")[0]:
            self.add(sys.modules[str(node.module)], alias.name)
        else:
            whence = f"from {node.module} " if isinstance(node, ast.ImportFrom) else ""
            self.imports.add(f"{whence}import {alias.name}{f' as {alias.asname}' if alias.asname else ''}")

    def _tree(self, module: ModuleType) -> ast.Module:
        if module.__name__ not in self._trees:
            try:
                self._trees[module.__name__] = ast.parse(inspect.getsource(module))
            except OSError as error:
                raise ExportError(
                    "A script that trains holds parts of Convograph's own sources, which were not installed here. "
                    "Install Convograph from its wheel."
                ) from error
        return self._trees[module.__name__]


class _Bare(ast.NodeTransformer):
    """Takes away what only readers and checkers of our own code need."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        self.generic_visit(node)
        node.returns, node.decorator_list = None, []
        for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
            argument.annotation = None
        body = [each for each in node.body if not (isinstance(each, ast.If) and isinstance(each.body[0], ast.Raise))]
        node.body = _briefly(body)
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        self.generic_visit(node)
        node.bases = [ast.Name("Settings")] if node.bases else []
        node.keywords, node.decorator_list = [], []
        kept = [each for each in node.body if not isinstance(each, ast.AnnAssign | ast.Assign | ast.Expr)]
        said = [each for each in kept if not (isinstance(each, ast.FunctionDef) and each.name in _NOT_WRITTEN)]
        node.body = _briefly([*node.body[:1], *said] if isinstance(node.body[0], ast.Expr) else said)
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        self.generic_visit(node)
        return node if node.value is None else ast.Assign([node.target], node.value)


def _briefly(body: list[ast.stmt]) -> list[ast.stmt]:
    """Keep the first paragraph of a description."""
    first = body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return [ast.Expr(ast.Constant(inspect.cleandoc(first.value.value).partition("\n\n")[0])), *body[1:]]
    return body


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)]


def _used(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
