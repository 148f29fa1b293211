"""What the benchmark compares computes the same: the twin of a network in PyTorch, image by image and step by step."""

import numpy as np
import pytest

from core.bench.networks import CASES
from core.engine.network import Network
from core.errors import NetworkError
from core.learning.optimizers import SGD
from tests.drawing import chain

try:
    import torch

    from core.bench.torch_twin import Twin
except ImportError:  # then every test below is skipped, and counted
    torch = Twin = None

pytestmark = pytest.mark.torch


@pytest.fixture(autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def batch_for(net, n):
    rng = np.random.default_rng(0)
    shape = net.program.nodes[net.program.inputs[0]].shape
    classes = net.program.nodes[net.program.outputs[0]].shape[-1]
    return rng.random((n, *shape)), rng.integers(0, classes, n)


def tensor(x):
    made = torch.from_numpy(x)
    return made.permute(0, 3, 1, 2).contiguous() if made.ndim == 4 else made


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.trains])
def test_a_twin_takes_the_same_steps(name):
    net = Network(CASES[name].draw(), "float64")
    twin = Twin(net)
    x, labels = batch_for(net, 6)
    theirs = torch.optim.SGD(twin.parameters(), lr=0.01, momentum=0.9)
    ours, moments, scratch = (
        SGD(learning_rate=0.01, momentum=0.9),
        (np.zeros_like(net.parameters),),
        net.gradients.copy(),
    )
    for _ in range(2):
        loss, _ = net.loss_and_gradient(x, labels)
        ours.update(net.parameters, net.gradients, moments, 1, scratch)
        theirs.zero_grad()
        expected = torch.nn.functional.cross_entropy(twin(tensor(x), scores=True), torch.from_numpy(labels))
        expected.backward()
        theirs.step()
        assert loss == pytest.approx(expected.item(), rel=1e-9)
    twin.eval()
    np.testing.assert_allclose(net.forward(x), twin(tensor(x)).detach().numpy(), rtol=1e-6, atol=1e-9)


def test_a_twin_of_alexnet_gives_the_same_scores():
    net = Network(CASES["alexnet"].draw())
    x, _ = batch_for(net, 1)
    x = x.astype("float32")
    twin = Twin(net).eval()
    with torch.inference_mode():
        expected = twin(tensor(x)).numpy()
    np.testing.assert_allclose(net.forward(x), expected, rtol=1e-3, atol=1e-7)


def test_what_has_no_twin_is_said():
    with pytest.raises(NetworkError, match="gelu1: there is no PyTorch module here for GELU"):
        Twin(Network(chain((4,), "GELU")))
