"""What is dragged and pasted: one mime type, with JSON inside, beside plain text."""

from __future__ import annotations

import json

from PySide6.QtCore import QMimeData

MIME_TYPE = "application/x-convograph+json"


def kind_mime(kind: str) -> QMimeData:
    """Pack a layer kind that is dragged out of the palette."""
    mime = QMimeData()
    mime.setData(MIME_TYPE, json.dumps({"kind": kind}).encode())
    mime.setText(kind)
    return mime


def dragged_kind(mime: QMimeData) -> str | None:
    """Return the kind that is being dragged, or None where it is something else."""
    if not mime.hasFormat(MIME_TYPE):
        return None
    try:
        content = json.loads(bytes(mime.data(MIME_TYPE).data()))
    except ValueError:
        return None
    kind = content.get("kind") if isinstance(content, dict) else None
    return kind if isinstance(kind, str) else None
