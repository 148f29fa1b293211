"""The processes that share a training, as `torchrun` starts them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic, sleep
from typing import Any

from core.errors import LostProcessError

SECONDS = 300
"""After so long without an answer another process counts as lost."""
_LEAVING_SECONDS = 10
_STARTED = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT")
"""What torchrun tells each process, in the environment."""
_LOST = re.compile("gloo|nccl|connection|peer|timed? ?out|socket|store", re.IGNORECASE)
"""What failures say that come from other processes."""


@dataclass(frozen=True, slots=True)
class Processes:
    """Who shares a training.

    Attributes
    ----------
    rank : int
        Which of them this one is, from 0.
    size : int
        How many they are.
    local_rank : int
        Which of those on this machine this one is.
    store : torch.distributed.Store or None
        Where they leave word for each other, also when one is lost; None where there is one alone.
    """

    rank: int = 0
    size: int = 1
    local_rank: int = 0
    store: Any = field(default=None, repr=False)

    @property
    def is_first(self) -> bool:
        """Whether it is the one that speaks and writes."""
        return self.rank == 0

    def is_first_to_say(self, text: str) -> bool:
        """Tell whether none of the others has said this yet."""
        if self.store is None:
            return True
        try:
            return bool(self.store.add(f"said: {text}", 1) == 1)
        except (RuntimeError, ValueError):  # who keeps the store is gone: better twice than never
            return True

    def tell(self, name: str, text: str) -> None:
        """Leave word for the others."""
        if self.store is not None:
            self.store.set(name, text)

    def told(self, name: str) -> str:
        """Return the word that one of them has left; "" where none has."""
        try:
            return self.store.get(name).decode() if self.store is not None and self.store.check([name]) else ""
        except (RuntimeError, ValueError):
            return ""

    def end_together(self) -> None:
        """Give the others a moment to come here, so that nobody hangs up while another still speaks."""
        if self.store is None:
            return
        until = monotonic() + _LEAVING_SECONDS
        try:
            n = self.store.add("ended", 1)
            while n < self.size and monotonic() < until:
                sleep(0.01)
                n = self.store.add("ended", 0)
        except (RuntimeError, ValueError):  # who keeps the store is gone
            return

    def wait(self) -> None:
        """Wait until all have come here.

        Raises
        ------
        LostProcessError
            If one doesn't.
        """
        if self.store is not None:
            from torch import distributed

            with reaching(self):
                distributed.barrier()


@contextmanager
def reaching(processes: Processes) -> Iterator[None]:
    """Say in a sentence where another process is not reached.

    Raises
    ------
    LostProcessError
    """
    try:
        yield
    except RuntimeError as error:
        if processes.size == 1 or not _LOST.search(str(error)):
            raise
        raise LostProcessError(
            f"Another of the {processes.size} processes of this training has ended, or does not answer: without it "
            "there is no next step."
        ) from error


def started_by_torchrun() -> bool:
    """Tell whether this process is one of several that `torchrun` started."""
    return all(name in os.environ for name in _STARTED) and os.environ["WORLD_SIZE"] != "1"


def met(device: str) -> Processes:
    """Meet the other processes that `torchrun` started.

    Parameters
    ----------
    device : str
        What they compute on: on CUDA they speak by NCCL, else by Gloo.
    """
    if not started_by_torchrun():
        return Processes()
    import torch
    from torch import distributed

    local_rank = int(os.environ["LOCAL_RANK"])
    if device == "cuda":
        torch.cuda.set_device(local_rank)
    patience = timedelta(seconds=SECONDS)
    store, rank, size = next(distributed.rendezvous("env://", timeout=patience))
    backend = "nccl" if device == "cuda" else "gloo"
    distributed.init_process_group(backend, store=store, rank=rank, world_size=size, timeout=patience)
    return Processes(rank, size, local_rank, store)


def parted() -> None:
    """Leave the others, at the end."""
    if not started_by_torchrun():
        return
    from torch import distributed

    if distributed.is_initialized():
        distributed.destroy_process_group()
