"""What a layer shows of itself on the canvas: words and numbers, drawn from its entry and its report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from core.analysis.report import LayerReport, Report
from core.graph.values import Block, BlockUse, Document, Layer, Spec, Unreadable, spec_class
from core.graph.wiring import source_id
from core.layers import Family, Kind
from core.layers.kind import IMAGE
from core.shapes import Shape
from core.text import number_text, shape_text

Verdict: TypeAlias = Literal["", "advice", "error"]

_NO_FAMILY: Family = "merge"
"""Its colour is grey."""


@dataclass(frozen=True, slots=True)
class NodeContent:
    """Everything that is drawn of a layer, but where it stands and whether it is selected.

    Attributes
    ----------
    label : str
        Its kind, or the name of its block.
    settings : str
        Its settings in one line.
    parameters : str
        How many it learns, or "" where that is none or unknown.
    shape : tuple of int or None
        Of its output, for one sample.
    spatial : bool
        Whether room is kept for pictures of its maps.
    pill : bool
        Whether it is drawn as a pill on the wire.
    stacked : bool
        Whether it stands for several layers.
    n_ports, n_wired : int
        How many inputs are drawn, and how many of them, from the first, are in use.
    may_grow : bool
        Whether another input appears when a wire comes near.
    """

    id: str
    label: str
    settings: str
    parameters: str
    shape: Shape | None
    family: Family
    verdict: Verdict
    spatial: bool
    pill: bool
    stacked: bool
    n_ports: int
    n_wired: int
    may_grow: bool

    @property
    def label_line(self) -> str:
        """Kind and settings in one line: "Conv2D 6 · 5×5 · P 2"."""
        return f"{self.label} {self.settings}" if self.settings else self.label

    @property
    def shape_line(self) -> str:
        """The shape of its output, or "?"."""
        return shape_text(self.shape)


def content_of(
    layer: Layer, blocks: Mapping[str, Block], reports: Sequence[LayerReport], shape: Shape | None, verdict: Verdict
) -> NodeContent:
    """Draw up a layer's content.

    Parameters
    ----------
    layer : Layer
    blocks : mapping of str to Block
        Of its document.
    reports : sequence of LayerReport
        Of all layers that it stands for.
    shape : tuple of int or None
        Of its output.
    verdict : {"", "advice", "error"}
        The gravest of its problems.
    """
    spec = layer.spec
    counts = [report.parameters for report in reports]
    total = None if None in counts else sum(n for n in counts if n is not None)
    label, settings, family = _words(spec)
    n_ports, may_grow = _ports(layer, blocks)
    return NodeContent(
        id=layer.id,
        label=label,
        settings=settings,
        parameters=number_text(total) if total else "",
        shape=shape,
        family=family,
        verdict=verdict,
        spatial=_spatial(spec) if shape is None else len(shape) == 3,
        pill=isinstance(spec, Kind) and spec.elementwise,
        stacked=isinstance(spec, BlockUse),
        n_ports=n_ports,
        n_wired=len(layer.inputs),
        may_grow=may_grow,
    )


def _words(spec: Spec) -> tuple[str, str, Family]:
    """Return what a layer is called, its settings in one line, and its family."""
    if isinstance(spec, BlockUse):
        return spec.block, f"× {spec.repeat}" if spec.repeat > 1 else "", _NO_FAMILY
    if isinstance(spec, Unreadable):
        found = spec_class(spec.kind)
        return spec.kind, "", found.family if found is not None and issubclass(found, Kind) else _NO_FAMILY
    return spec.label(), spec.headline(), spec.family


def _spatial(spec: Spec) -> bool:
    """Say whether the output has rows and columns, where its shape is not known."""
    return spec.ranks == IMAGE if isinstance(spec, Kind) else isinstance(spec, BlockUse)


def _ports(layer: Layer, blocks: Mapping[str, Block]) -> tuple[int, bool]:
    """Return how many inputs are drawn, and whether another may appear."""
    spec, n_wired = layer.spec, len(layer.inputs)
    if isinstance(spec, BlockUse):
        return max(n_wired, len(blocks[spec.block].inputs) if spec.block in blocks else 1), False
    if isinstance(spec, Unreadable):
        return max(n_wired, 1), n_wired > 0
    least, most = spec.n_inputs
    n = max(least, n_wired, 0 if most == 0 else 1)
    return n, n_wired == n and (most is None or n_wired < most)


def verdicts(report: Report) -> dict[str, Verdict]:
    """Return the gravest problem of each layer of the drawn graph that has one; notes don't count."""
    found: dict[str, Verdict] = {}
    for problem in report.problems:
        if problem.layer is not None and problem.severity != "note":
            found.setdefault(source_id(problem.layer), problem.severity)  # errors come first
    return found


class NodeContents:
    """The contents of the open document; one is drawn up again only when what it follows from is another object."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[tuple[object, ...], NodeContent]] = {}

    def update(self, document: Document, report: Report) -> dict[str, NodeContent]:
        """Return the content of every layer of the drawn graph, in the document's order."""
        blocks, graves, inside = document.graph.blocks, verdicts(report), _inside(document, report)
        known = {}
        for layer in document.graph.layers:
            id = layer.id
            if id in known:  # the second layer of one name is called id~2 by the report
                continue
            own = inside.get(id) or ((report.layers[id],) if id in report.layers else ())
            output, verdict = report.of(id), graves.get(id, "")
            # Facts stay the same objects when only receptive fields change, which nothing here shows.
            facts = [found.facts for found in (*own, output) if found is not None]
            key = (layer, verdict, blocks if isinstance(layer.spec, BlockUse) else None, *facts)
            old = self._known.get(id)
            if old is not None and len(old[0]) == len(key) and all(a is b for a, b in zip(old[0], key, strict=True)):
                known[id] = old
            else:
                known[id] = (key, content_of(layer, blocks, own, None if output is None else output.shape, verdict))
        self._known = known
        return {id: content for id, (_, content) in known.items()}


def _inside(document: Document, report: Report) -> dict[str, tuple[LayerReport, ...]]:
    """Group the reports of the layers inside blocks by the use that they belong to."""
    if not any(isinstance(layer.spec, BlockUse) for layer in document.graph.layers):
        return {}
    groups: dict[str, list[LayerReport]] = {}
    for id, found in report.layers.items():
        if "/" in id:
            groups.setdefault(source_id(id), []).append(found)
    return {id: tuple(found) for id, found in groups.items()}


def spoken(ids: Iterable[str]) -> str:
    """Name layers for an undo label: "conv1", "3 layers"."""
    names = list(ids)
    return names[0] if len(names) == 1 else f"{len(names)} layers"
