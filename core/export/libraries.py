"""Libraries that write other programs' formats: each comes with an extra, and is imported when it is asked for."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from core.errors import ExportError


def library(module: str, what: str, extra: str) -> ModuleType:
    """Import a library.

    Parameters
    ----------
    module : str
    what : str
        What it writes: "ONNX".
    extra : str
        The extra in `pyproject.toml` that it comes with.

    Raises
    ------
    ExportError
        It is not installed; the text says how it is.
    """
    try:
        return import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise ExportError(
            f"To write {what}, Convograph needs {package}, which is not installed here. "
            f'Install it with: python -m pip install "convograph[{extra}]", or: python -m pip install {package}'
        ) from error
