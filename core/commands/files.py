"""Opening the documents that are named on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import DocumentError

if TYPE_CHECKING:
    from core.graph.values import Document


def open_document(file: Path) -> Document:
    """Return the document of a file.

    Raises
    ------
    DocumentError
        If there is none; where the path is the name of a template, the text says how to get that.
    """
    from core.io.documents import load
    from core.io.templates import template_names

    try:
        return load(file)
    except DocumentError as error:
        if isinstance(error.__cause__, FileNotFoundError) and str(file) in template_names():
            raise DocumentError(
                f"{error} There is a template of that name: convograph zoo {file} > {file}.json"
            ) from error
        raise
