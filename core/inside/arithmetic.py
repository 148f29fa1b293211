"""The arithmetic of one cell: the numbers behind its value, printed and in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from core.errors import NetworkError
from core.inside.looking import Look, Place
from core.inside.printing import LEAST_DIGITS, added_up, number
from core.inside.regions import node_of
from core.layers.workings import Cell, Operation, Patch, Step, Term, Workings
from core.text import listing


@dataclass(frozen=True, slots=True)
class LineTerm:
    """A number in a line.

    Attributes
    ----------
    name : str
        "channel 6", "bias", "x̂"; the layer's name where it is a whole input.
    value : float
    text : str
        As printed, with its sign.
    detail : str
        What it is the product of, "1.17 × −0.09"; "" elsewhere.
    place : Place or None
        The cell that it comes from alone: a step backwards.
    patch : int or None
        Which of the patches it is the total of.
    """

    name: str
    value: float
    text: str
    detail: str = ""
    place: Place | None = None
    patch: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A step of the working, as printed.

    Attributes
    ----------
    operation : str
        What is done to the terms: "sum", "largest", "quotient", …
    name : str
        What comes out: "y" for the value itself.
    text : str
        The whole line: "0.094 + 0 − 0.146 + 4.341 + 0.042 = 4.331". The printed terms of a sum add up.
    words : str
        The line for those who hear it, without its full stop.
    """

    operation: Operation
    name: str
    terms: tuple[LineTerm, ...]
    value: float
    result: str
    formula: str
    text: str
    words: str


@dataclass(frozen=True, slots=True, eq=False)
class Arithmetic:
    """How a cell's value was worked out.

    Attributes
    ----------
    layer, cell
        Which it is.
    value : float
        What the network computed; the last line says the same but for rounding.
    text : str
        The value as the last line prints it.
    sources : tuple of str
        The layers that its own layer reads, one for each port.
    patches : tuple of Patch
        The grids of what it reads: `values`, `factors` and `products`, and which one won (`winner`).
    patch_names : tuple of str
        "channel 6 of pool1".
    lines : tuple of Line
        None for a cell of an input: the sample has its value.
    sentence : str
        All of it in words.
    """

    layer: str
    cell: Cell
    value: float
    text: str
    sources: tuple[str, ...]
    patches: tuple[Patch, ...]
    patch_names: tuple[str, ...]
    lines: tuple[Line, ...]
    sentence: str

    def place_of(self, patch: int, index: tuple[int, ...]) -> Place | None:
        """Return the cell that a value of a patch is of; None in the padding."""
        chosen = self.patches[patch]
        return Place(self.sources[chosen.port], chosen.cell(index)) if chosen.inside[index] else None

    @property
    def winner(self) -> Place | None:
        """The cell that was taken because it is the largest, where that is what the layer does."""
        for patch in self.patches:
            if patch.winner is not None:
                return Place(self.sources[patch.port], patch.cell(patch.winner))
        return None


def work_out(look: Look, layer: str, cell: Cell) -> Arithmetic:
    """Write out how a cell's value comes about from the layers right before it.

    Parameters
    ----------
    look : Look
    layer : str
        In the flattened graph.
    cell : (row, column, channel) or (feature,)
        From 0.

    Raises
    ------
    NetworkError
        If there is no such layer or cell, or the look leaves it out.

    Examples
    --------
    >>> from core.engine.network import Network
    >>> from core.inside.looking import look_inside
    >>> from core.io.templates import load_template
    >>> look = look_inside(Network(load_template("lenet5"), seed=1), np.linspace(0, 1, 784).reshape(28, 28, 1))
    >>> pooled = work_out(look, "pool1", (6, 6, 3))
    >>> pooled.lines[0].text, pooled.winner
    ('max(0.622, 0.624, 0.680, 0.682) = 0.682', Place(layer='relu1', cell=(13, 13, 3)))
    """
    workings, sources = workings_of(look, layer, cell)
    lines: list[Line] = []
    for step in workings.steps:
        lines.append(line_of(step, sources, {line.name: line.result for line in lines}))
    value = float(look.outputs[layer][cell])
    text = lines[-1].result if lines else number(value)
    names = tuple(_patch_name(patch, sources) for patch in workings.patches)
    begin = f"{layer}, {place_words(cell)}, is {text}"
    if lines:
        sentence = f"{begin}: {'; '.join(line.words for line in lines)}."
    else:
        sentence = f"{begin}, as the sample has it."
    return Arithmetic(layer, cell, value, text, sources, workings.patches, names, tuple(lines), sentence)


def workings_of(look: Look, layer: str, cell: Cell) -> tuple[Workings, tuple[str, ...]]:
    """Return how a cell's value was worked out, and the layers that it reads, by port.

    Raises
    ------
    NetworkError
    """
    node = node_of(look.program, layer, cell)
    sources = tuple(look.program.nodes[source].id for source in node.sources)
    names = [f"{layer}/{name}" for name in node.weights]
    missing = [name for name in (layer, *sources) if name not in look.outputs]
    missing += [name for name in names if name not in look.weights]
    if missing:
        raise NetworkError(f"This look at the network leaves out {listing(missing)}. Take one that has {layer} in it.")
    xs = tuple(look.outputs[source] for source in sources)
    weights = {name: look.weights[f"{layer}/{name}"] for name in node.weights}
    with np.errstate(all="ignore"):  # what is not finite is shown as it is
        return node.kind.workings(xs, weights, cell), sources


def trail(look: Look, layer: str, cell: Cell, most: int = 100) -> tuple[Arithmetic, ...]:
    """Follow a cell back while its value is that of one other cell, or a function of it: through pools and activations.

    Parameters
    ----------
    look, layer, cell
        As for `work_out`.
    most : int
        How many cells are written out at most.

    Returns
    -------
    tuple of Arithmetic
        That of the cell itself, then of where it came from, up to the first that puts several values together, or to an
        input: pool2, relu2, conv2.

    Examples
    --------
    >>> from core.engine.network import Network
    >>> from core.inside.looking import look_inside
    >>> from core.io.templates import load_template
    >>> look = look_inside(Network(load_template("lenet5"), seed=1), np.linspace(0, 1, 784).reshape(28, 28, 1))
    >>> [(each.layer, each.cell) for each in trail(look, "pool1", (6, 6, 3))]
    [('pool1', (6, 6, 3)), ('relu1', (13, 13, 3)), ('conv1', (13, 13, 3))]
    """
    steps = [work_out(look, layer, cell)]
    while len(steps) < most and (before := _only_origin(steps[-1])) is not None:
        try:
            steps.append(work_out(look, *before))
        except NetworkError:
            break  # the look goes no further
    return tuple(steps)


def _only_origin(arithmetic: Arithmetic) -> Place | None:
    if arithmetic.winner is not None:
        return arithmetic.winner
    if len(arithmetic.patches) == 1 and arithmetic.patches[0].values.size == 1:
        patch = arithmetic.patches[0]
        return arithmetic.place_of(0, (0,) * patch.values.ndim) if not patch.weight else None
    return None


def place_words(cell: Cell) -> str:
    """Name a cell in words: channels and features are counted from 1, rows and columns from 0, as on the maps.

    >>> place_words((1, 0, 2)), place_words((11,))
    ('map 3, row 1, column 0', 'feature 12')
    """
    if len(cell) == 1:
        return f"feature {cell[0] + 1}"
    row, column, channel = cell
    return f"map {channel + 1}, row {row}, column {column}"


def named(name: str, sources: tuple[str, ...]) -> str:
    """Put a layer's name where a term only has its port."""
    for port, source in enumerate(sources):
        if name == f"{{{port}}}":
            return source
    return name


def _patch_name(patch: Patch, sources: tuple[str, ...]) -> str:
    source = sources[patch.port]
    return source if patch.name in {"x", f"{{{patch.port}}}"} else f"{patch.name} of {source}"


def line_of(step: Step, sources: tuple[str, ...], earlier: Mapping[str, str]) -> Line:
    """Write a step; what came out of an earlier one is written as there, unless it is part of a sum."""
    if step.operation == "sum":
        least = LEAST_DIGITS if step.name == "y" else LEAST_DIGITS + 1  # what is reckoned with needs one more
        texts, result = added_up([term.value for term in step.terms], step.result, least)
    else:
        texts = [f"{t.value:g}" if t.is_given else earlier.get(t.name, number(t.value)) for t in step.terms]
        result = number(step.result)
    terms = tuple(_term(term, text, sources) for term, text in zip(step.terms, texts, strict=True))
    said = [f"{term.name} {term.text}" for term in terms[:_MOST_SAID]]
    if len(terms) > _MOST_SAID:
        said.append(f"{len(terms) - _MOST_SAID} more")
    if step.operation == "function":
        text, words = (
            _function_text(step.formula, texts, result),
            f"{step.formula or 'it'} for {listing(said)} is {result}",
        )
    elif step.operation == "copy":
        text, words = f"{terms[0].name} = {result}", f"the value of {terms[0].name}, passed on as it is"
    elif not terms:
        text, words = "0", step.formula
    else:
        text = f"{_WRITTEN[step.operation](texts)} = {result}"
        words = _SAID[step.operation].format(listing(said), *said, result=result)
    if step.name != "y":
        words = f"{step.name}: {words}"
    return Line(step.operation, step.name, terms, step.result, result, step.formula, text, words)


def _function_text(formula: str, texts: list[str], result: str) -> str:
    """Write a function with the number in the place of x, where x stands nowhere but in the line.

    >>> _function_text("max(0, x)", ["−1.500"], "0"), _function_text("1/(1 + e⁻ˣ)", ["0"], "0.500")
    ('max(0, −1.500) = 0', '1/(1 + e⁻ˣ) = 0.500 for x = 0')
    """
    if "ˣ" in formula or not _X.search(formula):
        return f"{formula or 'y'} = {result} for x = {texts[0]}" if texts else f"y = {result}"
    number_text = f"({texts[0]})" if texts[0].startswith("−") and "·" in formula else texts[0]
    return f"{_X.sub(number_text, formula)} = {result}"


def _term(term: Term, text: str, sources: tuple[str, ...]) -> LineTerm:
    place = None if term.source is None else Place(sources[term.source[0]], term.source[1])
    detail = " × ".join(number(factor) for factor in term.factors)
    return LineTerm(named(term.name, sources), term.value, text, detail, place, term.patch)


def _signed_sum(texts: list[str]) -> str:
    if not texts:
        return "0"
    first, *rest = texts
    return first + "".join(f" − {text[1:]}" if text.startswith("−") else f" + {text}" for text in rest)


_MOST_SAID = 8
"""Terms that are read out; nobody could follow more."""

_X = re.compile(r"\bx\b")

_WRITTEN: dict[Operation, Callable[[list[str]], str]] = {
    "sum": _signed_sum,
    "product": " · ".join,
    "quotient": " / ".join,
    "largest": lambda texts: f"max({', '.join(texts)})",
    "root of sum": lambda texts: f"√({_signed_sum(texts)})",
    "power": "^".join,
    "exp of sum": lambda texts: f"e^({_signed_sum(texts)})",
}

_SAID: dict[Operation, str] = {
    "sum": "the sum of {0} is {result}",
    "product": "the product of {0} is {result}",
    "quotient": "{1} divided by {2} is {result}",
    "largest": "the largest of {0} is {result}",
    "root of sum": "the root of the sum of {0} is {result}",
    "power": "{1} to the power of {2} is {result}",
    "exp of sum": "e to the power of the sum of {0} is {result}",
}
