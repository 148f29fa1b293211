"""Whether the loss of the first batch is that of a network that knows nothing."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite, sqrt

import numpy as np

from core.engine.cost import step_seconds
from core.learning.losses import CrossEntropy
from core.text import counted
from core.training.sanity.outcome import Checking, Message, Outcome
from core.training.sanity.subject import Subject

CHECK = "initial_loss"
MOST_BATCHES = 8
MOST_SECONDS = 2.0
"""How long measuring more batches than two may take, by an estimate."""
LEAST_UNCERTAINTY, OF_ONE_SAMPLE = 0.05, 0.3
"""As shares of the guess: so much differs from one drawing of the weights, and from one sample, to another."""


def initial_loss(subject: Subject) -> Iterator[Message]:
    """Compare the loss of the first batch with that of a network that prefers no class: ln C with cross-entropy.

    It may be above by as much as scores with a standard deviation of `SPREAD` make it, and by chance. The uncertainty
    is the standard deviation of the losses of the first batches, with the same weights.

    Source: CS231n, "Neural Networks Part 3", Sanity checks: "Look for correct loss at chance performance".
    """
    network = subject.begin()
    guess, n = subject.guess, subject.n_outputs
    wanted = subject.first_batches(MOST_BATCHES)
    seconds = step_seconds(subject.program, len(wanted[0]))
    most = max(2, int(MOST_SECONDS / max(seconds, 1e-9)))
    losses = []
    for samples in wanted[:most]:
        losses.append(subject.measure(network, samples))
        yield Checking(CHECK, counted(len(losses), "batch", "batches"))
    loss = losses[0]
    chance = _chance(subject)
    if not isfinite(loss):
        layer = network.first_nonfinite()
        where = f" It begins in {layer}." if layer else ""
        what = (
            f"The first batch has no loss that is a number; guessing among {n} classes has {chance}.{where} "
            "Scale the samples to 0 … 1, and choose an initializer that draws smaller weights."
        )
        layers = (layer,) if layer else ()
        yield Outcome(CHECK, False, None, guess, what, "Initial loss is not a number", chance, layers, "not finite")
        return
    spread = float(np.std(losses, ddof=1)) if len(losses) > 1 else 0.0
    unsure = max(spread, (LEAST_UNCERTAINTY + OF_ONE_SAMPLE / sqrt(len(wanted[0]))) * guess)
    healthy = subject.most + 3 * unsure
    is_low, is_high = loss + 3 * unsure < guess, loss > healthy
    passed = not (is_low or is_high)
    measured = f"{loss:.3g}" + (f" ± {spread:.2g}" if len(losses) > 1 else "")
    what = f"The first batch has a loss of {measured}; guessing among {counted(n, 'class', 'classes')} has {chance}."
    if is_high:
        what += f" Before it has learned anything, the network is sure of wrong answers. {_cure(subject)}"
    elif is_low:
        what += (
            " Before it has learned anything, the network does better than guessing: look whether the samples "
            "show their labels, and whether weights were kept that had been trained."
        )
    apart = (loss - guess) / max(guess, 1e-12)
    brief = f"{chance}; {abs(apart):.0%} {'above' if apart >= 0 else 'below'}"
    if passed and loss - 3 * unsure > guess:
        brief += f", healthy up to {healthy:.2g}"
    yield Outcome(CHECK, passed, loss, guess, what, f"Initial loss {loss:.3g}", brief)


def _chance(subject: Subject) -> str:
    """Say what guessing has: "ln 10 = 2.303", or with another loss "hinge loss 9"."""
    if subject.loss == CrossEntropy():
        return f"ln {subject.n_outputs} = {subject.guess:.3f}"
    return f"{subject.loss.label()} {subject.guess:.4g}"


def _cure(subject: Subject) -> str:
    if unscaled := subject.unscaled():
        return unscaled
    used = len(np.unique(subject.dataset.labels))
    if used < subject.n_outputs:
        return f"Only {used} of its {subject.n_outputs} outputs have samples; draw smaller weights, as Xavier does."
    initializer = subject.settings.settings.initializer.kind_name()
    other = "xavier_normal" if initializer.startswith("he") else "he_normal"
    return (
        f"Draw smaller weights ({other} instead of {initializer}), or put a BatchNorm before the activations, "
        "so that the scores stay near 0."
    )
