"""What could not be read outside the layers: keys of the document and of its blocks, and all below them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from core.analysis.abridging import first_of
from core.analysis.reading.keys import what_becomes_of
from core.analysis.reading.layout import layout_problems
from core.analysis.reading.training import training_problems
from core.graph.flatten import used_blocks
from core.graph.values import Document
from core.limits import MOST_OF_A_KIND
from core.problems import Fix, Problem, SetOutputs, key_path
from core.text import excerpt

_BLOCK_KEYS = ("inputs", "layers", "outputs")
_TOP_KEYS = {
    "name": "a text",
    "notes": "a text",
    "layers": "a list of layers",
    "outputs": "a list of layer names",
    "blocks": "an object of blocks by name",
    "layout": "an object",
    "training": "an object of settings",
}


def document_problems(document: Document) -> list[Problem]:
    """Say what could not be read outside the layers."""
    problems = [_top_level(key, value) for key, value in document.unread.items() if key in _TOP_KEYS]
    unknown = [key for key in document.unread if key not in _TOP_KEYS]
    problems += first_of(unknown, lambda key: _top_level(key, document.unread[key]))
    used = used_blocks(document.graph)
    for name, block in document.graph.blocks.items():
        if len(problems) > MOST_OF_A_KIND:
            break
        if not (block.unread or block.instead):
            continue
        problem_of = partial(_block_key, name, block.unread)
        unread = [problem_of(key) for key in block.unread if key in _BLOCK_KEYS]
        unread += first_of((key for key in block.unread if key not in _BLOCK_KEYS), problem_of)
        unread += (_no_block(name, value) for value in block.instead)
        problems += (p if name in used or p.severity == "note" else replace(p, severity="advice") for p in unread)
    problems += layout_problems(document.layout.unread)
    problems += training_problems(document.training)
    return problems


def _top_level(key: str, value: Any) -> Problem:
    if key not in _TOP_KEYS:
        return Problem(
            "KEY-UNKNOWN",
            severity="advice" if key.partition("~")[0] in _TOP_KEYS else "note",
            what=f"Unknown key {excerpt(key)}.",
            why=what_becomes_of(key, _TOP_KEYS),
            path=key_path("$", key),
        )
    fixes = (Fix("Use all that nothing consumes", (SetOutputs(None),)),) if key == "outputs" else ()
    return Problem(
        "KEY-VALUE",
        severity="error" if key in ("outputs", "blocks") else "advice",
        what=f"{key} must be {_TOP_KEYS[key]}, but is {excerpt(value)}.",
        why="It is kept as it is and has no effect.",
        field=key,
        path=f"$.{key}",
        fixes=fixes,
    )


def _block_key(name: str, unread: Mapping[str, Any], key: str) -> Problem:
    path = key_path(key_path("$.blocks", name), key)
    if key not in _BLOCK_KEYS:
        what = f"Block {name}: unknown key {excerpt(key)}."
        return Problem("KEY-UNKNOWN", what, what_becomes_of(key, _BLOCK_KEYS), severity="note", path=path)
    wanted = "a list of layers" if key == "layers" else "a list of names"
    what = f"Block {name}: {key} must be {wanted}, but is {excerpt(unread[key])}."
    return Problem("KEY-VALUE", what, "It is kept as it is and has no effect.", path=path)


def _no_block(name: str, value: Any) -> Problem:
    what = f"Block {name}: it must be an object with inputs, layers and outputs, but is {excerpt(value)}."
    return Problem("KEY-VALUE", what, "It is kept as it is and has no effect.", path=key_path("$.blocks", name))
