"""Speed and time left."""

import pytest

from core.training.messages import Batch, Started
from designer.training.progress import Pace, Progress

STARTED = Started(epochs=4, batches_per_epoch=10, n_training=320, n_validation=0, parameters=1)


def batches(first, last):
    return [Batch(s, (s - 1) // 10 + 1, (s - 1) % 10 + 1, 1.0, 0.5, 32) for s in range(first, last + 1)]


def test_before_the_first_batch_nothing_is_done():
    progress = Pace(STARTED).progress
    assert (progress.epoch, progress.batch, progress.fraction) == (0, 0, 0.0)
    assert progress.images_per_second is None
    assert progress.seconds_left is None


def test_half_way():
    pace = Pace(STARTED)
    pace.tick(10.0)
    pace.note(batches(1, 20))
    pace.tick(12.0)
    assert pace.progress == Progress(2, 4, 10, 10, pytest.approx(320), pytest.approx(2.0))
    assert pace.progress.fraction == 0.5


def test_only_the_last_seconds_count():
    pace = Pace(STARTED, window_s=3)
    for second in range(10):
        pace.tick(float(second))
        if second < 5:
            pace.note(batches(second + 1, second + 1))
    assert pace.progress.images_per_second is None  # nothing came for five seconds
    pace.note(batches(6, 7))
    pace.tick(10.0)
    assert pace.progress.images_per_second == pytest.approx(64 / 4, rel=0.4)


def test_a_pause_does_not_count():
    pace = Pace(STARTED)
    pace.tick(0.0)
    pace.note(batches(1, 10))
    pace.tick(1.0)
    pace.rest()
    assert pace.progress.images_per_second is None
    pace.tick(100.0)
    pace.note(batches(11, 20))
    pace.tick(101.0)
    assert pace.progress.images_per_second == pytest.approx(320)
