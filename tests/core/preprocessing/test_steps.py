"""Steps of preprocessing against their formulas, written plainly in float64."""

import numpy as np
import pytest

from core.preprocessing.centring import ChannelMean, MeanImage, Standardize
from core.preprocessing.directions import MOST_VALUES, PCA, Whiten, kept_share, n_keeping
from core.preprocessing.ranging import Invert, Range
from core.preprocessing.step import fit_steps
from core.preprocessing.table import PREPROCESSING
from core.preprocessing.turning import Turn

EXAMPLES = {
    "MeanImage": MeanImage(),
    "ChannelMean": ChannelMean(),
    "Standardize": Standardize(),
    "Standardize per pixel": Standardize(per="pixel"),
    "PCA": PCA(components=5),
    "Whiten": Whiten(),
    "Whiten zca": Whiten(method="zca", epsilon=0.01),
    "Range": Range(low=-2, high=3),
    "Turn": Turn(turns=1, mirror=True),
    "Invert": Invert(),
}


def pictures(n=200, shape=(4, 4, 3), seed=0):
    rng = np.random.default_rng(seed)
    mixing = rng.normal(size=(np.prod(shape), np.prod(shape)))
    return (rng.normal(size=(n, len(mixing))) @ mixing / 10 + 0.5).reshape(n, *shape).astype(np.float32)


class Blocks:
    """Samples in blocks of some size, each fresh, as training gives them."""

    def __init__(self, samples, size):
        self.samples, self.size, self.largest = samples, size, 0

    def __iter__(self):
        for start in range(0, len(self.samples), self.size):
            yield self.samples[start : start + self.size].copy()


def fitted(step, samples, size=64):
    (fitted,) = fit_steps([step], Blocks(samples, size), samples.shape[1:])
    return fitted


def test_every_kind_has_an_example():
    assert {type(step).__name__ for step in EXAMPLES.values()} == set(PREPROCESSING)


@pytest.mark.parametrize("step", EXAMPLES.values(), ids=EXAMPLES)
@pytest.mark.parametrize("shape", [(4, 4, 3), (6,)])
def test_a_step_keeps_shape_and_precision_and_learns_what_it_announces(step, shape):
    samples = pictures(shape=shape)
    if step.refusal(shape):
        assert shape == (6,)
        assert "images" in step.refusal(shape)
        return
    done = fitted(step, samples)
    assert {name: array.shape for name, array in done.arrays.items()} == step.array_shapes(shape)
    assert all(array.dtype == np.float32 and not array.flags.writeable for array in done.arrays.values())
    treated = done.apply(samples.copy())
    assert (treated.shape, treated.dtype, treated.flags.c_contiguous) == (samples.shape, np.float32, True)
    assert np.isfinite(treated).all()
    one_by_one = np.concatenate([done.apply(samples[i : i + 1].copy()) for i in range(10)])
    np.testing.assert_allclose(one_by_one, treated[:10], atol=2e-4)
    assert all(isinstance(fact, str) for fact in done.facts)


@pytest.mark.parametrize("step", EXAMPLES.values(), ids=EXAMPLES)
def test_the_size_of_blocks_makes_no_difference(step):
    samples = pictures()
    one, other = fitted(step, samples, size=7), fitted(step, samples, size=1000)
    for name in one.arrays:
        np.testing.assert_allclose(one.arrays[name], other.arrays[name], rtol=1e-4, atol=1e-6)


def test_means_and_deviations():
    samples = pictures()
    exact = samples.astype(np.float64)
    mean, std = exact.mean(axis=0), exact.std(axis=0)
    channel_mean, channel_std = exact.mean(axis=(0, 1, 2)), exact.std(axis=(0, 1, 2))
    for step, expected in (
        (MeanImage(), exact - mean),
        (ChannelMean(), exact - channel_mean),
        (Standardize(), (exact - channel_mean) / channel_std),
        (Standardize(per="pixel"), (exact - mean) / std),
    ):
        np.testing.assert_allclose(fitted(step, samples).apply(samples.copy()), expected, atol=1e-5)


def test_means_lose_no_digits_far_from_zero():
    samples = (pictures() + np.float32(1000)).astype(np.float32)
    exact = samples.astype(np.float64)
    np.testing.assert_allclose(
        fitted(Standardize(per="pixel"), samples).arrays["deviation"], exact.std(axis=0), rtol=1e-6
    )


def test_pixels_that_never_change_are_not_divided():
    samples = pictures()
    samples[:, 0, 0, :], samples[:, 1, 1, :] = 0, 0.3
    treated = fitted(Standardize(per="pixel"), samples).apply(samples.copy())
    assert not np.abs(treated[:, 0, 0]).max()
    assert np.abs(treated[:, 1, 1]).max() < 1e-6


def test_pca_keeps_the_directions_of_most_variance():
    samples = pictures()
    rows = samples.reshape(len(samples), -1).astype(np.float64)
    mean = rows.mean(axis=0)
    values, vectors = np.linalg.eigh((rows - mean).T @ (rows - mean) / len(rows))
    vectors = vectors[:, ::-1][:, :5]
    done = fitted(PCA(components=5), samples)
    expected = (rows - mean) @ vectors @ vectors.T + mean
    np.testing.assert_allclose(done.apply(samples.copy()).reshape(len(rows), -1), expected, atol=1e-4)
    np.testing.assert_allclose(done.arrays["variances"], values[::-1], rtol=1e-4, atol=1e-6)
    share = values[::-1][:5].sum() / values.sum()
    assert done.facts == (f"5 of 48 keep {share:.1%}",)


def test_all_components_leave_the_sample_as_it_is():
    samples = pictures()
    np.testing.assert_allclose(fitted(PCA(components=48), samples).apply(samples.copy()), samples, atol=1e-5)


@pytest.mark.parametrize("method", ["pca", "zca"])
def test_whitened_values_are_independent(method):
    samples = pictures(n=500, shape=(3, 3, 1))
    done = fitted(Whiten(method=method, epsilon=1e-9), samples)
    rows = done.apply(samples.copy()).reshape(len(samples), -1).astype(np.float64)
    np.testing.assert_allclose(rows.T @ rows / len(rows), np.eye(9), atol=1e-3)  # by N, as the course divides
    if method == "zca":  # of all whitening, the one that changes the image least
        matrix = done.arrays["matrix"]
        np.testing.assert_allclose(matrix, matrix.T, atol=1e-4)


def test_epsilon_stands_under_the_root():
    samples = pictures(n=500, shape=(3, 3, 1))
    rows = samples.reshape(500, -1).astype(np.float64)
    values, vectors = np.linalg.eigh(np.cov(rows.T, bias=True))
    expected = vectors @ np.diag(1 / np.sqrt(values + 0.1)) @ vectors.T
    np.testing.assert_allclose(fitted(Whiten(method="zca", epsilon=0.1), samples).arrays["matrix"], expected, rtol=1e-3)


def test_range_and_invert():
    samples = np.float32([[0.25, 0.5], [0.75, 0.5]])
    assert fitted(Range(), samples).apply(samples.copy()).tolist() == [[-1, 0], [1, 0]]
    assert fitted(Range(), np.float32([[2, 2]])).apply(np.float32([[2, 2]])).tolist() == [[-1, -1]]
    assert fitted(Invert(), samples).apply(np.float32([[0, 0.25]])).tolist() == [[1, 0.75]]


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (Turn(turns=1), [[2, 4], [1, 3]]),
        (Turn(turns=2), [[4, 3], [2, 1]]),
        (Turn(transpose=True), [[1, 3], [2, 4]]),
        (Turn(mirror=True), [[2, 1], [4, 3]]),
        (Turn(turns=1, transpose=True), [[2, 1], [4, 3]]),
    ],
)
def test_turns(step, expected):
    picture = np.float32([[1, 2], [3, 4]]).reshape(1, 2, 2, 1)
    assert fitted(step, picture).apply(picture.copy()).reshape(2, 2).tolist() == expected


def test_each_step_is_fitted_to_what_the_one_before_leaves():
    samples = pictures()
    steps = fit_steps([MeanImage(), Standardize(per="pixel")], Blocks(samples, 50), (4, 4, 3))
    assert np.abs(steps[1].arrays["mean"]).max() < 1e-6
    np.testing.assert_allclose(steps[1].arrays["deviation"], samples.astype(np.float64).std(axis=0), rtol=1e-5)


@pytest.mark.parametrize(
    ("step", "shape", "said"),
    [
        (PCA(components=65), (8, 8, 1), "PCA keeps 65 components, but a sample has only 64 values."),
        (Whiten(), (100, 100, 1), f"10,000 values are too many, the most are {MOST_VALUES:,}"),
        (Turn(turns=1), (4, 6, 1), "an image of 4×6×1 would then not fit"),
        (Turn(), (10,), "Turn needs images, but the network's Input takes 10 features."),
    ],
)
def test_what_cannot_be_done_is_said(step, shape, said):
    assert said in step.refusal(shape)


def test_a_half_turn_needs_no_square():
    assert not Turn(turns=2).refusal((4, 6, 1))
    assert not Turn(turns=1, transpose=True).refusal((4, 6, 1))


def test_shares_of_nothing_are_whole():
    assert kept_share(np.zeros(3)).tolist() == [1, 1, 1]
    assert n_keeping(np.zeros(3), 0.95) == 1
