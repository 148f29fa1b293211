"""Class weights, penalties and the limit of the gradient, in steps worked out by hand."""

import numpy as np
import pytest

from core.learning.class_weights import class_weights
from core.learning.losses import CrossEntropy
from core.training.messages import Batch, Epoch
from core.training.penalty import clip
from core.training.trainer import Trainer, train
from tests.core.training.making import linear, rows, small_net, some_digits


def one_step(**training):
    """Take one step of plain descent over all samples; return the weights before and after, and the gradient."""
    document = linear(
        epochs=1, batch_size=12, validation_split=0, optimizer={"kind": "SGD", "learning_rate": 1.0}, **training
    )
    trainer = Trainer(document, rows(12))
    before = dict(trainer.network.weights)
    x, labels = trainer.dataset.pixels(trainer.train_indices), trainer.dataset.labels[trainer.train_indices]
    scores = x @ before["fc1/kernel"] + before["fc1/bias"]
    list(trainer.messages())
    weights = class_weights(trainer.settings.class_weights, labels, 3)
    loss, dscores = CrossEntropy().measure(scores.astype(float), labels, weights)
    gradient = {"fc1/kernel": x.T @ dscores, "fc1/bias": dscores.sum(0)}
    moved = {name: before[name] - trainer.network.weights[name] for name in before}
    return before, gradient, moved, loss


def test_l1_pulls_kernels_towards_zero_by_their_sign():
    before, gradient, moved, _ = one_step(l1=0.01)
    expected = gradient["fc1/kernel"] + 0.01 * np.sign(before["fc1/kernel"])
    np.testing.assert_allclose(moved["fc1/kernel"], expected, atol=1e-6)
    np.testing.assert_allclose(moved["fc1/bias"], gradient["fc1/bias"], atol=1e-6)


def test_l1_and_l2_add_up():
    before, gradient, moved, _ = one_step(l1=0.01, l2=0.1)
    kernel = before["fc1/kernel"]
    np.testing.assert_allclose(
        moved["fc1/kernel"], gradient["fc1/kernel"] + 0.01 * np.sign(kernel) + 0.1 * kernel, atol=1e-6
    )


@pytest.mark.parametrize("clip_norm", [0.01, 1000.0])
def test_the_gradient_of_loss_and_penalties_is_cut_as_a_whole(clip_norm):
    before, gradient, moved, _ = one_step(l2=0.5, clip_norm=clip_norm)
    gradient["fc1/kernel"] = gradient["fc1/kernel"] + 0.5 * before["fc1/kernel"]
    norm = np.sqrt(sum((g**2).sum() for g in gradient.values()))
    share = min(1, clip_norm / norm)
    for name, step in moved.items():
        np.testing.assert_allclose(step, share * gradient[name], atol=1e-6)


def test_a_gradient_of_zeros_stays():
    gradient = np.zeros(3)
    clip(gradient, 1.0, np.empty(3))
    assert not gradient.any()


@pytest.mark.parametrize("weights", ["balanced", [1, 2, 5]])
def test_class_weights_weigh_loss_and_gradient(weights):
    _, gradient, moved, loss = one_step(class_weights=weights)
    for name, step in moved.items():
        np.testing.assert_allclose(step, gradient[name], atol=1e-6)
    document = linear(epochs=1, batch_size=12, validation_split=0, class_weights=weights)
    messages = list(train(document, rows(12)))
    told = next(m for m in messages if isinstance(m, Batch)), next(m for m in messages if isinstance(m, Epoch))
    assert told[0].loss == pytest.approx(loss, rel=1e-5)
    assert told[1].train_loss == pytest.approx(loss, rel=1e-5)


def test_the_weighted_loss_of_an_epoch_is_that_of_all_its_samples():
    digits = some_digits(100)
    document = small_net(epochs=1, batch_size=7, class_weights=list(range(1, 11)), validation_split=0.3)
    trainer = Trainer(document, digits)
    (epoch,) = (m for m in trainer.messages() if isinstance(m, Epoch))
    kept = trainer.validation_indices
    x, labels = trainer.dataset.pixels(kept), trainer.dataset.labels[kept]
    expected, _ = CrossEntropy().measure(trainer.network.forward(x).astype(float), labels, np.arange(1.0, 11.0))
    assert epoch.val_loss == pytest.approx(expected, rel=1e-5)


def test_balanced_weights_make_all_classes_count_alike():
    labels = np.array([0] * 90 + [1] * 9 + [2])
    weights = class_weights("balanced", labels, 4)
    assert np.bincount(labels, weights[labels]).tolist() == pytest.approx([100 / 3] * 3)
    assert weights[3] == 1
    assert class_weights(None, labels, 4) is None
    assert class_weights((1, 2), labels, 4).tolist() == [1, 2, 1, 1]


def test_weights_are_balanced_on_the_samples_that_are_learned_from():
    trainer = Trainer(small_net(class_weights="balanced"), some_digits(200))
    learned = trainer.dataset.labels[trainer.train_indices]
    assert trainer.network.class_weights.tolist() == class_weights("balanced", learned, 10).tolist()
