"""One picture from its file."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np

from core.errors import DataError
from core.io.datasets.values import Pixels
from core.io.failures import reason, shown
from core.io.regular_files import open_file

MOST_PIXELS = 64_000_000
"""Pixels of a picture; its header says how many there are before any is decoded."""


def read_picture(path: Path) -> Pixels:
    """Read a picture as it looks in a viewer: upright, (H, W, 1) or (H, W, 3).

    Raises
    ------
    DataError
        If it can't be read, is no picture, or is too large.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with warnings.catch_warnings(), open_file(path) as file:
            warnings.simplefilter("ignore")
            with Image.open(file) as image:
                wide, high = image.size
                if wide * high > MOST_PIXELS:
                    raise DataError(
                        f"{shown(path)} has {wide:,}×{high:,} pixels; the most are {MOST_PIXELS:,}. Make it smaller."
                    )
                if image.mode.startswith("I;16") or image.mode in ("I", "F"):
                    deep = np.asarray(ImageOps.exif_transpose(image), np.float32)
                    return np.clip(deep / np.float32(65535), 0, 1)[..., None]
                upright = ImageOps.exif_transpose(image)
                if upright.has_transparency_data:
                    colours = upright.convert("RGBA")
                    upright = Image.alpha_composite(Image.new("RGBA", colours.size, "white"), colours).convert("RGB")
                plain = upright.convert("L" if image.mode in ("1", "L", "LA") else "RGB")
                pixels = np.asarray(plain)
                return pixels[..., None] if pixels.ndim == 2 else pixels
    except UnidentifiedImageError as error:
        raise DataError(f"{shown(path)} is no picture that can be read. Give a PNG or JPEG.") from error
    except OSError as error:
        raise DataError(f"{shown(path)} cannot be read: {reason(error)}.") from error
    except (ValueError, SyntaxError, EOFError, MemoryError, Image.DecompressionBombError) as error:
        raise DataError(f"{shown(path)} is damaged: {error}.") from error
