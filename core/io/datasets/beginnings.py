"""The first bytes of files, by which formats are recognised."""

from __future__ import annotations

import gzip
import zlib
from contextlib import suppress
from pathlib import Path

from core.io.formats import GZIP
from core.io.regular_files import open_file


def beginning(path: Path, size: int = 4) -> bytes:
    """Read the first bytes of a file; if it is packed with gzip, the first of what is packed.

    Nothing is raised: whoever then reads the whole file says what is wrong with it.

    Returns
    -------
    Fewer bytes where the file is shorter; none where it cannot be read or its packing is damaged, or of a folder.
    """
    with suppress(OSError, EOFError, zlib.error), open_file(path) as file:
        first = file.read(size)
        if not first.startswith(GZIP):
            return first
        file.seek(0)
        return gzip.GzipFile(fileobj=file).read(size)
    return b""
