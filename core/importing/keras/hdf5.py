"""HDF5 files of Keras, read in a process of its own (`core/io/hdf5_apart.py`), which leaves arrays as `.npy` files."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from math import prod
from pathlib import Path
from typing import IO, Any, Final

import numpy as np

from core.engine.memory_limit import memory_limit
from core.errors import ModelError
from core.importing.keras.configuration import KerasLayer, model_of
from core.importing.keras.configuration import Path as LayerPath
from core.importing.keras.stored import Arrays, Stored, is_named, named, numbered, opened
from core.io.failures import reason
from core.io.hdf5_apart import MOST_SECONDS, folder_within_limits, leave, read_apart
from core.text import bytes_text

_BYTES_PER_SECOND: Final = 50_000_000
"""Of a slow disk: for that many more, a file is given another second."""

_CONFIGURATION: Final = "configuration.json"


@dataclass(frozen=True, slots=True, eq=False)
class Unpacked:
    """What an HDF5 file holds.

    Attributes
    ----------
    configuration : bytes
        JSON, if that is what it is.
    version : str
        Of the Keras that wrote it; empty where the file does not say.
    arrays : Arrays, optional
        None where there are none.
    """

    configuration: bytes
    version: str
    arrays: Arrays | None


def unpack_hdf5(
    file: IO[bytes], folder: Path, configuration: bytes | None = None, seconds: float = MOST_SECONDS
) -> Unpacked:
    """Unpack a file into a folder.

    Parameters
    ----------
    file
        With a handle of the system.
    folder
        An empty one, in which the arrays are read for as long as it exists.
    configuration : bytes, optional
        Of the model whose weights these are; left out, it is in the file itself.
    seconds
        How long that may take; large files are given more.

    Raises
    ------
    ModelError
        The file is damaged, takes too long or too much memory, or h5py is missing.
    """
    if configuration is not None:
        (folder / _CONFIGURATION).write_bytes(configuration)
    seconds += file.seek(0, 2) / _BYTES_PER_SECOND
    file.seek(0)
    try:
        found = read_apart(__name__, file, folder, memory_limit(), seconds)
    except TimeoutError as error:
        raise ModelError(
            f"reading its HDF5 took longer than {error} and was ended; it is probably damaged. Fetch or save it once "
            "more."
        ) from error
    except ChildProcessError as error:
        raise ModelError(
            f"reading its HDF5 ended in a crash ({error}; it may take {bytes_text(memory_limit())} of memory). "
            "It is probably damaged: fetch or save it once more."
        ) from error
    if found["refused"]:
        raise ModelError(found["refused"])
    arrays = None if found["layers"] is None else _arrays(folder, found["layers"])
    return Unpacked((folder / _CONFIGURATION).read_bytes(), found["version"], arrays)


def _arrays(folder: Path, layers: Sequence[Any]) -> Arrays:
    found = {tuple(path): (own, refused) for path, own, refused in layers}

    def arrays(layer: KerasLayer) -> list[Stored]:
        own, refused = found.get(layer.owner, ((), ""))
        if refused:
            raise ModelError(refused)
        return [Stored(name, tuple(shape), partial(np.load, folder / file)) for name, shape, file in own]

    return arrays


def main() -> None:
    """Unpack the file that comes as input."""
    with suppress(ImportError):  # said where the file is opened
        import_module("h5py")  # before memory is limited: too little of it would be taken for a library that is missing
    folder = folder_within_limits()
    found: Mapping[str, Any]
    try:
        found = _unpacked(sys.stdin.buffer, folder)
    except ModelError as error:
        found = {"refused": str(error)}
    except MemoryError:
        found = {"refused": f"it needs more than the {bytes_text(memory_limit())} of memory that it may take."}
    leave(found, folder)


def _unpacked(file: IO[bytes], folder: Path) -> dict[str, Any]:
    configuration, version = folder / _CONFIGURATION, ""
    with opened(file) as held:
        arrays: Arrays | None
        if configuration.exists():
            arrays = named(held) if is_named(held) else numbered(held)
        else:
            raw, version = _text(held.attrs.get("model_config")), _text(held.attrs.get("keras_version"))
            if not raw:
                raise ModelError(
                    "it holds weights alone. Give the JSON of model.to_json(), with the weights beside it under the "
                    "same name, ending in .weights.h5."
                )
            configuration.write_text(raw, "utf-8")
            weights = held.get("model_weights")
            arrays = None if weights is None else named(weights)
        layers = None if arrays is None else _kept(arrays, _layers(configuration.read_bytes()), folder)
    return {"refused": "", "version": version, "layers": layers}


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else "" if value is None else str(value)


def _layers(configuration: bytes) -> tuple[KerasLayer, ...]:
    try:
        return model_of(json.loads(configuration)).layers
    except (ModelError, ValueError, RecursionError):  # said by whoever asked
        return ()


def _kept(arrays: Arrays, layers: Sequence[KerasLayer], folder: Path) -> list[tuple[LayerPath, list[Any], str]]:
    """Return the name, shape and file of each array of each layer, and why they are refused."""
    kept = []
    left, n_files = memory_limit(), 0
    for layer in layers:
        if layer.path != layer.owner:  # a further use, whose arrays are those of the first
            continue
        own: list[Any] = []
        refused = ""
        try:
            for stored in arrays(layer):
                left -= 4 * prod(stored.shape)
                if left < 0:
                    raise ModelError(f"its arrays are more than the {bytes_text(memory_limit())} that fit into memory.")
                own.append((stored.name, stored.shape, _saved(stored, folder / f"{n_files}.npy")))
                n_files += 1
        except ModelError as error:
            refused = str(error)
        kept.append((layer.path, own, refused))
    return kept


def _saved(stored: Stored, path: Path) -> str:
    array = stored.read()
    try:
        np.save(path, array, allow_pickle=False)
    except OSError as error:
        raise ModelError(f"its arrays cannot be kept in the folder {path.parent}: {reason(error)}.") from error
    return path.name


if __name__ == "__main__":
    main()
