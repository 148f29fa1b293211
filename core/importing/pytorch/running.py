"""What a runner of PyTorch's operators needs of a program: its calls as JSON, and its arrays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import ModelError
from core.importing.pytorch.archive import opened
from core.importing.pytorch.operators import OPERATORS
from core.importing.pytorch.program import Argument, Call, Name, Program, program_of
from core.importing.pytorch.wording import COUNTED

_TRAINING = {"train": False, "training": False}
"""What a call is given for its own: as at inference, whatever the program was exported for."""
_PLACES = ("dtype", "layout", "device", "pin_memory", "memory_format", "non_blocking", "copy")
"""What says where and how numbers are kept, not what they are."""


def prepare(path: Path, folder: Path) -> None:
    """Leave the program and its arrays in a folder.

    Raises
    ------
    ModelError
        If it calls what the importer does not know.
    """
    with opened(path) as (raw, arrays):
        program = program_of(raw)
        needed = _needed(program)
        constants = {value: name for value, name in program.constants.items() if value in needed}
        places = {name: str(i) for i, name in enumerate(dict.fromkeys(constants.values()))}
        np.savez(
            folder / "arrays.npz",
            allow_pickle=False,
            **{place: np.ascontiguousarray(arrays[name]) for name, place in places.items()},
        )
        written = {
            "calls": [_written(call) for call in program.calls if needed.intersection(call.outputs)],
            "inputs": [entrance.name for entrance in program.inputs if entrance.name in needed],
            "outputs": program.outputs,
            "constants": {value: places[name] for value, name in constants.items()},
        }
    (folder / "program.json").write_text(json.dumps(written))


def batch(path: Path) -> int:
    """Return for how many samples a program was exported; 0 for any number."""
    with opened(path) as (raw, _):
        dims = [entrance.dims for entrance in program_of(raw).inputs]
    return next((sides[0] or 0 for sides in dims if sides), 0)


def _needed(program: Program) -> set[str]:
    """Return the values that lead to an output, those of calls that write over one among them."""
    needed = set(program.outputs)
    for call in reversed(program.calls):
        read = {name for argument in call.arguments.values() for name in _names(argument)}
        name = call.target.split(".")[1] if "." in call.target else ""
        writes = name.endswith("_") and not name.startswith("_")
        if needed.intersection(call.outputs) or (writes and needed & read):
            needed |= {*call.outputs, *read}
    return needed


def _names(argument: Argument) -> list[str]:
    if isinstance(argument, Name):
        return [argument.name]
    return [name for part in argument for name in _names(part)] if isinstance(argument, tuple) else []


def _written(call: Call) -> dict[str, Any]:
    space, _, name = call.target.partition(".")
    base = name.partition(".")[0]
    is_known = base in COUNTED if space == "_operator" else space == "aten" and _is_said(name, base)
    if not is_known or (space == "aten" and "." not in name):
        raise ModelError(f"it calls {call.target}")
    arguments = {key: _plain(value) for key, value in call.arguments.items() if key not in _PLACES}
    return {
        "target": call.target,
        "arguments": {**arguments, **{key: value for key, value in _TRAINING.items() if key in arguments}},
        "outputs": call.outputs,
    }


def _is_said(name: str, base: str) -> bool:
    known = {"sym_size", "ge", "gt", "le", "lt", "sign", "log1p", "avg_pool3d", "scalar_tensor", "full", *OPERATORS}
    return name in known or base in known or base.rstrip("_") in known


def _plain(argument: Argument) -> Any:
    if isinstance(argument, Name):
        return {"name": argument.name}
    return [_plain(part) for part in argument] if isinstance(argument, tuple) else argument
