"""A process that computes a network over and over on request, with one library.

    python -m core.bench.contender '{"library": "torch", "threads": 2, "channels_last": true, "case": "lenet5"}'

It says `ready` once it is. For every line on its input, a number of seconds, it computes for that long and writes the
median duration of a step in milliseconds.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from statistics import median
from time import perf_counter, sleep
from typing import Any, Literal, TypeAlias

import numpy as np

from core.bench.networks import CASES, Case
from core.engine.network import Network
from core.engine.threads import ONE_THREAD
from core.learning.optimizers import SGD
from core.own_process import own_command

Step: TypeAlias = Callable[[], object]

RATE = 1e-7
"""So small that nothing is learned: on one batch repeated, gradients would soon be too small for normal numbers,
and computing with those is many times slower."""
WARM_UPS = 3
SECONDS_TO_BEGIN = 10.0
"""How long replicas may take to begin."""


@dataclass(frozen=True, slots=True)
class Contender:
    """A library, and how it is used.

    Attributes
    ----------
    threads : int
        Of PyTorch; for our engine, into how many replicas batches are divided, 0 for as many as help.
    """

    title: str
    library: Literal["convograph", "torch"]
    threads: int = 0
    channels_last: bool = False

    def command(self, case: str) -> list[str]:
        """Return what starts its process."""
        return own_command(Contender.__module__, json.dumps({**asdict(self), "case": case}))


def our_step(case: Case, replicas: int, stack: ExitStack) -> Step:
    """Make a step of our engine, the optimiser's update included."""
    network = Network(case.draw(), n_replicas=(replicas or None) if case.trains else 1)
    x, labels = _batch(network, case)
    if not case.trains:
        return lambda: network.forward(x)
    stack.enter_context(ONE_THREAD)  # as the window and the command line do for a whole run
    stack.enter_context(network.replicas_at_work(case.batch))
    optimizer = SGD(learning_rate=RATE, momentum=0.9)
    parameters = network.parameters
    moments, scratch = (np.zeros_like(parameters),), np.empty_like(parameters)

    def step() -> float:
        loss, _ = network.loss_and_gradient(x, labels)
        optimizer.update(parameters, network.gradients, moments, 1, scratch)
        return loss

    began = perf_counter()
    while not network.has_all_replicas and perf_counter() - began < SECONDS_TO_BEGIN:
        sleep(0.01)
    return step


def torch_step(case: Case, threads: int, channels_last: bool) -> Step:
    """Make a step of PyTorch, as its users write it."""
    import torch

    from core.bench.torch_twin import Twin

    torch.set_num_threads(threads)
    network = Network(case.draw())
    twin = Twin(network)
    samples, classes = _batch(network, case)
    x, labels = torch.from_numpy(samples), torch.from_numpy(classes)
    if x.ndim == 4:
        x = x.permute(0, 3, 1, 2).contiguous()
        if channels_last:
            twin, x = twin.to(memory_format=torch.channels_last), x.contiguous(memory_format=torch.channels_last)
    del network
    if not case.trains:
        twin.eval()

        def look() -> object:
            with torch.inference_mode():
                return twin(x)

        return look
    optimizer = torch.optim.SGD(twin.parameters(), lr=RATE, momentum=0.9, fused=True)

    def step() -> Any:
        optimizer.zero_grad(set_to_none=True)
        loss = torch.nn.functional.cross_entropy(twin(x, scores=True), labels)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def _batch(network: Network, case: Case) -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    shape = network.program.nodes[network.program.inputs[0]].shape
    classes = network.program.nodes[network.program.outputs[0]].shape[-1]
    return rng.random((case.batch, *shape), dtype="float32"), rng.integers(0, classes, case.batch)


def time_for(step: Step, seconds: float) -> float:
    """Return the median duration in ms of the steps taken in that time."""
    times: list[float] = []
    end = perf_counter() + seconds
    while not times or perf_counter() < end:
        began = perf_counter()
        step()
        times.append(perf_counter() - began)
    return 1e3 * median(times)


def main(order: str) -> None:
    """Compute whenever a line asks for it, until the input ends."""
    wanted = json.loads(order)
    case = CASES[wanted["case"]]
    with ExitStack() as stack:
        if wanted["library"] == "torch":
            step = torch_step(case, wanted["threads"], wanted["channels_last"])
        else:
            step = our_step(case, wanted["threads"], stack)
        for _ in range(WARM_UPS):
            step()
        print("ready", os.getpid(), flush=True)
        for line in sys.stdin:
            print(time_for(step, float(line)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
