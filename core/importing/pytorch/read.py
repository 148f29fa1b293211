"""Programs of PyTorch read into documents. PyTorch is not needed: nothing of the file is run, and nothing unpickled."""

from __future__ import annotations

from pathlib import Path

from core.errors import ModelError
from core.importing.importer import Imported
from core.importing.onnx.read import document_of
from core.importing.onnx.spelled_out import with_normalisations
from core.importing.pytorch.archive import opened
from core.importing.pytorch.operators import OPERATORS
from core.importing.pytorch.own_layers import LAYERS
from core.importing.pytorch.program import program_of
from core.importing.pytorch.wording import Wording
from core.io.failures import shown


def read_pytorch(path: Path) -> Imported:
    """Read a program that `torch.export.save` wrote.

    Raises
    ------
    ModelError
        If it can't be read, or holds what Convograph's kinds can't say exactly; the text names it.
    """
    try:
        with opened(path) as (raw, arrays):
            wording = Wording(program_of(raw), arrays)
            for call in wording.program.calls:
                wording.say(call, OPERATORS)
            return document_of(with_normalisations(wording.model()), path.stem, LAYERS, wording.changes)
    except ModelError as error:
        raise ModelError(f"{shown(path)} cannot be imported: {error}") from error
