"""Programs of PyTorch as a format of models. What reads them, and the engine with it, is loaded when there is one."""

from __future__ import annotations

from pathlib import Path

from core.importing.importer import Imported, Importer, ImportProof
from core.io.formats import PYTORCH_PROGRAM, is_of


def _read(path: Path) -> Imported:
    from core.importing.pytorch.read import read_pytorch

    return read_pytorch(path)


def _batch(path: Path) -> int:
    from core.importing.pytorch.running import batch

    return batch(path)


def _prepare(path: Path, folder: Path) -> None:
    from core.importing.pytorch.running import prepare

    prepare(path, folder)


PYTORCH_PROGRAMS = Importer(
    name="PyTorch (.pt2)",
    files="PyTorch programs",
    pattern="*.pt2",
    recognises=lambda path: is_of(path, PYTORCH_PROGRAM),
    read=_read,
    proof=ImportProof(("torch",), "pytorch_runner.py", first=True, batch=_batch, prepare=_prepare),
)
"""A program as `torch.export.save` writes it."""
