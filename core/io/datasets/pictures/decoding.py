"""One picture, from the bytes of its file to pixels of the size that is wanted."""

from __future__ import annotations

import struct
import warnings
import zlib
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from threading import Lock
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import numpy as np

from core.io.datasets.pictures.cuts import whole_size_text
from core.io.datasets.resize import Resize, placement
from core.io.datasets.values import Pixels
from core.io.formats import BEGINNING, EMPTY, HEIC, PICTURES, FileFormat, recognise
from core.shapes import Shape
from core.text import number_text

if TYPE_CHECKING:
    from PIL import Image
    from PIL.ImageFile import ImageFile

MOST_PIXELS = 64_000_000
"""Pixels of a picture; its header says how many there are before any is decoded."""
MOST_BYTES = 256 << 20
"""Bytes of a file."""

Treatment: TypeAlias = Literal[
    "turned", "transparent", "CMYK", "animated", "16 bits", "16-bit colour", "grey", "colour"
]
"""What a picture was, or what was done to it: the keys of what is told of it."""

_LARGE = 16_000_000  # pixels, of which one picture is decoded at a time
_ONE_AT_A_TIME = Lock()
_ORIENTATION = 0x0112
_ON_ITS_SIDE = (5, 6, 7, 8)
_TURNS: Final = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}
"""What undoes each orientation of EXIF, as Pillow's `Transpose` numbers it."""
_WHITE = (255, 255, 255, 255)
_GREY = {"1", "L", "LA", "La"}
_DEEP = {"I;16", "I;16L", "I;16B", "I;16N"}
_WITH_COLOUR = {"P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "HSV"}
_PILLOW: Final = r"PIL\."
_COPY: Final = "Copy or download it again."
_NAMES: Final = [known.what.partition("(")[2].rstrip(")") for known in PICTURES]
_FIRST_BYTES = 64  # by which pictures are told
_FAILURES = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    BufferError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)


class PictureError(Exception):
    """A picture that cannot be used: where in its file, and a sentence; or a file that is none."""

    def __init__(self, what: str, where: str = "", *, is_other: bool = False) -> None:
        super().__init__(what)
        self.what, self.where, self.is_other = what, where, is_other

    @property
    def what_in_folder(self) -> str:
        """The sentence, for a file in a class folder."""
        return f"{self.what} Move it out of the folder." if self.is_other else self.what


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A decoded picture.

    Attributes
    ----------
    pixels : NDArray
        (H, W, C), C 1 or 3: uint8, or float32 from 0 to 1 where it was stored with 16 bits.
    size : tuple of int
        Height and width in its file, upright.
    treatments : tuple of Treatment
        What was done to it.
    """

    pixels: Pixels
    size: tuple[int, int]
    treatments: tuple[Treatment, ...]


def measure(data: bytes) -> Shape:
    """Return height, width and channels (1 or 3) of a picture, upright, from the beginning of its file.

    Raises
    ------
    PictureError
        It is no picture, is too large, or its header is damaged.
    """
    _mute()
    try:
        with _opener(data)(BytesIO(data)) as image:
            _refuse_large(image)
            orientation = image.getexif().get(_ORIENTATION) if "exif" in image.info else None
            wide, high = image.size[::-1] if orientation in _ON_ITS_SIDE else image.size
            return (high, wide, 1 if image.mode in _GREY | _DEEP | {"I"} else 3)
    except _failures() as error:
        raise _damage(data, error) from error


def decode(data: bytes, want: Shape | None = None, resize: Resize = "stretch") -> Picture:
    """Decode a picture.

    What a file is is told by its bytes. It is turned as its EXIF says; where it is transparent, white is laid beneath,
    as viewers do; of an animation the first frame is taken; CMYK and palettes become red, green and blue. 16 bits of
    grey keep their whole range as fractions; of 16-bit colour Pillow keeps the upper 8. Grey is the luminance that
    `core.io.datasets.fitting.LUMINANCE` weighs. Resizing is bilinear, smoothed where the picture becomes smaller.

    Parameters
    ----------
    data
        The whole file.
    want
        Height, width and channels (1 or 3); without it those of the picture.
    resize
        What is done where height and width have another ratio.

    Raises
    ------
    PictureError
        It cannot be used.
    """
    _mute()
    try:
        with _opener(data)(BytesIO(data)) as image:
            _refuse_large(image)
            large = image.size[0] * image.size[1] > _LARGE
            with _ONE_AT_A_TIME if large else nullcontext():
                return _decoded(image, want, resize)
    except _failures() as error:
        raise _damage(data, error) from error


def _opener(data: bytes) -> Callable[[BytesIO], ImageFile]:
    """Return Pillow's class for a picture. Its own search for one would also try formats that run programs."""
    first = data[:_FIRST_BYTES]
    for known, opener in _openers():
        if known.recognises(first, len(data)):
            return opener
    raise no_picture(data)


@cache
def _openers() -> tuple[tuple[FileFormat, Callable[[BytesIO], ImageFile]], ...]:
    from PIL import (
        BmpImagePlugin,
        GifImagePlugin,
        JpegImagePlugin,
        PngImagePlugin,
        PpmImagePlugin,
        TiffImagePlugin,
        WebPImagePlugin,
    )

    openers: dict[str, Callable[[BytesIO], ImageFile]] = {
        "PNG": PngImagePlugin.PngImageFile,
        "JPEG": JpegImagePlugin.JpegImageFile,
        "GIF": GifImagePlugin.GifImageFile,
        "BMP": BmpImagePlugin.BmpImageFile,
        "WebP": WebPImagePlugin.WebPImageFile,
        "TIFF": TiffImagePlugin.TiffImageFile,
        "PGM or PPM": PpmImagePlugin.PpmImageFile,
    }
    return tuple((known, openers[name]) for known, name in zip(PICTURES, _NAMES, strict=True))


def _mute() -> None:
    """Keep Pillow's warnings from the terminal: what matters of them is said of the picture."""
    if all(getattr(module, "pattern", "") != _PILLOW for *_, module, _ in warnings.filters):
        warnings.filterwarnings("ignore", module=_PILLOW)


def no_picture(data: bytes) -> PictureError:
    """Say what a file is that is no picture, by its first bytes."""
    known = recognise(data[:BEGINNING], len(data))
    if known is EMPTY:
        return PictureError(f"It is empty. {_COPY}")
    if known is HEIC:
        return PictureError(f"It is {known.what}, which is not read. {known.today}")
    what = (
        f"It is {known.what}, not a picture."
        if known
        else f"It is none of the pictures read here: {', '.join(_NAMES)}."
    )
    return PictureError(what, is_other=True)


def _refuse_large(image: Image.Image) -> None:
    wide, high = image.size
    if wide * high > MOST_PIXELS:
        raise PictureError(
            f"It has {number_text(wide)}×{number_text(high)} = {number_text(wide * high)} pixels; the limit is "
            f"{number_text(MOST_PIXELS)}. Save it smaller."
        )


def _decoded(image: ImageFile, want: Shape | None, resize: Resize) -> Picture:
    from PIL import Image

    treatments: list[Treatment] = []
    if image.format != "MPO" and getattr(image, "is_animated", False):
        treatments.append("animated")
    if any(";16" in str(tile.args) for tile in image.tile) and image.mode not in _DEEP | {"I"}:
        treatments.append("16-bit colour")
    high, wide = size = (image.size[1], image.size[0])
    extent: tuple[float, float] = size
    if want is not None and image.format == "JPEG":
        # The decoder leaves out detail that would be smoothed away: it halves until twice what is wanted. What it
        # returns is rounded up; the picture ends at a fraction of the last pixels.
        side = 2 * max(want[:2])
        if (done := image.draft(None, (side, side))) is not None:
            _, (_, _, *ends) = done
            extent = (ends[1], ends[0])
    image.load()
    orientation = image.getexif().get(_ORIENTATION, 1) if "exif" in image.info else 1
    is_on_its_side = orientation in _ON_ITS_SIDE
    if is_on_its_side:
        high, wide = wide, high
    plain = _plain(image, treatments)
    is_grey = plain.mode in {"L", "F"}
    treatments.append("grey" if is_grey else "colour")
    channels = want[2] if want is not None else 1 if is_grey else 3
    if channels == 1 and not is_grey:
        plain = plain.convert("L")
    if want is not None:
        plain = _sized(plain, extent, (want[1], want[0]) if is_on_its_side else (want[0], want[1]), resize)
    if orientation in _TURNS:
        treatments.append("turned")
        plain = plain.transpose(Image.Transpose(_TURNS[orientation]))
    pixels = np.asarray(plain).reshape(plain.size[1], plain.size[0], -1)
    if channels > pixels.shape[2]:
        pixels = np.repeat(pixels, channels, axis=2)
    return Picture(pixels, (high, wide), tuple(treatments))


def _plain(image: Image.Image, treatments: list[Treatment]) -> Image.Image:
    """Return the picture in mode L, RGB, or F with values from 0 to 1."""
    from PIL import Image

    if image.mode in _DEEP or (image.mode == "I" and image.format in {"PNG", "PPM"}):
        treatments.append("16 bits")
        return Image.fromarray(np.asarray(image).astype(np.float32) / np.float32(65535))
    if image.mode not in _GREY | _WITH_COLOUR:
        if image.mode in {"I", "F"}:
            raise PictureError("Its pixels have 32 bits, of which black and white are not known. Save it with 8 or 16.")
        raise PictureError(
            f"Its colours are stored as {image.mode}, which is not read. Save it in red, green and blue."
        )
    mode = "L" if image.mode in _GREY else "RGB"
    if image.mode == "CMYK":
        treatments.append("CMYK")
    if not image.has_transparency_data:
        return image if image.mode == mode else image.convert(mode)
    layer = image.convert("RGBA")
    if np.asarray(layer.getchannel("A")).min() < 255:
        treatments.append("transparent")
        ground = Image.new("RGBA", layer.size, _WHITE)
        ground.alpha_composite(layer)
        layer = ground
    return layer.convert(mode)


def _sized(image: Image.Image, extent: tuple[float, float], want: tuple[int, int], resize: Resize) -> Image.Image:
    from PIL import Image

    if image.size == want[::-1]:
        return image
    place = placement(extent, want, resize)
    box = (place.left, place.top, place.left + place.width, place.top + place.height)
    inner = image.resize(place.size[::-1], Image.Resampling.BILINEAR, box)
    if place.size == want:
        return inner
    whole = Image.new(image.mode, want[::-1])
    whole.paste(inner, place.at[::-1])
    return whole


def _failures() -> tuple[type[Exception], ...]:
    """Return what a library raises that was handed hostile bytes."""
    from PIL.Image import DecompressionBombError

    return (*_FAILURES, DecompressionBombError)


def _damage(data: bytes, error: Exception) -> PictureError:
    """Say what is wrong with a picture that Pillow could not read."""
    n = len(data)
    if type(error).__name__ == "DecompressionBombError":
        return PictureError(f"It has more pixels than {number_text(MOST_PIXELS)}, the limit. Save it smaller.")
    if isinstance(error, MemoryError):
        return PictureError("It does not fit into the free memory. Close other programs, or save it smaller.")
    if whole := whole_size_text(data):
        of = f"{n:,} of {whole}"
        return PictureError(f"It is cut off at byte {of}. {_COPY}", f"byte {of}")
    if "truncated" in str(error).lower() or isinstance(error, EOFError):
        return PictureError(f"It is cut off at byte {n:,}. {_COPY}", f"byte {n:,}")
    return PictureError(f"It is damaged. {_COPY}")
