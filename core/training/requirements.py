"""What training asks of a network and its data, beyond a document without errors."""

from __future__ import annotations

import numpy as np

from core.engine.network import Network
from core.engine.program import Node, Program
from core.errors import DataError, NetworkError
from core.io.datasets import Dataset
from core.shapes import n_scores
from core.text import counted, listing, shape_text


def require_trainable(network: Network) -> Node:
    """Make sure that a network can be trained on some data set, and return its Input.

    Raises
    ------
    NetworkError
        It has several Inputs or outputs, its output is not one number per class, or nothing in it learns.
    """
    program = network.program
    if len(program.inputs) != 1:
        raise NetworkError(
            f"Training feeds one Input, but this network has {len(program.inputs)}: {listing(network.input_ids)}. "
            "Remove the others."
        )
    if len(program.outputs) != 1:
        raise NetworkError(
            f"Training compares one output with the labels, but this network has {len(program.outputs)}: "
            f"{listing(network.output_ids)}. Connect or remove the others."
        )
    output = program.nodes[program.outputs[0]]
    if n_scores(output.shape) is None:
        raise NetworkError(
            f"{output.id} gives {shape_text(output.shape)}, but training needs one number for each class. "
            "Flatten it and end in a dense layer with as many units as there are classes."
        )
    if not network.parameters.size:
        frozen = [node.id for node in program.nodes if node.weights]
        if not frozen:
            raise NetworkError("There is nothing to train: no layer has parameters. Add a convolution or dense layer.")
        raise NetworkError(f"There is nothing to train: {listing(frozen)} cannot change. Make one of them trainable.")
    return program.nodes[program.inputs[0]]


def require_classes(network: Network, dataset: Dataset) -> None:
    """Make sure that a network tells as many classes apart as the data has.

    Raises
    ------
    NetworkError
        It gives fewer numbers than there are classes.
    """
    program = network.program
    output = program.nodes[program.outputs[0]]
    n_outputs = output.shape[-1]
    n_classes = len(dataset.classes)
    if n_outputs >= n_classes:
        return
    setting = _deciding_setting(program, output)
    fix = f"Set {setting} to {n_classes}." if setting else f"Let the network end in {counted(n_classes, 'number')}."
    raise NetworkError(
        f"{dataset.name} has {n_classes} classes, but {output.id} gives only {counted(n_outputs, 'number')}. {fix}"
    )


def require_numbers(dataset: Dataset) -> None:
    """Make sure that no image holds NaN or infinity, from which training could only diverge.

    Raises
    ------
    DataError
        One does.
    """
    if dataset.images.dtype.kind != "f":
        return
    finite = np.isfinite(dataset.images).reshape(len(dataset), -1).all(axis=1)
    n_wrong = int((~finite).sum())
    if n_wrong:
        raise DataError(
            f"{dataset.name}: {counted(n_wrong, 'image')} of {len(dataset):,} "
            f"{'holds' if n_wrong == 1 else 'hold'} NaN or infinity, the first is number {int(finite.argmin()) + 1:,}. "
            "Leave them out, or replace these values."
        )


def _deciding_setting(program: Program, output: Node) -> str | None:
    """Find the setting that decides how many numbers the output gives: "units of fc3", or "filters of conv4"."""
    node = output
    while not node.weights and len(node.sources) == 1:
        node = program.nodes[node.sources[0]]
    for setting in ("units", "filters"):
        if getattr(node.kind, setting, None) == output.shape[-1]:
            return f"{setting} of {node.id}"
    return None
