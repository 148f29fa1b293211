"""What an importer is, and what it hands over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import ModuleType

from core.errors import ModelError
from core.graph.values import Document
from core.io.prepared import Beside
from core.layers.values import Array


@dataclass(frozen=True, slots=True)
class Imported:
    """A network that another program made, as a document.

    Attributes
    ----------
    document : Document
    weights : mapping of str to array
        By name and in the axes of weights files: `conv1/kernel`, channels last.
    changes : tuple of str
        What changed on the way, a sentence each.
    beside : Beside
        How samples are prepared, and what the classes are called, where the file says so.
    """

    document: Document
    weights: Mapping[str, Array]
    changes: tuple[str, ...]
    beside: Beside = field(default_factory=Beside)


@dataclass(frozen=True, slots=True)
class StoredTest:
    """How near a network came to outputs that lie beside a model.

    Attributes
    ----------
    name : str
        Of the folder with inputs and outputs.
    difference : float
        The largest of any output value.
    tolerance : float
        Up to which the two are taken for equal; it grows with the outputs.
    """

    name: str
    difference: float
    tolerance: float

    @property
    def passed(self) -> bool:
        """Whether the outputs agree; NaN agrees with nothing."""
        return self.difference <= self.tolerance


def _nothing(path: Path, folder: Path) -> None:
    """Leave nothing: the model itself is all that its library needs."""


@dataclass(frozen=True, slots=True)
class ImportProof:
    """How a model is run by the library of its format.

    Attributes
    ----------
    libraries : tuple of str
        The modules that must be there to run it.
    runner : str
        The file in `core/importing/proof` that runs it.
    first : bool
        Whether outputs have their channels first.
    batch : callable
        Returns for how many samples a model is made; 0 for any number.
    prepare : callable
        Leaves what the runner needs beside the model in a folder.
    variables : callable
        Returns variables of the environment.
    """

    libraries: tuple[str, ...]
    runner: str
    first: bool
    batch: Callable[[Path], int] = lambda path: 0
    prepare: Callable[[Path, Path], None] = _nothing
    variables: Callable[[], Mapping[str, str]] = dict


@dataclass(frozen=True, slots=True)
class Importer:
    """A format of models that can be imported.

    Attributes
    ----------
    name : str
        What the field calls it.
    files : str
        What a file dialog calls the files that it shows.
    pattern : str
        The names of these files, as file dialogs write it: "*.onnx".
    recognises : callable
        Whether an existing path is of this format, by its bytes.
    read : callable
        Reads such a path; it raises ModelError with a sentence where something is wrong or cannot be said exactly.
    stored_tests : callable
        Computes what is stored beside the model, and compares; nothing where nothing is stored.
    proof : ImportProof, optional
        None where no library runs such a model.
    """

    name: str
    files: str
    pattern: str
    recognises: Callable[[Path], bool]
    read: Callable[[Path], Imported]
    stored_tests: Callable[[Path, Imported], tuple[StoredTest, ...]] = lambda path, imported: ()
    proof: ImportProof | None = None


def require_library(module: str, what: str) -> ModuleType:
    """Import a library that a format takes.

    Parameters
    ----------
    module : str
    what : str
        The reason, a sentence about "it".

    Raises
    ------
    ModelError
        It is not installed; the text says how it is.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise ModelError(
            f"{what}; to read them, Convograph needs {module}, which is not installed here. "
            f"Install it with: python -m pip install {module}"
        ) from error
