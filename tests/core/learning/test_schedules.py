"""Schedules: by hand, their ends, fractions of epochs, warm-up, and what is refused."""

from math import inf

import pytest

from core.kinds import read_kind
from core.learning.schedules import (
    SCHEDULES,
    Clock,
    Cosine,
    Exponential,
    InverseTime,
    MultiStep,
    OneCycle,
    Plateau,
    Schedule,
    Step,
    preview,
    rate_of,
)

EVERY = [Step(), MultiStep(at=(2, 4)), Exponential(), Cosine(), InverseTime(decay=0.5), OneCycle(), Plateau()]


def test_every_schedule_is_tried():
    assert {type(schedule) for schedule in EVERY} == set(SCHEDULES.values())


def test_without_a_schedule_the_rate_stays():
    assert preview(None, 0.3, 2, 2) == [0.3] * 4
    assert rate_of(None, 0.3, Clock(7, 2, 10)) == 0.3


def test_steps_down():
    assert preview(Step(every=2, factor=0.5), 8, 2, 5) == [8] * 4 + [4] * 4 + [2] * 2
    assert preview(Step(every=0.5, factor=0.5), 8, 4, 2) == [8, 8, 4, 4, 2, 2, 1, 1]
    # A tenth of an epoch is a batch of ten, also where 3/10/0.1 is less than 3.
    assert preview(Step(every=0.1, factor=0.5), 8, 10, 1) == [8 / 2**n for n in range(10)]


def test_drops_at_given_epochs():
    assert preview(MultiStep(at=(1, 2.5), factor=0.5), 8, 2, 4) == [8, 8, 4, 4, 4, 2, 2, 2]


def test_falls_by_a_share_of_each_epoch():
    rates = preview(Exponential(factor=0.25), 8, 2, 3)
    assert rates == pytest.approx([8, 4, 2, 1, 0.5, 0.25])


def test_the_minimum_is_reached_after_the_last_step():
    schedule = Cosine(minimum=0.1)
    assert schedule.rate(0.9, Clock(0, 5, 20)) == pytest.approx(0.9)
    assert schedule.rate(0.9, Clock(10, 5, 20)) == pytest.approx(0.5)
    assert 0.1 < schedule.rate(0.9, Clock(19, 5, 20)) < 0.11
    assert schedule.rate(0.9, Clock(20, 5, 20)) == pytest.approx(0.1)
    assert schedule.rate(0.9, Clock(25, 5, 20)) == pytest.approx(0.1)  # a run that goes on beyond what was set


def test_falls_as_time_passes():
    assert preview(InverseTime(decay=1), 12, 1, 4) == pytest.approx([12, 6, 4, 3])


def test_one_cycle_rises_and_falls():
    rates = preview(OneCycle(rise=0.3, div=25, final_div=1e4), 1, 10, 10)
    assert rates[0] == pytest.approx(1 / 25)
    assert max(rates) == rates[29] == pytest.approx(1)
    assert rates[-1] == pytest.approx(1 / 25 / 1e4)
    assert rates[:30] == sorted(rates[:30])
    assert rates[29:] == sorted(rates[29:], reverse=True)


@pytest.mark.parametrize("rise", [0, 0.01, 0.5, 1])
@pytest.mark.parametrize("n_steps", [1, 2, 3, 100])
def test_one_cycle_of_any_length_stays_within_its_bounds(rise, n_steps):
    rates = preview(OneCycle(rise=rise), 1, n_steps, 1)
    assert all(1 / 25 / 1e4 * (1 - 1e-9) <= rate <= 1 + 1e-9 for rate in rates)


def test_a_plateau_is_left_after_patience_and_one_more_epoch():
    plateau = Plateau(factor=0.5, patience=1)
    assert preview(plateau, 8, 1, 7, val_losses=[1, 1, 1, 1, 1, 0.5]) == [8, 8, 8, 4, 4, 2, 2]
    # A gain counts from the share min_delta of the best on.
    assert preview(Plateau(factor=0.5, patience=0, min_delta=0.1), 8, 1, 4, val_losses=[1, 0.91, 0.8]) == [8, 8, 4, 4]
    assert preview(plateau, 8, 3, 2) == [8] * 6  # nothing is known of the losses
    assert preview(Plateau(patience=0), 8, 1, 3, val_losses=[inf, inf])[2] < 8


@pytest.mark.parametrize("schedule", EVERY, ids=lambda s: s.kind_name())
def test_a_warm_up_is_a_share_of_the_rate_that_rises_to_the_whole(schedule):
    warm = schedule.with_settings({"warmup": 1.5, "warmup_start": 0.2})
    plain, rates = preview(schedule, 2, 4, 3), preview(warm, 2, 4, 3)
    shares = [rate / usual for rate, usual in zip(rates, plain, strict=True)]
    assert shares == pytest.approx([0.2 + 0.8 * step / 6 for step in range(6)] + [1] * 6)


@pytest.mark.parametrize("schedule", EVERY, ids=lambda s: s.kind_name())
def test_rates_are_never_negative_and_the_middle_of_a_training_needs_no_beginning(schedule):
    rates = preview(schedule, 0.1, 7, 5, val_losses=[1] * 5)
    assert all(0 <= rate <= 0.1 for rate in rates)
    assert schedule.rate(0.1, Clock(17, 7, 35, (1.0, 1.0))) == rates[17]


@pytest.mark.parametrize("schedule", EVERY, ids=lambda s: s.kind_name())
def test_what_is_written_is_read(schedule):
    assert read_kind(SCHEDULES, schedule.written()) == schedule
    assert isinstance(schedule, Schedule)
    assert schedule.source


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("MultiStep", "at must be a list of numbers above 0, each larger than the one before, but is missing"),
        ({"kind": "MultiStep", "at": [8, 5]}, r"larger than the one before, but is \[8, 5\]"),
        ({"kind": "MultiStep", "at": []}, r"but is \[\]"),
        ({"kind": "MultiStep", "at": [True]}, r"but is \[true\]"),
        ({"kind": "Step", "factor": 2}, "factor must be a number above 0 to 1, but is 2"),
        ({"kind": "Cosin"}, "did you mean Cosine"),
        ("InverseTime", "decay must be a number above 0 to 1e.?6|decay must be a number above 0"),
    ],
)
def test_what_is_refused(written, said):
    with pytest.raises(ValueError, match=said):
        read_kind(SCHEDULES, written)
