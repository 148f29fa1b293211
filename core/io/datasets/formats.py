"""The formats that data sets come in: one table, from which loading, messages and the file dialog are derived."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.io.datasets.cifar import is_cifar, look_at_cifar, read_cifar
from core.io.datasets.cifar_archive import is_cifar_archive, read_cifar_archive
from core.io.datasets.csv_tables import is_csv, read_csv
from core.io.datasets.hdf5 import is_hdf5, read_hdf5
from core.io.datasets.idx_pairs import is_idx_pair, look_at_idx_pair, read_idx_pair
from core.io.datasets.matlab import is_matlab, read_matlab
from core.io.datasets.numpy_files import is_npy_pair, is_npz, read_npy_pair, read_npz
from core.io.datasets.parquet import is_parquet, read_parquet
from core.io.datasets.pictures.folder import (
    FORMAT,
    is_picture_folder,
    look_at_picture_folder,
    read_picture_folder,
)
from core.io.datasets.resize import Resize
from core.io.datasets.two_files import FileReader, read_two_files, two_files
from core.io.datasets.values import DataFacts, Dataset
from core.shapes import Shape


@dataclass(frozen=True, slots=True)
class Format:
    """How one format is recognised, read and spoken of.

    Attributes
    ----------
    name : str
        What the field calls it.
    files : str
        What the file dialog calls the files that it shows.
    pattern : str
        The names of these files, as file dialogs write it: "*.csv *.tsv"; empty for a format of folders.
    choices : tuple of str
        What a user may give, each as a phrase for "Give …, or …"; none where another format's phrase says it.
    recognises : callable
        Whether an existing file or folder is of this format, by the bytes of its files.
    read : callable
        Reads such a path; where something is wrong, it raises DataError with a sentence.
    look : callable, optional
        Does the same without reading the images, where the format allows it; None where that would take long.
    read_at : callable, optional
        Reads with the shape of an Input, and how sides of another ratio are resized: where samples come in many sizes.
    """

    name: str
    files: str
    pattern: str
    choices: tuple[str, ...]
    recognises: Callable[[Path], bool]
    read: Callable[[Path], Dataset]
    look: Callable[[Path], DataFacts | None] | None = None
    read_at: Callable[[Path, Shape | None, Resize], Dataset] | None = None


_FILES = tuple(
    FileReader(recognises, read)
    for recognises, read in (
        (is_npz, read_npz),
        (is_csv, read_csv),
        (is_hdf5, read_hdf5),
        (is_matlab, read_matlab),
        (is_parquet, read_parquet),
    )
)

FORMATS: Final[tuple[Format, ...]] = (
    Format(
        name="IDX",
        files="images of a pair of IDX files, the format of MNIST",
        pattern="*images*",
        choices=("a folder with a pair of IDX files", "the images file of a pair"),
        recognises=is_idx_pair,
        read=read_idx_pair,
        look=look_at_idx_pair,
    ),
    Format(
        name="CIFAR",
        files="batches of CIFAR-10 or CIFAR-100 in their binary form",
        pattern="*.bin",
        choices=("CIFAR's binary batches or archive",),
        recognises=is_cifar,
        read=read_cifar,
        look=look_at_cifar,
    ),
    Format(
        name="CIFAR archive",
        files="CIFAR-10 or CIFAR-100 as it is downloaded",
        pattern="cifar-*.tar.gz",
        choices=(),
        recognises=is_cifar_archive,
        read=read_cifar_archive,
    ),
    Format(
        name="NPZ",
        files="NumPy archives of images and labels",
        pattern="*.npz",
        choices=("an .npz archive of images and labels",),
        recognises=is_npz,
        read=read_npz,
    ),
    Format(
        name="NPY",
        files="NumPy arrays in pairs, such as x.npy and y.npy",
        pattern="*.npy",
        choices=("a folder with x.npy and y.npy",),
        recognises=is_npy_pair,
        read=read_npy_pair,
    ),
    Format(
        name="CSV",
        files="tables of values, a line for each sample",
        pattern="*.csv *.tsv *.csv.gz",
        choices=("a CSV table",),
        recognises=is_csv,
        read=read_csv,
    ),
    Format(
        name="HDF5",
        files="HDF5 files with images and labels",
        pattern="*.h5 *.hdf5",
        choices=("an HDF5, MATLAB or Parquet file",),
        recognises=is_hdf5,
        read=read_hdf5,
    ),
    Format(
        name="MATLAB",
        files="MATLAB files with images and labels, such as SVHN's",
        pattern="*.mat",
        choices=(),
        recognises=is_matlab,
        read=read_matlab,
    ),
    Format(
        name="Parquet",
        files="Parquet tables",
        pattern="*.parquet",
        choices=(),
        recognises=is_parquet,
        read=read_parquet,
    ),
    Format(
        name="two files",
        files="two files of one format, named after train and test",
        pattern="",
        choices=(),
        recognises=lambda path: two_files(path, _FILES) is not None,
        read=lambda path: read_two_files(path, _FILES),
    ),
    Format(
        name=FORMAT,
        files="archives of pictures in a folder for each class",
        pattern="*.zip *.tar *.tar.gz *.tgz",
        choices=("a folder with a folder of pictures for each class", "a zip or tar archive of one"),
        recognises=is_picture_folder,
        read=read_picture_folder,
        look=look_at_picture_folder,
        read_at=read_picture_folder,
    ),
)
"""Every format: add one here. The first that recognises a path reads it."""


def recognised(path: Path) -> Format | None:
    """Return the format of an existing path; None where no format recognises it."""
    return next((known for known in FORMATS if known.recognises(path)), None)


def format_of(path: Path) -> Format:
    """Return the format of an existing path.

    Where none recognises it, that is the first of the table: its reader says what it misses.
    """
    return recognised(path) or FORMATS[0]


def choices() -> list[str]:
    """List what a user may give, as phrases."""
    return [choice for known in FORMATS for choice in known.choices]
