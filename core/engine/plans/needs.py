"""What computing with a network takes, told before any of it is taken."""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike

from core.engine.plans.memory_plan import STEP, MemoryPlan, Purpose
from core.engine.plans.pool import divide
from core.engine.program import Program
from core.engine.weights import bytes_of_weights
from core.shapes import n_scores


def trains(program: Program) -> bool:
    """Tell whether a network has parameters to train, and one row of scores that labels can be compared with."""
    if len(program.outputs) != 1 or n_scores(program.nodes[program.outputs[0]].shape) is None:
        return False
    return any(node.trainable and w.role == "parameter" for node in program.nodes for w in node.weights.values())


def bytes_for(
    program: Program, batch: int, n_replicas: int, purpose: Purpose = STEP, dtype: DTypeLike = np.float32
) -> int:
    """Return the memory that a network takes while it computes batches of a size, with all its replicas."""
    rng = np.random.default_rng()  # layers that draw ask how, not what
    settings = (purpose.setting(part, np.dtype(dtype), rng) for part in divide(batch, n_replicas))
    passes = sum(MemoryPlan(program, purpose, setting).n_bytes for setting in settings)
    return bytes_of_weights(program, dtype, n_replicas) + passes
