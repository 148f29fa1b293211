"""How the program is called, what it tells while it runs, and how shells complete what is typed."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from core.commands.arguments import path

LEVELS = ("debug", "info", "warning", "error")
"""How much `--log` tells, from all to little."""

SHELLS = ("bash", "zsh", "tcsh")

COMPLETION = "--print-completion"


def program() -> str:
    """Return what was typed to start this program, for help and usage."""
    started = Path(sys.argv[0])
    if started.name == "__main__.py" and started.parent.name in ("core", "convograph"):
        return f"python -m {started.parent.name}"
    return "python main.py" if started.name == "main.py" else "convograph"


def speak(level: str) -> None:
    """Write what our modules tell to standard error, from a level on."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s", "%H:%M:%S"))
    log = logging.getLogger("convograph")
    log.handlers = [handler]
    log.setLevel(level.upper())


class PrintCompletion(argparse.Action):
    """Prints a script that completes commands, options and file names, derived from the parsers, and ends."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        """Print it."""
        try:
            import shtab
        except ImportError:
            parser.exit(1, "Completion is written by shtab, which is not installed: python -m pip install shtab\n")
        parser.prog = "convograph"  # however it was called now: shells know commands by their names
        for action in _arguments(parser):
            if action.type is path or action.dest == "data":
                action.complete = shtab.FILE  # type: ignore[attr-defined]
        print(shtab.complete(parser, shell=str(values)))
        parser.exit()


def _arguments(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for own in action.choices.values():
                yield from _arguments(own)
