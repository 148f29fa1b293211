"""Milliseconds of a training step: our engine and, where it is installed, PyTorch.

Every contender lives in a process of its own, because thread pools of two libraries in one process disturb each other;
they are driven in turn. A step is forward, cross-entropy, backward and SGD with momentum on a batch that is there.
"""

import importlib.util
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass

import numpy as np

ROUNDS = 5
SECONDS = 0.4
"""How long a contender runs in one round."""

CONV = "Conv2D"
_LENET_MAPS = [(CONV, 6, 5, 2), ("ReLU",), ("MaxPool2D",), (CONV, 16, 5, 0), ("ReLU",), ("MaxPool2D",), ("Flatten",)]
_LENET_ROWS = [("Dense", 120), ("ReLU",), ("Dense", 84), ("ReLU",), ("Dense", 10)]
_DIGITS_MAPS = [(CONV, 16, 3, 1), ("ReLU",), ("MaxPool2D",), (CONV, 32, 3, 1), ("ReLU",), ("MaxPool2D",), ("Flatten",)]
NETWORKS = {
    "MLP 64-100-10, batch 32": ((64,), 32, [("Dense", 100), ("ReLU",), ("Dense", 10)]),
    "digits CNN, batch 32": ((8, 8, 1), 32, [*_DIGITS_MAPS, ("Dense", 10)]),
    "LeNet-5 28×28, batch 32": ((28, 28, 1), 32, _LENET_MAPS + _LENET_ROWS),
    "LeNet-5 28×28, batch 64": ((28, 28, 1), 64, _LENET_MAPS + _LENET_ROWS),
}
"""By name: the shape of a sample, the batch size, and the layers: Dense with its units, Conv2D with K, F and P."""


@dataclass(frozen=True)
class Contender:
    """A library with its number of threads."""

    title: str
    library: str
    threads: int
    channels_last: bool = False

    def available(self):
        return self.library == "numpy" or importlib.util.find_spec("torch") is not None

    def start(self):
        pools = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
        environment = os.environ | dict.fromkeys(pools, str(self.threads))
        command = [sys.executable, "-m", "tests.benchmarks.engine", self.title]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        return subprocess.Popen(command, env=environment, **pipes)


CONTENDERS = (
    Contender("Convograph", "numpy", 1),
    Contender("PyTorch, 1 thread", "torch", 1),
    Contender("PyTorch, 2 threads", "torch", 2),
    Contender("PyTorch, 2 threads, channels last", "torch", 2, channels_last=True),
)


def our_step(shape, layers, x, labels):
    """Make a function that trains our network by one step."""
    from core.engine.network import Network
    from core.learning.optimizers import SGD
    from tests.drawing import chain

    def declared(kind, *numbers):
        names = {CONV: ("filters", "kernel_size", "padding"), "Dense": ("units",)}.get(kind, ())
        return kind, dict(zip(names, numbers, strict=True))

    net = Network(chain(shape, *(declared(*entry) for entry in layers)), seed=0)
    optimizer = SGD(learning_rate=0.01, momentum=0.9)
    moments, scratch = (np.zeros_like(net.parameters),), np.empty_like(net.parameters)

    def step():
        net.loss_and_gradient(x, labels)
        optimizer.update(net.parameters, net.gradients, moments, 1, scratch)

    return step


def torch_step(shape, layers, x, labels, contender):
    """Make a function that trains the same network in PyTorch by one step, as one would write it there."""
    import torch
    from torch import nn

    torch.set_num_threads(contender.threads)
    parts = []
    channels = shape[-1]
    for kind, *numbers in layers:
        if kind == CONV:
            parts.append(nn.Conv2d(channels, numbers[0], numbers[1], padding=numbers[2]))
            channels = numbers[0]
        elif kind == "Dense":
            parts.append(nn.LazyLinear(numbers[0]))
        else:
            parts.append({"ReLU": nn.ReLU, "MaxPool2D": lambda: nn.MaxPool2d(2), "Flatten": nn.Flatten}[kind]())
    model = nn.Sequential(*parts)
    x = torch.from_numpy(x)
    if x.ndim == 4:
        x = x.permute(0, 3, 1, 2).contiguous()
    model(x)  # gives lazy layers their shapes
    if contender.channels_last and x.ndim == 4:
        model, x = model.to(memory_format=torch.channels_last), x.contiguous(memory_format=torch.channels_last)
    labels = torch.from_numpy(labels)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, fused=True)

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = nn.functional.cross_entropy(model(x), labels)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def serve(title):
    """Answer names of networks on the standard input with median milliseconds, until it ends."""
    contender = next(contender for contender in CONTENDERS if contender.title == title)
    steps = {}
    for line in sys.stdin:
        name = line.strip()
        if name not in steps:
            shape, batch, layers = NETWORKS[name]
            rng = np.random.default_rng(0)
            x, labels = rng.random((batch, *shape), dtype="float32"), rng.integers(0, 10, batch)
            make = our_step if contender.library == "numpy" else torch_step
            extra = () if contender.library == "numpy" else (contender,)
            steps[name] = make(shape, layers, x, labels, *extra)
            for _ in range(10):
                steps[name]()
        print(timed(steps[name]), flush=True)


def timed(step):
    times = []
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


def measure():
    """Give the median milliseconds of a step, by network and contender."""
    contenders = [contender for contender in CONTENDERS if contender.available()]
    workers = {contender.title: contender.start() for contender in contenders}
    found = {name: {title: [] for title in workers} for name in NETWORKS}
    try:
        for name in NETWORKS:
            for _ in range(ROUNDS):
                for title, worker in workers.items():
                    print(name, file=worker.stdin, flush=True)
                    found[name][title].append(float(worker.stdout.readline()))
    finally:
        for worker in workers.values():
            worker.stdin.close()
            worker.wait()
    return {name: {title: statistics.median(times) for title, times in row.items()} for name, row in found.items()}


def table(found):
    """Lay the figures out as Markdown; the ratio is PyTorch's best time by ours."""
    titles = list(next(iter(found.values())))
    lines = [f"| ms per step | {' | '.join(titles)} | PyTorch's best / ours |", "|---" * (len(titles) + 2) + "|"]
    for name, row in found.items():
        ours, *theirs = row.values()
        ratio = f"{min(theirs) / ours:.2f}" if theirs else "–"
        lines.append(f"| {name} | {' | '.join(f'{ms:.3f}' for ms in row.values())} | {ratio} |")
    return "\n".join(lines)


def main():
    print(table(measure()))


if __name__ == "__main__":
    serve(sys.argv[1]) if len(sys.argv) > 1 else main()
