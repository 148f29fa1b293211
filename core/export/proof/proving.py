"""The proof itself: what was written is run in a process of its own, within limits, and compared."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from math import inf
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

from core.engine.memory_limit import memory_limit
from core.errors import ExportError
from core.export.exporter import Exporter, Subject
from core.export.proof.samples import DRAWN, settled_weights, stored_samples, telling_weights
from core.export.proof.script import CHECK, SAMPLES, check_script, samples_file
from core.io.failures import shown
from core.own_process import own_command, own_environment
from core.text import bytes_text, counted, listing

MOST_SECONDS = 300.0
"""How long the process may take."""
POLL_SECONDS = 0.2
"""How often it is asked whether to stop."""


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What came of a proof.

    Attributes
    ----------
    format : str
    compared_with : str or None
        The library and its version; None where it is not installed.
    samples : int
        How many were compared.
    largest_difference : float or None
        Relative to the largest value of a layer where that is above 1; None where nothing was compared, or no numbers
        came out.
    tolerance : float
    passed : bool or None
        None where nothing was compared.
    samples_from : str or None
        The data set that they are from, or "drawn"; None where nothing was compared.
    same_decisions : int or None
        In how many samples the largest value of every row of scores is the same one; None where there are no scores.
    layers : mapping of str to float or None
        The largest difference of each layer that could be seen, in the order of computing.
    """

    format: str
    compared_with: str | None
    samples: int
    largest_difference: float | None
    tolerance: float
    passed: bool | None
    samples_from: str | None = None
    same_decisions: int | None = None
    layers: Mapping[str, float | None] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return what `export --prove` prints."""
        return {
            "format": self.format,
            "compared_with": self.compared_with,
            "samples": self.samples,
            "largest_difference": self.largest_difference,
            "tolerance": self.tolerance,
            "passed": self.passed,
            "samples_from": self.samples_from,
        }

    @property
    def worst(self) -> str | None:
        """The layer with the largest difference; one without numbers is the worst."""
        return max(self.layers, key=lambda id: inf if (value := self.layers[id]) is None else value, default=None)

    @property
    def first_beyond(self) -> str | None:
        """The first layer that differs by more than the tolerance."""
        beyond = (id for id, value in self.layers.items() if value is None or value > self.tolerance)
        return next(beyond, None)


def proof_files(exporter: Exporter, subject: Subject) -> dict[str, bytes]:
    """Return the script that compares, and the samples that it needs, by their names.

    Raises
    ------
    ExportError
        If the format computes nothing.
    NetworkError, WeightsError
        If the document has errors, or the weights don't suit its network.
    """
    proof, stem = exporter.proof, subject.stem
    if proof is None:
        raise ExportError(f"{exporter.format} holds nothing that computes, so there is nothing to prove.")
    stored = stored_samples(subject.report, subject.arrays, subject.beside, subject.samples)
    inputs = stored.samples if proof.prepares else {id: stored.layers.get(id, x) for id, x in stored.samples.items()}
    script = check_script(subject.name, exporter.format, proof.tolerance, proof.script(subject), stored)
    return {f"{stem}{CHECK}": script.encode(), f"{stem}{SAMPLES}": samples_file(stored, inputs)}


def telling(subject: Subject) -> Subject:
    """Return a subject with weights: its own, or else such as hide no mistake, in files that are called a proof."""
    if subject.weights is not None:
        return subject
    name = PurePath(subject.name)
    weights = settled_weights(subject.report, telling_weights(subject.program), subject.beside, subject.samples)
    return replace(subject, weights=weights, name=f"{name.stem}_proof{name.suffix}")


def never() -> bool:
    """Say that nobody wants to stop."""
    return False


def prove(
    exporter: Exporter, subject: Subject, seconds: float = MOST_SECONDS, stopped: Callable[[], bool] = never
) -> tuple[Outcome, dict[str, bytes]]:
    """Write a subject, run what was written, and compare it with what Convograph computes.

    Parameters
    ----------
    subject
        Without weights, some are drawn that hide no mistake.
    seconds
        How long it may take.
    stopped
        Asked now and then; once it says so, the process is ended.

    Returns
    -------
    outcome : Outcome
    files : mapping of str to bytes
        All that was written, by name: what was exported, the script that compared it, and its samples.

    Raises
    ------
    ExportError
        If the format computes nothing, or what was written cannot be run, or not within the limits.
    """
    subject = telling(subject)
    proofs = proof_files(exporter, subject)
    files = {**exporter.files(subject), **proofs}
    with TemporaryDirectory(prefix="convograph-proof-") as folder:
        for name, content in files.items():
            Path(folder, name).write_bytes(content)
        return compare(exporter, Path(folder, f"{subject.stem}{CHECK}"), seconds, stopped), files


def compare(
    exporter: Exporter, script: Path, seconds: float = MOST_SECONDS, stopped: Callable[[], bool] = never
) -> Outcome:
    """Run the script that compares, in a process of its own."""
    proof = exporter.proof
    if proof is None or any(find_spec(module) is None for module in proof.libraries):
        tolerance = 0.0 if proof is None else proof.tolerance
        return Outcome(exporter.format, None, 0, None, tolerance, None)
    command = own_command(f"{__package__}.limited", str(script), str(memory_limit()), "--layers")
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, env=own_environment(), stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe
    ) as process:
        began = monotonic()
        while True:
            try:
                out, err = process.communicate(timeout=POLL_SECONDS)
                break
            except subprocess.TimeoutExpired as error:
                late = monotonic() - began > seconds
                if not late and not stopped():
                    continue
                process.kill()
                process.communicate()
                if not late:
                    raise ExportError("The proof was stopped.") from error
                raise ExportError(
                    f"The proof took longer than {seconds:g} s and was ended. Run {shown(script.name)}, which is "
                    "written along, where there is more time."
                ) from error
    lines = out.decode(errors="replace").splitlines()
    try:
        said = json.loads(lines[-1])
        return Outcome(**{name: said[name] for name in Outcome.__slots__})
    except (IndexError, ValueError, KeyError, TypeError) as error:
        *_, last = err.decode(errors="replace").strip().splitlines() or ["it said nothing"]
        raise ExportError(
            f"What was written as {exporter.format} could not be run: {shown(last)} (status {process.returncode}; it "
            f"may take {bytes_text(memory_limit())} of memory)."
        ) from error


def samples_text(outcome: Outcome) -> str:
    """Say how many samples were compared, and where they are from.

    >>> samples_text(Outcome("onnx", "onnxruntime 1.32.0", 8, 1e-6, 1e-4, True, "digits"))
    '8 samples of digits'
    """
    if outcome.samples_from in {None, DRAWN}:
        return counted(outcome.samples, "drawn sample")
    return f"{counted(outcome.samples, 'sample')} of {shown(outcome.samples_from or '')}"


def missing_text(exporter: Exporter) -> str:
    """Say that nothing could be compared, and what can be done."""
    proof = exporter.proof
    if proof is None:
        return f"{exporter.format} holds nothing that computes, so there is nothing to prove."
    missing = [module for module in proof.libraries if find_spec(module) is None]
    return (
        f"Nothing was compared: {listing(missing)} {'is' if len(missing) == 1 else 'are'} not installed here. "
        f"Install with: python -m pip install {proof.install}"
    )
