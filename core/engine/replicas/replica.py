"""A process that computes one part of every batch: what it is told, and what it does until nobody tells it any more.

    python -m core.engine.replicas.replica

reads one line of JSON from its input, `Orders`, and ends when that input ends.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from threading import Thread
from typing import TextIO

import numpy as np
from numpy.typing import DTypeLike

from core.engine.kernels.definition import samples_last
from core.engine.plans.memory_plan import EVALUATION, STEP, Purpose
from core.engine.plans.pool import Plans, divide
from core.engine.program import Program, compile_program
from core.engine.replicas.meeting import Meetings, wait_until
from core.engine.replicas.shared_memory import Handle, OpenedMemory
from core.engine.replicas.team import spans
from core.engine.threads import ONE_THREAD
from core.engine.weights import Allocate, WeightStore
from core.errors import ConvographError
from core.io.documents import loads
from core.layers.values import Array

PURPOSES: tuple[Purpose, ...] = (STEP, EVALUATION)
"""What replicas compute together; an order names one by its place."""


@dataclass(frozen=True, slots=True)
class Orders:
    """What a replica is told before it begins.

    Attributes
    ----------
    document : str
        As its file would read.
    number, n_replicas : int
        Which of how many it is, from 0; the first is the process that gives the orders.
    largest_batch : int
        For how many samples the desk has room.
    class_weights : sequence of float, or None
        How much samples of each class count in the loss.
    handles : sequence of Handle
        The memory of the weights, then that of the desk.
    """

    document: str
    dtype: str
    seed: int
    n_replicas: int
    largest_batch: int
    class_weights: Sequence[float] | None = None
    number: int = 0
    handles: Sequence[Handle] = ()

    def of(self, number: int, handles: Sequence[Handle]) -> Orders:
        """Return the orders of one replica, which finds the memory by these handles."""
        return replace(self, number=number, handles=handles)

    def as_line(self) -> str:
        """Write them as one line of JSON."""
        return json.dumps(asdict(self)) + "\n"


class Desk:
    """What replicas share beside weights and gradients: the batch, what to do with it, and what came out.

    Attributes
    ----------
    task : array of int64, (4,)
        The number of the task, the batch's samples, the purpose's place, and how many passes drew before.
    ready : array of bool, (replicas,)
        Who has begun to look for tasks.
    arrivals : array of int64, (replicas, 8)
        Of `Meetings`.
    samples : mapping of int to array, (largest batch, *shape)
        By the nodes where they enter.
    labels : array of int64, (largest batch,)
    divisor : array of float64, (1,)
        What the batch's summed loss is divided by for the mean.
    results : array of float64, (replicas, 2)
        The summed loss and how many are right, of each part.
    """

    def __init__(
        self, program: Program, dtype: DTypeLike, n_replicas: int, largest_batch: int, allocate: Allocate
    ) -> None:
        self.task = allocate((4,), np.int64)
        self.ready = allocate((n_replicas,), np.bool_)
        self.arrivals = allocate((n_replicas, 8), np.int64)
        self.samples = {
            index: allocate((largest_batch, *program.nodes[index].shape), dtype) for index in program.inputs
        }
        self.labels = allocate((largest_batch,), np.int64)
        self.divisor = allocate((1,), np.float64)
        self.results = allocate((n_replicas, 2), np.float64)
        self.largest_batch = largest_batch

    def has_task_after(self, number: int) -> bool:
        """Tell whether there is a task after the one of this number."""
        return bool(self.task[0] > number)

    def batch(self, samples: slice) -> tuple[dict[int, Array], Array]:
        """View some samples of the batch, with the axes of the engine, and their labels."""
        return {index: samples_last(x[samples]) for index, x in self.samples.items()}, self.labels[samples]


def work(orders: Orders) -> None:
    """Compute this replica's part of every batch, for ever."""
    memory = OpenedMemory(orders.handles)
    program = compile_program(loads(orders.document))
    store = WeightStore(program, orders.dtype, orders.n_replicas, memory.take)
    desk = Desk(program, orders.dtype, orders.n_replicas, orders.largest_batch, memory.take)
    class_weights = None if orders.class_weights is None else np.array(orders.class_weights)
    plans = Plans(program, store, orders.seed, class_weights)
    meetings = Meetings(desk.arrivals, orders.number)
    done = int(desk.task[0])
    desk.ready[orders.number] = True
    gc.freeze()
    while True:
        wait_until(partial(desk.has_task_after, done))
        done, n, purpose, n_drawn = map(int, desk.task)
        parts = divide(n, orders.n_replicas)
        if plans.n_drawn != n_drawn:
            plans.draw_for(n_drawn)
        xs, labels = desk.batch(spans(parts)[orders.number])
        passing = plans.of(parts[orders.number], PURPOSES[purpose]).step(xs, labels, float(desk.divisor[0]))
        while True:
            try:
                next(passing)
            except StopIteration as end:
                desk.results[orders.number] = end.value
                break
            meetings.meet()
        meetings.meet()


def end_with(stream: TextIO) -> None:
    """End this process when a stream ends: whoever held its other end is gone, however that came about."""
    stream.read()
    os._exit(0)


def main() -> int:
    """Read the orders, and work until nobody is there any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for who gave the orders
    line = sys.stdin.readline()
    if not line:
        return 0  # whoever started this process was gone before it said anything
    orders = Orders(**json.loads(line))
    Thread(target=end_with, args=(sys.stdin,), daemon=True).start()
    try:
        with ONE_THREAD, np.errstate(all="ignore"):
            work(orders)
    except (ConvographError, MemoryError) as error:
        sys.stdout.write(str(error) or "The memory is full.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
