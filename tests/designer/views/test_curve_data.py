"""What of a run's numbers is drawn: fewer points, the same picture, never NaN."""

import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.training.messages import Batch, Epoch, Started
from designer.views.curve_data import CurveData, Track, decimate

FINITE = st.floats(-1e6, 1e6, width=64)


def data(n=20, per_epoch=5, loss=lambda step: 1 / step):
    made = CurveData(Started(10, per_epoch, 8 * per_epoch, 8, 1))
    made.add_batches([Batch(s, (s - 1) // per_epoch + 1, s, loss(s), s / 100, 8) for s in range(1, n + 1)])
    return made


class TestDecimation:
    @given(arrays(np.float64, st.integers(1, 3000), elements=FINITE), st.integers(1, 200))
    def test_extremes_stay(self, y, buckets):
        x = np.arange(len(y), dtype=np.float64)
        kept_x, kept_y = decimate(x, y, buckets)
        assert kept_y.max() == y.max()
        assert kept_y.min() == y.min()
        assert (kept_x[0], kept_x[-1]) == (x[0], x[-1])

    @given(arrays(np.float64, st.integers(1, 3000), elements=FINITE), st.integers(1, 200))
    def test_it_takes_points_in_order_and_not_too_many(self, y, buckets):
        x = np.arange(len(y), dtype=np.float64)
        kept_x, kept_y = decimate(x, y, buckets)
        assert len(kept_x) <= 2 * buckets + 4
        assert (np.diff(kept_x) > 0).all()
        np.testing.assert_array_equal(kept_y, y[kept_x.astype(int)])

    @given(arrays(np.float64, st.integers(500, 3000), elements=FINITE), st.data())
    def test_the_extremes_of_every_stretch_stay(self, y, drawn):
        x = np.arange(len(y), dtype=np.float64)
        size = len(y) // 100
        start = drawn.draw(st.integers(0, 99)) * size
        kept_x, kept_y = decimate(x, y, 100)
        inside = (kept_x >= start) & (kept_x < start + size)
        assert kept_y[inside].max() == y[start : start + size].max()
        assert kept_y[inside].min() == y[start : start + size].min()

    def test_few_points_stay_as_they_are(self):
        x, y = np.arange(10.0), np.arange(10.0)
        assert decimate(x, y, 5)[1] is y


class TestSmoothing:
    def test_a_constant_stays_itself_from_the_first_batch(self):
        track = Track(20)
        track.append([3.0] * 50)
        np.testing.assert_allclose(track.smooth, 3.0)

    def test_it_is_a_mean_of_what_came_so_far(self):
        track = Track(4)
        track.append([1.0, 0.0])
        assert track.smooth[0] == 1.0
        assert track.smooth[1] == pytest.approx(0.75 * 0.25 / (0.75 * 0.25 + 0.25))

    def test_in_pieces_or_at_once(self):
        values = np.random.default_rng(0).random(5000).tolist()
        whole, pieces = Track(30), Track(30)
        whole.append(values)
        for start in range(0, 5000, 7):
            pieces.append(values[start : start + 7])
        np.testing.assert_array_equal(whole.smooth, pieces.smooth)
        np.testing.assert_array_equal(pieces.raw, values)

    def test_it_passes_over_what_is_not_finite(self):
        track = Track(10)
        track.append([float("nan"), 2.0, float("inf"), 2.0])
        assert np.isnan(track.smooth[0])
        np.testing.assert_allclose(track.smooth[1:], 2.0)


class TestCurves:
    def test_nan_and_infinity_are_never_drawn(self):
        bad = {3: float("nan"), 7: float("inf")}
        made = data(20, loss=lambda step: bad.get(step, 1.0))
        curve = made.curve("loss", 0, 100)
        for x, y in (curve.raw, curve.smooth, curve.validation):
            assert np.isfinite(y).all()
            assert len(x) == len(y)
        assert curve.raw[0].tolist() == [s for s in range(1, 21) if s not in bad]

    def test_what_has_no_logarithm_is_left_out(self):
        made = data(5, loss=lambda step: step - 3.0)
        assert made.curve("loss", 0, 100, positive=True).raw[0].tolist() == [4, 5]

    def test_zoomed_in_only_what_is_seen_is_drawn_with_a_neighbour_on_each_side(self):
        x = data(100_000).curve("loss", 500, 600).raw[0]
        assert (x[0], x[-1]) == (499, 602)

    def test_long_runs_are_drawn_by_their_extremes(self):
        made = data(50_000, loss=lambda step: 9.0 if step == 31_234 else 1.0)
        curve = made.curve("loss", 0, 50_000)
        assert len(curve.raw[0]) < 2100
        assert curve.raw[1].max() == 9.0

    def test_validation_stands_at_the_ends_of_epochs(self):
        made = data(10)
        made.add_epoch(Epoch(1, 5, 0.9, 0.1, 0.8, 0.2, 1.0, 1.0))
        made.add_epoch(Epoch(2, 10, 0.7, 0.3, None, None, 1.0, 1.0))
        assert made.validation("loss") == [(5, 0.8)]
        assert made.curve("accuracy", 0, 100).validation[0].tolist() == [5]


def test_the_csv_holds_every_batch():
    made = data(10, per_epoch=5)
    made.add_epoch(Epoch(1, 5, 0.9, 0.1, 0.8, 0.2, 1.0, 1.0))
    numbers = made.numbers()
    rows = list(csv.DictReader(io.StringIO(numbers.csv)))
    assert [int(row["step"]) for row in rows] == list(range(1, 11))
    assert [int(row["epoch"]) for row in rows] == [1] * 5 + [2] * 5
    assert float(rows[3]["batch_loss"]) == 0.25
    assert (rows[4]["val_loss"], rows[5]["val_loss"]) == ("0.8", "")
    assert numbers.array[3].tolist()[:3] == [4, 1, 0.25]
    assert numbers.array[4, 8] == 0.8
    assert np.isnan(numbers.array[5, 6:]).all()
