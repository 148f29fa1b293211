"""Text in LaTeX: whatever a name holds is shown, and nothing of it is a command."""

from __future__ import annotations

from core.io.failures import shown

_ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "_": r"\_",
    "%": r"\%",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\char34{}",  # a bare one begins an umlaut where German is set
    "[": "{[}",  # \\ and \midrule would read [ and * at the start of a row as their own
    "*": "{*}",
    "×": r"$\times$",
    "−": "$-$",
    "·": r"$\cdot$",
    "→": r"$\to$",
    "…": r"\ldots{}",
    "�": "?",
}


def in_latex(text: str) -> str:
    r"""Escape a text.

    >>> print(in_latex("conv_1: 50 %"))
    conv\_1: 50 \%
    """
    return "".join(_ESCAPES.get(character, character) for character in shown(text))
