"""What is chosen in the export dialog: a format, weights, and what the format leaves open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.analysis.report import Report
from core.export.exporter import Exporter, Subject
from core.export.option import YES_NO, Option
from core.export.proof.proving import Outcome
from core.io.prepared import Beside
from core.io.weights import Array


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """Weights that can be written along.

    Attributes
    ----------
    name : str
        What they are called: "weights of run 3".
    """

    name: str
    weights: Mapping[str, Array]
    beside: Beside


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to export a document; equal ones write equal files.

    Attributes
    ----------
    options : tuple of (str, str)
        The options that are not as they are by default, by their names.
    """

    exporter: Exporter
    given: Given | None
    options: tuple[tuple[str, str], ...] = ()

    @property
    def title(self) -> str:
        """What the format is called, with what makes this way another one: "ONNX, float16"."""
        by_name = {option.name: option for option in self.exporter.options}
        return ", ".join([self.exporter.title, *(_words(by_name[name], value) for name, value in self.options)])

    def subject(self, report: Report, name: str) -> Subject:
        """Return what is exported, for a file of a name."""
        options = dict(self.options)
        if self.given is None:
            return Subject(report, name=name, options=options)
        return Subject(report, self.given.weights, self.given.beside, name, options)


def _words(option: Option, value: str) -> str:
    if set(option.choices) == set(YES_NO):
        return option.name if value == YES_NO[0] else f"no {option.name}"
    return value if value[:1].isalpha() else f"{option.name} {value}"


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """What came of a proof.

    Attributes
    ----------
    check : str
        The script that compared; it is written along where there are weights.
    """

    outcome: Outcome
    check: str


def with_ending(path: Path, ending: str) -> Path:
    """Return the file that is meant by what was entered; a name's own ending stays.

    >>> with_ending(Path("net"), ".py").name, with_ending(Path("net.v2.txt"), ".py").name
    ('net.py', 'net.v2.txt')
    """
    return path if path.suffix else path.with_name(f"{path.name}{ending}")
