"""IDX files made by hand, as a test needs them."""

import gzip
import struct

import numpy as np

CODES = {"u1": 0x08, "i1": 0x09, "i2": 0x0B, "i4": 0x0C, "f4": 0x0D, "f8": 0x0E}


def header(*sizes, code=0x08):
    return struct.pack(f">BBBB{len(sizes)}I", 0, 0, code, len(sizes), *sizes)


def idx_bytes(array):
    return header(*array.shape, code=CODES[array.dtype.str[1:]]) + array.astype(array.dtype.newbyteorder(">")).tobytes()


def images(n=5, high=4, wide=3):
    return (np.arange(n * high * wide) * 7 % 256).astype(np.uint8).reshape(n, high, wide)


def write_pair(folder, name="train-", n=5, packed=False, dot=False, labels=None):
    folder.mkdir(exist_ok=True)
    mark, pack, end = ("." if dot else "-"), (gzip.compress if packed else bytes), (".gz" if packed else "")
    labels = np.arange(n, dtype=np.uint8) if labels is None else labels
    paths = folder / f"{name}images{mark}idx3-ubyte{end}", folder / f"{name}labels{mark}idx1-ubyte{end}"
    for path, array in zip(paths, (images(n), labels), strict=True):
        path.write_bytes(pack(idx_bytes(array)))
    return paths


def photos(n=6, high=32, wide=32, channels=3, seed=0):
    """Smooth coloured pictures, whose neighbouring pixels are alike as in photographs."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:high, :wide]
    phase = rng.random((n, 1, 1, channels)) * 6
    waves = np.sin(x[None, :, :, None] / 9 + phase) + np.cos(y[None, :, :, None] / 7 + 2 * phase)
    return ((waves + 2) / 4 * 255).astype(np.uint8)


def cifar_bytes(images, labels, coarse=None):
    """Records of CIFAR-10; of CIFAR-100 where there are coarse labels."""
    columns = [np.asarray(labels, np.uint8)[:, None], np.moveaxis(images, -1, 1).reshape(len(images), -1)]
    if coarse is not None:
        columns.insert(0, np.asarray(coarse, np.uint8)[:, None])
    return np.hstack(columns).tobytes()
