"""Runs a program of PyTorch's call by call, as a program of its own: `pytorch_runner.py FOLDER MODEL`.

`torch.export.load` is not used: it unpickles, and evaluates what the file says. The calls come as JSON, made of what
the importer read; only operators that it knows are looked up.
"""

from __future__ import annotations

import json
import operator
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np


def main() -> None:
    """Compute the samples in the folder, and leave the outputs there."""
    folder = Path(sys.argv[1])
    torch = import_module("torch")
    program = json.loads((folder / "program.json").read_bytes())
    samples = np.load(folder / "samples.npz", allow_pickle=False)
    arrays = np.load(folder / "arrays.npz", allow_pickle=False)
    values = {name: torch.from_numpy(arrays[place]) for name, place in program["constants"].items()}
    for i, name in enumerate(program["inputs"]):
        array = samples[str(i)]
        values[name] = torch.from_numpy(np.ascontiguousarray(array.transpose(0, 3, 1, 2) if array.ndim == 4 else array))
    with torch.inference_mode():
        for call in program["calls"]:
            _call(torch, call, values)
    outputs = {str(i): values[name].numpy() for i, name in enumerate(program["outputs"])}
    np.savez(folder / "outputs.npz", allow_pickle=False, **outputs)
    (folder / "library.json").write_text(json.dumps(f"PyTorch {torch.__version__}"))


def _call(torch: Any, call: Any, values: dict[str, Any]) -> None:
    def found(argument: Any) -> Any:
        if isinstance(argument, dict):
            return values[argument["name"]]
        return [found(part) for part in argument] if isinstance(argument, list) else argument

    space, name, *overload = call["target"].split(".")
    if space == "_operator":
        result = getattr(operator, name)(*map(found, call["arguments"].values()))
    else:
        function = getattr(getattr(torch.ops.aten, name), overload[0])
        result = function(**{key: found(value) for key, value in call["arguments"].items()})
    outputs = call["outputs"]
    results = result if isinstance(result, list | tuple) else [result]
    values.update({name: value for name, value in zip(outputs, results, strict=False) if name})


if __name__ == "__main__":
    main()
