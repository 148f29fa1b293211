"""What a training can run on: one entry for each engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, get_args

from core.engines.processes import Processes
from core.errors import NetworkError
from core.text import listing
from core.training.run_on import Precision, RunOn

if TYPE_CHECKING:  # whoever asks for the names alone needs no NumPy
    from core.training.engine import MakeEngine


@dataclass(frozen=True, slots=True)
class Entry:
    """An engine that trainings can run on.

    Attributes
    ----------
    label : str
        What people call it.
    devices : tuple of str
        What it can compute on, where that is there.
    precisions : tuple of str
    make : callable
        Returns what makes it, for processes that share the training.
    """

    label: str
    devices: tuple[str, ...]
    precisions: tuple[Precision, ...]
    make: Callable[[RunOn, Processes], MakeEngine]


def _numpy(run_on: RunOn, processes: Processes) -> MakeEngine:
    from core.training.engine import NumpyEngine

    return NumpyEngine


def _torch(run_on: RunOn, processes: Processes) -> MakeEngine:
    from core.engines.pytorch.engine import MakeTorchEngine

    return MakeTorchEngine(run_on, processes)


ENGINES: dict[str, Entry] = {
    "numpy": Entry("NumPy engine", ("cpu",), ("float32",), _numpy),
    "torch": Entry("PyTorch", ("cpu", "cuda", "mps"), get_args(Precision), _torch),
}
"""By the names that `--engine` takes."""

DEVICES = tuple(dict.fromkeys(device for entry in ENGINES.values() for device in entry.devices))
PRECISIONS = tuple(dict.fromkeys(precision for entry in ENGINES.values() for precision in entry.precisions))
_DEVICE_LABELS = {"cpu": "CPU", "cuda": "CUDA", "mps": "Apple's GPU"}


def engine_for(run_on: RunOn, processes: Processes | None = None) -> MakeEngine:
    """Return what makes the engine that is asked for.

    Parameters
    ----------
    processes : Processes, optional
        Who shares the training; by default this one alone.

    Raises
    ------
    NetworkError
        As `require_there` does.
    """
    require_there(run_on)
    return ENGINES[run_on.engine].make(run_on, processes or Processes())


_HOW = {"--device": "on", "--precision": "in"}


def require_there(run_on: RunOn) -> None:
    """Raise where a training can't run on that, here.

    Raises
    ------
    NetworkError
        If the engine does not compute on that device, or in that precision, or isn't installed, or the device isn't
        there; the text says what is.

    Examples
    --------
    >>> require_there(RunOn("numpy", "cuda"))
    Traceback (most recent call last):
    core.errors.NetworkError: The NumPy engine does not compute on cuda: give --engine torch too, or leave --device out.
    """
    entry = ENGINES.get(run_on.engine)
    if entry is None:
        raise NetworkError(f"There is no engine {run_on.engine}: choose {listing([*ENGINES], 'or')}.")
    for value, known, option in (
        (run_on.device, entry.devices, "--device"),
        (run_on.precision, entry.precisions, "--precision"),
    ):
        if value not in known:
            able = listing([name for name, other in ENGINES.items() if value in (*other.devices, *other.precisions)])
            cure = f"give --engine {able} too, or leave {option} out" if able else f"choose {listing(known, 'or')}"
            raise NetworkError(f"The {entry.label} does not compute {_HOW[option]} {value}: {cure}.")
    if run_on.engine == "torch":
        require_device(run_on.device)


def label(run_on: RunOn) -> str:
    """Say what a training runs on.

    >>> label(RunOn()), label(RunOn("torch", "cuda", "bfloat16", 8))
    ('NumPy engine', 'PyTorch, CUDA, bfloat16, 8 processes')
    """
    entry = ENGINES.get(run_on.engine)
    parts = [run_on.engine if entry is None else entry.label]
    if entry is None or len(entry.devices) > 1:
        parts.append(_DEVICE_LABELS.get(run_on.device, run_on.device))
    parts += [run_on.precision] if run_on.precision != "float32" else []
    parts += [f"{run_on.world_size} processes"] if run_on.world_size > 1 else []
    return ", ".join(parts)


def require_torch() -> None:
    """Raise where PyTorch is not installed.

    Raises
    ------
    NetworkError
    """
    if find_spec("torch") is None:
        raise NetworkError(
            "To train in PyTorch, Convograph needs torch, which is not installed here. Install it with: "
            'python -m pip install "convograph[torch]"'
        )


def devices_here() -> tuple[str, ...]:
    """Return the devices that PyTorch can compute on here; it is loaded for that, which takes a while."""
    require_torch()
    import torch

    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    return tuple(device for device in ENGINES["torch"].devices if there[device])


def require_device(device: str) -> None:
    """Raise where PyTorch has no such device.

    Raises
    ------
    NetworkError
    """
    there = devices_here()
    if device not in there:
        import torch

        raise NetworkError(
            f"PyTorch {torch.__version__} finds no {_DEVICE_LABELS[device]} here, only "
            f"{listing([_DEVICE_LABELS[each] for each in there])}. Give --device {there[-1]}, or install the PyTorch "
            "that is built for it (pytorch.org) and its driver."
        )
