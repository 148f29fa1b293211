"""Blocks that the user keeps as templates, each in a file beside the preferences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths, Signal

from core.errors import ConvographError, SaveError
from core.graph.values import BlockUse, Document
from core.io.documents import load, save
from core.text import counted


@dataclass(frozen=True, slots=True)
class OwnBlock:
    """A block that was kept.

    Attributes
    ----------
    name : str
    document : Document
        Holds one layer, which uses the block.
    path : Path
    """

    name: str
    document: Document
    path: Path

    @property
    def words(self) -> str:
        """What it is made of."""
        spec = self.document.graph.layers[0].spec
        block = self.document.graph.blocks.get(spec.block) if isinstance(spec, BlockUse) else None
        n_layers = 0 if block is None else len(block.layers)
        return f"One of your blocks, with {counted(n_layers, 'layer')}.\n{self.path}"


class OwnBlocks(QObject):
    """The blocks in the folder of kept blocks."""

    changed = Signal()
    """One was kept or removed."""

    def all(self) -> list[OwnBlock]:
        """List them by name; files that can't be read, or hold something else, are skipped."""
        return sorted(_read_all(), key=lambda block: block.name.lower())

    def find(self, name: str) -> OwnBlock | None:
        """Return the block that has a name, or None."""
        return next((block for block in _read_all() if block.name == name), None)

    def keep(self, name: str, document: Document) -> None:
        """Keep a document with one use of a block, replacing one of the same name.

        Raises
        ------
        SaveError
            If it can't be written.
        """
        try:
            folder().mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SaveError(f"{folder()} can't be created: {error.strerror}.") from error
        save(document, _path(name))
        self.changed.emit()

    def remove(self, name: str) -> None:
        """Remove the block that has a name.

        Raises
        ------
        SaveError
            If its file can't be removed.
        """
        try:
            _path(name).unlink(missing_ok=True)
        except OSError as error:
            raise SaveError(f"{_path(name)} can't be removed: {error.strerror}.") from error
        self.changed.emit()


def folder() -> Path:
    """Return the folder in which they are kept."""
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppDataLocation)) / "blocks"


def _path(name: str) -> Path:
    return folder() / f"{name}.json"


def _read_all() -> Iterator[OwnBlock]:
    for path in folder().glob("*.json"):
        try:
            document = load(path)
        except ConvographError:
            continue
        layers = document.graph.layers
        if len(layers) == 1 and isinstance(layers[0].spec, BlockUse):
            yield OwnBlock(path.stem, document, path)
