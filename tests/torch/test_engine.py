"""A training gives the same losses in PyTorch as in NumPy's engine, whatever is set, and writes the same runs."""

from functools import partial
from itertools import islice

import numpy as np
import pytest
from PIL import Image

from core.analysis.check import check
from core.engine.network import Network
from core.engines.table import engine_for
from core.graph.edits import set_config, set_training
from core.io.datasets import plain_dataset
from core.io.templates import load_template
from core.training import trainer
from core.training.engine import NumpyEngine
from core.training.messages import Batch, Epoch
from core.training.run_on import RunOn
from tests.drawing import chain
from tests.torch.test_exported_training import CASES, LAYERS

try:
    import torch

    from core.engines.pytorch import arrays
except ImportError:  # then every test below is skipped, and counted
    torch = None

pytestmark = pytest.mark.torch

N_STEPS = 50
TORCH = RunOn("torch")
DRAWING = (
    *LAYERS[:3],
    ("SpatialDropout", {"rate": 0.2}),
    "GaussianNoise",
    "Flatten",
    "Dropout",
    ("Dense", {"units": 10}),
    "Softmax",
)
UNSHARED = (("LocallyConnected2D", {"filters": 3, "kernel_size": 3}), "ReLU", "Flatten", ("Dense", {"units": 10}))


@pytest.fixture(autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def in_double(monkeypatch):
    monkeypatch.setattr(trainer, "Network", partial(Network, dtype="float64"))


def losses(made, engine, n=N_STEPS, data=None):
    run = trainer.Trainer(made, data, replicas=1, engine=engine)
    found = [message.loss for message in islice((m for m in run.messages() if isinstance(m, Batch)), n)]
    return found, dict(run.network.weights)


@pytest.mark.parametrize("case", CASES)
def test_the_first_losses(case, in_double):
    made = chain((8, 8, 1), *LAYERS, **CASES[case])
    ours, weights = losses(made, NumpyEngine)
    theirs, learned = losses(made, engine_for(TORCH))
    np.testing.assert_allclose(theirs, ours, rtol=0, atol=1e-6)
    assert len(set(ours)) == N_STEPS
    # The bias before a BatchNorm has a gradient of rounding alone, which optimisers that divide by it follow.
    for name in ("fc5/kernel", "bn2/gamma", "bn2/moving_variance"):
        np.testing.assert_allclose(learned[name], weights[name], rtol=0, atol=1e-6, err_msg=name)


@pytest.mark.parametrize("layers", [DRAWING, UNSHARED], ids=["drawing", "unshared"])
def test_layers_that_draw_and_arrays_in_another_order(layers, in_double):
    made = chain((8, 8, 1), *layers, l2=1e-3, batch_size=100)
    ours, _ = losses(made, NumpyEngine)
    theirs, _ = losses(made, engine_for(TORCH))
    np.testing.assert_allclose(theirs, ours, rtol=0, atol=1e-6)


def test_epochs_are_judged_alike(in_double):
    made = chain((8, 8, 1), *LAYERS, "Softmax", epochs=2, class_weights="balanced")
    ours, theirs = (
        [m for m in trainer.Trainer(made, replicas=1, engine=engine).messages() if isinstance(m, Epoch)]
        for engine in (NumpyEngine, engine_for(TORCH))
    )
    for mine, other in zip(ours, theirs, strict=True):
        assert other.val_loss == pytest.approx(mine.val_loss, abs=1e-9)
        assert (other.val_accuracy, other.is_best) == (mine.val_accuracy, mine.is_best)


TEMPLATES = {
    "convnetjs_cifar10": "adam",
    "cs231n_spiral": "mse",
    "digits_cnn": "turned, stretched",
    "lenet5": "momentum, l2 and a norm",
    "lenet5_1998": "mae",
    "mlp": "whitened",
    "playground": "bce",
    "resnet20_cifar": "adamw, balanced, smooth",
    "shapes_cnn": "centred, moved",
    "squeezenet1_1": "squared hinge",
}
"""Networks that people draw, each with other settings."""


@pytest.mark.parametrize("name", TEMPLATES)
def test_networks_that_people_draw(name, in_double):
    drawn = load_template(name)
    settings = {key: value for key, value in CASES[TEMPLATES[name]].items() if key != "class_weights"}
    made = set_training(drawn, {**settings, "batch_size": 4, "validation_split": 0.2})
    report = check(made)
    shape = next(layer for layer in report.layers.values() if not layer.layer.inputs).shape
    n_classes = report.layers[report.outputs[0]].shape[-1]
    if name == "squeezenet1_1":
        shape = (48, 48, 3)
        made = set_config(made, "input", {"shape": list(shape)})
    rng = np.random.default_rng(0)
    data = plain_dataset(rng.random((5 * N_STEPS, *shape), np.float32), np.arange(5 * N_STEPS) % n_classes)
    ours, _ = losses(made, NumpyEngine, data=data)
    theirs, _ = losses(made, engine_for(TORCH), data=data)
    assert len(ours) == N_STEPS
    np.testing.assert_allclose(theirs, ours, rtol=0, atol=1e-6)


def test_arrays_that_are_elsewhere_come_back_when_they_are_looked_at(in_double, monkeypatch):
    """So it is on a graphics card: between looks nothing is copied."""
    made = chain((8, 8, 1), *LAYERS, epochs=2, optimizer={"kind": "Adam", "learning_rate": 0.01}, l2=1e-3)
    at_once = trainer.Trainer(made, replicas=1)
    ours = [m.loss for m in at_once.messages() if isinstance(m, Batch)]
    monkeypatch.setattr(arrays, "on_device", lambda flat, device: torch.from_numpy(flat).clone())
    first = trainer.Trainer(made, engine=engine_for(TORCH))
    messages = first.messages()
    theirs = [m.loss for m in islice((m for m in messages if isinstance(m, Batch)), 30)]
    messages.close()
    assert not np.array_equal(first.network.weights["fc5/kernel"], Network(made).weights["fc5/kernel"])
    then = trainer.Trainer(made, standing=first.standing(), engine=engine_for(TORCH))
    theirs += [m.loss for m in then.messages() if isinstance(m, Batch)]
    np.testing.assert_allclose(theirs, ours, rtol=0, atol=1e-6)
    np.testing.assert_allclose(then.best.weights["fc5/kernel"], at_once.best.weights["fc5/kernel"], atol=1e-6)
    np.testing.assert_array_equal(then.network.weights["fc5/kernel"], then.standing().weights["fc5/kernel"])


def test_where_it_began_to_be_infinite_is_named():
    made = chain((8, 8, 1), *LAYERS, optimizer={"kind": "SGD", "learning_rate": 1e3})
    *_, ours = trainer.Trainer(made, replicas=1).messages()
    *_, theirs = trainer.Trainer(made, engine=engine_for(TORCH)).messages()
    assert (theirs.layer, theirs.step, theirs.why) == (ours.layer, ours.step, ours.why)


@pytest.mark.parametrize("name", ["alexnet", "vgg16", "resnet50"])
def test_large_networks_learn_from_pictures_in_a_folder(name, in_double, tmp_path):
    side = 64 if name == "alexnet" else 32
    rng = np.random.default_rng(0)
    for label in ("cats", "dogs"):
        (tmp_path / label).mkdir()
        for number in range(3):
            Image.fromarray(rng.integers(0, 256, (40, 50, 3), dtype=np.uint8)).save(tmp_path / label / f"{number}.png")
    settings = {
        "dataset": str(tmp_path),
        "batch_size": 3,
        "epochs": 1,
        "validation_split": 0,
        "optimizer": {"kind": "SGD"},
    }
    made = set_training(set_config(load_template(name), "input", {"shape": [side, side, 3]}), settings)
    ours, theirs = (
        [m.loss for m in trainer.Trainer(made, engine=engine, replicas=1).messages() if isinstance(m, Batch)]
        for engine in (NumpyEngine, engine_for(TORCH))
    )
    np.testing.assert_allclose(theirs, ours, rtol=1e-6)


def test_bfloat16_is_near():
    made = chain((8, 8, 1), *LAYERS, "Softmax")
    ours, _ = losses(made, NumpyEngine, 20)
    theirs, _ = losses(made, engine_for(RunOn("torch", precision="bfloat16")), 20)
    np.testing.assert_allclose(theirs, ours, atol=0.1)
    assert not np.allclose(theirs, ours, rtol=0, atol=1e-4)
