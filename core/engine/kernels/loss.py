"""The end of a training pass: softmax and cross-entropy in one."""

from __future__ import annotations

import numpy as np

from core.engine.program import Program
from core.layers.activation import Softmax
from core.layers.kind import Array


class CrossEntropy:
    """Sums `log Σⱼ e^sⱼ − s_label` over a batch, and gives the gradient of its mean: `(p − y)/N`.

    The definition is `core.learning.losses.cross_entropy`.

    Parameters
    ----------
    scores : array, (C, N)
    dscores : array, (C, N), or None
        Where the gradient goes.
    """

    def __init__(self, scores: Array, dscores: Array | None) -> None:
        self.scores, self.dscores = scores, dscores
        self.powers = np.empty_like(scores) if dscores is None else dscores
        self.samples = np.arange(scores.shape[1])
        self.top = np.empty_like(scores, shape=scores.shape[1])
        self.sums = np.empty_like(self.top)

    def run(self, labels: Array) -> tuple[float, int]:
        """Give the summed loss and how many samples have their highest score, alone or first, at their label."""
        np.max(self.scores, axis=0, out=self.top)
        right = int(np.count_nonzero(self.scores.argmax(0) == labels))
        np.subtract(self.scores, self.top, out=self.powers)  # (C, N)
        at_label = self.powers[labels, self.samples]
        np.exp(self.powers, out=self.powers)
        np.sum(self.powers, axis=0, out=self.sums)
        loss = float(np.log(self.sums).sum(dtype=np.float64) - at_label.sum(dtype=np.float64))
        if self.dscores is not None:
            self.sums *= len(self.samples)
            self.dscores /= self.sums
            self.dscores[labels, self.samples] -= 1 / len(self.samples)
        return loss, right


def scores_of(program: Program) -> int:
    """Find the node whose output cross-entropy takes: what a final Softmax reads, else the output itself."""
    (output,) = program.outputs
    node = program.nodes[output]
    return node.sources[0] if isinstance(node.kind, Softmax) else output
