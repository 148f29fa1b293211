"""How long the file of a picture is meant to be, where it says so itself."""

from __future__ import annotations

_PNG_BEGINNING = 8
_PNG_END = 12  # bytes of the last chunk, IEND
_BUFFER = 4096  # bytes that writers fill a multiple of before they begin another chunk of pixels


def whole_size_text(data: bytes) -> str:
    r"""Write how many bytes a PNG, BMP or WebP should have that has fewer; nothing where that is not said.

    The chunks of a PNG each say their length: one that is cut ends where it says, and the last chunk follows. Pixels
    fill several chunks of a whole number of buffers, so that after such a one more may come.

    >>> whole_size_text(b"RIFF\x10\x27\0\0WEBP"), whole_size_text(b"GIF89a")
    ('10,008', '')
    """
    size, more = 0, False
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        size, more = _png_size(data)
    elif data[:4] == b"RIFF" and len(data) >= 8:
        size = 8 + int.from_bytes(data[4:8], "little")
    elif data[:2] == b"BM" and len(data) >= 6:
        size = int.from_bytes(data[2:6], "little")
    return f"{'at least ' if more else ''}{size:,}" if size > len(data) else ""


def _png_size(data: bytes) -> tuple[int, bool]:
    """Return how many bytes a PNG has at least, and whether it may have more; 0 where it is damaged."""
    at = _PNG_BEGINNING
    while at < len(data):
        length, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if len(name) < 4:
            return at + 12 + _PNG_END, True
        if not name.isalpha() or length >= 1 << 31:
            return 0, False
        at += 12 + length
        if name == b"IEND":
            return at, False
        if at > len(data):
            return at + _PNG_END, name != b"IDAT" or length % _BUFFER == 0
    return at + _PNG_END, True
