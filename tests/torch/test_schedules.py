"""Schedules against those of PyTorch, step by step, alone and with a warm-up."""

import numpy as np
import pytest

from core.learning.optimizers import OPTIMIZERS, SGD, Adam
from core.learning.schedules import (
    SCHEDULES,
    Clock,
    Cosine,
    Exponential,
    InverseTime,
    MultiStep,
    OneCycle,
    Plateau,
    Step,
    preview,
)

try:
    import torch
    from torch.optim import lr_scheduler
except ImportError:  # then every test below is skipped, and counted
    torch = lr_scheduler = None

pytestmark = pytest.mark.torch

CLOSE = 1e-12
PER_EPOCH, EPOCHS = 10, 10
TOTAL = PER_EPOCH * EPOCHS
BASE = 0.3

LOSSES = [1.0, 0.9, 0.95, 0.93, 0.9, 0.89999, 0.7, 0.71, 0.72, 0.69999]

THEIRS = {
    "Step": (Step(every=3, factor=0.5), lambda o: lr_scheduler.StepLR(o, 3 * PER_EPOCH, 0.5)),
    "MultiStep": (
        MultiStep(at=(2, 3.5, 8)),
        lambda o: lr_scheduler.MultiStepLR(o, [2 * PER_EPOCH, 35, 8 * PER_EPOCH], 0.1),
    ),
    "Exponential": (Exponential(factor=0.8), lambda o: lr_scheduler.ExponentialLR(o, 0.8 ** (1 / PER_EPOCH))),
    "Cosine": (Cosine(minimum=0.01), lambda o: lr_scheduler.CosineAnnealingLR(o, TOTAL, 0.01)),
    "InverseTime": (
        InverseTime(decay=0.7),
        lambda o: lr_scheduler.LambdaLR(o, lambda step: 1 / (1 + 0.7 * step / PER_EPOCH)),
    ),
    "OneCycle": (
        OneCycle(rise=0.25, div=10, final_div=100),
        lambda o: lr_scheduler.OneCycleLR(
            o, BASE, TOTAL, pct_start=0.25, div_factor=10, final_div_factor=100, cycle_momentum=False
        ),
    ),
    "Plateau": (
        Plateau(factor=0.5, patience=1),
        lambda o: lr_scheduler.ReduceLROnPlateau(o, factor=0.5, patience=1, threshold=1e-4),
    ),
}


def test_every_schedule_is_compared():
    assert set(THEIRS) == set(SCHEDULES)


def an_optimizer():
    return torch.optim.SGD([torch.zeros(1, dtype=torch.float64, requires_grad=True)], lr=BASE)


def their_rates(schedulers, optimizer):
    """Step as a training does: once a batch, and where the validation loss decides, once an epoch."""
    rates = []
    for step in range(TOTAL):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        for scheduler in schedulers:
            if not isinstance(scheduler, lr_scheduler.ReduceLROnPlateau):
                scheduler.step()
            elif (step + 1) % PER_EPOCH == 0:
                scheduler.step(LOSSES[step // PER_EPOCH])
    return rates


@pytest.mark.parametrize("name", THEIRS)
def test_rates_of_a_hundred_steps(name):
    ours, theirs = THEIRS[name]
    optimizer = an_optimizer()
    expected = their_rates([theirs(optimizer)], optimizer)
    np.testing.assert_allclose(preview(ours, BASE, PER_EPOCH, EPOCHS, LOSSES), expected, rtol=CLOSE, atol=0)
    assert len(set(expected)) > 1


@pytest.mark.parametrize("settings", [{}, {"rise": 0.5}, {"rise": 0.99}, {"rise": 0.0}], ids=str)
def test_one_cycle_at_its_defaults_and_at_its_bounds(settings):
    optimizer = an_optimizer()
    how = {"pct_start": settings["rise"]} if settings else {}
    expected = their_rates([lr_scheduler.OneCycleLR(optimizer, BASE, TOTAL, cycle_momentum=False, **how)], optimizer)
    np.testing.assert_allclose(preview(OneCycle(**settings), BASE, PER_EPOCH, EPOCHS), expected, rtol=CLOSE, atol=0)


@pytest.mark.parametrize("name", ["Step", "MultiStep", "Exponential", "InverseTime"])
def test_warm_up(name):
    ours, theirs = THEIRS[name]
    optimizer = an_optimizer()
    chained = [lr_scheduler.LinearLR(optimizer, start_factor=0.2, total_iters=15), theirs(optimizer)]
    if name == "InverseTime":  # it sets the rate instead of multiplying it, so the factors are taken together
        optimizer = an_optimizer()
        chained = [
            lr_scheduler.LambdaLR(optimizer, lambda step: min(1, 0.2 + 0.8 * step / 15) / (1 + 0.7 * step / PER_EPOCH))
        ]
    warm = ours.with_settings({"warmup": 1.5, "warmup_start": 0.2})
    expected = their_rates(chained, optimizer)
    np.testing.assert_allclose(preview(warm, BASE, PER_EPOCH, EPOCHS), expected, rtol=CLOSE, atol=0)


@pytest.mark.parametrize("name", THEIRS)
@pytest.mark.parametrize("rule", ["SGD", "Adam", "AdamW"])
def test_trajectories_under_a_schedule(name, rule):
    """Follow the same gradients with the same rates: the weights agree after every step."""
    schedule, theirs = THEIRS[name]
    rng = np.random.default_rng(0)
    start, target = rng.standard_normal((2, 20))
    parameter = torch.tensor(start, requires_grad=True)
    settings = {"weight_decay": 0.02} | ({"momentum": 0.9} if rule == "SGD" else {})
    optimizer = getattr(torch.optim, rule)([parameter], lr=BASE, **settings)
    scheduler = theirs(optimizer)
    ours = OPTIMIZERS[rule].read({"learning_rate": BASE, **settings})
    w, moments, scratch = start.copy(), tuple(np.zeros(20) for _ in range(ours.n_moments)), np.empty(20)
    for step in range(TOTAL):
        optimizer.zero_grad()
        ((parameter - torch.tensor(target)) ** 2).sum().mul(0.5).backward()
        optimizer.step()
        clock = Clock(step, PER_EPOCH, TOTAL, tuple(LOSSES[: step // PER_EPOCH]))
        ours.update(w, w - target, moments, step + 1, scratch, schedule.rate(BASE, clock))
        np.testing.assert_allclose(w, parameter.detach().numpy(), rtol=0, atol=CLOSE)
        if not isinstance(scheduler, lr_scheduler.ReduceLROnPlateau):
            scheduler.step()
        elif (step + 1) % PER_EPOCH == 0:
            scheduler.step(LOSSES[step // PER_EPOCH])
    assert isinstance(ours, SGD | Adam)
