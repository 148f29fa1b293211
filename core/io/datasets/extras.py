"""Libraries that read other programs' formats: each comes with an extra, and is imported when it is asked for."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Final

from core.errors import DataError
from core.io.failures import shown

EXTRAS: Final = {"h5py": "hdf5", "scipy.io": "matlab", "pyarrow": "parquet", "pyarrow.parquet": "parquet"}
"""The extra of `pyproject.toml` that a module comes with."""


def library(module: str, file: str, what: str) -> ModuleType:
    """Import a library.

    Parameters
    ----------
    module
        One of `EXTRAS`.
    file, what
        The file that is to be read, and what such a file is: "an HDF5 file".

    Raises
    ------
    DataError
        It is not installed; the text says how it is.
    """
    try:
        return import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise DataError(
            f"{shown(file)} is {what}; to read it, Convograph needs {package}, which is not installed here. "
            f'Install it: python -m pip install "convograph[{EXTRAS[module]}]"'
        ) from error
