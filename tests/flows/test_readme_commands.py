"""README's table of commands is the table of commands."""

import argparse
from pathlib import Path

import pytest

from core.commands.table import COMMANDS

ROOT = Path(__file__).parents[2]
BEGIN, END = "<!-- commands -->\n", "<!-- end of the commands -->"


def rows():
    yield "| command | does |"
    yield "|---|---|"
    yield "| `convograph [FILE]` | open the window |"
    for command in COMMANDS.values():
        yield f"| `{' '.join(filter(None, ('convograph', command.name, command.usage)))}` | {command.help} |"


def test_readme_shows_every_command_as_it_is():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = text.partition(BEGIN)[2].partition(END)[0]
    expected = "\n".join(rows()) + "\n"
    assert shown == expected, f"Put this between README's marks:\n{expected}"


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_the_usage_names_exactly_the_arguments_there_are(command):
    parser = argparse.ArgumentParser(add_help=False)
    command.add_arguments(parser)
    expected = set()
    for action in parser._actions:
        expected |= set(action.option_strings[:1])
        choices = f"{{{','.join(action.choices)}}}" if action.choices else None
        expected |= {action.metavar or choices} - {None}
    said = command.usage.translate(dict.fromkeys(map(ord, "[]…")))
    assert set(said.split()) == expected


def test_no_usage_breaks_the_table():
    assert not [command.name for command in COMMANDS.values() if "|" in command.usage + command.help]
