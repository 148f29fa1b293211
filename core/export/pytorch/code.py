"""The file with the network: a class that reads like the drawing, one line for each layer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from core.analysis.report import Report
from core.engine.kernels.loss import scores_of
from core.engine.program import Program
from core.export.pytorch.classes import Class, Classes, Statement
from core.export.pytorch.kinds import batch_shape
from core.export.pytorch.lacking import LACKING
from core.export.pytorch.names import Names
from core.export.pytorch.preparation import step_lines
from core.export.pytorch.scopes import Scope, network_scope
from core.export.pytorch.state import PREPARATION
from core.io.failures import shown
from core.io.prepared import Beside
from core.text import counted, listing, shape_text

LONGEST_CODE = 88
"""Columns after which a comment no longer lines up with the others."""
MOST_CLASSES = 20
"""Names of classes that are listed; of more, how many there are."""


@dataclass(frozen=True, slots=True)
class Code:
    """The file, and where what stands in it.

    Attributes
    ----------
    name : str
        Of the network's class.
    scope : Scope
        What it says.
    lines : mapping of (str, str) to tuple of int
        By block ("" for the network itself) and id of a layer, the numbers of the lines that speak of it, from 1.
    """

    text: str
    name: str
    scope: Scope
    lines: Mapping[tuple[str, str], tuple[int, ...]]

    def lines_of(self, id: str) -> tuple[int, ...]:
        """Return the numbers of the lines that speak of a layer, or a use of a block, of the flattened graph."""
        return next((self.lines.get(place, ()) for own, place in _places(self.scope) if own == id), ())

    def layer_at(self, number: int) -> str | None:
        """Return the layer that a line speaks of, by its id in the flattened graph; of a block's, the first copy's."""
        spoken = next((place for place, numbers in self.lines.items() if number in numbers), None)
        return next((own for own, place in _places(self.scope) if place == spoken), None)


def network_code(
    report: Report, program: Program, beside: Beside, weights: str = "", *, with_shapes: bool = True
) -> Code:
    """Write the file.

    Parameters
    ----------
    weights : str
        The name of the file with the weights; "" where there is none.
    with_shapes : bool
        Whether comments say the shape of every value.

    Raises
    ------
    ExportError
        If PyTorch can't say a layer, or a step of preprocessing; the text names it.
    """
    scope = network_scope(report, program)
    classes = Classes(Names())
    title = report.document.name or "Network"
    network = classes.add(scope, title)
    writing = _Writing(with_shapes)
    writing.add(*_head(report, program, beside, network, weights))
    for lacking in classes.needs:
        writing.add("", "", *LACKING[lacking].splitlines())
    for block in classes.classes[:-1]:
        writing.add("", "", f"class {block.name}(nn.Module):")
        writing.block(block, f'"""The block {plain(block.scope.block)}."""')
    writing.add("", "", f"class {network.name}(nn.Module):")
    buffers = [
        f'self.register_buffer("{PREPARATION.format(place=place, name=name)}", {_filled(name, array.shape)})'
        for place, step in enumerate(beside.steps)
        for name, array in step.used.items()
    ]
    writing.block(network, f'"""{plain(title)}."""', buffers, _under(program))
    if len(program.read_inputs) == 1:
        writing.add("", *_prepare(program, beside))
    if weights:
        writing.add("", "", *_load(network.name, weights))
    return Code("\n".join([*writing.lines, ""]), network.name, scope, writing.places)


def _places(scope: Scope, prefix: str = "") -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield the id of every layer in the flattened graph, with its block and its id there."""
    yield from () if scope.block else ((id, ("", id)) for id in scope.entering)
    for line in scope.lines:
        yield f"{prefix}{line.id}", (scope.block, line.id)
        for number, copy in enumerate(line.copies, 1):
            yield from _places(copy, f"{prefix}{line.id}/{number}/")


class _Writing:
    """Lines, and which layers they speak of."""

    def __init__(self, with_comments: bool) -> None:
        self.with_comments = with_comments
        self.lines: list[str] = []
        self.places: dict[tuple[str, str], tuple[int, ...]] = {}

    def add(self, *lines: str) -> None:
        """Add lines as they are."""
        self.lines += lines

    def block(self, written: Class, about: str, buffers: list[str] | None = None, under: str = "") -> None:
        """Add what a class holds.

        Parameters
        ----------
        buffers : list of str, optional
            More lines for `__init__`.
        under : str
            The layer under which the loss looks, where `forward` can end before it; "" where it doesn't.
        """
        scope, made = written.scope, written.made
        self.add(f"    {about}")
        if made or buffers:
            self.add("", f"    def __init__({', '.join(('self', *written.parameters))}):")
            self.add("        super().__init__()", *(f"        {line}" for line in buffers or ()))
            self._statements(scope.block, made, {})
        ends = {line.id: line.inputs[0] for line in scope.lines if line.id == under}
        self.add("", f"    def forward({', '.join(('self', *scope.inputs, *(['scores=False'] if under else [])))}):")
        self.places |= {} if scope.block else {("", id): (len(self.lines),) for id in scope.entering}
        self._statements(scope.block, written.said, ends)
        self.add(f"        return {', '.join(scope.outputs)}")

    def _statements(self, block: str, statements: list[Statement], ends: Mapping[str, str]) -> None:
        width = max((len(each.code) for each in statements if len(each.code) <= LONGEST_CODE), default=0)
        for each in statements:
            if each.id in ends:
                self.add("        if scores:  # what the loss takes", f"            return {ends[each.id]}")
            code = f"{each.code:{width}}  # {each.comment}" if each.comment and self.with_comments else each.code
            self.add(f"        {code}")
            self.places[block, each.id] = (*self.places.get((block, each.id), ()), len(self.lines))


def _under(program: Program) -> str:
    """Name the last layer, where the loss looks under it."""
    if len(program.outputs) != 1:
        return ""
    (output,) = program.outputs
    return program.nodes[output].id if scores_of(program) != output else ""


def _head(report: Report, program: Program, beside: Beside, network: Class, weights: str) -> list[str]:
    inputs = [program.nodes[index] for index in program.read_inputs]
    outputs = [program.nodes[index] for index in program.outputs]
    takes = listing([batch_shape(node.shape) for node in inputs])
    gives = listing([batch_shape(node.shape) for node in outputs])
    made = "load()" if weights else f"{network.name}()"
    use = [f"    model = {made}"]
    use.append(
        "    y = model(model.prepare(x))" if len(inputs) == 1 else f"    y = model({', '.join(network.scope.inputs)})"
    )
    classes = beside.classes[:MOST_CLASSES]
    return [
        f'"""{plain(report.document.name or "A network")}, written by Convograph.',
        "",
        f"{counted(report.totals.parameters or 0, 'parameter')}. It takes {takes} and returns {gives}.",
        *(
            [f"Classes: {plain(', '.join(classes))}{', …' if len(beside.classes) > len(classes) else ''}."]
            if classes
            else []
        ),
        "",
        *use,
        '"""',
        "",
        *(["from pathlib import Path", ""] if weights else []),
        *(["import numpy as np"] if PurePath(weights).suffix == ".npz" else []),
        "import torch",
        "import torch.nn.functional as F",
        *(["from safetensors.torch import load_file"] if PurePath(weights).suffix == ".safetensors" else []),
        "from torch import nn",
    ]


def _prepare(program: Program, beside: Beside) -> list[str]:
    shape = program.nodes[program.read_inputs[0]].shape
    steps = [line for place, step in enumerate(beside.steps) for line in step_lines(place, step)]
    last = ["return x.permute(0, 3, 1, 2)" if len(shape) == 3 else "return x"]
    lines = [
        f'"""Make of samples, N×{shape_text(shape)} bytes or numbers from 0 to 1, what the network takes."""',
        "x = torch.as_tensor(x)",
        "x = x / 255 if x.dtype == torch.uint8 else x.float()",
        *steps,
        *last,
    ]
    return ["    def prepare(self, x):", *(f"        {line}" for line in lines)]


def _load(name: str, weights: str) -> list[str]:
    if weights.endswith(".npz"):
        read = ["arrays = np.load(path)", "state = {name: torch.from_numpy(arrays[name]) for name in arrays}"]
    else:
        read = ["state = load_file(path)"]
    lines = [
        '"""Return the network with its weights, ready to say what it takes samples for."""',
        f"model = {name}()",
        *read,
        "model.load_state_dict(state)",
        "return model.eval()",
    ]
    return [
        f"WEIGHTS = Path(__file__).with_name({weights!r})",
        "",
        "",
        "def load(path=WEIGHTS):",
        *(f"    {line}" for line in lines),
    ]


def _filled(name: str, shape: tuple[int, ...]) -> str:
    """Say what an array of preprocessing holds until it is known; nothing is divided by 0."""
    return f"torch.{'ones' if name == 'deviation' else 'zeros'}({', '.join(map(str, shape))})"


def plain(name: str) -> str:
    """Write a name so that it ends no docstring and is no escape."""
    return shown(name).replace("\\", "/").replace('"', "'")
