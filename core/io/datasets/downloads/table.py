"""What can be fetched, and from where: one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file, which has the same bytes wherever it comes from.

    Attributes
    ----------
    name : str
        What it is called on the disk.
    n_bytes : int
        Its size.
    md5 : str
        Its checksum, in hexadecimal digits.
    addresses : tuple of str
        Where it lies; the first that delivers it is enough.
    """

    name: str
    n_bytes: int
    md5: str
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Download:
    """A data set of one or more files.

    Attributes
    ----------
    name : str
        Its folder in the cache.
    title : str
        What people call it.
    what : str
        What it holds, in a few words.
    source : str
        Whom to cite.
    licence : str
        What is said about using it.
    files : tuple of RemoteFile
        They are put into one folder.
    """

    name: str
    title: str
    what: str
    source: str
    licence: str
    files: tuple[RemoteFile, ...]

    @property
    def n_bytes(self) -> int:
        """Return the size of all files."""
        return sum(file.n_bytes for file in self.files)

    def path_in(self, folder: Path) -> Path:
        """Return what documents may name as their data set: the only file, or the folder of several."""
        place = folder / self.name
        return place / self.files[0].name if len(self.files) == 1 else place


def _mnist_files(mirrors: tuple[str, ...], sizes_and_sums: tuple[tuple[int, str], ...]) -> tuple[RemoteFile, ...]:
    names = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
    return tuple(
        RemoteFile(f"{name}-ubyte.gz", n_bytes, md5, tuple(f"{mirror}/{name}-ubyte.gz" for mirror in mirrors))
        for name, (n_bytes, md5) in zip(names, sizes_and_sums, strict=True)
    )


_MNIST = Download(
    "mnist",
    "MNIST",
    "70,000 handwritten digits, 28×28, grey",
    "Y. LeCun, C. Cortes, C. J. C. Burges, “The MNIST database of handwritten digits”, from NIST's Special Databases 1 "
    "and 3.",
    "Said to be CC BY-SA 3.0; its authors name no licence.",
    _mnist_files(
        ("https://ossci-datasets.s3.amazonaws.com/mnist", "https://storage.googleapis.com/cvdf-datasets/mnist"),
        (
            (9_912_422, "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
            (28_881, "d53e105ee54ea40749a09fcbcd1e9432"),
            (1_648_877, "9fb629c4189551a2d022fa330f9573f3"),
            (4_542, "ec29112dd5afa0611ce80d1b7f02629c"),
        ),
    ),
)
_FASHION_MNIST = Download(
    "fashion-mnist",
    "Fashion-MNIST",
    "70,000 pictures of clothes, 28×28, grey",
    "H. Xiao, K. Rasul, R. Vollgraf, “Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning "
    "Algorithms”, 2017, arXiv:1708.07747.",
    "MIT, © 2017 Zalando SE.",
    _mnist_files(
        (
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
            "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion",
        ),
        (
            (26_421_880, "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
            (29_515, "25c81989df183df01b3e8a0aad5dffbe"),
            (4_422_102, "bef4ecab320f06d8554ea6380940ec79"),
            (5_148, "bb300cfdad3c16e7a12a480ee83cd310"),
        ),
    ),
)
_CIFAR_10 = Download(
    "cifar-10",
    "CIFAR-10",
    "60,000 photographs of ten things, 32×32, in colour",
    "A. Krizhevsky, “Learning Multiple Layers of Features from Tiny Images”, University of Toronto, 2009.",
    "Its author names no licence; he asks to be cited.",
    (
        RemoteFile(
            "cifar-10-binary.tar.gz",
            170_052_171,
            "c32a1d4ab5d03f1284b67883e8d87530",
            (
                "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
                "https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10/cifar-10-binary.tar.gz",
            ),
        ),
    ),
)

DOWNLOADS: Final[Mapping[str, Download]] = MappingProxyType(
    {each.name: each for each in (_MNIST, _FASHION_MNIST, _CIFAR_10)}
)
"""The data sets that can be fetched, by name."""
