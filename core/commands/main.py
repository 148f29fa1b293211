"""From the words on the command line to an exit status."""

from __future__ import annotations

import argparse
import codecs
import sys
from collections.abc import Sequence

from core import __version__
from core.commands.command import INTERRUPTED, OK, UNREADABLE, WRONG
from core.commands.table import COMMANDS
from core.commands.terminal import silence
from core.errors import ConvographError, DocumentError
from core.text import plainly


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status: 0 all is well, 1 something is wrong, 2 the file can't be read."""
    codecs.register_error("plainly", plainly)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="plainly")  # our texts and a file's names may hold what a terminal can't show
    words = sys.argv[1:] if argv is None else argv
    options = _parser(words).parse_args(words)
    try:
        status: int = options.run(options)
        sys.stdout.flush()  # a pipe that was closed is noticed here, not when Python ends
    except DocumentError as error:
        print(error, file=sys.stderr)
        return UNREADABLE
    except ConvographError as error:
        print(error, file=sys.stderr)
        return WRONG
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # whoever read our output has seen enough
        silence()
        return OK
    return status


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    """Return the parser of these words: it knows every command, but the arguments of those only that are named."""
    parser = argparse.ArgumentParser(
        prog="convograph",
        description="A designer for convolutional networks. Without a command it opens the window.",
        epilog="convograph [FILE] opens the window, on that file.",
    )
    parser.add_argument("--version", action="version", version=f"convograph {__version__}")
    parsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS.values():
        own = parsers.add_parser(
            command.name, help=command.help, description=f"{command.help[0].upper()}{command.help[1:]}."
        )
        own.set_defaults(run=command.run)
        if command.name in words:  # arguments may be derived from tables that take time to load
            command.add_arguments(own)
    return parser
