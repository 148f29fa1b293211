"""Runs an ONNX model in ONNX Runtime, as a program of its own: `onnx_runner.py FOLDER MODEL`."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path

import numpy as np


def main() -> None:
    """Compute the samples in the folder, and leave the outputs there."""
    folder, model = Path(sys.argv[1]), sys.argv[2]
    runtime = import_module("onnxruntime")
    runtime.set_default_logger_severity(4)
    session = runtime.InferenceSession(model, providers=["CPUExecutionProvider"])
    samples = np.load(folder / "samples.npz", allow_pickle=False)
    given = {}
    for i, value in enumerate(session.get_inputs()):
        array = samples[str(i)]
        first = array.transpose(0, 3, 1, 2) if array.ndim == 4 else array
        is_last = list(value.shape[1:]) == list(array.shape[1:]) != list(first.shape[1:])
        given[value.name] = (array if is_last else first).astype("f8" if "double" in value.type else "f4")
    outputs = session.run(None, given)
    np.savez(folder / "outputs.npz", allow_pickle=False, **{str(i): array for i, array in enumerate(outputs)})
    (folder / "library.json").write_text(json.dumps(f"ONNX Runtime {runtime.__version__}"))


if __name__ == "__main__":
    main()
