"""One picture from a file of its own."""

from __future__ import annotations

from pathlib import Path

from core.errors import DataError
from core.io.datasets.pictures.decoding import MOST_BYTES, PictureError, decode, no_picture
from core.io.datasets.resize import Resize
from core.io.datasets.values import Pixels
from core.io.failures import reason, shown
from core.io.formats import BEGINNING, PICTURES, recognise
from core.io.regular_files import open_file
from core.shapes import Shape
from core.text import bytes_text


def read_picture(path: Path, want: Shape | None = None, resize: Resize = "stretch") -> Pixels:
    """Read a picture as those of a folder are read, (H, W, C).

    Parameters
    ----------
    want, resize
        As for `decode`.

    Raises
    ------
    DataError
        If it can't be read, is no picture, or is too large; the text begins with the file's name.
    """
    try:
        with open_file(path) as file:
            data = file.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise DataError(f"{shown(path)} is larger than {bytes_text(MOST_BYTES)}, the limit for a picture.")
        if recognise(data[:BEGINNING], len(data)) not in PICTURES:
            raise DataError(f"{shown(path)}: {no_picture(data)} Give a picture, such as a PNG or JPEG.")
        return decode(data, want, resize).pixels
    except OSError as error:
        raise DataError(f"{shown(path)} cannot be read: {reason(error)}.") from error
    except PictureError as error:
        where = f" ({error.where})" if error.where else ""
        raise DataError(f"{shown(path)}{where}: {error.what}") from error
