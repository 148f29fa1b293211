"""Libraries that read other programs' formats: each comes with an extra, and is imported when it is asked for."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from core.errors import DataError
from core.io.failures import shown


def library(module: str, file: str, what: str) -> ModuleType:
    """Import a library.

    Parameters
    ----------
    module
        Of a library that `pyproject.toml` has an extra for.
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
            f"Install it with: python -m pip install {package}"
        ) from error
