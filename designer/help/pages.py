"""What a kind of layer says about itself, as a page: nothing in it is written by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from inspect import cleandoc
from itertools import chain

from core.layers import KINDS, Kind
from core.layers.kind import Example
from core.shapes import Shape
from core.text import counted, number_text, setting_text, shape_text


def kind_page(name: str) -> str:
    """Write the page of a kind as HTML: what it does, its settings, its formulas in the numbers of an example."""
    kind = KINDS[name]
    paragraphs = [_prose(part) for part in cleandoc(kind.__doc__ or "").split("\n\n")]
    parts = [f"<h2>{escape(name)}</h2>", *paragraphs, *_facts(kind), *_settings(kind), *_examples(kind)]
    return "".join(parts)


def _prose(text: str) -> str:
    """Write a paragraph of a docstring; what is between backticks is a formula."""
    pieces = escape(" ".join(text.split())).split("`")
    return f"<p>{''.join(f'<i>{piece}</i>' if i % 2 else piece for i, piece in enumerate(pieces))}</p>"


def _facts(kind: type[Kind]) -> Iterator[str]:
    least, most = kind.n_inputs
    if not most and most is not None:
        inputs = "none: samples enter here"
    elif most is None:
        inputs = f"{number_text(least)} or more"
    else:
        inputs = number_text(least) if least == most else f"{least} to {most}"
    facts = {"Family": kind.family, "Inputs": inputs, "Also called": ", ".join(kind.aliases), "Source": kind.source}
    rows = (f"<tr><td><b>{title}</b></td><td>{escape(fact)}</td></tr>" for title, fact in facts.items() if fact)
    yield f"<table cellpadding=3>{''.join(rows)}</table>"


def _settings(kind: type[Kind]) -> Iterator[str]:
    settings = kind.settings().values()
    if not settings:
        yield "<p>It has no settings.</p>"
        return
    rows = ["<tr><th></th><th align=left>Setting</th><th align=left>Default</th><th align=left>Meaning</th></tr>"]
    for setting in settings:
        default = "required" if setting.required else setting_text(setting.default)
        meaning = f"{setting.help} {setting.expected[0].upper()}{setting.expected[1:]}."
        cells = (setting.letter or "", setting.name, default, meaning)
        rows.append(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>")
    yield f"<h3>Settings</h3><table cellpadding=3>{''.join(rows)}</table>"


def _examples(kind: type[Kind]) -> Iterator[str]:
    if not kind.examples:
        return
    yield "<h3>In numbers</h3>"
    first, *others = kind.examples
    spec = kind.read(first.config)
    yield _line(kind, first)
    lines = chain(spec.explain(first.inputs), spec.explain_forward(first.inputs))
    yield _paragraph("Forward", lines)
    yield _paragraph("Backward", spec.explain_backward(first.inputs))
    if others:
        yield f"<h3>More examples</h3>{''.join(_line(kind, example) for example in others)}"


def _line(kind: type[Kind], example: Example) -> str:
    """Say what goes in, how it is set, what comes out and how many parameters that takes."""
    spec = kind.read(example.config)
    settings = ", ".join(f"{name} {setting_text(value)}" for name, value in spec.config().items())
    learned = f", {counted(example.parameters, 'parameter')}" if example.parameters else ""
    given = _shapes(example.inputs) or "nothing"
    words = f"{given} → {shape_text(example.output)}{f' with {settings}' if settings else ''}{learned}"
    return f"<p>{escape(words)}</p>"


def _shapes(shapes: Iterable[Shape]) -> str:
    return ", ".join(shape_text(shape) for shape in shapes)


def _paragraph(title: str, lines: Iterable[str]) -> str:
    written = "<br>".join(escape(line) for line in lines)
    return f"<p><b>{title}</b><br>{written}</p>" if written else ""
