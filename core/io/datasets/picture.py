"""One picture from its file."""

from __future__ import annotations

import os
from pathlib import Path

from core.errors import DataError
from core.io.datasets.pictures.decoding import PictureError, decode
from core.io.datasets.pictures.places import refuse_large
from core.io.datasets.resize import Resize
from core.io.datasets.values import Pixels
from core.io.failures import reason, shown
from core.io.regular_files import open_file
from core.shapes import Shape


def read_picture(path: Path, shape: Shape | None = None, resize: Resize = "stretch") -> Pixels:
    """Read a picture as those of a data set are (`core.io.datasets.pictures.decoding`).

    Parameters
    ----------
    shape
        That of the network's Input. Where it is (H, W, 1) or (H, W, 3), the picture is brought to it.
    resize
        What is done where height and width have another ratio.

    Returns
    -------
    (H, W, C) uint8, or float32 from 0 to 1 where it has 16 bits.

    Raises
    ------
    DataError
        If it can't be read, is no picture, or is too large.
    """
    want = shape if shape is not None and len(shape) == 3 and shape[2] in (1, 3) else None
    try:
        with open_file(path) as file:
            refuse_large(os.fstat(file.fileno()).st_size)
            return decode(file.read(), want, resize).pixels
    except OSError as error:
        raise DataError(f"{shown(path)} cannot be read: {reason(error)}.") from error
    except PictureError as error:
        raise DataError(f"{shown(path)}: {error.what}{' Give a PNG or JPEG.' if error.is_other else ''}") from error
