"""What a layer says when the mouse rests on it."""

from __future__ import annotations

import re
from html import escape

from core.analysis.report import Report
from core.text import brief_number, bytes_text
from designer.canvas.drawing.node_content import NodeContent
from designer.canvas.drawing.wire import Wire

_LONG = re.compile(r"\S{40}")


def tip(content: NodeContent, report: Report) -> str:
    """Return a layer's name, settings, output and costs, and all its problems, as rich text."""
    lines = [f"<b>{_broken(content.id)}</b> · {_broken(content.label_line)}", f"output {escape(content.shape_line)}"]
    found = report.of(content.id)
    if content.parameters:
        lines.append(f"{content.parameters} parameters")
    if found is not None and found.macs:
        lines.append(f"{brief_number(found.macs)} MACs")
    if found is not None and found.activation_bytes:
        lines.append(f"{bytes_text(found.activation_bytes)} per sample")
    head = f"{lines[0]}<br>{' · '.join(lines[1:])}"
    problems = [
        f"{_broken(problem.what)}{' ' + _broken(problem.why) if problem.why else ''}"
        for problem in report.problems_of(content.id)
    ]
    return "<br>".join([f"<div style='white-space: pre-wrap'>{head}", *problems]) + "</div>"


def wire_tip(wire: Wire) -> str:
    """Return what comes back over a wire, as rich text; nothing where nobody wants to know."""
    if not wire.flow_text:
        return ""
    ends = f"{_broken(wire.reference)} → {_broken(wire.layer)}"
    return f"<b>{ends}</b><br>gradient that comes back: ‖∂loss/∂x‖ = {wire.flow_text}"


def _broken(text: str) -> str:
    """Let very long words go on in another line."""
    return escape(_LONG.sub("\\g<0>\u200b", text))
