"""What a command is, and how it can end."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass

OK, WRONG, UNREADABLE, INTERRUPTED = 0, 1, 2, 130
"""Exit statuses: all is well, something is wrong, the file can't be read, the user pressed Ctrl+C."""


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that `convograph` does without a window.

    Attributes
    ----------
    name : str
        The first word on the command line.
    help : str
        What it does; begins with a verb and ends without a full stop.
    usage : str
        What may follow the name, as README shows it.
    add_arguments : callable
        Tells a parser what may follow the name.
    run : callable
        Does it and returns the exit status. It imports what it needs when it is called, so that every other command
        starts at once.
    """

    name: str
    help: str
    usage: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]
