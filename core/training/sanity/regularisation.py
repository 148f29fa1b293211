"""Whether the loss rises when large kernels are penalised."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.text import listing
from core.training.penalty import Penalty, kernel_slices
from core.training.sanity.outcome import Message, Outcome
from core.training.sanity.subject import Subject

CHECK = "regularisation_raises_loss"
USUAL_L2 = 0.01
"""What is tried where the document penalises nothing."""


def regularisation(subject: Subject) -> Iterator[Message]:
    """Compare the loss with and without the penalty R = l2/2·Σw² that the steps of training feel.

    R is found from the gradient that is really added to that of the loss: of a quadratic form, `R = ½·w·∇R`.

    Source: CS231n, "Neural Networks Part 3", Sanity checks: "Increasing the regularization strength should increase
    the loss".
    """
    network = subject.network
    network.draw_weights()
    loss = subject.measure(network, subject.first_batches(1)[0])
    l2 = subject.settings.settings.l2 or USUAL_L2
    pull = np.zeros_like(network.parameters)
    alone = subject.settings.settings.model_copy(update={"l1": 0.0, "l2": l2, "clip_norm": None})
    Penalty(network, alone).amend(network.parameters, pull, np.empty_like(pull))
    penalty = float(np.dot(network.parameters.astype(np.float64), pull)) / 2
    with_penalty = loss + penalty
    passed = with_penalty > loss
    numbers = f"{loss:.4g} → {with_penalty:.4g} at l2 = {l2:g}"
    if passed:
        what = f"With l2 = {l2:g} the loss of the first batch rises from {loss:.4g} to {with_penalty:.4g}."
        yield Outcome(CHECK, True, with_penalty, loss, what, "Loss rises with L2", numbers)
        return
    what = f"With l2 = {l2:g} the loss of the first batch does not rise: it is {with_penalty:.4g}, without {loss:.4g}."
    yield Outcome(CHECK, False, with_penalty, loss, f"{what} {_cure(subject)}", "Loss doesn't rise with L2", numbers)


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
