"""Parts of networks as text, for the clipboard: what is copied is a small document, and what is pasted may be less."""

from __future__ import annotations

import json
import re
from typing import Any

from core.errors import DocumentError
from core.graph.values import Document
from core.io.documents import loads
from core.io.writing import FORMAT, VERSION

FENCED = re.compile(r"```[A-Za-z]*\s*\n(.*?)```", re.DOTALL)
"""Code in a message: what stands between two lines of three backticks."""


def clipping(text: str) -> Document:
    """Read layers from text.

    Parameters
    ----------
    text : str
        A document, or some of it: an object with `layers`, a list of layers or a single one; alone or as the code in a
        message.

    Raises
    ------
    DocumentError
        If it is none of these.
    """
    code = FENCED.search(text)
    if code is not None:
        text = code.group(1)
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError):
        raise DocumentError(
            "What was copied is not a network: it is not JSON. Copy layers here, or the text of a Convograph file."
        ) from None
    document = loads(json.dumps(_completed(raw)), "What was copied")
    if not (document.graph.layers or document.layout.frames or document.layout.cards):
        raise DocumentError("What was copied holds no layers.")
    return document


def _completed(raw: Any) -> Any:
    """Add what a whole file would say."""
    if isinstance(raw, dict) and "format" not in raw:
        if "layers" in raw:
            return {"format": FORMAT, "version": VERSION} | raw
        if "kind" in raw:
            raw = [raw]
    if isinstance(raw, list) and raw and all(isinstance(entry, dict) and "kind" in entry for entry in raw):
        return {"format": FORMAT, "version": VERSION, "layers": raw}
    return raw
