"""What training asks of a network and its data, beyond a document without errors: one description for all who ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from core.analysis.check import analyse
from core.analysis.report import Report
from core.engine.cost import replicas_for
from core.engine.memory_limit import beyond_memory
from core.engine.program import Node, Program, compile_program
from core.errors import DataError, EditError, NetworkError
from core.graph.fixing import apply_fix
from core.graph.names import free_name
from core.graph.training import Training
from core.io.datasets import BUNDLED, DataFacts, fitting_for, n_kept_back, smaller_labels_text, suited_shape
from core.layers.normalisation import BatchNorm
from core.problems import (
    Connect,
    Edit,
    Fix,
    Insert,
    Problem,
    Remove,
    SetConfig,
    SetOutputs,
    SetTrainable,
    SetTraining,
)
from core.shapes import count, n_scores
from core.text import counted, listing, nearest_name, shape_text
from core.training.needs import training_bytes
from core.training.preparation import preparing_problems
from core.training.setting_problems import setting_problems

MOST_FIXES = 3
"""Alternatives of one sort that are tried: outputs to keep, Inputs to remove, layers to make trainable."""
USUAL_BATCH = 32

_DATA = "DATA-"
"""What the codes of problems with data begin with."""
_FOR_LEARNING = frozenset({"TRAIN-NOTHING", "TRAIN-BATCHNORM", "TRAIN-MEMORY", "TRAIN-PREPARING"})
"""Problems of networks that can be measured all the same."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: whether the network of a report can be trained on some data.

    Attributes
    ----------
    data : DataFacts or DataError or None
        What is known of the data set, or why it can't be read; None where nobody has looked.
    replicas : int, optional
        Into how many parts batches are divided; by default as many as help.
    computers : int
        How many share each batch with a memory of their own; 0 where it is computed in memory that nobody knows here.
    """

    report: Report
    data: DataFacts | DataError | None = None
    replicas: int | None = None
    computers: int = 1

    def after(self, fix: Fix) -> Question:
        """Return the same question about the document as a fix would leave it."""
        before = self.report.document
        document = apply_fix(before, fix)
        chosen = document.training.settings.dataset
        data = self.data if chosen == before.training.settings.dataset else BUNDLED[chosen].facts
        return replace(self, report=analyse(document, self.report), data=data)


def training_problems(question: Question) -> tuple[Problem, ...]:
    """Say why a network can't be trained; nothing where it can, or where its document has errors, which come first.

    All have the severity "error". What they offer has been tried: a fix takes its problem away and makes no other.

    Examples
    --------
    >>> from core.analysis.check import check
    >>> from core.graph.edits import set_config
    >>> from core.io.templates import load_template
    >>> document = set_config(load_template("mlp"), "fc2", {"units": 7})
    >>> (problem,) = training_problems(Question(check(document), BUNDLED["digits"].facts))
    >>> print(problem.what, problem.why, [fix.label for fix in problem.fixes])
    digits has 10 classes, but softmax gives only 7 numbers. Set units of fc2 to 10. ['Set units of fc2 to 10']
    """
    problems = tuple(_problems(question))
    codes = {problem.code for problem in problems}
    return tuple(
        problem.offering(tuple(fix for fix in problem.fixes if _works(fix, problem, codes, question)))
        for problem in problems
    )


def require_trainable(question: Question, *, to_learn: bool = True) -> Program:
    """Compile the network of a report, if it can be trained; or if it can be measured, where it is not to learn.

    Raises
    ------
    NetworkError
        If the document has errors, or its network can't learn from labelled samples, or not with the memory there is.
    DataError
        If the data can't be read or doesn't fit.
    """
    program = compile_program(question.report.document, question.report)
    problem = next((problem for problem in _problems(question) if to_learn or problem.code not in _FOR_LEARNING), None)
    if problem is not None:
        text = " ".join(part for part in (problem.what, problem.why) if part)
        raise DataError(text) if problem.code.startswith(_DATA) else NetworkError(text)
    return program


def training_input(program: Program) -> Node:
    """Return the one Input of a trainable network that its output depends on."""
    return program.nodes[program.read_inputs[0]]


def _works(fix: Fix, problem: Problem, codes: set[str], question: Question) -> bool:
    try:
        after = question.after(fix)
    except EditError:
        return False
    left = {other.code for other in _problems(after)}
    return not after.report.errors and problem.code not in left and left <= codes


def _problems(question: Question) -> Iterator[Problem]:
    """Yield what is wrong, with fixes that nobody has tried."""
    report = question.report
    if report.errors:
        return
    try:
        program = compile_program(report.document, report)
    except NetworkError as error:
        yield Problem("TRAIN-EMPTY", what=str(error))
        return
    facts = question.data if isinstance(question.data, DataFacts) else None
    structural = list(_structure_problems(program, report, facts))
    yield from structural
    if isinstance(question.data, DataError):
        yield _unreadable(report, question.data)
    elif facts is not None:
        yield from _data_problems(program, report, facts)
    if len(program.read_inputs) == 1:
        yield from preparing_problems(report.document.training.settings, training_input(program).shape)
    yield from setting_problems(report.document.training.settings, facts)
    if not structural:
        yield from _batch_problems(program, report, facts, question)


def _structure_problems(program: Program, report: Report, facts: DataFacts | None) -> Iterator[Problem]:
    nodes = program.nodes
    inputs = [nodes[index].id for index in program.read_inputs]
    outputs = [nodes[index].id for index in program.outputs]
    if len(inputs) != 1:
        yield Problem(
            "TRAIN-INPUTS",
            what=f"Training feeds one Input, but this network has {len(inputs)}: {listing(inputs)}.",
            why="Remove the others.",
            fixes=tuple(_removal(program, id) for id in inputs[-MOST_FIXES:]),
        )
    if len(outputs) != 1:
        yield Problem(
            "TRAIN-OUTPUTS",
            what=f"Training compares one output with the labels, but this network has {len(outputs)}: "
            f"{listing(outputs)}.",
            why="Connect or remove the others.",
            fixes=tuple(Fix(f"Take {id} as the output", (SetOutputs((id,)),)) for id in outputs[-MOST_FIXES:]),
            path="$.outputs",
        )
        return
    output = nodes[program.outputs[0]]
    if n_scores(output.shape) is None:
        yield _at(
            report,
            output.id,
            "TRAIN-SCORES",
            f"{output.id} gives {shape_text(output.shape)}, but training needs one number for each class.",
            "Flatten it and end in a dense layer with as many units as there are classes.",
            _ending(report, output, facts),
        )
    if not any(node.learns for node in nodes):
        frozen = [node.id for node in nodes if node.weights]
        if not frozen:
            yield Problem(
                "TRAIN-NOTHING",
                what="There is nothing to train: no layer has parameters.",
                why="Add a convolution or dense layer.",
                fixes=_ending(report, output, facts),
            )
            return
        yield Problem(
            "TRAIN-NOTHING",
            what=f"There is nothing to train: {listing(frozen)} cannot change.",
            why="Make one of them trainable.",
            fixes=tuple(
                Fix(f"Make {id} trainable", (SetTrainable(id, True),)) for id in list(reversed(frozen))[:MOST_FIXES]
            ),
        )


def _removal(program: Program, id: str) -> Fix:
    """Propose to remove an Input together with the one layer that merges what comes from it."""
    readers = [node for node in program.nodes if program.by_id[id].index in node.sources]
    if len(readers) == 1 and len(readers[0].sources) == 2:
        return Fix(f"Remove {id} and {readers[0].id}", (Remove(id), Remove(readers[0].id)))
    return Fix(f"Remove {id}", (Remove(id),))


def _ending(report: Report, output: Node, facts: DataFacts | None) -> tuple[Fix, ...]:
    """Propose to end in a dense layer, where it is known how many classes there are."""
    if facts is None:
        return ()
    taken = {layer.id for layer in report.document.graph.layers}
    flatten, dense = free_name("flatten1", taken), free_name("fc1", taken)
    edits: list[Edit] = []
    source = output.id
    if len(output.shape) > 1:
        edits += [Insert("Flatten", {}, None, id=flatten), Connect(source, flatten)]
        source = flatten
    units = facts.n_classes - report.document.training.settings.first_label
    edits += [Insert("Dense", {"units": units}, None, id=dense), Connect(source, dense)]
    if report.document.graph.outputs is not None:
        edits.append(SetOutputs((dense,)))
    steps = "Flatten and end" if len(output.shape) > 1 else "End"
    return (Fix(f"{steps} in {counted(units, 'unit')}", tuple(edits)),)


def _unreadable(report: Report, error: DataError) -> Problem:
    settings = report.document.training.settings
    meant = nearest_name(settings.dataset, BUNDLED)
    # What is bundled begins with label 0; the first label was that of the data set that cannot be read.
    first_label = {"first_label": 0} if settings.first_label else {}
    fixes = (Fix(f"Use {meant}", (SetTraining({"dataset": meant, **first_label}),)),) if meant else ()
    return Problem("DATA-UNREADABLE", str(error), field="dataset", path="$.training.dataset", fixes=fixes)


def _data_problems(program: Program, report: Report, facts: DataFacts) -> Iterator[Problem]:
    if facts.n_nonfinite:
        yield Problem(
            "DATA-NUMBERS",
            what=f"{facts.name}: {counted(facts.n_nonfinite, 'image')} of {facts.n:,} "
            f"{'holds' if facts.n_nonfinite == 1 else 'hold'} NaN or infinity, the first is number "
            f"{facts.first_nonfinite + 1:,}.",
            why="Leave them out, or replace these values.",
            path="$.training.dataset",
        )
    settings = report.document.training.settings
    if facts.refused and not settings.skip_unreadable:
        yield _refused(facts)
    first = settings.first_label
    if facts.lowest < first:
        yield Problem(
            "DATA-LABELS",
            what=smaller_labels_text(facts.name, facts.lowest, first),
            why=f"Set first_label to {facts.lowest}.",
            field="first_label",
            path="$.training.first_label",
            fixes=(Fix(f"Set first_label to {facts.lowest}", (SetTraining({"first_label": facts.lowest}),)),),
        )
    elif len(program.outputs) == 1 and n_scores(program.nodes[program.outputs[0]].shape) is not None:
        yield from _class_problems(program, report, facts, first)
    if len(program.read_inputs) == 1:
        entry = training_input(program)
        try:
            fitting_for(facts.name, facts.n, facts.shape, entry.shape)
        except DataError as error:
            suited = suited_shape(facts.shape, entry.shape)
            fix = Fix(f"Set its shape to {shape_text(suited)}", (SetConfig(entry.id, {"shape": list(suited)}),))
            yield _at(report, entry.id, "DATA-SHAPE", str(error), "", (fix,))


def _refused(facts: DataFacts) -> Problem:
    n, first = len(facts.refused), facts.refused[0]
    place = f"{first.file} ({first.where})" if first.where else first.file
    return Problem(
        "DATA-REFUSED",
        what=f"{facts.name}: {counted(n, 'sample')} can't be used{', the first' if n > 1 else ''}: {place}: "
        f"{first.what}",
        why=f"Mend or remove {'it' if n == 1 else 'them'}, or set skip_unreadable to train without.",
        field="skip_unreadable",
        path="$.training.skip_unreadable",
        fixes=(Fix(f"Use the {facts.n:,} good ones", (SetTraining({"skip_unreadable": True}),)),),
    )


def _class_problems(program: Program, report: Report, facts: DataFacts, first: int) -> Iterator[Problem]:
    output = program.nodes[program.outputs[0]]
    n_outputs, n_classes = output.shape[-1], facts.n_classes - first
    if n_outputs >= n_classes:
        return
    node, setting = _deciding_setting(program, output)
    numbers = f"{output.id} gives only {counted(n_outputs, 'number')}"

    def widened(units: int) -> tuple[SetConfig, ...]:
        return (SetConfig(node.id, {setting: units}),) if setting else ()

    if facts.lowest > first:
        left = facts.n_classes - facts.lowest
        count_edit = SetTraining({"first_label": facts.lowest})
        label = f"Count from 0: label {facts.lowest} becomes 0"
        why = f"Counted from {first} that makes {n_classes} classes, but {numbers}."
        fixes: tuple[Fix, ...] = ()
        if left <= n_outputs:
            fixes = (Fix(label, (count_edit,)),)
        elif setting:
            fixes = (Fix(f"{label}, and {setting} of {node.id} {left}", (count_edit, *widened(left))),)
        what = f"The labels of {facts.name} begin with {facts.lowest}: no sample has the label {first}."
        yield _at(report, output.id, "TRAIN-CLASSES", what, f"{why} Count them from {facts.lowest}.", fixes)
        return
    cure = f"Set {setting} of {node.id} to {n_classes}"
    yield _at(
        report,
        output.id,
        "TRAIN-CLASSES",
        f"{facts.name} has {n_classes} classes, but {numbers}.",
        f"{cure}." if setting else f"Let the network end in {counted(n_classes, 'number')}.",
        (Fix(cure, widened(n_classes)),) if setting else (),
    )


def _deciding_setting(program: Program, output: Node) -> tuple[Node, str]:
    """Find the setting that decides how many numbers the output gives, and its layer; "" where none does alone."""
    node = output
    while not node.weights and len(node.sources) == 1:
        node = program.nodes[node.sources[0]]
    for setting in ("units", "filters"):
        if getattr(node.kind, setting, None) == output.shape[-1]:
            return node, setting
    return node, ""


def n_training(facts: DataFacts, split: float) -> int:
    """Return how many samples are learned from, as `core.io.datasets.split` divides them."""
    return facts.n - n_kept_back(facts.n, split)


def _batch_problems(program: Program, report: Report, facts: DataFacts | None, question: Question) -> Iterator[Problem]:
    """Yield what is wrong with batches of the size that is set: one value for BatchNorm, and memory."""
    settings = report.document.training.settings
    batch = settings.batch_size
    if facts is not None:
        batch = min(batch, n_training(facts, settings.validation_split))
    if batch == 1:
        for node in program.nodes:
            if isinstance(node.kind, BatchNorm) and count(node.shape[:-1]) == 1 and node.index in _read(program):
                yield _single_value(report, node, facts)
                break
    if not question.computers:
        return
    n_replicas = question.replicas or replicas_for(program, settings.batch_size)
    what = f"Training with batches of {counted(batch, 'sample')}"
    training, n = report.document.training, None if facts is None else facts.n
    share = -(-settings.batch_size // question.computers)
    refusal = beyond_memory(training_bytes(program, training, n, n_replicas, share), what)
    if refusal:
        fits = _fitting_batch(program, training, n, batch, n_replicas)
        fix = (Fix(f"Use batches of {fits}", (SetTraining({"batch_size": fits}),)),) if fits else ()
        yield Problem("TRAIN-MEMORY", what=refusal, field="batch_size", path="$.training.batch_size", fixes=fix)


def _read(program: Program) -> frozenset[int]:
    return program.ancestors(program.outputs)


def _single_value(report: Report, node: Node, facts: DataFacts | None) -> Problem:
    text = ""
    try:
        BatchNorm.refuse_single_values(1, node.shape)
    except NetworkError as error:
        text = f"{node.id}: {error}"
    batch = USUAL_BATCH if facts is None else max(2, min(USUAL_BATCH, facts.n))
    fix = Fix(f"Use batches of {batch}", (SetTraining({"batch_size": batch}),))
    return replace(_at(report, node.id, "TRAIN-BATCHNORM", text, "", (fix,)), field="batch_size")


def _fitting_batch(program: Program, training: Training, n: int | None, batch: int, n_replicas: int) -> int | None:
    """Halve a batch until it fits into memory; None where not even one sample does."""
    while batch > 1:
        batch //= 2
        if beyond_memory(training_bytes(program, training, n, min(n_replicas, batch), batch), "") is None:
            return batch
    return None


def _at(report: Report, layer: str, code: str, what: str, why: str, fixes: tuple[Fix, ...]) -> Problem:
    """Write a problem of a layer of the flattened graph, with the place in the file of what was drawn for it."""
    places: Mapping[str, int] = {each.id: i for i, each in enumerate(report.document.graph.layers)}
    drawn = places.get(layer.partition("/")[0])
    return Problem(
        code, what, why, layer=layer, path="$.layers" if drawn is None else f"$.layers[{drawn}]", fixes=fixes
    )
