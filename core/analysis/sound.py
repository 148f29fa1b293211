"""What can be computed of a document that has errors: everything above them."""

from __future__ import annotations

from dataclasses import replace

from core.analysis.report import LayerReport, Report, totals_of
from core.layers import Kind


def sound_part(report: Report) -> Report:
    """Return the report of the layers that have no error and that only such layers feed; its outputs are their ends.

    Where that is Inputs alone, they are the outputs, so that what goes into the network can be looked at.

    Its document is the whole one, so that a network can be made with it: `Network(document, report=sound)`.

    >>> from core.analysis.check import check
    >>> from core.graph.edits import add_layer
    >>> from core.io.templates import load_template
    >>> broken, _ = add_layer(load_template("lenet5"), "Add")
    >>> list(sound_part(check(broken)).layers)[:3]
    ['input', 'conv1', 'relu1']
    """
    if report.valid:
        return report
    wrong = {problem.layer for problem in report.errors if problem.layer is not None}
    sound: dict[str, LayerReport] = {}
    for layer in report.layers.values():
        computable = isinstance(layer.layer.spec, Kind) and layer.shape is not None and layer.facts.weights is not None
        if computable and _holds(layer.id, wrong) and all(source in sound for source in layer.layer.inputs):
            sound[layer.id] = layer
    feeding = {source for layer in sound.values() for source in layer.layer.inputs}
    ends = tuple(id for id in sound if id not in feeding)
    return replace(
        report,
        layers=sound,
        outputs=tuple(id for id in ends if sound[id].layer.inputs) or ends,
        problems=tuple(problem for problem in report.problems if problem.severity != "error"),
        totals=totals_of(sound.values()),
        trace=None,
    )


def _holds(layer_id: str, wrong: set[str]) -> bool:
    """Return whether neither a layer nor a block that it is in has an error."""
    parts = layer_id.split("/")
    return not any("/".join(parts[:n]) in wrong for n in range(1, len(parts) + 1))
