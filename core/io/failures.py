"""How file names and the operating system's refusals read in sentences."""

from __future__ import annotations

import errno
from pathlib import Path

_REASONS = {
    errno.EACCES: "you have no permission",
    errno.EPERM: "the system does not permit it",
    errno.ENOENT: "it is not there",
    errno.ENOTDIR: "a part of its path is a file, not a folder",
    errno.EISDIR: "it is a folder",
    errno.ELOOP: "its links lead in a circle",
    errno.ENAMETOOLONG: "its name is too long",
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "your share of the disk is used up",
    errno.EFBIG: "it would be larger than the disk or the system allows",
    errno.EROFS: "the disk is read-only",
    errno.EBUSY: "another program is using it",
    errno.EIO: "the disk reports a fault",
}

_LONGEST_PATH = 500  # characters; beyond, a path hides the sentence that it stands in


def reason(error: OSError) -> str:
    """Say why the operating system refused, in words that need no manual.

    >>> reason(PermissionError(errno.EACCES, "Permission denied"))
    'you have no permission'
    """
    return _REASONS.get(error.errno or 0) or error.strerror or str(error) or "the system gives no reason"


def shown(path: Path | str) -> str:
    r"""Write a file name so that every terminal and label can show it, whatever characters it holds.

    A path that no system would take is cut in its middle.

    >>> shown(Path("digits.gz")), shown("two\nlines"), len(shown(Path("x" * 5000)))
    ('digits.gz', 'two�lines', 201)
    """
    text = str(path)
    if isinstance(path, Path) and len(text) > _LONGEST_PATH:
        text = f"{text[:100]}…{text[-100:]}"
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else "�" for character in text)
