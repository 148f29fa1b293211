"""Long batches are computed in parts, and a training can be ended between them."""

import numpy as np
import pytest

from core.training.messages import Batch, Computing, Epoch, Finished, Validating
from core.training.trainer import Trainer
from tests.core.training.making import chain, small_net, some_digits


@pytest.fixture
def small_parts(monkeypatch):
    """Let every network compute at most so many samples at once."""

    def limit(most):
        monkeypatch.setattr("core.training.engine.part_size", lambda program: most)

    return limit


def without_draws(*more, **training):
    return chain(
        ("input", "Input", {"shape": [8, 8, 1]}),
        ("conv1", "Conv2D", {"filters": 4, "kernel_size": 3}),
        *more,
        ("relu1", "ReLU", {}),
        ("flat", "Flatten", {}),
        ("fc1", "Dense", {"units": 10}),
        **{"epochs": 2, "batch_size": 100, "l2": 1e-3} | training,
    )


def trained(document):
    trainer = Trainer(document, some_digits(300))
    return trainer, list(trainer.messages())


def of(kind, messages):
    return [message for message in messages if isinstance(message, kind)]


def test_parts_give_the_whole_batch_within_rounding(small_parts):
    whole, expected = trained(without_draws())
    small_parts(30)
    parts, messages = trained(without_draws())
    assert len(of(Computing, messages)) > 2 * len(of(Batch, messages))
    np.testing.assert_allclose(parts.network.parameters, whole.network.parameters, rtol=1e-4, atol=1e-6)
    for one, other in zip(of(Batch, messages), of(Batch, expected), strict=True):
        assert (one.step, one.n) == (other.step, other.n)
        assert one.loss == pytest.approx(other.loss, rel=1e-5)
    assert of(Epoch, messages)[-1].val_loss == pytest.approx(of(Epoch, expected)[-1].val_loss, rel=1e-4)
    assert max(np.diff([0, *(m.n for m in of(Validating, messages)[:2])])) <= 30


def test_short_batches_are_computed_at_once():
    _, messages = trained(without_draws())
    assert not of(Computing, messages)


def test_statistics_of_a_batch_need_the_whole_of_it(small_parts):
    small_parts(30)
    _, messages = trained(without_draws(("norm1", "BatchNorm", {})))
    assert not of(Computing, messages)
    assert of(Finished, messages)


def test_ended_within_a_batch_it_goes_on_as_if_that_had_not_begun(small_parts):
    small_parts(30)
    document, data = small_net(epochs=2, batch_size=100), some_digits(300)
    straight = Trainer(document, data)
    list(straight.messages())
    first = Trainer(document, data)
    course = first.messages()
    step = 0
    for message in course:
        step = message.step if isinstance(message, Batch) else step
        if step == 2 and isinstance(message, Computing) and message.n == 20:
            break
    course.close()
    assert first.standing().place.step == 2
    second = Trainer(document, data, standing=first.standing())
    list(second.messages())
    assert np.array_equal(second.network.parameters, straight.network.parameters)


def test_a_loss_that_is_no_number_ends_the_batch_in_the_part_where_it_is(small_parts):
    small_parts(30)
    trainer = Trainer(without_draws(), some_digits(300))
    trainer.network.weights["fc1/bias"] = [3e38, -3e38, *[0] * 8]
    *_, last = trainer.messages()
    assert last.layer == "fc1"
    assert last.step == 1
