"""What `convograph train` runs on: the options that say it, and the processes that share it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from core.commands.command import WRONG
from core.errors import ConvographError, LostProcessError, NetworkError

if TYPE_CHECKING:
    from core.engines.processes import Processes
    from core.training.run_on import RunOn

USAGE = "[--engine {numpy,torch}] [--device {cpu,cuda,mps}] [--precision {float32,bfloat16}]"


def add_engine(parser: argparse.ArgumentParser) -> None:
    """Take what computes."""
    from core.engines.table import DEVICES, ENGINES, PRECISIONS

    parser.add_argument(
        "--engine",
        choices=ENGINES,
        help="what computes: Convograph's own engine, which is the default, or PyTorch, which needs "
        "convograph[torch]; both learn the same from the same samples in the same order, with the same random "
        "numbers, up to rounding. Under torchrun --nproc-per-node N, N processes share each batch: their losses are "
        "those of one process; the first of them prints and writes, and all read FILE and --resume",
    )
    parser.add_argument(
        "--device", choices=DEVICES, help="with --engine torch: where it computes, on the CPU by default"
    )
    parser.add_argument(
        "--precision",
        choices=PRECISIONS,
        help="with --engine torch: bfloat16 computes layers in half the memory and faster on many devices, but less "
        "exactly; weights stay float32",
    )


def chosen(options: argparse.Namespace, recorded: RunOn | None = None) -> RunOn:
    """Return what is asked for, where nothing is as a run that is resumed was trained."""
    from core.training.run_on import RunOn

    usual = RunOn() if recorded is None or options.engine is not None else recorded
    engine = options.engine or usual.engine
    return RunOn(engine, options.device or usual.device, options.precision or usual.precision)


@contextmanager
def together(run_on: RunOn) -> Iterator[Processes]:
    """Meet the processes that share a training, and end with them; what goes wrong in all of them is said once."""
    from core.engines.processes import Processes, met, parted, started_by_torchrun
    from core.engines.table import require_there

    require_there(run_on)
    if run_on.engine == "numpy" and started_by_torchrun():
        raise NetworkError(
            "torchrun starts several processes that share a training, but the NumPy engine trains in one: call it "
            "without torchrun, or give --engine torch."
        )
    processes = met(run_on.device) if run_on.engine != "numpy" else Processes()
    try:
        yield processes
    except LostProcessError as error:
        say_lost(processes, error)
        sys.exit(WRONG)
    except ConvographError as error:
        if processes.is_first_to_say(str(error)):
            raise
        sys.exit(WRONG)
    finally:
        parted()


def say_lost(processes: Processes, error: LostProcessError) -> None:
    """Say once that a process is lost, and how to go on."""
    folder = processes.told(RUN)
    text = f"{error} Start it again as before, with --resume {folder}." if folder else str(error)
    if processes.is_first_to_say(text):
        print(text, file=sys.stderr, flush=True)


RUN = "run"
"""The name under which the first process leaves word where the run is kept."""
