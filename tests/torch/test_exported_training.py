"""The script that trains gives our losses, from the same weights, samples and order, whatever is set."""

import sys
from functools import partial
from itertools import islice

import numpy as np
import pytest

from core.analysis.check import check
from core.engine.network import Network
from core.export.exporter import Subject
from core.export.exporting import export
from core.export.pytorch.exporter import PYTORCH
from core.export.pytorch.training_text import rate_lines
from core.io.datasets import load_dataset
from core.io.prepared import Beside
from core.learning.schedules import SCHEDULES, Clock, rate_of
from core.training import trainer
from core.training.messages import Batch
from tests.drawing import chain

try:
    import torch

    from tests.torch.exported import loaded
except ImportError:  # then every test below is skipped, and counted
    torch = None

pytestmark = pytest.mark.torch

N_STEPS = 50
CONV = ("Conv2D", {"filters": 4, "kernel_size": 3})
LAYERS = (CONV, "BatchNorm", "ReLU", "Flatten", ("Dense", {"units": 10}))

CASES = {
    "adam": {},
    "momentum, l2 and a norm": {
        "optimizer": {"kind": "SGD", "learning_rate": 0.05, "momentum": 0.9, "nesterov": True},
        "l2": 1e-3,
        "l1": 1e-4,
        "clip_norm": 1.0,
    },
    "adamw, balanced, smooth": {
        "optimizer": {"kind": "AdamW", "weight_decay": 0.1},
        "class_weights": "balanced",
        "loss": {"kind": "cross_entropy", "label_smoothing": 0.1},
    },
    "weights of classes, hinge": {
        "class_weights": [1, 2, 3, 1, 1, 0.5, 1, 1, 1, 4],
        "loss": "hinge",
        "optimizer": {"kind": "RMSProp"},
    },
    "squared hinge": {"loss": "squared_hinge", "optimizer": {"kind": "Adagrad", "weight_decay": 0.01}},
    "bce": {"loss": "binary_cross_entropy", "optimizer": {"kind": "Adadelta"}},
    "mse": {
        "loss": "mse",
        "optimizer": {"kind": "SGD", "momentum": 0.5},
        "schedule": {"kind": "Cosine", "warmup": 0.5},
    },
    "mae": {"loss": "mae", "schedule": {"kind": "Plateau", "patience": 0}, "batch_size": 100},
    "centred, moved": {
        "preprocessing": ["MeanImage", {"kind": "Standardize", "per": "pixel"}],
        "augmentation": [{"kind": "Shift", "pixels": 1}, "Rotate", "Noise", {"kind": "Crop", "padding": 1}],
    },
    "turned, stretched": {
        "preprocessing": ["Invert", {"kind": "Turn", "turns": 1, "mirror": True}, "Range", "ChannelMean"],
        "augmentation": ["Flip", "Zoom", {"kind": "Cutout", "size": 3}, "Brightness", "Contrast"],
    },
    "principal": {"preprocessing": [{"kind": "PCA", "components": 20}, "Standardize"]},
    "whitened": {"preprocessing": [{"kind": "Whiten", "method": "zca", "epsilon": 0.01}]},
}


@pytest.fixture(autouse=True)
def _imports(monkeypatch):
    """Let every script import its own network, though all are called alike."""
    monkeypatch.delitem(sys.modules, "net", raising=False)
    monkeypatch.setattr(sys, "path", [*sys.path])
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
    sys.modules.pop("net", None)


@pytest.fixture
def in_double(monkeypatch):
    monkeypatch.setattr(trainer, "Network", partial(Network, dtype="float64"))


def ours(made, n):
    run = trainer.Trainer(made, replicas=1)
    begun = dict(run.network.weights)
    losses = [message.loss for message in islice((m for m in run.messages() if isinstance(m, Batch)), n)]
    return run, begun, losses


def digits(folder, name="net_data.npz"):
    data = load_dataset("digits", None, (8, 8, 1))
    np.savez(folder / name, x=data.pixels(slice(None)), y=data.labels)


ENDS = [(case, "scores") for case in CASES]
ENDS += [(case, "Softmax") for case in ("adam", "weights of classes, hinge", "mse")]


@pytest.mark.parametrize(("case", "ends"), ENDS)
def test_the_first_losses(case, ends, in_double, tmp_path):
    layers = LAYERS if ends == "scores" else (*LAYERS, ends)
    made = chain((8, 8, 1), *layers, **CASES[case])
    run, begun, losses = ours(made, N_STEPS)
    subject = Subject(check(made), begun, Beside(run.preparation.steps), name="net.py")
    for name, content in PYTORCH.files(subject).items():
        (tmp_path / name).write_bytes(content)
    digits(tmp_path)
    script = loaded(tmp_path / "net_train.py")
    x, y = script.samples(tmp_path / "net_data.npz")
    model, are_known = script.made()
    assert are_known
    steps = script.fitted(model, x, are_known)
    found = list(islice(script.learn(doubled(model, begun, subject), x, y, steps), N_STEPS))
    np.testing.assert_allclose(found, losses, rtol=0, atol=1e-6)
    assert len(set(losses)) == N_STEPS


def doubled(model, begun, subject):
    """Give a model the weights in double precision, which files don't hold."""
    from core.export.pytorch.exporter import code_of
    from core.export.pytorch.state import state_of

    model.double()
    state = state_of(code_of(subject).scope, begun, subject.beside)
    model.load_state_dict({name: torch.tensor(array) for name, array in state.items()})
    return model


def test_without_weights_preprocessing_is_learned_from_the_samples_and_kernels_are_drawn(tmp_path, monkeypatch, capsys):
    made = chain((8, 8, 1), *LAYERS, **CASES["principal"], epochs=2, initializer="orthogonal")
    export(made, None, "pytorch", tmp_path / "net.py")
    digits(tmp_path)
    run = trainer.Trainer(made, replicas=1)
    script = loaded(tmp_path / "net_train.py")
    x, _ = script.samples(tmp_path / "net_data.npz")
    model, are_known = script.made()
    steps = script.fitted(model, x[run.train_indices], are_known)
    for (_, arrays), fitted in zip(steps, run.preparation.steps, strict=True):
        for name, array in fitted.arrays.items():
            np.testing.assert_array_equal(arrays[name], array)
    np.testing.assert_allclose(
        model.prepare(x[:5].copy()).permute(0, 2, 3, 1).numpy(),
        run.preparation.of(run.dataset, slice(0, 5)),
        atol=1e-5,
    )
    rows = model.get_parameter("fc5.weight").detach().reshape(10, -1)
    np.testing.assert_allclose((rows @ rows.T).numpy(), np.eye(10), atol=1e-5)
    monkeypatch.setattr("sys.argv", ["net_train.py"])
    script.main()
    assert "epoch 2" in capsys.readouterr().out
    assert [file.name for file in tmp_path.glob("net_trained.*")]


def test_without_a_file_convograph_reads_the_samples(tmp_path):
    made = chain((12, 12, 1), *LAYERS, first_label=0, resize="fit")
    export(made, None, "pytorch", tmp_path / "net.py")
    x, y = loaded(tmp_path / "net_train.py").samples(tmp_path / "net_data.npz")
    run = trainer.Trainer(made, replicas=1)
    np.testing.assert_array_equal(x, run.dataset.pixels(slice(None)))
    np.testing.assert_array_equal(y, run.dataset.labels)


def test_samples_in_bytes_are_scaled(tmp_path):
    export(chain((2, 2, 1), *LAYERS[3:]), None, "pytorch", tmp_path / "net.py")
    np.savez(tmp_path / "net_data.npz", x=np.full((3, 2, 2, 1), 51, np.uint8), y=np.arange(3, dtype=np.uint8))
    x, y = loaded(tmp_path / "net_train.py").samples(tmp_path / "net_data.npz")
    assert (x.dtype, y.dtype) == (np.float32, np.int64)
    np.testing.assert_allclose(x, 0.2)


@pytest.mark.parametrize("warmup", [0, 1.5])
@pytest.mark.parametrize("name", SCHEDULES)
def test_the_rates_of_a_schedule(name, warmup, tmp_path):
    config = {"MultiStep": {"at": [1, 2.5]}, "InverseTime": {"decay": 0.5}, "Plateau": {"patience": 0}}.get(name, {})
    schedule = SCHEDULES[name].read({**config, "warmup": warmup})
    lines = "\n    ".join(rate_lines(schedule))
    head = "from math import *\nLEARNING_RATE, EPOCHS = 0.4, 5\ndef rate_of(step, per_epoch, losses):\n    "
    (tmp_path / "rates.py").write_text(head + lines)
    found = loaded(tmp_path / "rates.py").rate_of
    losses = (1.0, 0.8, 0.9, 0.7, 0.75)
    for step in range(35):
        known = losses[: step // 7]
        expected = rate_of(schedule, 0.4, Clock(step, 7, 35, known))
        assert found(step, 7, list(known)) == pytest.approx(expected, rel=1e-12)
