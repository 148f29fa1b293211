"""Choices that a format leaves to whoever exports: each is declared once, in the module of its format."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from core.errors import ExportError
from core.text import excerpt, listing, nearest_name

YES_NO = ("yes", "no")


class _Choosing(Protocol):
    @property
    def options(self) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True)
class Option:
    """A choice with a name; both the command line and the dialog offer it.

    Attributes
    ----------
    name : str
    says : str
        What is chosen, as a phrase: "the number type of the arrays".
    choices : tuple of str
        The first is taken where nothing is chosen. `YES_NO` makes a switch.
    needs_weights : bool
        Whether it says something only where there are weights.

    Examples
    --------
    >>> Option("type", "the number type", ("float32", "float16")).range_text
    'float32 or float16'
    """

    name: str
    says: str
    choices: tuple[str, ...]
    needs_weights: bool = field(default=False, kw_only=True)

    @property
    def default(self) -> str:
        """What is taken where nothing is chosen."""
        return self.choices[0]

    @property
    def range_text(self) -> str:
        """All choices in words."""
        return listing(self.choices, "or")

    def of(self, subject: _Choosing) -> str:
        """Return what is chosen for a subject."""
        return subject.options.get(self.name, self.default)

    def is_on(self, subject: _Choosing) -> bool:
        """Return whether a switch is on for a subject."""
        return self.of(subject) == YES_NO[0]


def chosen(format: str, options: Iterable[Option], values: Mapping[str, str]) -> dict[str, str]:
    """Return choices as they were made, once they are known to be choices of a format.

    Raises
    ------
    ExportError
        If there is no such option, or no such choice; the text says which there are.

    Examples
    --------
    >>> chosen("onnx", [Option("type", "the number type", ("float32", "float16"))], {"type": "float16"})
    {'type': 'float16'}
    """
    known = {option.name: option for option in options}
    for name, value in values.items():
        if name not in known:
            near = nearest_name(name, known)
            there = f"It has {listing(known)}." if known else "It has none."
            raise ExportError(f"{format} has no option {excerpt(name)}. {f'Did you mean {near}?' if near else there}")
        if value not in known[name].choices:
            raise ExportError(f"{name} of {format} is {known[name].range_text}, not {excerpt(value)}.")
    return dict(values)
