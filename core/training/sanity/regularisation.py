"""Whether the loss rises when large kernels are penalised."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite

import numpy as np

from core.text import listing
from core.training.penalty import Penalty, kernel_slices
from core.training.sanity.outcome import Message, Outcome
from core.training.sanity.subject import Subject

CHECK = "regularisation_raises_loss"
USUAL_L2 = 0.01
"""What is tried where the document penalises nothing."""


def regularisation(subject: Subject) -> Iterator[Message]:
    """Compare the loss with and without the penalty R = l1·Σ|w| + l2/2·Σw² that the steps of training feel.

    R is found from the gradients that are really added to that of the loss: `l1·Σ|w| = w·∇`, `l2/2·Σw² = ½·w·∇`.

    Source: CS231n, "Neural Networks Part 3", Sanity checks: "Increasing the regularization strength should increase
    the loss".
    """
    network, settings = subject.begin(), subject.settings.settings
    loss = subject.measure(network, subject.first_batches(1)[0])
    if not isfinite(loss):
        what = "The first batch has no loss that is a number, with or without a penalty: mend that first."
        yield Outcome(CHECK, None, None, None, what, "Regularisation: not judged", "no loss that is a number")
        return
    l1 = settings.l1
    l2 = settings.l2 if l1 or settings.l2 else USUAL_L2
    penalty = _along(subject, l1=l1) + _along(subject, l2=l2) / 2
    with_penalty = loss + penalty
    strengths = listing([f"{name} = {value:g}" for name, value in (("l1", l1), ("l2", l2)) if value])
    named = "L1" if not l2 else "L1 and L2" if l1 else "L2"
    numbers = f"{loss:.4g} → {with_penalty:.4g} at {strengths}"
    if penalty > 0:
        what = f"With {strengths} the loss of the first batch rises from {loss:.4g} to {with_penalty:.4g}."
        yield Outcome(CHECK, True, with_penalty, loss, what, f"Loss rises with {named}", numbers)
        return
    what = f"With {strengths} the loss of the first batch does not rise: it is {with_penalty:.4g}, without {loss:.4g}."
    title = f"Loss doesn't rise with {named}"
    yield Outcome(CHECK, False, with_penalty, loss, f"{what} {_cure(subject)}", title, numbers)


def _along(subject: Subject, l1: float = 0.0, l2: float = 0.0) -> float:
    """Return the product of the weights with the gradient of a penalty."""
    parameters = subject.network.parameters
    pull = np.zeros_like(parameters)
    alone = subject.settings.settings.model_copy(update={"l1": l1, "l2": l2, "clip_norm": None})
    Penalty(subject.network, alone).amend(parameters, pull, np.empty_like(pull))
    return float(np.dot(parameters.astype(np.float64), pull))


def _cure(subject: Subject) -> str:
    kernels = kernel_slices(subject.program)
    if not kernels:
        frozen = [node.id for node in subject.program.nodes if "kernel" in node.weights and not node.trainable]
        if frozen:
            return f"No kernel learns that could be penalised: make one of {listing(frozen, 'or')} trainable."
        return "The network has no kernel that could be penalised: add a convolution or dense layer."
    if not any(subject.network.parameters[kernel].any() for kernel in kernels):
        return "All kernels are 0, so that all filters learn the same: choose an initializer that draws them."
    return "The penalty does not reach the gradient: that is a mistake in the program, not in your network."
