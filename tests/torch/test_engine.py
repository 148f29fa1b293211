"""A training gives the same losses in PyTorch as in NumPy's engine, whatever is set, and writes the same runs."""

from functools import partial
from itertools import islice

import numpy as np
import pytest

from core.engine.network import Network
from core.engines.table import engine_for
from core.training import trainer
from core.training.engine import NumpyEngine
from core.training.messages import Batch, Epoch
from core.training.run_on import RunOn
from tests.drawing import chain
from tests.torch.test_exported_training import CASES, LAYERS

try:
    import torch
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


def losses(made, engine, n=N_STEPS):
    run = trainer.Trainer(made, replicas=1, engine=engine)
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
