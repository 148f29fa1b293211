"""What the file of a document holds at this moment, whoever wrote it."""

from __future__ import annotations

from pathlib import Path

from core.errors import DocumentError
from core.graph.values import Document
from core.io.documents import load
from core.io.writing import document_text


def found_at(path: Path) -> Document | None:
    """Read a file; None if there is none.

    Raises
    ------
    DocumentError
        If something is there that can't be read.
    """
    try:
        return load(path)
    except DocumentError as error:
        if isinstance(error.__cause__, FileNotFoundError | NotADirectoryError):
            return None
        raise


def says_the_same(one: Document, other: Document) -> bool:
    """Tell whether two documents would be written alike: equal values, in what a file says, may be 0 and false."""
    return one is other or document_text(one) == document_text(other)
