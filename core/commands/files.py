"""The files that are named on the command line; `-` stands for standard input or output."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import ConvographError, DocumentError, SaveError
from core.io.failures import shown

if TYPE_CHECKING:
    from core.graph.values import Document

STANDARD_INPUT = "Standard input"
"""What messages call it."""

_STREAMS = {"-", "/dev/stdin", "/dev/stdout"}


def is_stream(file: Path) -> bool:
    """Say whether a path on the command line means standard input, or output."""
    return str(file) in _STREAMS


def open_document(file: Path) -> Document:
    """Return the document of a file, or of standard input.

    Raises
    ------
    DocumentError
        If there is none; where the path is the name of a template, the text says how to get that.
    """
    from core.io.documents import load, load_stream
    from core.io.regular_files import IsAPipeError
    from core.io.templates import template_names

    if is_stream(file):
        return load_stream(sys.stdin.buffer, STANDARD_INPUT)
    try:
        return load(file)
    except DocumentError as error:
        if isinstance(error.__cause__, FileNotFoundError) and str(file) in template_names():
            raise DocumentError(
                f"{error} There is a template of that name: convograph zoo {file} > {file}.json"
            ) from error
        if isinstance(error.__cause__, IsAPipeError):
            raise DocumentError(f"{error} Give - instead of FILE to read what is piped into the command.") from error
        raise


def require_one_reader(files: Iterable[Path]) -> None:
    """Raise where standard input is to be read more than once."""
    if sum(map(is_stream, files)) > 1:
        raise ConvographError("Standard input can be read only once: give one of the files by name.")


def require_none_lost(written: Path, read: Mapping[str, Path]) -> None:
    """Raise where a file that is to be written is one of those that are read.

    Parameters
    ----------
    read : mapping of str to Path
        By what each holds, such as "the document".
    """
    if is_stream(written):
        return
    for what, file in read.items():
        with suppress(OSError, ValueError):  # one that isn't there yet is nobody's
            if not is_stream(file) and written.samefile(file):
                raise SaveError(f"{shown(written)} holds {what}, which would be lost: give another name to write to.")


def write(file: Path, content: bytes) -> None:
    """Write a file as a whole, or to standard output.

    Raises
    ------
    SaveError
        If the file can't be written.
    """
    from core.io.atomic import write_atomically

    if is_stream(file):
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
    else:
        write_atomically(file, content)
