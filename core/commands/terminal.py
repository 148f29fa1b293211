"""What commands print: JSON that stays JSON, and problems."""

from __future__ import annotations

import json
import os
import re
import sys
from typing import TYPE_CHECKING, Any

from core.io.failures import shown

if TYPE_CHECKING:
    from core.problems import Problem


def print_json(text: str) -> None:
    """Print JSON so that it stays JSON where the terminal or pipe isn't UTF-8, as on Windows."""
    if (sys.stdout.encoding or "").replace("-", "").lower() != "utf8":
        text = re.sub(r"[^\x00-\x7f]+", lambda found: json.dumps(found.group())[1:-1], text)
    print(text)


def silence() -> None:
    """Let go of an output that nobody reads any more, which Python would still flush when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def strict(value: Any) -> Any:
    """Write NaN and infinity as words: they may stand in the file, and what we print repeats it, but JSON has none.

    >>> strict([float("nan"), 1.5])
    ['NaN', 1.5]
    """
    return json.loads(json.dumps(value), parse_constant=str)


def problem_text(problem: Problem) -> str:
    """Write a problem in a few lines: where it is, what is wrong and why, and which fixes there are."""
    lines = [f"{problem.severity} {problem.code} at {problem.path}", f"  {problem.what}"]
    lines += [f"  {problem.why}"] if problem.why else []
    lines += [f"  Fix: {' · '.join(fix.label for fix in problem.fixes)}"] if problem.fixes else []
    return "\n".join(map(shown, lines))
