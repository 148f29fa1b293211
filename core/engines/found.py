"""What trainings can run on here; what only PyTorch knows is asked of it in another process, as loading it takes long.

Run as a program, it prints the devices that PyTorch can compute on.
"""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec

from core.engines.table import DEVICES, devices_here
from core.own_process import own_command, own_environment
from core.training.run_on import RunOn

SECONDS = 120.0
"""How long PyTorch may take to say what it can compute on."""


def known_at_once() -> tuple[RunOn, ...]:
    """Return what is there for certain, without asking anybody: our own engine, and PyTorch on the CPU if installed."""
    return (RunOn(), *([RunOn("torch")] if find_spec("torch") is not None else []))


def found_by_asking() -> tuple[RunOn, ...]:
    """Return all that is there, on a graphics card too; takes seconds.

    A PyTorch that can't be loaded, or never answers, offers no more than `known_at_once`.
    """
    known = known_at_once()
    if len(known) == 1:
        return known
    try:
        said = subprocess.run(
            own_command(__name__),
            env=own_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=True,
        ).stdout
        devices = json.loads(said)
    except (OSError, subprocess.SubprocessError, ValueError):
        return known
    return (RunOn(), *(RunOn("torch", device) for device in DEVICES if device in devices))


if __name__ == "__main__":
    sys.stdout.write(json.dumps(devices_here()))
