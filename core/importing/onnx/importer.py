"""ONNX as a format of models. What reads them, and the engine with it, is loaded when there is one to read."""

from __future__ import annotations

from pathlib import Path

from core.importing.importer import Imported, Importer, ImportProof, StoredTest
from core.io.formats import ONNX, is_of


def _read(path: Path) -> Imported:
    from core.importing.onnx.read import read_onnx

    return read_onnx(path)


def _stored_tests(path: Path, imported: Imported) -> tuple[StoredTest, ...]:
    from core.importing.onnx.stored_tests import stored_tests

    return stored_tests(path, imported)


def _batch(path: Path) -> int:
    from core.importing.onnx.model import open_model

    return next((entrance.dims[0] or 0 for entrance in open_model(path).inputs if entrance.dims), 0)


ONNX_MODELS = Importer(
    name="ONNX",
    files="ONNX models",
    pattern="*.onnx",
    recognises=lambda path: is_of(path, ONNX),
    read=_read,
    stored_tests=_stored_tests,
    proof=ImportProof(("onnxruntime",), "onnx_runner.py", first=True, batch=_batch),
)
