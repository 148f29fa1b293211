"""Protobuf's text format, as Caffe's networks are written in it.

Source of the syntax: protobuf.dev, "Text Format Language Specification".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

from core.errors import ModelError
from core.text import excerpt

Message: TypeAlias = Mapping[str, list["Value"]]
Value: TypeAlias = "str | Message"
"""Texts, numbers and words as they are written, or messages; each field has all its values in order."""

MOST_FIELDS: Final = 500_000
"""A ResNet-152 has about fifteen thousand."""
DEEPEST: Final = 32
_TOKEN: Final = re.compile(
    r"""(?P<space>(?:\s++|\#[^\n]*+)++)
    |(?P<word>[A-Za-z_][\w.\-/]*+)
    |(?P<number>[-+]?+[\d.][\w.+\-]*+)
    |(?P<text>"(?:[^"\\\n]|\\.)*+"|'(?:[^'\\\n]|\\.)*+')
    |(?P<sign>[{}<>\[\]:,;])""",
    re.VERBOSE,
)
_ENDS: Final = {"{": "}", "<": ">"}


def parsed(text: str) -> Message:
    """Read a text.

    Returns
    -------
    mapping of str to list
        The values of each field: words and numbers as they stand, texts without their quotes, or mappings like this.

    Raises
    ------
    ModelError
        It is no such text, or is cut short; the message names the line.

    Examples
    --------
    >>> parsed('name: "net" layer { top: "a" top: "b" }')
    {'name': ['net'], 'layer': [{'top': ['a', 'b']}]}
    """
    return _Parser(text).message()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = self._all()
        self._next: tuple[str, str, int] | None = None
        self._n_fields = 0

    def message(self) -> Message:
        """Read all of it; what is open lies on a stack, so that no nesting can exhaust ours."""
        top: dict[str, list[Value]] = {}
        stack: list[tuple[dict[str, list[Value]], str]] = [(top, "")]
        while stack:
            message, end = stack[-1]
            kind, token, at = self._take()
            if token == end and kind in ("sign", "end"):
                stack.pop()
                self._skip(",", ";")
                continue
            if kind != "word":
                raise self._wrong(token, at)
            self._n_fields += 1
            if self._n_fields > MOST_FIELDS:
                raise ModelError(f"it has more than {MOST_FIELDS:,} fields, which no network needs.")
            has_colon = self._skip(":")
            kind, value, at = self._take()
            values = message.setdefault(token, [])
            if kind == "sign" and value in _ENDS:
                if len(stack) >= DEEPEST:
                    raise ModelError("its braces are nested deeper than any network needs.")
                inner: dict[str, list[Value]] = {}
                values.append(inner)
                stack.append((inner, _ENDS[value]))
            elif has_colon and value == "[" and kind == "sign":
                values.extend(self._list())
                self._skip(",", ";")
            elif has_colon and kind in ("word", "number", "text"):
                values.append(self._joined(kind, value))
                self._skip(",", ";")
            else:
                raise self._wrong(value, at)
        return top

    def _list(self) -> Iterator[Value]:
        while not self._skip("]"):
            kind, value, at = self._take()
            if kind not in ("word", "number", "text"):
                raise self._wrong(value, at)
            yield self._joined(kind, value)
            self._skip(",")

    def _joined(self, kind: str, value: str) -> str:
        """Return a text with those that follow it directly, as C has it."""
        if kind != "text":
            return value
        parts = [_plain(value)]
        while self._peek()[0] == "text":
            parts.append(_plain(self._take()[1]))
        return "".join(parts)

    def _skip(self, *signs: str) -> bool:
        kind, token, _ = self._peek()
        if kind == "sign" and token in signs:
            self._take()
            return True
        return False

    def _peek(self) -> tuple[str, str, int]:
        if self._next is None:
            self._next = next(self._tokens)
        return self._next

    def _take(self) -> tuple[str, str, int]:
        taken, self._next = self._peek(), None
        return taken

    def _all(self) -> Iterator[tuple[str, str, int]]:
        at = 0
        while at < len(self._text):
            found = _TOKEN.match(self._text, at)
            if found is None:
                raise self._wrong(self._text[at : at + 20], at)
            if found.lastgroup != "space":
                yield str(found.lastgroup), found[0], at
            at = found.end()
        while True:
            yield "end", "", at

    def _wrong(self, token: str, at: int) -> ModelError:
        line = self._text.count("\n", 0, at) + 1
        if not token:
            return ModelError(f"it ends in line {line:,} within a field. Fetch it once more.")
        return ModelError(f"line {line:,} cannot be read from {excerpt(token, 30)} on.")


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1])
