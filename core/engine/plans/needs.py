"""What training a network takes, told before any of it is taken."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike

from core.analysis.report import Report
from core.engine.cost import replicas_for
from core.engine.plans.memory_plan import STEP, MemoryPlan, Purpose
from core.engine.plans.pool import divide
from core.engine.program import Program, compile_program
from core.engine.weights import bytes_of_weights
from core.graph.values import Document
from core.shapes import n_scores


@dataclass(frozen=True, slots=True)
class Needs:
    """What training takes.

    Attributes
    ----------
    memory_bytes : int
        Of the network with all its replicas; the data comes on top.
    replicas : int
        How many processes share each batch.
    """

    memory_bytes: int
    replicas: int


def trains(program: Program) -> bool:
    """Tell whether a network has parameters to train, and one row of scores that labels can be compared with."""
    if len(program.outputs) != 1 or n_scores(program.nodes[program.outputs[0]].shape) is None:
        return False
    return any(node.trainable and w.role == "parameter" for node in program.nodes for w in node.weights.values())


def training_needs(document: Document, report: Report | None = None) -> Needs | None:
    """Return what training a document would take, on this machine and by default; None where it can't be trained.

    Parameters
    ----------
    document : Document
    report : Report, optional
        What `check` says about it, where that is known already.

    Raises
    ------
    NetworkError
        If the document has errors.
    """
    program, batch = compile_program(document, report), document.training.settings.batch_size
    if not trains(program):
        return None
    replicas = replicas_for(program, batch)
    return Needs(bytes_for(program, batch, replicas), replicas)


def bytes_for(
    program: Program, batch: int, n_replicas: int, purpose: Purpose = STEP, dtype: DTypeLike = np.float32
) -> int:
    """Return the memory that a network takes while it computes batches of a size, with all its replicas."""
    rng = np.random.default_rng()  # layers that draw ask how, not what
    settings = (purpose.setting(part, np.dtype(dtype), rng) for part in divide(batch, n_replicas))
    passes = sum(MemoryPlan(program, purpose, setting).n_bytes for setting in settings)
    return bytes_of_weights(program, dtype, n_replicas) + passes
