"""Exporting: a document with its weights, written in a format beside a path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from core.analysis.check import check
from core.analysis.report import Report
from core.engine.network import Network
from core.engine.weights import fitting
from core.errors import ExportError, WeightsError
from core.export.exporter import Exporter, Subject
from core.export.exporters import EXPORTERS
from core.export.option import chosen
from core.graph.values import Document
from core.io.atomic import write_atomically
from core.io.failures import shown
from core.io.prepared import Beside, beside_of
from core.io.weights import Array
from core.text import counted, excerpt, listing, nearest_name
from core.training.preparation import read_trained

STEM = "model"
"""What files are called in a folder."""


def export(
    document: Document,
    weights: Path | str | Mapping[str, ArrayLike] | Network | None,
    format: str,
    path: Path | str,
    options: Mapping[str, str] | None = None,
) -> tuple[Path, ...]:
    """Write a document for other programs.

    Parameters
    ----------
    document : Document
    weights : Path or str or mapping of str to array or Network or None
        A file that training saved, its arrays by name, or the network of a training: `run.network`. Without any,
        formats that hold weights get those that a training begins with.
    format : str
        As it follows `convograph export --to`.
    path : Path or str
        The file, or a folder that is there: then files are called `model`. What else belongs to it is written beside
        it, with names that begin alike.
    options : mapping of str to str, optional
        What is chosen among the options of the format, such as `{"type": "float16"}`; `convograph export --help` lists
        them.

    Returns
    -------
    tuple of Path
        What was written, the file that was asked for first.

    Raises
    ------
    ExportError
        If there is no such format or option, it needs a library that is not installed, or can't say a layer.
    NetworkError
        If the format computes, and the document has errors.
    WeightsError
        If the weights don't suit the network.
    SaveError
        If a file can't be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from core.io.templates import load_template
    >>> with TemporaryDirectory() as folder:
    ...     [written.name for written in export(load_template("lenet5"), None, "markdown", folder)]
    ['model.md']
    """
    exporter = EXPORTERS.get(format)
    if exporter is None:
        near = nearest_name(format, EXPORTERS)
        meant = f" Did you mean {near}?" if near else f" There are {listing(EXPORTERS)}."
        raise ExportError(f"There is no format {excerpt(format)}.{meant}")
    target = target_of(exporter, Path(path))
    options = chosen(format, exporter.options, options or {})
    subject = replace(subject_of(check(document), weights, target.name), options=options)
    return write_files(target, exporter.files(subject))


def target_of(exporter: Exporter, path: Path) -> Path:
    """Return the file that is meant: the path itself, or one in the folder that it is."""
    return path / f"{STEM}{exporter.ending}" if path.is_dir() else path


def write_files(target: Path, files: Mapping[str, bytes]) -> tuple[Path, ...]:
    """Write files beside each other; the first is the target, whatever its ending.

    Raises
    ------
    SaveError
        If one can't be written; the target is written last, so that whoever finds it finds the others.
    """
    main, *others = files
    for name in others:
        write_atomically(target.with_name(name), files[name])
    write_atomically(target, files[main])
    return (target, *(target.with_name(name) for name in others))


def subject_of(
    report: Report, weights: Path | str | Mapping[str, ArrayLike] | Network | None, name: str = STEM
) -> Subject:
    """Return what is exported: a document with weights in any of the forms they come in.

    Raises
    ------
    NetworkError, WeightsError
        If there are weights, but the document has errors, or they don't suit its network.
    """
    if weights is None:
        return Subject(report, name=name)
    if isinstance(weights, Network):
        return Subject(report, _fitted(report, dict(weights.weights)), weights.beside, name)
    if isinstance(weights, Path | str):
        arrays, beside = read_trained(Path(weights), report)
    else:
        arrays, beside = _fitted(report, weights), Beside()
        program, steps = Subject(report).program, report.document.training.settings.preprocessing
        if steps and len(program.read_inputs) == 1:
            beside = beside_of(weights, program.nodes[program.read_inputs[0]].shape, steps)
    return Subject(report, _finite(arrays), beside, name)


def _fitted(report: Report, weights: Mapping[str, ArrayLike]) -> dict[str, Array]:
    shapes = report.weight_shapes
    if missing := [name for name in shapes if name not in weights]:
        rest = [counted(len(missing) - 3, "other")] if len(missing) > 3 else []
        raise WeightsError(f"These weights do not suit the network: {listing([*missing[:3], *rest])} is missing.")
    return {name: fitting(name, weights[name], shape) for name, shape in shapes.items()}


def _finite(weights: Mapping[str, Array]) -> dict[str, Array]:
    for name, array in weights.items():
        if not np.isfinite(array).all():
            raise WeightsError(f"{shown(name)} holds NaN or infinity: no other program could compute with it either.")
    return {name: array.astype(np.float32) for name, array in weights.items()}
