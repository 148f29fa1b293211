"""The proof of an import: the model is run by the library of its format, in a process of its own, and compared.

That process is given samples and leaves outputs, in a folder: `python -m core.export.proof.limited RUNNER BYTES FOLDER
MODEL`. A runner writes what it is called, and the arrays as they come.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.engine.memory_limit import memory_limit
from core.engine.network import Network
from core.errors import ConvographError
from core.export.proof import limited
from core.importing.importer import Imported, Importer, ImportProof
from core.io.failures import shown
from core.layers.input import Input
from core.own_process import own_command, own_environment
from core.text import counted, listing

Array = NDArray[Any]

MOST_SECONDS: Final = 30.0
"""How long the library may take; an import is waited for."""
MOST_SAMPLES: Final = 16
SAMPLES: Final = 2
RELATIVE, ABSOLUTE = 1e-4, 1e-5
"""How far outputs may differ, of their largest value and at least."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of comparing.

    Attributes
    ----------
    library : str
        With its version; "" where nothing was compared.
    samples : int
    difference : float
        The largest of any output value.
    tolerance : float
        Up to which the two are taken for equal; it grows with the outputs.
    why_not : str
        Why nothing was compared, as a phrase.
    """

    library: str = ""
    samples: int = 0
    difference: float = 0.0
    tolerance: float = 0.0
    why_not: str = ""

    @property
    def passed(self) -> bool:
        """Whether nothing speaks against the import; NaN agrees with nothing."""
        return not self.library or self.difference <= self.tolerance

    @property
    def text(self) -> str:
        """A sentence about it."""
        if not self.library:
            return f"Not compared with what other programs compute of the model: {self.why_not}."
        away = f"the largest difference is {self.difference:.2g}, {self.tolerance:.2g} are allowed"
        if self.passed:
            return f"{self.library} computes the same of {counted(self.samples, 'drawn sample')}: {away}."
        return (
            f"{self.library} computes something else of {counted(self.samples, 'drawn sample')}: {away}. Don't use "
            "this import before you know why."
        )


class _NotComparedError(Exception):
    """Nothing can be compared; the text is a phrase that says why."""


def proven(importer: Importer, path: Path, imported: Imported, seconds: float = MOST_SECONDS) -> Comparison:
    """Compare what was imported with what the library of its format computes.

    Parameters
    ----------
    seconds
        How long that may take.
    """
    proof = importer.proof
    try:
        if proof is None:
            no_weights = "the file has no weights"
            raise _NotComparedError("no library that is known here runs it" if imported.weights else no_weights)
        missing = [module for module in proof.libraries if find_spec(module) is None]
        if missing:
            raise _NotComparedError(f"{listing(missing)} {'is' if len(missing) == 1 else 'are'} not installed here")
        return _compared(proof, path, imported, seconds)
    except _NotComparedError as error:
        return Comparison(why_not=str(error))
    except ConvographError as error:
        return Comparison(why_not=str(error).rstrip("."))


def _compared(proof: ImportProof, path: Path, imported: Imported, seconds: float) -> Comparison:
    entrances = {layer.id: layer.spec for layer in imported.document.graph.layers if isinstance(layer.spec, Input)}
    n = proof.batch(path) or SAMPLES
    if n > MOST_SAMPLES:
        raise _NotComparedError(f"it takes {counted(n, 'sample')} at once")
    rng = np.random.default_rng(0)
    samples = {id: rng.random((n, *spec.shape), dtype=np.float32) for id, spec in entrances.items()}
    network = Network(imported.document)
    if network.weights and not imported.weights:
        raise _NotComparedError("the file has no weights")
    network.weights.update(imported.weights)
    found = network.forward(samples if len(samples) > 1 else next(iter(samples.values())))
    ours = list(found.values()) if isinstance(found, dict) else [found]
    library, theirs = _run(proof, path, list(samples.values()), seconds)
    if len(ours) != len(theirs):
        raise _NotComparedError(f"it gives {counted(len(theirs), 'output')}, and {len(ours)} are here")
    difference, largest = 0.0, 0.0
    for mine, other in zip(ours, theirs, strict=True):
        expected = _last(other, mine.shape, first=proof.first)
        away = np.abs(mine - expected)
        difference = float(np.fmax(difference, away.max(initial=0.0))) if np.isfinite(away).all() else float("nan")
        largest = max(largest, float(np.abs(expected).max(initial=0.0)))
    return Comparison(library, n, difference, ABSOLUTE + RELATIVE * largest)


def _last(array: Array, shape: tuple[int, ...], *, first: bool) -> Array:
    """Return an output as ours has it."""
    turned = array.transpose(0, 2, 3, 1) if array.ndim == 4 else array
    for candidate in (turned, array) if first else (array, turned):
        if candidate.shape == shape:
            return candidate
    if array.size != int(np.prod(shape)):
        raise _NotComparedError(f"its output is {array.shape}, and {shape} here")
    return array.reshape(shape)


def _run(proof: ImportProof, path: Path, samples: list[Array], seconds: float) -> tuple[str, list[Array]]:
    with TemporaryDirectory(prefix="convograph-proof-") as name:
        folder = Path(name)
        np.savez(folder / "samples.npz", allow_pickle=False, **{str(i): array for i, array in enumerate(samples)})
        proof.prepare(path, folder)
        runner = sys.modules[__package__].__path__[0]
        command = own_command(
            limited.__name__, str(Path(runner, proof.runner)), str(memory_limit()), str(folder), str(path.absolute())
        )
        environment = own_environment(**proof.variables())
        try:
            done = subprocess.run(
                command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise _NotComparedError(f"its library took longer than {seconds:g} s") from error
        try:
            library = str(json.loads((folder / "library.json").read_bytes()))
            with np.load(folder / "outputs.npz", allow_pickle=False) as outputs:
                return library, [outputs[str(i)] for i in range(len(outputs.files))]
        except (OSError, ValueError, KeyError) as error:
            *_, last = done.stderr.decode(errors="replace").strip().splitlines() or ["it said nothing"]
            raise _NotComparedError(f"its library could not run it: {shown(last[:200])}") from error
