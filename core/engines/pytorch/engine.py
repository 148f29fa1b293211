"""PyTorch as the engine of a training, in one process or in several that share each batch."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from inspect import signature
from sys import maxsize
from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor, distributed, nn

from core.analysis.report import Report
from core.engine.network import Network
from core.engines.processes import Processes, reaching
from core.engines.pytorch.arrays import Arrays
from core.engines.pytorch.gathering import GatheredBatchNorm
from core.engines.pytorch.moving import Mover
from core.engines.pytorch.noise import Noise
from core.engines.pytorch.written import written
from core.errors import LostProcessError, NetworkError
from core.io.datasets import Indices
from core.layers.values import Array
from core.learning.optimizers import Optimizer
from core.text import counted
from core.training.parts import part_size
from core.training.penalty import Penalty
from core.training.run_on import RunOn

_Measured: TypeAlias = tuple[float, int]
_DTYPES = {"float32": torch.float32, "float64": torch.float64}


@dataclass(frozen=True, slots=True)
class MakeTorchEngine:
    """Makes PyTorch the engine of a training.

    Parameters
    ----------
    run_on : RunOn
    processes : Processes
        Who shares the training.
    """

    run_on: RunOn
    processes: Processes = Processes()

    @property
    def has_replicas(self) -> bool:
        """Whether the network's own replicas compute: they don't."""
        return False

    @property
    def computers(self) -> int:
        """How many processes share each batch; 0 where they compute on other devices, with a memory of their own."""
        return self.processes.size if self.run_on.device == "cpu" else 0

    def __call__(self, network: Network, report: Report) -> TorchEngine:
        """Return the engine of a network."""
        return TorchEngine(network, report, self.run_on, self.processes)


class TorchEngine:
    """Computes a network in PyTorch; what it computes is what NumPy's engine does, up to rounding.

    Layers that draw have the random numbers that NumPy's engine would draw, so that a run does not depend on where it
    is computed, nor on how many processes share it.

    The processes are each given their share of every batch. What each finds counts as much as its samples do in the
    whole batch, however they are divided, and statistics of a batch are taken of all of it.

    Raises
    ------
    NetworkError
        If PyTorch can't say a layer.
    """

    def __init__(self, network: Network, report: Report, run_on: RunOn, processes: Processes) -> None:
        self._network, self._processes = network, processes
        where = run_on.device if run_on.device != "cuda" else f"cuda:{processes.local_rank}"
        self._device, self._dtype = torch.device(where), _DTYPES[network.dtype.name]
        self.run_on = RunOn(run_on.engine, run_on.device, run_on.precision, processes.size)
        self._written = written(report, network.program)
        module = self._written.module.to(self._device, self._dtype)
        self._noise = Noise(network, self._written)
        self._arrays = Arrays(network, self._written, self._device)
        self.is_here = self._arrays.is_here
        # Parts of batches are as NumPy's are, so that they draw the same; elsewhere a whole batch is fastest.
        self.most_at_once = part_size(network.program) if self.is_here else maxsize
        self._gathered: list[GatheredBatchNorm] = []
        self._statistics = [buffer for buffer in module.buffers() if buffer.is_floating_point()]
        with reaching(processes):
            self._module = module if processes.size == 1 else self._shared(module)
        self._mover = Mover(self._arrays.parameters, self._arrays.gradients)
        self._is_read, self._is_written = True, False
        self._class_weights: tuple[Array, Tensor] | None = None
        self._last: tuple[Array, Array] | None = None

    def _shared(self, module: nn.Module) -> nn.Module:
        """Let the processes find gradients together."""
        if self._device.type == "cuda":
            module = nn.SyncBatchNorm.convert_sync_batchnorm(module)
        else:
            for path, line in self._written.lines:
                if line.said is not None and "moving_mean" in line.said.arrays:
                    parent, _, name = path.rpartition(".")
                    gathered = GatheredBatchNorm(module.get_submodule(path))
                    setattr(module.get_submodule(parent), name, gathered)
                    self._gathered.append(gathered)
        parallel = nn.parallel.DistributedDataParallel
        new = "forward_sync_buffers" in signature(parallel).parameters  # as broadcast_buffers is called by now
        return parallel(module, **{"forward_sync_buffers" if new else "broadcast_buffers": False})

    def share(self, samples: Indices) -> Indices:
        """Return this process's samples of a batch; where there are less than processes, each computes all."""
        return samples[self._mine(len(samples))]

    def _mine(self, n: int) -> slice:
        rank, size = self._processes.rank, self._processes.size
        if n < size:
            return slice(0, n)
        return slice(rank * n // size, (rank + 1) * n // size)

    def loss_and_gradient(self, x: Array, labels: Array) -> _Measured:
        """Do what `Engine` says."""
        mine = self._mine(len(labels))
        self._begin(x, labels[mine])
        self._set_training(True)
        self._arrays.begin()
        self._noise.draw(len(labels), mine, self._arrays.parameters)
        divided = self._processes.size > 1 and len(labels) >= self._processes.size
        for norm in self._gathered:
            norm.gathers = divided
        before = [buffer.clone() for buffer in self._statistics] if self._processes.size > 1 else []
        try:
            return self._asked(lambda: self._learn(x, labels, mine, divided=divided))
        except LostProcessError:
            for buffer, values in zip(self._statistics, before, strict=True):
                buffer.copy_(values)
            raise

    def _learn(self, x: Array, labels: Array, mine: slice, *, divided: bool) -> _Measured:
        whole, share = self._network.weight_of(labels), self._network.weight_of(labels[mine])
        loss, n_right = self._measure(self._module, x, labels[mine])
        # PyTorch averages over processes what is to be a sum.
        parts = self._processes.size if divided else 1
        (loss * (share * parts / whole)).backward()
        self._arrays.gather()
        self._is_read = False
        total, n_right = self._totals(loss.item() * share, n_right, divided=divided)
        return total / whole, n_right

    def evaluate(self, x: Array, labels: Array) -> _Measured:
        """Do what `Engine` says."""
        mine = self._mine(len(labels))
        self._begin(x, labels[mine])
        self._set_training(False)
        divided = self._processes.size > 1 and len(labels) >= self._processes.size

        def measure() -> _Measured:
            with torch.inference_mode():
                loss, n_right = self._measure(self._written.module, x, labels[mine])
            return self._totals(loss.item() * self._network.weight_of(labels[mine]), n_right, divided=divided)

        return self._asked(measure)

    def _set_training(self, training: bool) -> None:
        if self._written.module.training != training:
            self._written.module.train(training)

    def _begin(self, x: Array, labels: Array) -> None:
        self._last = x, labels
        if self._is_written:
            self._is_written = False
            if not self.is_here:
                self._arrays.write()
                self._mover.forget()
        self._arrays.spread()

    def _measure(self, module: nn.Module, x: Array, labels: Array) -> tuple[Tensor, int]:
        """Return the mean loss of samples, and how many are right."""
        samples = torch.from_numpy(x).to(self._device, self._dtype)
        if samples.ndim == 4:
            samples = samples.permute(0, 3, 1, 2)
        there = torch.from_numpy(np.ascontiguousarray(labels)).to(self._device)
        low = self.run_on.precision == "bfloat16"
        with torch.autocast(self._device.type, torch.bfloat16) if low else nullcontext():
            scores = module(samples, **self._written.scores).flatten(1)
        scores = scores.to(self._dtype)
        loss = self._written.loss(scores, there, self._weights())
        return loss, int((scores.argmax(1) == there).sum())

    def _weights(self) -> Tensor | None:
        """Return the class weights."""
        ours = self._network.class_weights
        if ours is None:
            return None
        if self._class_weights is None or self._class_weights[0] is not ours:
            self._class_weights = ours, torch.tensor(ours, device=self._device, dtype=self._dtype)
        return self._class_weights[1]

    def _totals(self, loss: float, n_right: int, *, divided: bool) -> _Measured:
        """Return the sums over all processes."""
        if not divided:
            return loss, n_right
        wide = torch.float32 if self._device.type == "mps" else torch.float64
        sums = torch.tensor([loss, n_right], dtype=wide, device=self._device)
        distributed.all_reduce(sums)
        return float(sums[0]), int(sums[1])

    def _asked(self, compute: Callable[[], _Measured]) -> _Measured:
        """Compute, and say in a sentence where that fails."""
        try:
            with reaching(self._processes):
                return compute()
        except torch.OutOfMemoryError as error:
            n = counted(0 if self._last is None else len(self._last[0]), "sample")
            raise NetworkError(
                f"The memory of {self._device} is full: {n} at once do not fit. Use a smaller batch size."
            ) from error

    def move(
        self,
        penalty: Penalty,
        optimizer: Optimizer,
        moments: tuple[Array, ...],
        step: int,
        scratch: Array,
        rate: float,
    ) -> None:
        """Do what `Engine` says."""
        self._mover.move(penalty, optimizer, moments, step, rate)
        self._is_read = False

    def first_nonfinite(self) -> str | None:
        """Have NumPy's engine compute the last batch again, and look where it begins."""
        if self._last is None:
            return None
        self.read()
        network, (x, labels) = self._network, self._last
        kept = network.statistics.copy(), network.n_drawn
        with np.errstate(all="ignore"), suppress(MemoryError, NetworkError):
            network.loss_and_gradient(x, labels)
        network.statistics[...], network.n_drawn = kept
        return network.first_nonfinite()

    def read(self) -> None:
        """Do what `Engine` says."""
        if not self._is_read:
            self._is_read = True
            if not self.is_here:
                self._arrays.read()
                self._mover.read()

    def write(self) -> None:
        """Do what `Engine` says."""
        self._is_written, self._is_read = True, True
