"""Several threads that share a large layer: the same outputs, and what goes wrong in one is heard of."""

import threading

import numpy as np
import pytest

from core.engine import lanes
from core.engine.cores import n_cores
from core.engine.kernels import columns, kernel
from core.engine.lanes import lanes_for, run_side_by_side
from core.engine.network import Network
from tests.drawing import chain


@pytest.mark.parametrize("n_lanes", [2, 3, 7])
@pytest.mark.parametrize("pool", [(), ("MaxPool2D",)])
def test_lanes_compute_what_one_thread_computes(n_lanes, pool, monkeypatch):
    conv = ("Conv2D", {"filters": 3, "kernel_size": 3, "padding": 1})
    drawn = chain(
        (6, 4, 2), conv, "ReLU", *pool, conv, "Flatten", ("Dense", {"units": 5}), "ReLU", ("Dense", {"units": 2})
    )
    alone, together = Network(drawn, "float64"), Network(drawn, "float64")
    x = np.random.default_rng(0).standard_normal((2, 6, 4, 2))
    expected = alone.forward(x)
    monkeypatch.setattr(kernel, "lanes_for", lambda macs: n_lanes)
    monkeypatch.setattr(columns, "CHUNK_BYTES", 1)
    np.testing.assert_allclose(together.forward(x), expected, rtol=1e-12)
    for id, values in alone.activations(x).items():
        np.testing.assert_allclose(together.activations(x)[id], values, rtol=1e-12)


def test_only_large_layers_of_passes_without_gradients_are_shared(monkeypatch):
    asked = []
    monkeypatch.setattr(kernel, "lanes_for", lambda macs: asked.append(macs) or 1)
    net = Network(chain((4, 4, 1), ("Conv2D", {"filters": 2, "kernel_size": 3}), "Flatten", ("Dense", {"units": 3})))
    x, labels = np.zeros((5, 4, 4, 1)), np.zeros(5, int)
    net.loss_and_gradient(x, labels)
    net.evaluate(x, labels)
    net.forward(x, training=True)
    assert not asked
    net.forward(x)
    assert asked == [5 * 2 * 2 * 9 * 2, 5 * 8 * 3]


def test_how_many_lanes_a_layer_gets():
    assert lanes_for(lanes.LEAST_MACS - 1) == 1
    assert lanes_for(lanes.LEAST_MACS) == n_cores() >= 1


def test_every_task_is_done_by_a_thread_of_its_own_and_failures_are_raised():
    done = []
    barrier = threading.Barrier(2, timeout=10)

    def task():
        barrier.wait()
        done.append(threading.get_ident())

    run_side_by_side([task, task])
    assert len(set(done)) == 2

    def fail():
        raise ZeroDivisionError

    for tasks in ([fail, task], [task, fail]):
        barrier = threading.Barrier(1)
        with pytest.raises(ZeroDivisionError):
            run_side_by_side(tasks)


def test_warnings_stay_as_they_are_set_in_the_calling_thread():
    def overflow():
        np.exp(np.array([1000.0]))

    with np.errstate(over="ignore"):
        run_side_by_side([overflow, overflow])
