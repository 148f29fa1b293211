"""What an exporter is, and what it writes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import PurePath
from typing import Literal, TypeAlias

from core.analysis.report import Report
from core.engine.network import Network
from core.engine.program import Program, compile_program
from core.export.live_code import LiveCode
from core.export.option import Option
from core.export.proof.own_samples import OwnSamples
from core.export.proof.proof import Proof
from core.io.prepared import Beside
from core.io.weights import Array

Content: TypeAlias = str | bytes
"""Of a file; text is saved as UTF-8."""
Group: TypeAlias = Literal["network", "figure", "table"]
Later: TypeAlias = Callable[[], Content]
"""What a file will hold, computed when it is asked for: weights may be large, and names are known before."""


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
    options : mapping of str to str
        What was chosen among the options of its format, by their names.
    samples : OwnSamples, optional
        What a proof compares; by default samples are drawn.
    """

    report: Report
    weights: Mapping[str, Array] | None = None
    beside: Beside = field(default_factory=Beside)
    name: str = "model"
    options: Mapping[str, str] = field(default_factory=dict)
    samples: OwnSamples | None = None

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


def nothing_beside(subject: Subject) -> Mapping[str, Later]:
    """Return no other files."""
    return {}


def nothing_changed(subject: Subject) -> Iterable[str]:
    """Return no sentences."""
    return ()


@dataclass(frozen=True, slots=True)
class Exporter:
    """A format that other programs read.

    Attributes
    ----------
    format : str
        Its name, as it follows `--to`.
    title : str
        What it is called in a sentence.
    group : {"network", "figure", "table"}
        What is written of the document.
    writes : str
        What it writes; a phrase that completes "it writes".
    ending : str
        Of the names of its files, with the dot.
    export : callable
        Returns what the file holds. Formats that compute raise NetworkError where the document has errors; all others
        show what is not known as unknown.
    beside : callable
        Returns what makes the other files that belong to it, by what follows the stem in their names:
        `{"_train.py": …}`.
    proof : Proof, optional
        How what it writes is run and compared with Convograph.
    options : tuple of Option
        What it leaves to whoever exports.
    changes : callable
        Returns what is reordered or said otherwise on the way, a sentence each.
    code : callable, optional
        Returns the network as code, of which is known where each layer stands.
    """

    format: str
    title: str
    group: Group
    writes: str
    ending: str
    export: Callable[[Subject], Content]
    beside: Callable[[Subject], Mapping[str, Later]] = nothing_beside
    proof: Proof[Subject] | None = None
    options: tuple[Option, ...] = ()
    changes: Callable[[Subject], Iterable[str]] = nothing_changed
    code: Callable[[Subject], LiveCode] | None = None

    def parts(self, subject: Subject) -> dict[str, Later]:
        """Return what makes the files, by their names, the one that was asked for first."""
        others = {f"{subject.stem}{end}": later for end, later in self.beside(subject).items()}
        return {subject.name: partial(self.export, subject), **others}

    def files(self, subject: Subject) -> dict[str, bytes]:
        """Return all files by their names, the one that was asked for first."""
        return {name: as_bytes(later()) for name, later in self.parts(subject).items()}
