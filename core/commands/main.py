"""From the words on the command line to an exit status."""

from __future__ import annotations

import argparse
import codecs
import logging
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from core import __version__
from core.commands.calling import COMPLETION, LEVELS, SHELLS, PrintCompletion, program, speak
from core.commands.command import INTERRUPTED, OK, UNREADABLE, WRONG
from core.commands.table import COMMANDS
from core.commands.terminal import silence
from core.errors import ConvographError, DocumentError, ModelError
from core.io.failures import reason, shown
from core.text import listing, nearest_name, plainly

log = logging.getLogger("convograph.commands")

EPILOG = """\
{alone} [FILE] opens the window, on that file.
{called} COMMAND --help explains a command. FILE may be - for standard input.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status: 0 all is well, 1 something is wrong, 2 the file can't be read."""
    codecs.register_error("plainly", plainly)
    _open_streams()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="plainly")  # our texts and a file's names may hold what a terminal can't show
    words = list(sys.argv[1:] if argv is None else argv)
    parser = _parser(words)
    _refuse_unknown(words, parser)
    options, rest = parser.parse_known_args(words)
    if rest:
        _refuse_rest(rest, options.parser)
    if level := getattr(options, "log", None):
        speak(level)
    log.info("Convograph %s, Python %s, in %s", __version__, platform.python_version(), Path.cwd())
    try:
        status: int = options.run(options)
        sys.stdout.flush()  # a pipe that was closed is noticed here, not when Python ends
    except (DocumentError, ModelError) as error:
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
    except OSError as error:
        if error.filename is not None:  # files are read and written with sentences of their own
            raise
        silence()
        print(f"The output cannot be written: {reason(error)}.", file=sys.stderr)
        return WRONG
    return status


def _open_streams() -> None:
    """Let streams that whoever started the program has closed lead nowhere; Python has None in their place."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode, encoding="utf-8"))


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    """Return the parser of these words: it knows every command, but the arguments of those only that are named."""
    called = program()
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--log",
        choices=LEVELS,
        default=argparse.SUPPRESS,  # else what stands after the command would hide what stands before it
        metavar="LEVEL",
        help=f"tell on standard error what happens: {listing(LEVELS, 'or')}",
    )
    parser = argparse.ArgumentParser(
        prog=called,
        description="A designer for convolutional networks.",
        epilog=EPILOG.format(called=called, alone=called if called != "python -m core" else "python main.py"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        parents=[shared],
    )
    parser.add_argument("--version", action="version", version=f"convograph {__version__}")
    parser.add_argument(
        COMPLETION,
        action=PrintCompletion,
        choices=SHELLS,
        metavar="SHELL",
        help=f"print a script by which a shell completes commands and options: {listing(SHELLS, 'or')}",
    )
    parsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS.values():
        own = parsers.add_parser(
            command.name,
            help=command.help,
            description=f"{command.help[0].upper()}{command.help[1:]}.",
            parents=[shared],
        )
        own.set_defaults(run=command.run, parser=own)
        if command.name in words or any(
            word.startswith(COMPLETION) for word in words
        ):  # arguments may be derived from tables that take time to load
            command.add_arguments(own)
    return parser


def _refuse_unknown(words: Sequence[str], parser: argparse.ArgumentParser) -> None:
    """End with a sentence where the first word is no command."""
    if not words or (words[0].startswith("-") and words[0] != "-") or words[0] in COMMANDS:
        return
    word = words[0]
    what = "command or file" if len(words) == 1 and not os.path.lexists(word) else "command"
    near = nearest_name(word, COMMANDS)
    hint = f"did you mean {near}?" if near else f"the commands are {', '.join(COMMANDS)}"
    parser.error(f"no such {what}: {shown(Path(word))}; {hint}")


def _refuse_rest(rest: Sequence[str], parser: argparse.ArgumentParser) -> NoReturn:
    """End with a sentence where a command does not know what follows it."""
    word = rest[0]
    if not word.startswith("-"):
        parser.error(f"nothing is expected at {shown(Path(word))}")
    option = word.partition("=")[0]
    near = nearest_name(option, parser._option_string_actions)
    hint = f"; did you mean {near}?" if near else f"; {parser.prog} --help lists those there are"
    parser.error(f"no such option: {shown(Path(option))}{hint}")
