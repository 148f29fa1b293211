"""Opening and saving documents. What can be opened at all opens; what is wrong with it, `check` says."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import IO, Any

from core.errors import DocumentError
from core.garbage import uncollected
from core.graph.values import Document
from core.io.atomic import write_atomically
from core.io.datasets.formats import choices
from core.io.failures import reason, shown
from core.io.formats import CONVOGRAPH, recognise
from core.io.parsing import parse_document
from core.io.regular_files import open_file
from core.io.writing import FORMAT, VERSION, document_text
from core.limits import DEEPEST, LARGEST_FILE, LONGEST_NAME, MOST_LAYERS
from core.text import bytes_text, excerpt, listing, number_text


def load(path: str | Path) -> Document:
    """Open a document.

    Parameters
    ----------
    path : str or Path
        A `.json` file that Convograph, or a person, wrote.

    Raises
    ------
    DocumentError
        If the file can't be read, isn't JSON, isn't Convograph's, comes from a newer version or is too large.
        Everything else opens, and `check` tells what is wrong with it.

    Examples
    --------
    >>> from core.io.templates import template_path  # the networks that ship with Convograph
    >>> document = load(template_path("lenet5"))
    >>> document.name, [layer.id for layer in document.graph.layers][:4]
    ('LeNet-5', ['input', 'conv1', 'relu1', 'pool1'])
    >>> document.graph.layers[1].config
    {'filters': 6, 'kernel_size': 5, 'padding': 2}
    """
    place = Path(path)
    try:
        with open_file(place) as file:
            return load_stream(file, shown(place), os.fstat(file.fileno()).st_size)
    except OSError as error:
        raise DocumentError(f"{shown(place)} cannot be opened: {reason(error)}.") from error


def load_stream(stream: IO[bytes], name: str, size: int | None = None) -> Document:
    """Read a document from an open file, or from a pipe until it ends.

    Parameters
    ----------
    name : str
        What messages call it.
    size : int, optional
        How many bytes there are, where that is known.

    Raises
    ------
    DocumentError
        As `load` does.
    """
    data = stream.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise _foreign(data, name, size or len(data)) or DocumentError(
            f"{name} is larger than {bytes_text(LARGEST_FILE)}, which no design reaches. "
            "Choose a file that Convograph saved."
        )
    return loads(data, name)


@uncollected()
def loads(data: bytes | str, name: str = "The text") -> Document:
    """Read a document from the content of a file; `name` is what messages call it.

    Raises
    ------
    DocumentError
        As `load` does.
    """
    raw, levels = _json(data, name)
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        if foreign := _foreign(data, name):
            raise foreign
        if not isinstance(raw, dict):
            what = "it holds no JSON object"
        else:
            what = f'"format" is {excerpt(raw["format"])}' if "format" in raw else 'it has no "format"'
        raise DocumentError(f'{name} is not a Convograph document: {what}; it would say "format": "{FORMAT}".')
    version = raw.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise DocumentError(f'{name} does not say which version of the format it has: "version" must be {VERSION}.')
    if version > VERSION:
        raise DocumentError(
            f"{name} was written by a newer Convograph (format version {number_text(version)}; this one reads up "
            f"to {VERSION}). Update Convograph to open it."
        )
    layers = raw.get("layers")
    if not isinstance(layers, list):
        raise DocumentError(f'{name} is not a Convograph document: "layers" must be a list of layers.')
    if len(layers) > MOST_LAYERS:
        raise DocumentError(f"{name} has {len(layers):,} layers; at most {MOST_LAYERS:,} can be opened.")
    text = data if isinstance(data, str) else data.decode("latin-1")
    long = _too_long(levels) if _LONG_TEXT.search(text) else None
    if long is not None:
        raise DocumentError(
            f"{name} has a name of {len(long):,} letters, which begins {excerpt(long)}; at most {LONGEST_NAME:,} can "
            "be read. Shorten it in the file."
        )
    return parse_document(raw)


def save(document: Document, path: str | Path) -> None:
    """Write a document; whatever happens, the file is either as it was or complete.

    Parameters
    ----------
    document : Document
    path : str or Path
        Replaced if it exists; its folder must exist.

    Raises
    ------
    SaveError
        If it can't be written; what stood there is unchanged.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from core.graph.edits import set_name
    >>> from core.io.templates import load_template
    >>> mine = set_name(load_template("lenet5"), "My LeNet")
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "mine.json")
    ...     save(mine, path)
    ...     load(path) == mine
    True
    """
    text = document_text(document)
    try:
        data = text.encode()
    except UnicodeEncodeError:  # a file may hold halves of characters as \ud800; they stay written that way
        data = _escaped(text)
    write_atomically(Path(path), data)


def _escaped(text: str) -> bytes:
    return "".join(f"\\u{ord(c):04x}" if "\ud800" <= c <= "\udfff" else c for c in text).encode()


def _json(data: bytes | str, name: str) -> tuple[Any, list[list[Any]]]:
    """Return what a file holds, and its objects and lists by how deep they stand."""
    text = data if isinstance(data, str) else _decoded(data, name)
    try:
        value = json.loads(text, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise _foreign(data, name) or DocumentError(
            f"{name} is not JSON: {error.msg} in line {error.lineno}, column {error.colno}. "
            "Choose a file that Convograph saved."
        ) from error
    except RecursionError as error:
        raise _too_deep(name) from error
    except ValueError as error:  # a whole number of thousands of digits
        raise DocumentError(
            f"{name} holds a number with thousands of digits, which nothing in a design needs. Correct it in the file."
        ) from error
    levels = [_parts([[value]])]
    while levels[-1]:
        if len(levels) > DEEPEST:
            raise _too_deep(name)
        levels.append(_parts(levels[-1]))
    return value, levels


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Keep every value of a repeated key: the last one counts, as everywhere; the others become `key~2` and so on."""
    values = dict(pairs)
    if len(values) == len(pairs):
        return values
    numbers = dict.fromkeys(values, 1)
    counting = set()
    for key, value in reversed(pairs):
        name = key
        while name in values and key in counting:
            numbers[key] += 1
            name = f"{key}~{numbers[key]}"
        counting.add(key)
        values[name] = value
    return values


def _too_long(levels: list[list[Any]]) -> str | None:
    """Find a key, or a name in a layer or an output, that is longer than any name."""
    for level in levels:
        for whole in level:
            if isinstance(whole, dict):
                names = [name for name in (whole.get("id"),) if isinstance(name, str)]
                for key in ("inputs", "outputs"):
                    listed = whole.get(key)
                    names += [name for name in listed if isinstance(name, str)] if isinstance(listed, list) else ()
                if (longest := max((*whole, *names), key=len, default="")) and len(longest) > LONGEST_NAME:
                    return longest
    return None


_LONG_TEXT = re.compile(rf'"(?:[^"\\]|\\.){{{LONGEST_NAME}}}', re.DOTALL)
"""Finds quickly that nothing in a file is too long a name: no two quotes are so far apart, whatever its encoding."""


_NESTED = frozenset({dict, list})


def _parts(level: list[Any]) -> list[Any]:
    """Return the objects and lists directly inside of some."""
    return [
        part
        for whole in level
        for part in (whole.values() if whole.__class__ is dict else whole)
        if part.__class__ in _NESTED
    ]


def _too_deep(name: str) -> DocumentError:
    return DocumentError(
        f"{name} is nested more than {DEEPEST} brackets deep, which no design is. Choose a file that Convograph saved."
    )


def _decoded(data: bytes, name: str) -> str:
    # JSON may be written in UTF-16 and UTF-32, too; which one it is, its first bytes tell.
    encoding = json.detect_encoding(data)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        byte = f"byte {error.start:,} is {data[error.start]:#04x}"
        known = _foreign(data, name)
        if known is None and encoding.startswith("utf-8") and data.lstrip().startswith(b"{"):
            line = data.count(b"\n", 0, error.start) + 1
            known = DocumentError(
                f"{name} has a character in line {line:,} that cannot be read: {byte}. Remove it there, or choose a "
                "file that Convograph saved."
            )
        raise known or DocumentError(
            f"{name} is not text, nor of a format that Convograph knows: {byte}. Choose a file that Convograph saved."
        ) from error


def _foreign(data: bytes | str, name: str, size: int | None = None) -> DocumentError | None:
    """Name what another program wrote, and say what can be done with it; nothing if it is not known by sight."""
    known = recognise(data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data, size)
    if known is None or known is CONVOGRAPH:
        return None
    sentences = [f"{name} is {known.what}.", known.today]
    if known.holds == "data":
        sentences.insert(
            1, f"It holds data, not a network: open a network, and train it on {listing(choices(), 'or')}."
        )
    elif not known.today:
        sentences.append("Choose a file that Convograph saved.")
    return DocumentError(" ".join(filter(None, sentences)))
