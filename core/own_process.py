"""How a module of ours is started as a program of its own, from a work tree as from an installed package."""

import os
import sys
from pathlib import Path


def own_command(module: str, *arguments: str) -> list[str]:
    """Return what starts a module of ours.

    With `-P`, what lies in the folder where somebody works is never imported instead of Python's own or ours.

    Examples
    --------
    >>> own_command("json.tool", "net.json")[1:]
    ['-P', '-m', 'json.tool', 'net.json']
    """
    return [sys.executable, "-P", "-m", module, *arguments]


def own_environment(**variables: str) -> dict[str, str]:
    """Return this process's environment, with variables of its own, in which `own_command` finds its module."""
    home = str(Path(__file__).parents[__name__.count(".")])  # where the outermost package lies
    path = os.pathsep.join([home, *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**os.environ, **variables, "PYTHONPATH": path}
