"""The documents that come with Convograph."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from core.errors import DocumentError
from core.graph.values import Document
from core.io.documents import load
from core.text import nearest_name
from resources import path

OPENING = "lenet5"
"""What the window shows at first."""
INDEX = "templates.json"
"""What is said of every template, so that listing them opens none."""


@dataclass(frozen=True, slots=True)
class Template:
    """What is known of a shipped document without opening it.

    Attributes
    ----------
    name : str
        What it is asked for by, and the stem of its file's name.
    title : str
        The document's own name.
    group : str
        What it is listed under.
    parameters : int
    notes : str
        One paragraph with its source.
    """

    name: str
    title: str
    group: str
    parameters: int
    notes: str


@cache
def templates() -> tuple[Template, ...]:
    """List the shipped documents, group by group."""
    entries = json.loads(path(INDEX).read_text(encoding="utf-8"))
    return tuple(Template(**entry) for entry in entries)


def index_text(listed: Iterable[Template]) -> str:
    """Write the text of the index, one line for a template."""
    lines = [json.dumps(asdict(template), ensure_ascii=False) for template in listed]
    return "[\n  " + ",\n  ".join(lines) + "\n]\n"


def template_names() -> tuple[str, ...]:
    """Name the shipped documents, group by group."""
    return tuple(template.name for template in templates())


def template_path(name: str) -> Path:
    """Return the file of a shipped document.

    Raises
    ------
    DocumentError
        If there is none of that name.
    """
    names = template_names()
    if name not in names:
        meant = nearest_name(name, names)
        hint = f"Did you mean {meant}?" if meant else "convograph zoo lists those there are."
        raise DocumentError(f"There is no template called {name}. {hint}")
    return path(f"templates/{name}.json")


def template_picture(name: str, *, dark: bool) -> Path:
    """Return where the picture of a shipped document on a dark or light ground is kept, a PNG file."""
    return path("templates") / "pictures" / ("dark" if dark else "light") / f"{name}.png"


def load_template(name: str) -> Document:
    """Open a shipped document.

    Raises
    ------
    DocumentError
        If there is none of that name.
    """
    return load(template_path(name))
