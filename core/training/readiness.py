"""What can be said of a training before it begins: whether it can, what is done to the data, what it costs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path
from typing import Any

from core.analysis.report import Report
from core.engine.cost import replicas_for, step_seconds
from core.engine.program import Program, compile_program
from core.errors import ConvographError, DataError
from core.io.datasets import DataFacts, Refused, fitting_for, look_at_dataset
from core.problems import Problem
from core.text import bytes_text, counted, rough_duration_text
from core.training.batches import n_batches
from core.training.needs import training_bytes
from core.training.requirements import Question, n_training, training_input, training_problems

LONG_SECONDS = 10
"""Epochs that take longer are announced before they begin."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether the network of a report can be trained, and what that means.

    Attributes
    ----------
    trainable : bool
        False also where the document has errors, which the report names.
    problems : tuple of Problem
        Why it can't, beyond these errors.
    data : str
        What the data is and what is done to it, to stand beside its name: "8×8, enlarged to 28×28"; "" if not known.
    notes : tuple of str
        What else is worth knowing before it begins, a sentence each: outputs that no class has, time and memory.
    brief : str
        The most surprising of the notes in a few words, to stand beside the Train button: what costs patience, or
        learns less than it could; "" where nothing does.
    """

    trainable: bool
    problems: tuple[Problem, ...] = ()
    data: str = ""
    notes: tuple[str, ...] = ()
    brief: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return what `check --json` prints of it, beside what it prints of the drawing."""
        return {
            "trainable": self.trainable,
            "training_problems": [problem.as_json() for problem in self.problems],
            "training_notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True)
class Readable:
    """What of a data set could be read.

    Attributes
    ----------
    n : int
        How many samples.
    refused : tuple of Refused
        What could not.
    """

    n: int
    refused: tuple[Refused, ...]


def readiness(
    report: Report, base: Path | None = None, most_bytes: int | None = None, known: Readable | None = None
) -> Readiness:
    """Look at the data set that a document names, and say whether the document can be trained on it.

    Parameters
    ----------
    report : Report
    base : Path, optional
        Where the path of a data set starts: the document's folder.
    most_bytes : int, optional
        Data sets that can't be looked at without reading more than that are taken to be right.
    known : Readable, optional
        What reading the data set showed, if it was read before: a look does not tell which pictures are damaged.

    Examples
    --------
    >>> from core.analysis.check import check
    >>> from core.io.templates import load_template
    >>> ready = readiness(check(load_template("lenet5")))
    >>> ready.trainable, ready.data
    (True, '8×8, enlarged to 28×28')
    """
    if report.errors:
        return Readiness(trainable=False)
    try:
        data: DataFacts | DataError | None = look_at_dataset(
            report.document.training.settings.dataset, base, most_bytes
        )
    except DataError as error:
        data = error
    if known is not None and isinstance(data, DataFacts):
        data = replace(data, n=known.n, refused=known.refused)
    problems = training_problems(Question(report, data))
    facts = data if isinstance(data, DataFacts) else None
    if problems:
        return Readiness(trainable=False, problems=problems, data=_data_text(report, facts))
    if facts is None:
        name = report.document.training.settings.dataset
        unknown = f"The data set {name} has not been looked at: it is large, and would have to be read whole."
        return Readiness(trainable=True, notes=(unknown,))
    return _prospect(report, facts)


def _data_text(report: Report, facts: DataFacts | None) -> str:
    """Say what is done to the data, as far as there is one Input that it goes to."""
    if facts is None:
        return ""
    try:
        program = compile_program(report.document, report)
        resize = report.document.training.settings.resize
        return fitting_for(facts.name, facts.n, facts.shape, training_input(program).shape, resize).brief
    except ConvographError:
        return ""


def _prospect(report: Report, facts: DataFacts) -> Readiness:
    """Say what training will do, and what it costs."""
    settings = report.document.training.settings
    program = compile_program(report.document, report)
    output = program.nodes[program.outputs[0]]
    n_outputs, n_classes = output.shape[-1], facts.n_classes - settings.first_label
    notes, brief = [], []
    if n_outputs > n_classes:
        notes.append(
            f"{facts.name} has {counted(n_classes, 'class', 'classes')}: only they are learned, "
            f"{n_outputs - n_classes:,} of the {n_outputs:,} outputs of {output.id} stay unused."
        )
        brief.append(f"{n_classes:,} of {n_outputs:,} outputs")
    n = n_training(facts, settings.validation_split)
    replicas = replicas_for(program, settings.batch_size)
    seconds = epoch_seconds(program, n, settings.batch_size, replicas)
    memory = bytes_text(training_bytes(program, report.document.training, facts.n, replicas))
    time = rough_duration_text(seconds)
    notes.append(f"An epoch of {n:,} samples takes {time}, estimated from its MACs.")
    notes.append(f"Training needs about {memory} of memory, beside the data.")
    if seconds >= LONG_SECONDS:
        brief.append(f"{rough_duration_text(seconds, brief=True)} an epoch")
    return Readiness(trainable=True, data=_data_text(report, facts), notes=tuple(notes), brief=" · ".join(brief))


def epoch_seconds(program: Program, n: int, batch_size: int, replicas: int) -> float:
    """Estimate how long it takes to learn once from every sample, from shapes and multiplications alone."""
    batch = min(batch_size, n)
    return n_batches(n, batch_size) * step_seconds(program, ceil(batch / replicas))
