"""`convograph zoo`: the templates."""

from __future__ import annotations

import argparse

from core.commands.command import OK, Command
from core.commands.terminal import print_json
from core.text import number_text


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    asked = parser.add_mutually_exclusive_group()
    asked.add_argument("name", nargs="?", metavar="NAME", help="print this template")
    asked.add_argument(
        "--pattern",
        type=_pattern_numbers,
        metavar="N,M,K",
        help="print the network INPUT → [[CONV → RELU]×N → POOL]×M → [FC → RELU]×K → FC",
    )


def _pattern_numbers(text: str) -> tuple[int, int, int]:
    try:
        n, m, k = map(int, text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not three whole numbers, such as 2,3,2") from None
    return n, m, k


def _run(options: argparse.Namespace) -> int:
    from core.io.templates import template_path

    if options.name is not None:
        print_json(template_path(options.name).read_text(encoding="utf-8").rstrip())
    elif options.pattern is not None:
        from core.io.writing import document_text
        from core.zoo.patterns import pattern

        print_json(document_text(pattern(*options.pattern)).rstrip())
    else:
        _list_templates()
    return OK


def _list_templates() -> None:
    from itertools import groupby

    from core.io.templates import templates

    width = max(len(template.name) for template in templates())
    for group, members in groupby(templates(), lambda template: template.group):
        print(group)
        for template in members:
            print(
                f"  {template.name.ljust(width)}  {number_text(template.parameters):>11} parameters  {template.title}"
            )
        print()
    print("convograph zoo NAME prints a template; convograph zoo NAME > FILE makes it yours.")


ZOO = Command(
    name="zoo",
    help="list the templates that come with Convograph, or print one",
    usage="[NAME] [--pattern N,M,K]",
    add_arguments=_add_arguments,
    run=_run,
)
