"""Convograph's front door: opens the window, or hands a command over to the command line.

With a command, Qt is never imported, so that every command works on a server.
"""

import os
import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run Convograph with the given arguments (those of the process if None) and return the exit status.

    Nothing, or a single word that names a file, opens the window (on that file).
    """
    arguments = list(sys.argv[1:] if argv is None else argv)

    if arguments == ["--replica"]:  # a packaged program has no `python -m core.engine.replicas.replica`
        from core.engine.replicas.replica import main as compute_a_part

        return compute_a_part()

    if arguments and _for_the_command_line(arguments):
        from core.commands.main import main as command_line

        return command_line(arguments)

    from designer.guard import refusal

    if sentence := refusal():
        print(sentence, file=sys.stderr)
        return 1

    from designer.app import run

    return run(arguments[0] if arguments else None)


def _for_the_command_line(arguments: Sequence[str]) -> bool:
    """Tell whether this is more than one file to open: a word that names no file is a command, if a wrong one."""
    from core.commands.table import COMMANDS

    first = arguments[0]
    may_be_a_file = os.path.lexists(first) or any(mark in first for mark in "./\\")
    return len(arguments) > 1 or first.startswith("-") or first in COMMANDS or not may_be_a_file


if __name__ == "__main__":
    sys.exit(main())
