"""The script that compares what was exported with what Convograph computed; it needs NumPy and the library alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from pprint import pformat

from core.export.proof.samples import Stored
from core.io.failures import shown
from core.io.weights import Array, weights_bytes

SAMPLES, CHECK = "_samples.npz", "_check.py"
"""What follows the stem in the names of the files."""

_SCRIPT = '''\
"""Compares {name} with what Convograph computes: python {check}

Status 0: no layer differs by more than the tolerance, relative to its largest value where that is above 1.
"""

import json
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

{compute}

FORMAT = {format!r}
TOLERANCE = {tolerance!r}
INPUTS = {inputs}
LAYERS = {layers}
OUTPUTS = {outputs}
SAMPLES_FROM = {source!r}


def difference(ours, theirs):
    """Return the largest difference, relative to our largest value where that is above 1."""
    if theirs.shape != ours.shape or not np.isfinite(theirs).all():
        return float("inf")
    return float(np.abs(theirs - ours).max() / max(1.0, np.abs(ours).max()))


def main():
    stored = np.load(HERE / {samples!r})
    samples = {{id: stored[f"sample_{{i}}"] for i, id in enumerate(INPUTS)}}
    theirs = compute(samples)
    differences = {{}}
    for i, id in enumerate(LAYERS):
        if id in theirs:
            differences[id] = difference(stored[f"layer_{{i}}"], np.asarray(theirs[id]))
    largest = max(differences.values())
    outcome = {{
        "format": FORMAT,
        "compared_with": LIBRARY,
        "samples": len(samples[INPUTS[0]]),
        "largest_difference": largest if largest < float("inf") else None,
        "tolerance": TOLERANCE,
        "passed": largest <= TOLERANCE,
        "samples_from": SAMPLES_FROM,
    }}
    if "--layers" in sys.argv:
        rows = [(stored[f"layer_{{i}}"], np.asarray(theirs[id])) for i, id in enumerate(LAYERS) if id in OUTPUTS]
        agree = [ours.argmax(-1) == found.argmax(-1) for ours, found in rows if ours.shape == found.shape]
        outcome["same_decisions"] = int(np.all(agree, axis=0).sum()) if len(agree) == len(OUTPUTS) > 0 else None
        outcome["layers"] = {{id: value if value < float("inf") else None for id, value in differences.items()}}
    print(json.dumps(outcome))
    return 0 if outcome["passed"] else 1


if __name__ == "__main__":
    sys.exit(main())
'''


def check_script(name: str, format: str, tolerance: float, compute: str, stored: Stored) -> str:
    """Write the script.

    Parameters
    ----------
    name : str
        Of the file that it checks.
    compute : str
        The lines that run it, as `Proof.script` returns them.
    """
    stem = PurePath(name).stem
    return _SCRIPT.format(
        name=_quoted(name),
        check=_quoted(f"{stem}{CHECK}"),
        compute=compute.strip(),
        format=format,
        tolerance=tolerance,
        inputs=_listed([*stored.samples]),
        layers=_listed([*stored.layers]),
        outputs=_listed([id for id in stored.outputs if stored.layers[id].ndim == 2]),
        samples=f"{stem}{SAMPLES}",
        source=stored.source,
    )


def samples_file(stored: Stored, inputs: Mapping[str, Array]) -> bytes:
    """Return the content of the file of samples.

    Parameters
    ----------
    inputs : mapping of str to array
        What the format is given of them, by the ids of the Inputs.
    """
    samples = {f"sample_{i}": inputs[id] for i, id in enumerate(stored.samples)}
    layers = {f"layer_{i}": array for i, array in enumerate(stored.layers.values())}
    return weights_bytes({**samples, **layers})


def _quoted(name: str) -> str:
    """Write a name so that it ends no docstring."""
    return shown(name).replace("\\", "/").replace('"', "'")


def _listed(ids: Sequence[str]) -> str:
    return pformat([*ids], width=100)
