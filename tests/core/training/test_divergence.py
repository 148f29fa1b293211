import numpy as np
import pytest

from core.engine.network import Network
from core.training.divergence import PATIENCE, Watch
from core.training.messages import Batch, Diverged, Epoch, Finished, Started
from core.training.trainer import Trainer, train
from tests.core.training.making import chain, linear, rows, small_net, some_digits


def watch(document=None):
    return Watch(Network(document or linear(units=8)))


def judge(losses, document=None):
    """Return the number of the first loss at which a run ends, counted from 1."""
    guard = watch(document=document)
    return next((step for step, loss in enumerate(losses, 1) if guard.batch(step, loss)), None)


def test_a_rate_far_too_high_ends_the_run_and_names_layer_and_cure():
    layers = ("input", "Input", {"shape": [4]}), ("fc1", "Dense", {"units": 20}), ("fc2", "Dense", {"units": 3})
    document = chain(*layers, epochs=9, batch_size=4, optimizer={"kind": "SGD", "learning_rate": 1e3})
    messages = list(train(document, rows(40)))
    last = messages[-1]
    assert isinstance(last, Diverged)
    assert last.layer in {"fc1", "fc2"}
    assert last.what == f"Training stopped in step {last.step}: the loss became NaN or infinite, first in {last.layer}."
    assert last.why.startswith("The steps were too large. Try a learning rate of ")
    assert not any(isinstance(message, Diverged | Finished) for message in messages[:-1])
    losses = [message.loss for message in messages if isinstance(message, Batch)]
    assert len(losses) == last.step - 1
    assert np.isfinite(losses).all()


def test_the_first_layer_that_overflows_is_named():
    trainer = Trainer(small_net(), some_digits(80))
    trainer.network.weights["conv1/kernel"] = np.full((3, 3, 1, 4), 1e30)
    trainer.network.weights["fc1/kernel"] = np.full((36, 10), 1e30)
    _, last = trainer.messages()
    assert last.layer == "fc1"
    assert last.step == 1
    assert last.why.startswith("No step was taken yet: the weights it began with are too large.")


def test_scores_too_far_apart_for_a_loss_are_blamed_on_the_output():
    trainer = Trainer(linear(), rows())
    trainer.network.weights["fc1/bias"] = [3e38, -3e38, 0]
    _, last = trainer.messages()
    assert last.layer == "fc1"


def test_the_parameters_are_looked_at_after_each_epoch():
    trainer = Trainer(linear(batch_size=99), rows())
    learn = trainer.network.loss_and_gradient

    def spoilt(x, labels):
        found = learn(x, labels)
        trainer.network.gradients[-1] = np.inf
        return found

    trainer.network.loss_and_gradient = spoilt
    started, step, last = trainer.messages()
    assert isinstance(started, Started)
    assert isinstance(step, Batch)
    assert last.layer == "fc1"
    assert "a parameter became NaN or infinite" in last.what


def test_validation_that_overflows_ends_the_run():
    images = np.full((12, 4), 0.5, np.float32)
    trainer = Trainer(linear(batch_size=99), rows())
    object.__setattr__(trainer.dataset, "images", images)
    images[trainer.validation_indices] = 3e38
    trainer.network.weights["fc1/kernel"] = np.linspace(-2, 2, 12).reshape(4, 3)
    *_, last = trainer.messages()
    assert last.layer == "fc1"
    assert "the loss of the validation samples became NaN or infinite" in last.what


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_the_first_loss_that_is_no_number_ends_the_run(bad):
    assert judge([2.0, 1.0, bad]) == 3


def test_a_loss_that_rises_for_good_ends_the_run():
    guard = watch()
    verdicts = [guard.batch(step, loss) for step, loss in enumerate([2.0] * 30 + [500.0] * 30, 1)]
    ended = next(verdict for verdict in verdicts if verdict)
    assert ended.layer is None
    assert ended.step == 30 + PATIENCE // 2
    assert ended.what == (
        "Training stopped in step 40: the loss rose to 251, "
        "more than 10 times the 2.08 it began with, and stayed there."
    )
    assert ended.why == "The steps were too large. Start over with a smaller learning rate."


def test_spikes_do_not_count():
    spike = [500.0] * (PATIENCE // 2 - 1) + [2.0] * (PATIENCE // 2 + 2)
    assert judge([2.0] * 5 + spike * 10) is None


def test_a_start_like_an_explosion_that_recovers_goes_on():
    assert judge([2.3, 4000.0, 900.0, 80.0, 30.0, *[2.3] * 100]) is None


def test_an_easy_start_does_not_make_guessing_a_failure():
    assert judge([1e-6, *[np.log(8) * 9] * 100]) is None
    assert judge([1e-6, *[np.log(8) * 11] * 100]) == PATIENCE


def test_guessing_is_counted_in_classes_however_the_output_is_shaped():
    document = chain(
        ("input", "Input", {"shape": [4, 4, 1]}),
        ("conv1", "Conv2D", {"filters": 8, "kernel_size": 4}),
    )
    assert judge([1e-6, *[np.log(8) * 9] * 100], document) is None
    assert judge([1e-6, *[np.log(8) * 11] * 100], document) == PATIENCE


def test_a_run_that_diverged_is_over():
    trainer = Trainer(linear(epochs=9, batch_size=4), rows())
    trainer.network.weights["fc1/bias"] = [3e38, -3e38, 0]
    course = trainer.messages()
    assert [type(message) for message in course] == [Started, Diverged]
    with pytest.raises(StopIteration):
        next(course)


def test_a_high_start_raises_the_limit():
    assert judge([50.0, *[400.0] * 100]) is None
    assert judge([50.0, *[600.0] * 100]) == PATIENCE


def test_a_run_that_blows_up_without_overflow_stops_before_its_end():
    document = linear(epochs=500, batch_size=4, l2=1.0, optimizer={"kind": "SGD", "learning_rate": 2.05})
    last = [message for message in train(document, rows()) if not isinstance(message, Epoch)][-1]
    assert isinstance(last, Diverged)
    assert last.layer is None
    assert "the loss rose to" in last.what
