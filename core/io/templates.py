"""The documents that come with Convograph."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.errors import DocumentError
from core.graph.values import Document
from core.io.documents import load
from core.text import listing, nearest_name
from resources import path

OPENING = "lenet5"
"""What the window shows at first."""


@dataclass(frozen=True, slots=True)
class Template:
    """A shipped document: the name it is asked for by, its title and its one paragraph."""

    name: str
    title: str
    notes: str


def template_names() -> tuple[str, ...]:
    """Name the shipped documents, in alphabetical order."""
    return tuple(sorted(file.stem for file in path("templates").glob("*.json")))


def template_path(name: str) -> Path:
    """Give the file of a shipped document.

    Raises
    ------
    DocumentError
        If there is none of that name.
    """
    names = template_names()
    if name not in names:
        meant = nearest_name(name, names)
        question = f"Did you mean {meant}?" if meant else f"There are {listing(names)}."
        raise DocumentError(f"There is no template called {name}. {question}")
    return path(f"templates/{name}.json")


def load_template(name: str) -> Document:
    """Open a shipped document.

    Raises
    ------
    DocumentError
        If there is none of that name.
    """
    return load(template_path(name))


@cache
def templates() -> tuple[Template, ...]:
    """List the shipped documents."""
    documents = ((name, load_template(name)) for name in template_names())
    return tuple(Template(name, document.name, document.notes) for name, document in documents)
