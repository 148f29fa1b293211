"""From a cell to its frames and its arithmetic, and from a sample to a look at the network, in milliseconds."""

import statistics
import time

import numpy as np

from core.engine.network import Network
from core.inside.arithmetic import work_out
from core.inside.backwards import hand_on
from core.inside.looking import Label, look_inside
from core.inside.regions import fed_by, seen_by
from core.io.templates import load_template

CELLS = 3
"""Of each layer."""


def milliseconds(work):
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1e3


def cells_of(program, rng):
    """Choose some cells of every layer that a gradient of the loss reaches."""
    nodes = [node for node in program.nodes if node.sources and node.index != program.outputs[0]]
    return [(node.id, tuple(int(rng.integers(n)) for n in node.shape)) for node in nodes for _ in range(CELLS)]


def main():
    rng = np.random.default_rng(0)
    for name in ("lenet5", "resnet50"):
        network = Network(load_template(name), seed=0)
        sample = rng.random(network.program.nodes[0].shape).astype("float32")
        looks = {
            "a look at a sample": lambda network=network, sample=sample: look_inside(network, sample),
            "a look with gradients": lambda network=network, sample=sample: look_inside(network, sample, Label(0)),
        }
        for title, work in looks.items():
            work()  # plans are made once
            print(f"{f'{name}: {title}':<52} median {statistics.median(milliseconds(work) for _ in range(5)):8.1f} ms")
        look = look_inside(network, sample, Label(0))
        cells = cells_of(network.program, rng)
        calls = {
            "cell to frames, backwards": lambda *at, look=look: seen_by(look.program, *at),
            "cell to frames, forwards": lambda *at, look=look: fed_by(look.program, *at),
            "cell to arithmetic": lambda *at, look=look: work_out(look, *at),
            "cell to gradients": lambda *at, look=look: hand_on(look, *at),
            "cell to all four (goal of lenet5: ≤ 16)": lambda *at, look=look: (
                seen_by(look.program, *at),
                fed_by(look.program, *at),
                work_out(look, *at),
                hand_on(look, *at),
            ),
        }
        for title, call in calls.items():
            times = [milliseconds(lambda at=at, call=call: call(*at)) for at in cells]
            most, where = max(zip(times, cells, strict=True))
            print(
                f"{f'{name}: {title}':<52} median {statistics.median(times):8.2f} ms, most {most:8.2f} ms ({where[0]})"
            )
