"""Programs of PyTorch as a format of models. What reads them, and the engine with it, is loaded when there is one."""

from __future__ import annotations

from pathlib import Path

from core.importing.importer import Imported, Importer
from core.io.formats import PYTORCH_PROGRAM, is_of


def _read(path: Path) -> Imported:
    from core.importing.pytorch.read import read_pytorch

    return read_pytorch(path)


PYTORCH_PROGRAMS = Importer(
    name="PyTorch (.pt2)",
    files="PyTorch programs",
    pattern="*.pt2",
    recognises=lambda path: is_of(path, PYTORCH_PROGRAM),
    read=_read,
)
"""A program as `torch.export.save` writes it."""
