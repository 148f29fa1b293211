"""Pictures and folders of them, as a test needs them."""

import io
import struct
import tarfile
import zipfile
import zlib

import numpy as np
from PIL import Image


def noise(high=6, wide=8, channels=3, seed=0):
    shape = (high, wide, channels) if channels > 1 else (high, wide)
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, shape, np.uint8))


def stored(image, form="PNG", **settings):
    stream = io.BytesIO()
    image.save(stream, form, **settings)
    return stream.getvalue()


def png(high=6, wide=8, channels=3, seed=0):
    return stored(noise(high, wide, channels, seed))


def upright(orientation, form, **settings):
    """A picture of 6×8 whose EXIF says how it is to be turned."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return stored(noise(), form, exif=exif, **settings)


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def black_png(wide, high):
    """A black-and-white PNG, packed a thousand times."""
    header = struct.pack(">IIBBBBB", wide, high, 1, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(high * (1 + (wide + 7) // 8)), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def write(root, files):
    """Write files by their paths; None stands for an empty folder."""
    for name, data in files.items():
        path = root / name
        if data is None:
            path.mkdir(parents=True, exist_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def zipped(path, files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(f"{name}/" if data is None else name, data or b"")
    return path


def tarred(path, files, packed=False):
    with tarfile.open(path, "w:gz" if packed else "w") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.type, info.size = (tarfile.DIRTYPE, 0) if data is None else (tarfile.REGTYPE, len(data))
            archive.addfile(info, io.BytesIO(data or b""))
    return path
