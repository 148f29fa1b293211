"""Which layers are shown side by side: those that are drawn at a place, blocks folded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from core.analysis.opened import opened
from core.analysis.report import LayerReport, Report
from core.graph.opening import block_at
from core.graph.values import BlockUse, Layer
from core.graph.wiring import owner
from core.layers import Kind
from core.shapes import Shape
from designer.strip.lanes import Place, branches

Form: TypeAlias = Literal["picture", "maps", "bar", "classes", "unknown"]
"""How an output is drawn."""

MOST_CLASSES = 20
MOST_LANES = 4
"""Branches that are drawn one above the other, as many as Inception has."""


@dataclass(frozen=True, slots=True)
class Column:
    """One layer.

    Attributes
    ----------
    id : str
        In the whole document, as selections have it: `stage1/2/conv1`.
    layer : str
        Whose output is shown, in the flattened graph: of a block, that of its last layer.
    title : str
        Its name where it is drawn.
    shape : Shape or None
    family : str
        By which it is coloured.
    form : Form
    place : Place
    sources : tuple of str
        The columns that feed it, by their ids.
    is_block : bool
    """

    id: str
    layer: str
    title: str
    shape: Shape | None
    family: str
    form: Form
    place: Place
    sources: tuple[str, ...]
    is_block: bool = False


def columns_of(report: Report, place: str = "") -> tuple[Column, ...]:
    """Return the columns of what is drawn at a place, in the order of computing.

    Examples
    --------
    >>> from core.analysis.check import check
    >>> from core.io.templates import load_template
    >>> [(column.layer, column.form) for column in columns_of(check(load_template("lenet5")))][:2]
    [('input', 'picture'), ('conv1', 'maps')]
    """
    if place and block_at(report.document.graph, place) is None:
        place = ""
    here = opened(report, place) if place else report
    layers = {layer.id: layer for layer in here.document.graph.layers}
    found = branches(layers.values(), MOST_LANES)
    return tuple(_column(layers[id], at, here, report, place, layers) for id, at in found.items() if id in layers)


def _column(layer: Layer, at: Place, here: Report, whole: Report, place: str, layers: dict[str, Layer]) -> Column:
    known = here.of(layer.id)
    flat = place + (layer.id if known is None else known.id)
    if flat not in whole.layers and known is not None:  # what enters a block comes from outside
        flat = _entering(layer.id, place, whole, layers) or flat
    is_block = isinstance(layer.spec, BlockUse)
    shape = None if known is None else known.shape
    family = layer.spec.family if isinstance(layer.spec, Kind) else "merge"
    sources = tuple(dict.fromkeys(place + owner(source, layers) for source in layer.inputs))
    form = _form(known, shape)
    return Column(place + layer.id, flat, layer.id, shape, family, form, at, sources, is_block)


def _entering(input: str, place: str, whole: Report, layers: dict[str, Layer]) -> str | None:
    """Return the layer outside whose output enters an open block at one of its inputs."""
    for layer in layers.values():
        for port, source in enumerate(layer.inputs):
            flat = whole.layers.get(place + layer.id)
            if source == input and flat is not None and port < len(flat.layer.inputs):
                return flat.layer.inputs[port]
    return None


def _form(known: LayerReport | None, shape: Shape | None) -> Form:
    if known is None or shape is None:
        return "unknown"
    spec = known.layer.spec
    if not known.layer.inputs and len(shape) == 3 and shape[2] in {1, 3}:
        return "picture"
    if len(shape) == 3:
        return "maps"
    says_classes = isinstance(spec, Kind) and spec.gives_probabilities and shape[-1] <= MOST_CLASSES
    return "classes" if says_classes else "bar"
