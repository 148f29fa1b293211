"""The end of a training pass: softmax and cross-entropy in one."""

from __future__ import annotations

import numpy as np

from core.engine.program import Program
from core.layers.activation import Softmax
from core.layers.values import Array


class CrossEntropy:
    """Sums `log Σⱼ e^sⱼ − s_label` over samples, and computes the gradient of the batch's mean: `(p − y)/N`.

    The definition is `core.learning.losses.cross_entropy`.

    Parameters
    ----------
    scores : array, (C, N)
    dscores : array, (C, N), or None
        Where the gradient goes.
    n_batch : int
        The samples of the whole batch, of which these may be a part.
    """

    def __init__(self, scores: Array, dscores: Array | None, n_batch: int) -> None:
        self.scores, self.dscores, self.n_batch = scores, dscores, n_batch
        self.powers = np.empty_like(scores) if dscores is None else dscores
        self.samples = np.arange(scores.shape[1])
        self.top = np.empty_like(scores, shape=scores.shape[1])
        self.sums = np.empty_like(self.top)

    def run(self, labels: Array) -> tuple[float, int]:
        """Return the summed loss and how many samples have their highest score, alone or first, at their label."""
        np.maximum.reduce(self.scores, axis=0, out=self.top)
        right = int(np.count_nonzero(self.scores.argmax(0) == labels))
        np.subtract(self.scores, self.top, out=self.powers)  # (C, N)
        at_label = self.powers[labels, self.samples]
        np.exp(self.powers, out=self.powers)
        np.add.reduce(self.powers, axis=0, out=self.sums)
        np.log(self.sums, out=self.top)
        np.subtract(self.top, at_label, out=self.top)
        loss = float(np.add.reduce(self.top, dtype=np.float64))
        if self.dscores is not None:
            self.sums *= self.n_batch
            self.dscores /= self.sums
            self.dscores[labels, self.samples] -= 1 / self.n_batch
        return loss, right


def scores_of(program: Program) -> int:
    """Find the node whose output cross-entropy takes: what a final Softmax reads, else the output itself."""
    (output,) = program.outputs
    node = program.nodes[output]
    return node.sources[0] if isinstance(node.kind, Softmax) else output
