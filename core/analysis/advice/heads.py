"""Advice about the dense layers that a network ends in: how many values and parameters they have."""

from __future__ import annotations

from collections.abc import Iterator

from core.analysis.advice.advice import Overview, on_layer
from core.analysis.advice.ends import last_weighted
from core.analysis.advice.probabilities import RANGES
from core.analysis.report import LayerReport
from core.io.datasets import BUNDLED, Bundled
from core.layers.dense import Dense, Flatten
from core.layers.regularisation import Dropout
from core.problems import Fix, Problem, Replace, SetConfig
from core.shapes import Shape, count, n_scores
from core.text import counted, number_text

SMALLEST_HEAVY = 100_000
"""Parameters of a whole network; with fewer it is small, whatever its dense layers hold."""
HEAVY = 0.8
"""The share of the parameters that one dense layer may hold: LeNet-5's has 0.78, VGG16's 0.74."""


def number_of_classes(overview: Overview) -> Iterator[Problem]:
    """Find outputs that give more scores than a bundled data set that fits the Input has classes.

    Too few keep the network from being trained, which is a problem of its own: `core.training.requirements`.
    """
    report = overview.report
    settings = report.document.training.settings
    dataset = BUNDLED.get(settings.dataset)
    if dataset is None or len(report.outputs) != 1:
        return
    output = report.layers[report.outputs[0]]
    entry, last = overview.entry(output), last_weighted(report, output.id)
    n, wanted = None if output.shape is None else n_scores(output.shape), len(dataset.classes)
    if n is None or entry is None or not _fits(dataset, entry[1]) or last is None:
        return
    setting = "units" if isinstance(last.layer.spec, Dense) else "filters"
    if n <= wanted or getattr(last.layer.spec, setting, None) != n or type(output.layer.spec) in RANGES:
        return
    yield on_layer(
        "CLASSES-COUNT",
        last.id,
        f"the network gives {counted(n, 'number')}, but {settings.dataset} has {wanted} classes.",
        f"Training compares one score for each class with the label. {n - wanted} of the outputs would never be used.",
        (Fix(f"Use {wanted} {setting}", (SetConfig(last.id, {setting: wanted}),)),),
        field=setting,
    )


def _fits(dataset: Bundled, shape: Shape) -> bool:
    """Say whether an Input may be meant for a data set: the same number of channels, or of features."""
    if len(shape) == len(dataset.shape) == 3:
        return shape[2] == dataset.shape[2]
    return count(shape) == count(dataset.shape)


def heavy_dense(overview: Overview) -> Iterator[Problem]:
    """Find a dense layer after convolutions that holds more than 80 % of all parameters."""
    report, total = overview.report, overview.report.totals.parameters
    if total is None or total < SMALLEST_HEAVY:
        return
    for layer in report.layers.values():
        spec, own = layer.layer.spec, layer.parameters
        if type(spec) is not Dense or own is None or own <= HEAVY * total:
            continue
        flat = _flattened(overview, layer)
        if flat is None:
            continue
        image = flat.input_shapes[0]
        yield on_layer(
            "DENSE-HEAVY",
            layer.id,
            f"it holds {number_text(own)} of the network's {number_text(total)} parameters.",
            f"{'·'.join(map(str, image))} = {number_text(count(image))} features, and each of the {spec.units} units "
            f"has a weight for every one. Averaging each channel would leave {image[2]}.",
            (Fix(f"Make {flat.id} a global average pool", (Replace(flat.id, "GlobalAvgPool2D", {}),)),),
        )


def _flattened(overview: Overview, layer: LayerReport) -> LayerReport | None:
    """Return the Flatten that feeds a layer, if convolutions made its image and that has several pixels."""
    source = overview.report.layers.get(layer.layer.inputs[0])
    while source is not None and isinstance(source.layer.spec, Dropout) and source.layer.inputs:
        source = overview.report.layers.get(source.layer.inputs[0])
    if source is None or not isinstance(source.layer.spec, Flatten):
        return None
    image, before = source.input_shapes[0], overview.seen[source.id].before
    return source if before.convolutions and len(image) == 3 and image[0] * image[1] > 1 else None
