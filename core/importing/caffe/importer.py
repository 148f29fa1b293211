"""Networks of Caffe as a format of models. What reads them, and the engine with it, is loaded when there is one."""

from __future__ import annotations

from pathlib import Path

from core.importing.importer import Imported, Importer
from core.io.formats import CAFFE, is_of


def _read(path: Path) -> Imported:
    from core.importing.caffe.read import read_caffe

    return read_caffe(path)


CAFFE_NETWORKS = Importer(
    name="Caffe (prototxt)",
    files="Caffe networks",
    pattern="*.prototxt",
    recognises=lambda path: is_of(path, CAFFE),
    read=_read,
)
"""A network as text, without weights."""
