"""What an exporter is, and what it writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePath
from typing import TypeAlias

from core.analysis.report import Report
from core.engine.network import Network
from core.engine.program import Program, compile_program
from core.export.proof.proof import Proof
from core.io.prepared import Beside
from core.io.weights import Array

Content: TypeAlias = str | bytes
"""Of a file; text is saved as UTF-8."""


@dataclass(frozen=True)
class Subject:
    """A document that is to be written for other programs, with its weights if there are any.

    Attributes
    ----------
    report : Report
        What `check` says about the document, which may have errors.
    weights : mapping of str to array, optional
        All weights of the network by name, with axes as in the files: channels last.
    beside : Beside
        How samples were prepared for these weights, and what the classes are called.
    name : str
        Of the file that is asked for.
    """

    report: Report
    weights: Mapping[str, Array] | None = None
    beside: Beside = field(default_factory=Beside)
    name: str = "model"

    @property
    def stem(self) -> str:
        """What the names of the other files begin with."""
        return PurePath(self.name).stem

    @cached_property
    def program(self) -> Program:
        """The layers in the order of computing, blocks unfolded.

        Raises
        ------
        NetworkError
            If the document has errors.
        """
        return compile_program(self.report.document, self.report)

    @cached_property
    def arrays(self) -> Mapping[str, Array]:
        """The weights; where there are none, those that a training of the document begins with.

        Raises
        ------
        NetworkError
            If the document has errors, or needs more memory than there is.
        """
        return dict(Network(self.report.document, report=self.report).weights) if self.weights is None else self.weights


def as_bytes(content: Content) -> bytes:
    """Return what a file holds as it is saved."""
    return content.encode() if isinstance(content, str) else content


def nothing_beside(subject: Subject) -> Mapping[str, Content]:
    """Return no other files."""
    return {}


@dataclass(frozen=True, slots=True)
class Exporter:
    """A format that other programs read.

    Attributes
    ----------
    format : str
        Its name, as it follows `--to`.
    writes : str
        What it writes; a phrase that completes "it writes".
    ending : str
        Of the names of its files, with the dot.
    export : callable
        Returns what the file holds. Formats that compute raise NetworkError where the document has errors; all others
        show what is not known as unknown.
    beside : callable
        Returns the other files that belong to it, by what follows the stem in their names: `{"_train.py": …}`.
    proof : Proof, optional
        How what it writes is run and compared with Convograph.
    """

    format: str
    writes: str
    ending: str
    export: Callable[[Subject], Content]
    beside: Callable[[Subject], Mapping[str, Content]] = nothing_beside
    proof: Proof[Subject] | None = None

    def files(self, subject: Subject) -> dict[str, bytes]:
        """Return all files by their names, the one that was asked for first."""
        others = {f"{subject.stem}{end}": content for end, content in self.beside(subject).items()}
        contents = {subject.name: self.export(subject), **others}
        return {name: as_bytes(content) for name, content in contents.items()}
