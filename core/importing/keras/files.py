"""The files that hold Keras models: what of them is read, and within which bounds.

A `.keras` file is a zip archive of JSON and HDF5; an `.h5` file holds both in itself; JSON may have weights beside it;
TensorFlow.js keeps JSON, and raw numbers in the same folder. Nothing in them is run, and nothing is unpickled.
"""

from __future__ import annotations

import json
import os
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final

from core.errors import ModelError
from core.importing.keras.hdf5 import unpack_hdf5
from core.importing.keras.stored import Arrays, manifested
from core.importing.nesting import require_shallow
from core.io.failures import reason, shown
from core.io.formats import KERAS_HDF5, KERAS_ZIP, TENSORFLOW_JS, is_of
from core.io.hdf5_apart import MOST_SECONDS
from core.io.regular_files import open_archive, open_file
from core.limits import LARGEST_FILE
from core.text import bytes_text, excerpt

_LARGEST_WEIGHTS: Final = 1 << 32
_PACKED: Final = 100
_PIECE: Final = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """What a file holds.

    Attributes
    ----------
    raw : JSON
        The configuration.
    version : str
        Of the Keras that wrote it, where that stands beside the configuration.
    arrays : Arrays, optional
        None where there are none.
    """

    raw: Any
    version: str = ""
    arrays: Arrays | None = None


@contextmanager
def held(path: Path, seconds: float = MOST_SECONDS) -> Iterator[Held]:
    """Open a file of any of these formats; its arrays can be read until it is left.

    Parameters
    ----------
    path
    seconds
        How long HDF5 may take.

    Raises
    ------
    ModelError
        It cannot be read; the text is a sentence about "it".
    """
    try:
        if is_of(path, TENSORFLOW_JS):
            yield _of_tensorflow_js(path)
            return
        with tempfile.TemporaryDirectory(prefix="convograph-import-") as name:
            folder = Path(name)
            if is_of(path, KERAS_ZIP):
                with open_file(path) as file, tempfile.TemporaryFile() as weights:
                    found = _of_zip(file, weights, folder, seconds)
            elif is_of(path, KERAS_HDF5):
                with open_file(path) as file:
                    found = _of_hdf5(file, folder, seconds)
            else:
                found = _of_json(path, folder, seconds)
            yield found
    except OSError as error:
        raise ModelError(f"it cannot be opened: {reason(error)}.") from error


def _of_zip(file: IO[bytes], weights: IO[bytes], folder: Path, seconds: float) -> Held:
    try:
        archive = open_archive(file)
        metadata = _parsed(_member(archive, "metadata.json"))
        configuration = _member(archive, "config.json")
        raw = _parsed(configuration)
        _unpack(archive, "model.weights.h5", weights)
    except KeyError as error:
        raise ModelError(f"{error.args[0]} Save it once more with model.save().") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise ModelError("it is cut short or damaged. Fetch or save it once more.") from error
    version = str(metadata.get("keras_version", "")) if isinstance(metadata, dict) else ""
    return Held(raw, version, unpack_hdf5(weights, folder, configuration, seconds).arrays)


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as member:
        data = member.read(LARGEST_FILE + 1)
    return _bounded(data, name)


def _bounded(data: bytes, name: str) -> bytes:
    if len(data) > LARGEST_FILE:
        raise ModelError(f"its {name} has more than the {bytes_text(LARGEST_FILE)} that any network takes.")
    return data


def _unpack(archive: zipfile.ZipFile, name: str, to: IO[bytes]) -> None:
    info = archive.getinfo(name)
    if info.file_size > min(_LARGEST_WEIGHTS, max(_PIECE, _PACKED * info.compress_size)):
        raise ModelError(
            f"its {name} would be {bytes_text(info.file_size)}, packed in {bytes_text(info.compress_size)}; "
            "no trained network packs so well. Save it once more."
        )
    left = info.file_size  # what is packed may be longer than it says
    with archive.open(info) as member:
        while left > 0 and (piece := member.read(min(left, _PIECE))):
            to.write(piece)
            left -= len(piece)
    to.seek(0)


def _of_hdf5(file: IO[bytes], folder: Path, seconds: float) -> Held:
    unpacked = unpack_hdf5(file, folder, seconds=seconds)
    return Held(_parsed(_bounded(unpacked.configuration, "model_config")), unpacked.version, unpacked.arrays)


def _of_json(path: Path, folder: Path, seconds: float) -> Held:
    data = _read(path)
    raw = _parsed(data)
    beside = path.with_name(f"{path.stem}.weights.h5")
    if not beside.is_file():
        return Held(raw)
    with open_file(beside) as weights:
        return Held(raw, arrays=unpack_hdf5(weights, folder, data, seconds).arrays)


def _read(path: Path) -> bytes:
    with open_file(path) as file:
        return _bounded(file.read(LARGEST_FILE + 1), "text")


def _parsed(data: bytes) -> Any:
    try:
        raw = json.loads(data.decode("utf-8-sig"))
    except RecursionError as error:
        raise ModelError("its brackets are nested deeper than any network needs.") from error
    except ValueError as error:
        raise ModelError("its configuration is no JSON, or is cut short. Fetch or save it once more.") from error
    require_shallow(raw)
    return raw


def _of_tensorflow_js(path: Path) -> Held:
    raw = _parsed(_read(path))
    topology = raw.get("modelTopology") if isinstance(raw, dict) else None
    if raw.get("format") == "graph-model" or (isinstance(topology, dict) and "node" in topology):
        raise ModelError("it is a graph of TensorFlow's operations. Convert it as a layers model.")
    if not isinstance(topology, dict):
        raise ModelError("it does not say which layers it has. Save it once more, with its topology.")
    config = topology.get("model_config", topology)
    version = str(topology.get("keras_version", ""))
    groups = raw.get("weightsManifest")
    if not groups:
        return Held(config, version)
    if not isinstance(groups, list) or not all(isinstance(group, dict) for group in groups):
        raise ModelError("its manifest of weights cannot be read.")
    return Held(config, version, manifested([_group(path.parent, group) for group in groups]))


def _group(folder: Path, group: Mapping[str, Any]) -> tuple[list[Any], bytes]:
    paths, entries = group.get("paths"), group.get("weights")
    if not isinstance(paths, list) or not isinstance(entries, list):
        raise ModelError("its manifest of weights cannot be read.")
    return entries, b"".join(_shard(folder, name) for name in paths)


def _shard(folder: Path, name: Any) -> bytes:
    if not isinstance(name, str) or not name or len(name) > 1000:
        raise ModelError(f"a file of weights is called {excerpt(name)}.")
    pure = PurePosixPath(name)
    if pure.is_absolute() or ".." in pure.parts or "\\" in name or ":" in name:
        raise ModelError(f"its weights would lie in {shown(name)}, outside of its folder.")
    path = folder / pure
    if not path.resolve().is_relative_to(folder.resolve()):
        raise ModelError(f"its weights would lie in {shown(name)}, outside of its folder.")
    try:
        with open_file(path) as file:
            if os.fstat(file.fileno()).st_size > _LARGEST_WEIGHTS:
                raise ModelError(f"{shown(name)} has more than {bytes_text(_LARGEST_WEIGHTS)}.")
            return file.read()
    except OSError as error:
        raise ModelError(f"its weights in {shown(name)} cannot be opened: {reason(error)}.") from error
