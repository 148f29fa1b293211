"""What can be found: what to add, what to replace a layer by, which layer, and everything that the program can do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from core.analysis.report import Report
from core.graph.edits import replace_kind
from core.graph.opening import ids_at
from core.graph.values import layers_by_id
from core.io.templates import Template
from core.text import shape_text
from designer.canvas.drawing.node_content import spoken
from designer.command_palette.popup import Question
from designer.palette.entries import Entry, kind_entries, template_entries
from designer.palette.fuzzy import search
from designer.session import Drawn

MOST_FOUND = 200
"""Rows; nobody reads more, and laying out thousands would be felt."""


def kinds_question(
    prompt: str,
    uses: Mapping[str, int],
    others: Sequence[Entry],
    choose: Callable[[Entry], None],
    look: Callable[[Entry | None], None],
) -> Question:
    """Ask for a kind of layer, a block of one's own or a network; kinds that were added most often come first.

    Parameters
    ----------
    uses : mapping of str to int
        How often each kind was added.
    others : sequence of Entry
        Blocks and networks.
    """
    entries = sorted([*kind_entries(), *others], key=lambda entry: -uses.get(entry.key, 0))

    def fitting(query: str) -> list[Entry]:
        return search(query, entries, lambda entry: entry.names)

    return Question(prompt, fitting, choose, look, "No layer has that name. Try fewer letters.")


def replacement_question(session: Drawn) -> Question:
    """Ask by which kind the selected layers are replaced; wires and the settings that both kinds have are kept."""
    selection = session.selection
    kinds = {layers_by_id(session.document.graph)[id].kind for id in selection}
    entries = [entry for entry in kind_entries() if kinds != {entry.key}]

    def choose(entry: Entry) -> None:
        document = session.document
        for id in selection:
            document = replace_kind(document, id, entry.key)
        session.edit(f"replace {spoken(selection)} by {entry.text}", document)

    def fitting(query: str) -> list[Entry]:
        return search(query, entries, lambda entry: entry.names)

    return Question(f"Replace {spoken(selection)} by", fitting, choose)


def layers_question(report: Report, choose: Callable[[Entry], None], look: Callable[[Entry | None], None]) -> Question:
    """Ask for a layer, by its name, its kind, its shape (14x14), or what is wrong with it ("error", a code)."""
    entries = layer_entries(report)
    folded = [(entry, " ".join(entry.names).casefold()) for entry in entries]

    def fitting(query: str) -> list[Entry]:
        words = query.casefold().replace("×", "x").split()
        found = [entry for entry, text in folded if all(word in text for word in words)]
        first = words[0] if words else ""
        found.sort(key=lambda entry: not entry.key.casefold().startswith(first))
        n = len(found)
        return [replace(entry, help=f"{i} of {n:,}") for i, entry in enumerate(found[:MOST_FOUND], 1)]

    return Question("Find a layer: name, kind, 14x14, error …", fitting, choose, look, "No layer is like that.")


def layer_entries(report: Report) -> list[Entry]:
    """List every layer: those that are drawn, blocks among them, and those inside blocks."""
    graph = report.document.graph
    by_id = layers_by_id(graph)
    problems: dict[str, list[str]] = {}
    for problem in report.problems:
        if problem.layer is not None:
            problems.setdefault(problem.layer, []).extend((problem.severity, problem.code))
    entries = []
    for id in dict.fromkeys([*ids_at(graph, ""), *report.layers]):
        found = report.of(id)
        layer = by_id.get(id) or (found.layer if found is not None else None)
        if layer is not None:
            shape = shape_text(None if found is None else found.shape)
            family = getattr(layer.spec, "family", "")
            names = (id, layer.kind, shape.replace("×", "x"), *problems.get(id, ()))
            entries.append(Entry("layer", id, id, family, f"{layer.kind} · {shape}", names=names))
    return entries


@dataclass(frozen=True, slots=True)
class Findable:
    """Something of the window that can be found by typing.

    Attributes
    ----------
    entry : Entry
        Its row; role and key together are its own.
    do : callable
        What choosing it does.
    """

    entry: Entry
    do: Callable[[], object]


def everything_question(
    able: Sequence[Entry],
    report: Report,
    blocks: Sequence[Entry],
    templates: Sequence[Template],
    choose: Callable[[Entry], None],
) -> Question:
    """Ask for anything: what the window can do now, a layer or block to add, a layer that is there, a template."""
    actions = [entry for entry in able if entry.role == "action"]
    kinds = [replace(entry, detail="add") for entry in (*kind_entries(), *blocks)]
    offered = [replace(entry, detail="open") for entry in template_entries(templates)]
    named = [*able, *kinds, *offered]
    layers = layer_entries(report)

    def fitting(query: str) -> list[Entry]:
        if not query:
            return actions
        wanted = query.casefold()
        meant = [entry for entry in layers if entry.key.casefold() == wanted]
        others = [entry for entry in layers if wanted in entry.key.casefold() and entry not in meant]
        return [*meant, *search(query, named, lambda entry: entry.names), *others][:MOST_FOUND]

    return Question("What do you want to do?", fitting, choose, nothing="Nothing has that name. Try fewer letters.")
