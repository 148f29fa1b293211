"""How the gradient of one cell is handed on: to the cells that it was worked out from, and to its weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.errors import NetworkError
from core.inside.arithmetic import Line, line_of, named, place_words, workings_of
from core.inside.looking import Label, Look, Place, scores_layer
from core.inside.printing import number
from core.inside.regions import node_of
from core.layers.sight import Indices, Mask
from core.layers.values import Array
from core.layers.workings import Cell, Step, Term
from core.text import counted, listing


@dataclass(frozen=True, slots=True, eq=False)
class Share:
    """What a patch of the inputs gets of a cell's gradient.

    Attributes
    ----------
    name : str
        As the arithmetic calls the patch.
    source : str
        The layer that gets it.
    cells : array of int, (…, 3) or (…, 1)
    slopes : array, (…)
        What each value changes the cell by: the filter, 1 for the winner of a pool, 0 where ReLU is shut.
    gradients : array, (…)
        The cell's gradient times the slopes: its own part of what these cells get, from all that read them.
    inside : array of bool, (…)
        False in the padding, where a gradient is lost.
    winner : tuple of int or None
        The only one that gets any, where the largest was taken.
    """

    name: str
    source: str
    cells: Indices
    slopes: Array
    gradients: Array
    inside: Mask
    winner: tuple[int, ...] | None

    def place_of(self, index: tuple[int, ...]) -> Place | None:
        """Return the cell that a value is of; None in the padding."""
        return Place(self.source, tuple(map(int, self.cells[index]))) if self.inside[index] else None


@dataclass(frozen=True, slots=True, eq=False)
class WeightShare:
    """What some numbers of a weight get of a cell's gradient, and what they would change by.

    Attributes
    ----------
    name : str
        `conv2/kernel`.
    patch : str
        The patch that they are the factors of; "" for others, such as a bias.
    cells : array of int, (…, axes of the weight)
    values : array, (…)
        What they are now.
    gradients : array, (…)
        The cell's gradient times what they were multiplied by: this cell's part.
    totals : array, (…)
        Their gradients from all cells of the layer, for this sample. Zeros where training leaves the layer as it is.
    steps : array, (…)
        What a step of plain SGD on this sample would add: −η·totals, without momentum or penalties, and as at
        inference: with the moving averages of a BatchNorm, and nothing dropped.
    """

    name: str
    patch: str
    cells: Indices
    values: Array
    gradients: Array
    totals: Array
    steps: Array


@dataclass(frozen=True, slots=True, eq=False)
class Backwards:
    """How a cell's gradient is handed on.

    Attributes
    ----------
    gradient : float
        What the aim changes by, for each unit that the cell changes by.
    text : str
        The same, printed.
    of : str
        What the gradient is of, in words: "the loss if 4 is right".
    shares : tuple of Share
    weights : tuple of WeightShare
    lines : tuple of Line
        How the gradient itself was worked out, where it begins: of the loss, by a score. Empty for other layers.
    sentence : str
    """

    layer: str
    cell: Cell
    gradient: float
    text: str
    of: str
    shares: tuple[Share, ...]
    weights: tuple[WeightShare, ...]
    lines: tuple[Line, ...]
    sentence: str

    @property
    def in_words(self) -> str:
        """All of it, for those who hear it."""
        begun = f" It comes from the loss: {'; '.join(line.words for line in self.lines)}." if self.lines else ""
        return self.sentence + begun


@np.errstate(all="ignore")  # what is not finite is shown as it is
def hand_on(look: Look, layer: str, cell: Cell) -> Backwards:
    """Write out what becomes of a cell's gradient, `∂ℓ/∂x = ∂ℓ/∂y·∂y/∂x` and `∂ℓ/∂w = ∂ℓ/∂y·∂y/∂w`.

    Parameters are those of `work_out`; the look has an aim.

    Raises
    ------
    NetworkError
        If there is no such layer or cell, or no gradient of it.

    Examples
    --------
    >>> from core.engine.network import Network
    >>> from core.inside.looking import look_inside
    >>> from core.io.templates import load_template
    >>> sample = np.linspace(0, 1, 784).reshape(28, 28, 1)
    >>> look = look_inside(Network(load_template("lenet5"), seed=1), sample, Place("fc3", (4,)))
    >>> back = hand_on(look, "fc3", (4,))
    >>> back.text, back.of, [share.source for share in back.shares], [weight.name for weight in back.weights]
    ('1.000', 'fc3, feature 5', ['relu4'], ['fc3/kernel', 'fc3/bias'])
    """
    workings, sources = workings_of(look, layer, cell)
    gradient = gradient_of(look, layer, cell)
    shares = tuple(
        Share(
            named(patch.name, sources),
            sources[patch.port],
            patch.cells,
            patch.slopes,
            np.where(patch.slopes == 0, 0, gradient * patch.slopes),
            patch.inside,
            patch.winner,
        )
        for patch in workings.patches
    )
    kernels = [
        _weight_share(look, f"{layer}/{patch.weight}", patch.name, patch.weight_cells, gradient * patch.values)
        for patch in workings.patches
        if patch.weight_cells is not None
    ]
    others = [
        _weight_share(look, f"{layer}/{part.weight}", "", part.cells, gradient * part.slopes)
        for part in workings.learned
    ]
    text, of = number(gradient), aim_words(look)
    weights = (*kernels, *others)
    on = _handed_on(shares, weights, gradient)
    sentence = f"The gradient of {of} with respect to {layer}, {place_words(cell)}, is {text}{on}."
    lines = _beginning(look, layer, cell)
    return Backwards(layer, cell, gradient, text, of, shares, weights, lines, sentence)


def gradient_of(look: Look, layer: str, cell: Cell) -> float:
    """Return what the aim changes by, for each unit that a cell changes by.

    Raises
    ------
    NetworkError
        If there is no such layer or cell, the look has no aim, or the aim does not depend on the layer.
    """
    node_of(look.program, layer, cell)
    if look.aim is None:
        raise NetworkError("This look at the network has no gradients. Take one with a label or a cell to aim at.")
    if layer not in look.gradients:
        *_, start = look.gradients
        raise NetworkError(
            f"{layer} has no gradient of its own: that of {aim_words(look)} begins at {start}. Choose {start}, or a "
            "layer before it."
        )
    return float(look.gradients[layer][cell])


def _beginning(look: Look, layer: str, cell: Cell) -> tuple[Line, ...]:
    """Write out the gradient of the loss by a score, as the loss declares it; nothing for what comes before."""
    if not isinstance(look.aim, Label) or layer != scores_layer(look.program):
        return ()
    lines: list[Line] = []
    for each in look.program.loss.slope(look.outputs[layer].reshape(-1), look.aim.label, cell[-1]):
        terms = tuple(Term(name, value) for name, value in each.terms)
        step = Step(each.operation, each.name, terms, each.result, each.formula)
        lines.append(line_of(step, (), {line.name: line.result for line in lines}))
    return tuple(lines)


def aim_words(look: Look) -> str:
    """Say what the gradients are of."""
    if isinstance(look.aim, Label):
        return f"the loss if {look.aim.label} is right"
    return "" if look.aim is None else f"{look.aim.layer}, {place_words(look.aim.cell)}"


def _weight_share(look: Look, name: str, patch: str, cells: Indices, gradients: Array) -> WeightShare:
    places = tuple(np.moveaxis(cells, -1, 0))
    total = look.weight_gradients.get(name)
    totals = np.zeros(gradients.shape) if total is None else total[places].astype(np.float64)
    return WeightShare(name, patch, cells, look.weights[name][places], gradients, totals, -look.learning_rate * totals)


def _handed_on(shares: tuple[Share, ...], weights: tuple[WeightShare, ...], gradient: float) -> str:
    """Say what becomes of it, as the end of a sentence."""
    if not gradient:
        return ": nothing is passed on"
    winner = next((share for share in shares if share.winner is not None), None)
    if winner is not None and winner.winner is not None:
        cell = tuple(map(int, winner.cells[winner.winner]))
        said = f"all of it goes to {winner.source}, {place_words(cell)}, which won"
    else:
        receiving = [int(np.count_nonzero(share.gradients[share.inside])) for share in shares]
        n = sum(receiving)
        to = listing(dict.fromkeys(share.source for share, got in zip(shares, receiving, strict=True) if got))
        if n == 1:
            part = sum(float(share.gradients[share.inside].sum()) for share in shares)
            said = f"{to} gets {number(part)}"
        else:
            said = f"{counted(n, 'value')} of {to} get a share" if n else "no input gets a share"
    learning = list(dict.fromkeys(weight.name for weight in weights if weight.totals.any()))
    return f": {said}" + (f"; {listing(learning)} learn{'' if len(learning) > 1 else 's'} from it" if learning else "")
