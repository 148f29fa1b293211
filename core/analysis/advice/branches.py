"""Advice about layers that lead nowhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.analysis.advice.advice import Overview, on_layer
from core.graph.wiring import consumers
from core.problems import Fix, Problem, Remove, SetOutputs
from core.text import listing


def dead_branches(overview: Overview) -> Iterator[Problem]:
    """Find layers that lead to none of the outputs that the document names."""
    report = overview.report
    named = report.document.graph.outputs
    if not named or any(report.of(id) is None for id in named):
        return
    alive, frontier = set(report.outputs), list(report.outputs)
    while frontier:
        for source in report.layers[frontier.pop()].layer.inputs:
            if source in report.layers and source not in alive:
                alive.add(source)
                frontier.append(source)
    if len(alive) == len(report.layers):
        return
    feeds = consumers(layer.layer for layer in report.layers.values())
    for id, layer in report.layers.items():
        if id in alive or id in feeds or not layer.flow.reached:
            continue
        branch = _branch(overview, id, alive, feeds)
        rest = f", and neither {'do' if len(branch) > 2 else 'does'} {listing(branch[1:])}" if len(branch) > 1 else ""
        outputs = f"{'output is' if len(named) == 1 else 'outputs are'} {listing(named)}"
        yield on_layer(
            "BRANCH-DEAD",
            id,
            f"it leads to no output{rest}.",
            f"What it computes is never used: the {outputs}.",
            (
                Fix(f"Remove {listing(branch)}", tuple(map(Remove, branch))),
                Fix("Make it an output", (SetOutputs((*named, id)),)),
            ),
        )


def _branch(overview: Overview, id: str, alive: set[str], feeds: dict[str, list[str]]) -> Sequence[str]:
    """Return a dead end and all layers that lead only to it."""
    branch, dead = [id], {id}
    for end in branch:
        for source in overview.report.layers[end].layer.inputs:
            known = source in alive or source in dead or source not in overview.report.layers
            if not known and dead.issuperset(feeds[source]):
                dead.add(source)
                branch.append(source)
    return branch
