"""How long a step takes, estimated from shapes alone: the same answer everywhere, so that choices don't vary.

The constants were measured on one core of a 2.6 GHz Xeon; what matters is their proportion.
"""

from __future__ import annotations

from core.engine.cores import n_cores
from core.engine.program import Node, Program
from core.shapes import count

FLOPS = 70e9
"""Per second, in matrix products of the sizes that convolutions have."""
VALUES = 2e9
"""Per second that are read, changed and written."""
CALL_SECONDS = 10e-6
"""What a step of a plan costs whatever it computes."""

PASSES = 3
"""A forward pass, and backwards as much for the inputs and as much for the weights."""

LEAST_SECONDS = 0.2e-3
"""Of one replica's step; a shorter one is done before others have heard of it."""


def step_seconds(program: Program, batch: int) -> float:
    """Estimate a training step of one replica."""
    return sum(PASSES * layer_seconds(node, batch) for node in program.nodes if node.sources)


def layer_seconds(node: Node, batch: int) -> float:
    """Estimate a layer's forward pass."""
    flops = 2 * node.kind.macs(node.inputs) * batch
    return flops / FLOPS + count(node.shape) * batch / VALUES + CALL_SECONDS


def replicas_for(program: Program, batch: int) -> int:
    """Return how many replicas help: a core for each, or one."""
    return n_cores() if step_seconds(program, batch) >= LEAST_SECONDS else 1
