"""The team whose other members are processes: each computes its part of the batch on a core of its own."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import IO, cast

import numpy as np

from core.engine.kernels.definition import samples_first
from core.engine.kernels.kernel import Part
from core.engine.plans.memory_plan import Purpose
from core.engine.plans.pool import Plans
from core.engine.program import Program
from core.engine.replicas.meeting import Meetings, give_way
from core.engine.replicas.replica import PURPOSES, Desk, Orders
from core.engine.replicas.shared_memory import SharedMemory
from core.engine.replicas.team import Lockstep, spans
from core.errors import NetworkError
from core.layers.values import Array
from core.own_process import own_command, own_environment, unasked_to_end

log = logging.getLogger("convograph.engine")

SECONDS_TO_END = 5.0
"""How long a process may take to end by itself."""


class Processes:
    """Computes the first part of every batch here, and each other part in a process of its own.

    The processes take a moment to begin; until then, and for batches that are not divided or too large for the desk,
    one thread does the work of all. The bits are the same: the parts and the order of their sum are the same.

    Parameters
    ----------
    plans : Plans
    orders : Orders
        What each process is told; its number and the memory are filled in.
    memory : SharedMemory
        Where the weights lie.
    """

    def __init__(self, program: Program, plans: Plans, orders: Orders, memory: SharedMemory) -> None:
        self._plans, self._lockstep = plans, Lockstep(plans)
        desk = SharedMemory()
        self._desk = Desk(program, orders.dtype, orders.n_replicas, orders.largest_batch, desk.take)
        self._desk.ready[0] = True
        self._meetings = Meetings(self._desk.arrivals, 0, self._look)
        handles = [*memory.handles, *desk.handles]
        files = (*memory.files, *desk.files)
        self._workers = [_start(orders.of(number, handles), files) for number in range(1, orders.n_replicas)]

    @property
    def is_ready(self) -> bool:
        """Whether every process has begun to work."""
        return bool(self._desk.ready.all())

    @property
    def process_ids(self) -> list[int]:
        """Return the numbers that the operating system calls the processes by."""
        return [worker.pid for worker in self._workers]

    def measure(
        self, parts: tuple[Part, ...], purpose: Purpose, xs: Mapping[int, Array], labels: Array, divisor: float
    ) -> tuple[float, int]:
        """Return the summed loss of a batch, and how many of its samples are right.

        Raises
        ------
        NetworkError
            If a process has ended.
        """
        if len(parts) == 1 or len(labels) > self._desk.largest_batch or not self.is_ready:
            self._look()
            return self._lockstep.measure(parts, purpose, xs, labels, divisor)
        try:
            return self._measure_together(parts, purpose, xs, labels, divisor)
        except BaseException:
            self.close()  # the others wait for a meeting that will not be
            raise

    def _measure_together(
        self, parts: tuple[Part, ...], purpose: Purpose, xs: Mapping[int, Array], labels: Array, divisor: float
    ) -> tuple[float, int]:
        desk, own = self._desk, spans(parts)[0]
        others = slice(own.stop, len(labels))
        for index, x in xs.items():
            np.copyto(desk.samples[index][others], samples_first(x)[others], casting="unsafe")
        desk.labels[others] = labels[others]
        desk.divisor[0] = divisor
        desk.task[1:] = len(labels), PURPOSES.index(purpose), self._plans.n_drawn
        give_way()  # all this is seen before the number of the task
        desk.task[0] += 1
        samples = {index: x[..., own] for index, x in xs.items()}
        passing = self._plans.of(parts[0], purpose).step(samples, labels[own], divisor)
        while True:
            try:
                next(passing)
            except StopIteration as end:
                desk.results[0] = end.value
                break
            self._meetings.meet()
        self._meetings.meet()
        losses, n_right = zip(*desk.results.tolist(), strict=True)
        return sum(losses), int(sum(n_right))

    def _look(self) -> None:
        """Raise where a process has ended: then it will come to no meeting."""
        for worker in self._workers:
            status = worker.poll()
            if status is not None:
                said = worker.stdout.read() if worker.stdout else ""
                raise NetworkError(said or _unexpected(status))

    def close(self) -> None:
        """End the processes, and wait until they are gone."""
        for worker in self._workers:
            with suppress(OSError):
                cast(IO[str], worker.stdin).close()
        for worker in self._workers:
            try:
                worker.wait(SECONDS_TO_END)
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait()
            if worker.stdout:
                worker.stdout.close()


def _start(orders: Orders, files: tuple[int, ...]) -> subprocess.Popen[str]:
    frozen = getattr(sys, "frozen", False)
    command = [sys.executable, "--replica"] if frozen else own_command(Orders.__module__)
    one_thread = dict.fromkeys(("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"), "1")
    with unasked_to_end():
        worker = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            pass_fds=files,
            env=own_environment(**one_thread, PYTHONIOENCODING="utf-8"),
        )
    log.info("replica %s is process %s", orders.number, worker.pid)
    stdin = cast(IO[str], worker.stdin)
    with suppress(BrokenPipeError):  # whoever looks for it next says so
        stdin.write(orders.as_line())
        stdin.flush()
    return worker


def _unexpected(status: int) -> str:
    ended = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
    return (
        f"A process that computes a part of every batch {ended}, so the step cannot be finished. "
        "If the memory was full, use smaller batches; or train with 1 replica, which needs no further process."
    )
