"""A run that went astray, as a finding: it has cures that can be tried, too."""

from __future__ import annotations

from core.graph.training import Training
from core.training.findings.cures import clipped, slower
from core.training.messages import Diverged, Finding

CODE = "diverged"


def finding_of(diverged: Diverged, training: Training) -> Finding:
    """Return what a diverged run says, with what may keep the next one from it.

    >>> from core.learning.optimizers import SGD
    >>> finding = finding_of(Diverged(None, 23, "The loss rose to 29.", "Start over."), Training(optimizer=SGD()))
    >>> [cure.label for cure in finding.cures]
    ['Divide the learning rate by 10', 'Divide the learning rate by 100', 'Clip gradients to 1']
    """
    cures = (*slower(training, 10), *slower(training, 100), *clipped(training))
    badges = {} if diverged.layer is None else {diverged.layer: "not a number"}
    title = "The training diverged"
    return Finding(CODE, "advice", diverged.step, diverged.what, diverged.why, title, badges, None, cures)
