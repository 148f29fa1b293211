"""What the outcome of trying a fix followed from: as long as all of it stays, so does the outcome."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from core.analysis.advice import NETWORK_CODES, Advised, Seen
from core.analysis.report import LayerReport, Report
from core.graph.flatten import Flat
from core.graph.training import Training
from core.graph.values import Block, BlockUse, Document, Layer
from core.problems import Connect, Fix, Insert, Problem, SetOutputs, SetTraining


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What every outcome follows from besides the settings of layers: names, wires, kinds, blocks, outputs, training.

    An edit of a layer's settings leaves it as it is; after any other, all fixes are tried anew.
    """

    ordered: tuple[str, ...]
    rest: tuple[str, ...]
    kinds: tuple[type[object], ...]
    outputs: tuple[str, ...]
    named: tuple[str, ...] | None
    blocks: Mapping[str, Block]
    uses: tuple[Layer, ...]
    training: Training
    codes: frozenset[str]

    @classmethod
    def of(cls, report: Report) -> Plan:
        """Return the plan of a document that has been checked."""
        graph, wiring = report.document.graph, report.trace.wiring
        return cls(
            wiring.ordered,
            wiring.rest,
            tuple([type(layer.spec) for layer in wiring.layers]),
            report.outputs,
            graph.outputs,
            graph.blocks,
            tuple([layer for layer in graph.layers if isinstance(layer.spec, BlockUse)]),
            report.document.training,
            report.trace.advised.codes,
        )

    def same(self, other: Plan) -> bool:
        """Say whether everything is the same; the order of layers is the same object as long as no wire changes."""
        objects = (self.ordered, self.rest, self.blocks, self.training)
        others = (other.ordered, other.rest, other.blocks, other.training)
        return all(one is two for one, two in zip(objects, others, strict=True)) and (
            (self.kinds, self.outputs, self.named, self.uses, self.codes)
            == (other.kinds, other.outputs, other.named, other.uses, other.codes)
        )


@dataclass(frozen=True, slots=True, eq=False)
class Grounds:
    """What the outcome of trying the fixes of one problem followed from.

    Attributes
    ----------
    about : LayerReport or None
        The layer that has the problem.
    whole : bool
        Whether the whole graph counts: where the problem belongs to no layer, or to the whole network.
    footing : mapping of str to Seen
        What was found at all layers that the fixes change, speak of, or take their sources from, and at those that
        report the problem; inside a block, in all copies.
    """

    about: LayerReport | None
    candidates: tuple[Fix, ...]
    plan: Plan
    document: Document
    whole: bool
    footing: Mapping[str, Seen | None]

    def hold(self, about: LayerReport | None, candidates: tuple[Fix, ...], report: Report, plan: Plan) -> bool:
        """Say whether trying again would end the same way."""
        if about is not self.about or candidates != self.candidates or not self.plan.same(plan):
            return False
        if report.document.unread is not self.document.unread:
            return False
        if self.whole:
            return report.document.graph is self.document.graph
        seen = report.trace.advised.seen
        return all(seen.get(id) is was for id, was in self.footing.items())


def grounds_of(
    problem: Problem, candidates: tuple[Fix, ...], report: Report, plan: Plan, afters: list[Report]
) -> Grounds:
    """Collect what the outcomes of some trials followed from.

    Parameters
    ----------
    afters : list of Report
        Of the documents in which a fix was tried.
    """
    about = report.layers.get(problem.layer or "")
    before: Advised = report.trace.advised
    flat: Flat = report.trace.flat
    said = (problem.code, problem.layer)
    saying = {id for id, seen in before.seen.items() if any((p.code, p.layer) == said for p in seen.problems)}
    whole = about is None or (problem.code in NETWORK_CODES and not saying)
    if whole:
        return Grounds(about, candidates, plan, report.document, whole, {})
    after_seen = [after.trace.advised.seen for after in afters]
    changed = {id for id, seen in before.seen.items() if any(others.get(id) is not seen for others in after_seen)}
    changed |= saying
    if problem.code in NETWORK_CODES:  # a rule of the network may say it too, where one of its outputs is concerned
        changed.update(report.outputs)
    places = {flat.paths[id] for id in changed if id in flat.paths}
    changed |= {id for id, place in flat.paths.items() if place in places}
    ids = {source for id in changed for source in before.seen[id].report.layer.inputs} | changed
    ids.update(id for fix in candidates for id in _mentioned(fix))
    return Grounds(about, candidates, plan, report.document, whole, {id: before.seen.get(id) for id in ids})


def _mentioned(fix: Fix) -> Iterator[str]:
    """Name the layers that a fix speaks of."""
    for edit in fix.edits:
        match edit:
            case Insert(before=before):
                if before is not None:
                    yield before
            case SetOutputs() | SetTraining():
                pass
            case Connect(source, layer):
                yield from (layer,) if source is None else (source, layer)
            case _:
                yield edit.layer
