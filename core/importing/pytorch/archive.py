"""The zip archive that `torch.export.save` writes: JSON, and arrays as raw bytes. What is pickled in it is never read.

Source of the layout: `torch/export/pt2_archive` and `torch/_export/serde/schema.py`, PyTorch 2.13.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelError
from core.importing.nesting import require_shallow
from core.io.failures import reason, shown
from core.io.regular_files import open_archive, open_file
from core.text import bytes_text, shape_text

Array = NDArray[Any]

LARGEST_JSON: Final = 24 << 20
"""Bytes of all JSON: the program of a ResNet-152 takes two million. Read, they take up to thirty times as much."""
_PACKED: Final = 100
"""How many times smaller a member may be packed than it is."""
_PIECE: Final = 1 << 20
_AGAIN: Final = "Save it once more: torch.export.save(torch.export.export(model, (example,)), 'model.pt2')."
_DTYPES: Final[Mapping[int, str]] = {
    1: "<u1",
    2: "<i1",
    3: "<i2",
    4: "<i4",
    5: "<i8",
    6: "<f2",
    7: "<f4",
    8: "<f8",
    12: "?",
    13: "<u2",
}
"""By PyTorch's number of the type; bfloat16 (13) as the upper half of a float32."""
_BFLOAT16: Final = 13
_MOST_AXES: Final = 32


class Arrays(Mapping[str, Array]):
    """The arrays of a program by name, each read when it is asked for."""

    def __init__(self, archive: zipfile.ZipFile, root: str) -> None:
        self._archive = archive
        self._entries: dict[str, tuple[str, Mapping[str, Any]]] = {}
        for folder, place in _listings(root).items():
            if place in archive.NameToInfo:
                config = _parsed(_member(archive, place, LARGEST_JSON))
                for name, entry in _mapping(_mapping(config, place).get("config"), place).items():
                    self._entries[name] = (f"{root}/data/{folder}/", _mapping(entry, name))

    def __getitem__(self, name: str) -> Array:
        folder, entry = self._entries[name]
        with _damage():
            return _array(self._archive, folder, name, entry)

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, name: object) -> bool:
        return name in self._entries


@contextmanager
def opened(path: Path) -> Iterator[tuple[Any, Arrays]]:
    """Open an archive.

    Yields
    ------
    raw : JSON
        The program.
    arrays : Arrays
        For as long as the archive is open.

    Raises
    ------
    ModelError
        It cannot be read; the text is a sentence about "it".
    """
    try:
        with open_file(path) as file:
            with _damage():
                archive = open_archive(file)
                root, place = _program(archive)
                _require_bounded(archive, (place, *_listings(root).values()))
                raw = _parsed(_member(archive, place, LARGEST_JSON))
                arrays = Arrays(archive, root)
            yield raw, arrays
    except OSError as error:
        raise ModelError(f"it cannot be opened: {reason(error)}.") from error


@contextmanager
def _damage() -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, RuntimeError, NotImplementedError) as error:
        raise ModelError("it is cut short or damaged. Fetch or save it once more.") from error


def _program(archive: zipfile.ZipFile) -> tuple[str, str]:
    """Return the folder that all lies in, and the member with the program."""
    names = archive.namelist()
    if any(name.rpartition("/")[2] == "serialized_exported_program.json" for name in names):
        raise ModelError(
            f"PyTorch before 2.8 wrote it, with its weights as a pickle, which Convograph never opens. {_AGAIN}"
        )
    programs = [name for name in names if name.count("/") == 2 and "/models/" in name and name.endswith(".json")]
    if not programs:
        raise ModelError(f"it holds no program of PyTorch's, or only what was compiled of one. {_AGAIN}")
    if len(programs) > 1:
        raise ModelError(f"it holds {len(programs)} programs; Convograph draws one. {_AGAIN}")
    return programs[0].partition("/")[0], programs[0]


def _listings(root: str) -> dict[str, str]:
    """Return what lists the arrays of each folder in `data`."""
    return {folder: f"{root}/data/{folder}/model_{folder}_config.json" for folder in ("weights", "constants")}


def _require_bounded(archive: zipfile.ZipFile, names: Iterable[str]) -> None:
    n_bytes = sum(archive.getinfo(name).file_size for name in names if name in archive.NameToInfo)
    if n_bytes > LARGEST_JSON:
        raise ModelError(
            f"its program and the lists of its arrays have {bytes_text(n_bytes)}; Convograph reads up to "
            f"{bytes_text(LARGEST_JSON)}."
        )


def _member(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    info = archive.getinfo(name)
    if info.file_size > most:
        raise ModelError(f"its {shown(name)} has {bytes_text(info.file_size)}, more than any network takes.")
    if info.file_size > max(_PIECE, _PACKED * info.compress_size):
        raise ModelError(
            f"its {shown(name)} would be {bytes_text(info.file_size)}, packed in {bytes_text(info.compress_size)}; no "
            "trained network packs so well."
        )
    with archive.open(info) as member:
        data = member.read(info.file_size)
    if len(data) < info.file_size:
        raise EOFError
    return data


def _parsed(data: bytes) -> Any:
    try:
        raw = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ModelError("its program is no JSON, or is cut short. Fetch or save it once more.") from error
    require_shallow(raw)
    return raw


def _mapping(value: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ModelError(f"its entry {shown(what[:100])} cannot be read. {_AGAIN}")
    return value


def _array(archive: zipfile.ZipFile, folder: str, name: str, entry: Mapping[str, Any]) -> Array:
    called = shown(name[:100])
    if entry.get("use_pickle") is not False:
        raise ModelError(f"its {called} is pickled, which Convograph never opens. Export plain tensors.")
    meta, place = _mapping(entry.get("tensor_meta"), name), entry.get("path_name")
    sizes, strides = _whole(meta.get("sizes"), called), _whole(meta.get("strides"), called)
    (offset,) = _whole([meta.get("storage_offset")], called)
    dtype = _DTYPES.get(meta["dtype"]) if isinstance(meta.get("dtype"), int) else None
    if dtype is None or meta.get("layout") != 7 or not isinstance(place, str) or len(strides) != len(sizes):
        raise ModelError(f"its {called} does not hold plain real numbers; Convograph has no other weights.")
    info = archive.getinfo(folder + place)
    itemsize = np.dtype(dtype).itemsize
    last = offset + sum((n - 1) * stride for n, stride in zip(sizes, strides, strict=True))
    if prod(sizes) and (last + 1) * itemsize > info.file_size:
        raise ModelError(
            f"its {called} says that it is {shape_text(sizes) or 'a single number'}, but there are only "
            f"{bytes_text(info.file_size)} of it."
        )
    if prod(sizes) * itemsize > info.file_size:
        raise ModelError(f"its {called} holds the same numbers in several places, which no layer's weights do.")
    flat = np.frombuffer(_member(archive, folder + place, info.file_size), dtype)
    steps = [stride * itemsize for stride in strides]
    array = np.lib.stride_tricks.as_strided(flat[offset:], sizes, steps, writeable=False)
    if meta["dtype"] == _BFLOAT16:
        return (array.astype("<u4") << 16).view("<f4")
    return array


def _whole(values: Any, called: str) -> tuple[int, ...]:
    said = [value.get("as_int") if isinstance(value, dict) else None for value in values or ()]
    found = tuple(n for n in said if isinstance(n, int) and 0 <= n < 1 << 48)
    if len(found) < len(said) or len(found) > _MOST_AXES:
        raise ModelError(f"its {called} has sizes that cannot be read. {_AGAIN}")
    return found
