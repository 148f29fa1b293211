"""Writes what the zoo draws into `resources`: the templates, their index, and the schema of documents."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from core.analysis.check import check
from core.graph.values import Document, Layout
from core.io.documents import load, save
from core.io.schema import schema_text
from core.io.templates import INDEX, Template, index_text
from core.zoo.catalogue import GROUPS, TEMPLATES
from resources import path


def ship() -> None:
    """Write everything; layers keep their places on the canvas.

    Places follow from what the window measures: `template_places` writes them.
    """
    for name, draw in TEMPLATES.items():
        file = path("templates") / f"{name}.json"
        save(_placed_as(file, draw()), file)
    path("templates").with_name(INDEX).write_text(index_text(described()), encoding="utf-8")
    (path("schema") / "document.schema.json").write_text(schema_text(), encoding="utf-8")


def described() -> list[Template]:
    """Describe every template as a list shows it."""
    return [_described(name, group, draw()) for group, draws in GROUPS.items() for name, draw in draws.items()]


def _described(name: str, group: str, document: Document) -> Template:
    parameters = check(document).totals.parameters
    if parameters is None:
        raise ValueError(f"{name} is drawn wrongly: its parameters cannot be counted.")
    return Template(name, document.name, group, parameters, document.notes)


def _placed_as(file: Path, document: Document) -> Document:
    """Put layers where they stand in a file."""
    if not file.exists():
        return document
    known = load(file).layout.positions
    positions = {layer.id: known[layer.id] for layer in document.graph.layers if layer.id in known}
    return replace(document, layout=Layout(positions))


if __name__ == "__main__":
    ship()
