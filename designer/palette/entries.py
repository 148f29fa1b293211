"""What the palette offers: every kind there is, by family, and the templates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from core.io.templates import Template
from core.layers import KINDS, Kind
from core.layers.kind import FAMILIES
from core.text import brief_number
from designer.palette.fuzzy import search

_HEADINGS = {"block": "Your blocks", "template": "Templates"}
"""The headings of entries that belong to no family."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row.

    Attributes
    ----------
    role : str
        What it is; "unable" is an action that cannot be done now.
    key : str
        What choosing it asks for: the name of a kind, block or template, the id of a layer or action …; ""
        for a heading.
    detail : str
        Text at its right, in a muted colour.
    help : str
        Its tooltip, which screen readers say too.
    names : tuple of str
        By which a search finds it, best known first.
    """

    role: Literal["heading", "kind", "block", "template", "layer", "action", "unable", "menu", "panel", "setting"]
    key: str
    text: str
    family: str = ""
    detail: str = ""
    help: str = ""
    names: tuple[str, ...] = ()


def kind_entries() -> list[Entry]:
    """List the kinds by family, in the order of their definition."""
    return [_kind_entry(name, kind) for family in FAMILIES for name, kind in KINDS.items() if kind.family == family]


def _kind_entry(name: str, kind: type[Kind]) -> Entry:
    help = f"{kind.summary()}\n{kind.source}".strip()
    return Entry("kind", name, kind.label(), kind.family, help=help, names=(kind.label(), name, *kind.aliases))


def block_entries(blocks: Iterable[tuple[str, str]]) -> list[Entry]:
    """List the user's own blocks, given as names and descriptions."""
    return [Entry("block", name, name, "merge", help=words, names=(name,)) for name, words in blocks]


def template_entries(templates: Iterable[Template]) -> list[Entry]:
    """List templates, each with its paragraph and the number of its parameters."""
    return [_template_entry(template) for template in templates]


def _template_entry(template: Template) -> Entry:
    name, title = template.name, template.title
    help = f"{template.notes}\n{template.parameters:,} parameters".strip()
    return Entry("template", name, title, detail=brief_number(template.parameters), help=help, names=(title, name))


def with_headings(entries: Sequence[Entry]) -> list[Entry]:
    """Put a heading before each family, and one before the templates."""
    rows: list[Entry] = []
    heading = ""
    for entry in entries:
        title = _HEADINGS.get(entry.role, entry.family)
        if title != heading:
            heading = title
            rows.append(Entry("heading", "", title.upper()))
        rows.append(entry)
    return rows


def matching(query: str, entries: Sequence[Entry]) -> list[Entry]:
    """Return the rows that a search shows: best first, without headings; everything if the query is empty."""
    return search(query, entries, lambda entry: entry.names) if query.strip() else with_headings(entries)
