"""Where the files of a data set lie: what every place can do, and folders on a disk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple, Protocol, TypeAlias

from core.io.datasets.pictures.decoding import MOST_BYTES, PictureError
from core.io.datasets.values import Refused
from core.io.failures import reason, shown
from core.io.regular_files import open_file
from core.text import bytes_text

MOST_FILES = 2_000_000
"""Files of one data set."""

_JUNK: Final = {"__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "@eadir", "$recycle.bin"}

Parts: TypeAlias = tuple[str, ...]
"""A path within a data set: the names of its folders, then that of the file."""


class Entry(NamedTuple):
    """A file, or an empty folder; `at` and `size` say where it lies in an archive."""

    parts: Parts
    is_folder: bool = False
    at: int = 0
    size: int = 0

    @property
    def path(self) -> str:
        """Its path, as it is shown."""
        return shown("/".join(self.parts))


Walk: TypeAlias = Iterator[Entry | Refused]
"""What is found in a place: files and folders, and what of it can't be used."""


class Place(Protocol):
    """Where files lie."""

    name: str

    def walk(self) -> Walk:
        """List everything but what systems put there for themselves, folders before what is in them."""

    def read(self, entry: Entry, most: int | None = None) -> bytes:
        """Read a file, or its first bytes.

        Raises
        ------
        PictureError
            It cannot be read.
        """

    def close(self) -> None:
        """Let go of the archive."""


def is_junk(name: str) -> bool:
    """Say whether a file is hidden, or one that a system makes for itself.

    >>> is_junk("Thumbs.db"), is_junk("._cat.jpg"), is_junk("cat.jpg")
    (True, True, False)
    """
    return name.startswith(".") or name.lower() in _JUNK


class FolderPlace:
    """A folder on a disk. Links are followed to files in it, but neither to folders nor out of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = shown(path.resolve().name) or shown(path)

    def walk(self) -> Walk:
        """List everything; see `Place`."""
        waiting: list[Parts] = [()]
        while waiting:
            parts = waiting.pop()
            try:
                with os.scandir(self.path.joinpath(*parts)) as entries:
                    for entry in entries:
                        if not is_junk(entry.name):
                            found = self._found(entry, (*parts, entry.name))
                            if isinstance(found, Entry) and found.is_folder:
                                waiting.append(found.parts)
                            yield found
            except OSError as error:
                if not parts:
                    raise
                why = f"It cannot be opened: {reason(error)}. Check its permissions."
                yield Refused(shown("/".join(parts)), "", why)

    def _found(self, entry: os.DirEntry[str], parts: Parts) -> Entry | Refused:
        what = "It is neither a file nor a folder, and is not opened. Move it out of the folder."
        if entry.is_symlink():
            try:
                target = Path(entry.path).resolve(strict=True)
                if not target.is_relative_to(self.path.resolve()):
                    what = "It is a link that leads out of the data set. Put a copy there instead."
                elif target.is_dir():
                    what = "It is a link to a folder, which is not followed. Put a copy there instead."
                elif target.is_file():
                    return Entry(parts)
            except RuntimeError:  # Python before 3.13 says so of links that lead in a circle
                what = "It is a link, and its links lead in a circle. Put the picture there instead."
            except OSError as error:
                what = f"It is a link that leads nowhere: {reason(error)}. Put the picture there instead."
        elif entry.is_dir(follow_symlinks=False):
            return Entry(parts, is_folder=True)
        elif entry.is_file(follow_symlinks=False):
            return Entry(parts)
        return Refused(shown("/".join(parts)), "", what)

    def read(self, entry: Entry, most: int | None = None) -> bytes:
        """Read a file; see `Place`."""
        try:
            with open_file(self.path.joinpath(*entry.parts)) as file:
                if most is not None:
                    return file.read(most)
                size = os.fstat(file.fileno()).st_size
                refuse_large(size)
                return file.read(size)
        except OSError as error:
            raise PictureError(f"It cannot be read: {reason(error)}. Check its permissions.") from error

    def close(self) -> None:
        """Do nothing: files are opened one by one."""


def refuse_large(size: int) -> None:
    """Refuse a file with more bytes than a picture may have.

    Raises
    ------
    PictureError
        It has.
    """
    if size > MOST_BYTES:
        raise PictureError(
            f"Its file has {bytes_text(size)}; the limit for a picture is {bytes_text(MOST_BYTES)}. Save it smaller."
        )
