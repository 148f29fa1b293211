"""Processes that compute parts of batches: the bits are those of one thread, and nothing is left of them."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from core.engine.network import Network
from core.engine.replicas.replica import Desk
from core.engine.replicas.shared_memory import SharedMemory
from core.errors import NetworkError
from core.layers import KINDS
from core.shapes import count
from tests.core.engine.graphs import lenet, residual, two_inputs
from tests.drawing import chain

NOISY = chain(
    (6, 6, 2),
    ("Conv2D", {"filters": 12, "kernel_size": 3, "padding": 1, "bias": False}),
    "BatchNorm",
    "ReLU",
    ("Conv2D", {"filters": 4, "kernel_size": 3, "padding": 1, "bias": False}),
    "BatchNorm",
    "ReLU",
    "MaxPool2D",
    "Flatten",
    "Dropout",
    ("Dense", {"units": 3}),
)
CASES = {"lenet": lenet(), "residual": residual(), "noisy": NOISY}


def batch_for(net, n, rng):
    entry, end = (net.program.nodes[index] for (index,) in (net.program.inputs, net.program.outputs))
    return rng.standard_normal((n, *entry.shape)).astype("float32"), rng.integers(0, end.shape[-1], n)


def wait_for(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def wait_until_ready(net):
    wait_for(lambda: net._team.is_ready)


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return not Path(f"/proc/{pid}/stat").exists() or Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"


def learn(net, batches):
    found = []
    for x, labels in batches:
        found.append(net.loss_and_gradient(x, labels))
        found.append(net.evaluate(x, labels))
        net.parameters[...] -= np.float32(0.05) * net.gradients
    return found


@pytest.mark.parametrize("name", CASES)
def test_processes_give_the_bits_that_one_thread_gives(name):
    alone, shared = (Network(CASES[name], n_replicas=3) for _ in range(2))
    rng = np.random.default_rng(1)
    batches = [batch_for(alone, n, rng) for n in (16, 16, 13, 5, 16, 20)]  # uneven, too few to divide, and too many
    expected = learn(alone, batches)
    with shared.replicas_at_work(16):
        found = learn(shared, batches[:1])  # before anybody is ready
        wait_until_ready(shared)
        found += learn(shared, batches[1:])
        pids = shared._team.process_ids
        assert len(pids) == 2
        assert all(map(alive, pids))
    assert found == expected
    assert {name: array.tobytes() for name, array in alone.weights.items()} == {
        name: array.tobytes() for name, array in shared.weights.items()
    }
    assert not any(map(alive, pids))
    assert learn(alone, batches[:1]) == learn(shared, batches[:1])  # it goes on without them


def test_one_replica_starts_no_process_and_shares_no_memory():
    net = Network(lenet())
    before = net._team
    with net.replicas_at_work(32):
        assert net._team is before
        learn(net, [batch_for(net, 32, np.random.default_rng(0))])
    assert net._memory is None


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
def test_a_replica_that_is_killed_ends_the_step_with_a_sentence():
    net = Network(lenet(), n_replicas=2)
    batch = batch_for(net, 16, np.random.default_rng(0))
    with net.replicas_at_work(16):
        wait_until_ready(net)
        learn(net, [batch])
        (pid,) = net._team.process_ids
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(NetworkError, match=r"^A process that computes a part .* was ended by signal 9, .*replica"):
            learn(net, [batch] * 3)
        assert not alive(pid)
    learn(net, [batch])


PARENT = """
import sys, time
import numpy as np
from core.engine.network import Network
from tests.core.engine.graphs import lenet
net = Network(lenet(), n_replicas=2)
entry = net.program.nodes[net.program.inputs[0]]
x, labels = np.zeros((16, *entry.shape), "float32"), np.zeros(16, int)
with net.replicas_at_work(16):
    while not net._team.is_ready:
        time.sleep(0.01)
    net.loss_and_gradient(x, labels)
    print(*net._team.process_ids, flush=True)
    while True:
        {what}
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
@pytest.mark.parametrize("what", ["net.loss_and_gradient(x, labels)", "time.sleep(1)"])
def test_replicas_end_when_whoever_started_them_is_killed(what):
    shared_before = set(Path("/dev/shm").iterdir()) if Path("/dev/shm").exists() else set()
    command = [sys.executable, "-c", PARENT.format(what=what)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        pid = int(parent.stdout.readline())
        assert alive(pid)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        wait_for(lambda: not alive(pid), seconds=5)
    if Path("/dev/shm").exists():
        assert set(Path("/dev/shm").iterdir()) <= shared_before


def test_a_replica_that_nothing_is_asked_of_rests():
    stat = Path("/proc/self/stat")
    if not stat.exists():
        pytest.skip("this system does not tell how long processes compute")
    net = Network(lenet(), n_replicas=2)
    with net.replicas_at_work(16):
        wait_until_ready(net)
        learn(net, [batch_for(net, 16, np.random.default_rng(0))])
        time.sleep(0.1)
        (pid,) = net._team.process_ids

        def ticks():
            user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
            return int(user) + int(system)

        before = ticks()
        time.sleep(0.5)
        assert ticks() - before <= 5  # of 50


def test_what_goes_wrong_in_a_replica_is_said():
    net = Network(lenet(), n_replicas=2)
    net.document = chain(
        (4,), ("Conv2D", {"filters": 1, "kernel_size": 1})
    )  # as if the other had been told something else
    with net.replicas_at_work(16):
        batch = batch_for(net, 16, np.random.default_rng(0))
        with pytest.raises(NetworkError, match="conv1"):
            wait_for(lambda: learn(net, [batch]) is None)


def test_an_exception_in_the_middle_of_a_step_leaves_no_process():
    net = Network(lenet(), n_replicas=2)
    x, labels = batch_for(net, 16, np.random.default_rng(0))
    with net.replicas_at_work(16):
        wait_until_ready(net)
        (pid,) = net._team.process_ids
        net.loss_and_gradient(x, labels)
        plan = next(iter(net._plans._plans.values()))
        plan._loss = None
        with pytest.raises(ValueError, match="loss"):
            net.loss_and_gradient(x, labels)
        assert not alive(pid)


def test_how_many_replicas_a_network_gets_by_default(monkeypatch):
    monkeypatch.setattr("core.engine.cost.n_cores", lambda: 3)
    heavy = chain((64, 64, 3), ("Conv2D", {"filters": 64, "kernel_size": 3}), "Flatten", ("Dense", {"units": 2}))
    assert Network(heavy, n_replicas=None).n_replicas == 3
    assert Network(chain((4,), ("Dense", {"units": 2})), n_replicas=None).n_replicas == 1


def test_every_kind_with_statistics_has_a_kernel_that_exchanges_them():
    for kind in KINDS.values():
        for example in kind.examples:
            weights = kind(**example.config).weights(example.inputs)
            if any(weight.role == "statistic" for weight in weights.values()):
                net = Network(chain(example.inputs[0], (kind.__name__, example.config), "Flatten"), n_replicas=2)
                net.forward(np.ones((4, *example.inputs[0])), training=True)
                (plan,) = (plan for plan in net._plans._plans.values() if plan.purpose.training)
                assert plan.kernels[0].n_exchanged >= sum(
                    weight.size for weight in weights.values() if weight.role == "statistic"
                )


def test_the_desk_has_room_for_the_batch_and_nothing_more():
    net = Network(two_inputs())
    memory = SharedMemory()
    Desk(net.program, "float32", 2, 10, memory.take)
    sizes = [count(net.program.nodes[index].shape) for index in net.program.inputs]
    assert sum(n_bytes for _, n_bytes in memory.handles) < 10 * (4 * sum(sizes) + 8) + 500


@pytest.mark.parametrize("command", [["-m", "core.engine.replicas.replica"], ["main.py", "--replica"]])
def test_a_process_that_is_told_nothing_ends_quietly(command):
    done = subprocess.run([sys.executable, *command], input="", capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_packaged_program_starts_itself_for_every_replica(monkeypatch):
    started = []

    class Started(subprocess.Popen):
        def __init__(self, command, **how):
            started.append(command)
            super().__init__([sys.executable, "main.py", *command[1:]], **how)

    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(subprocess, "Popen", Started)
    net = Network(lenet(), n_replicas=2)
    with net.replicas_at_work(16):
        wait_until_ready(net)
        learn(net, [batch_for(net, 16, np.random.default_rng(0))])
    assert started == [[sys.executable, "--replica"]]
