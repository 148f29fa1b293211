"""Advice about the size of maps: how fast they shrink, what the last one sees, whether strides divide the input."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from core.analysis.advice.advice import Overview, on_layer
from core.analysis.advice.ends import last_map
from core.analysis.advice.trail import SLIDING, Trail, run_through, too_fast
from core.analysis.report import LayerReport, Report
from core.layers.convolution import Conv2D
from core.layers.kind import ReceptiveField
from core.layers.local import LocallyConnected2D
from core.problems import Edit, Fix, Insert, Problem, SetConfig
from core.shapes import Padding, Size, pair, shortest_size
from core.text import listing, ratio_text, setting_text, shape_text


def shrinking(layer: LayerReport, before: Trail) -> Problem | None:
    """Find convolutions that lose much of the image: at its edges, or by moving three pixels at a time."""
    spec, image, after = layer.layer.spec, layer.input_shapes[0], layer.shape
    if not isinstance(spec, Conv2D | LocallyConnected2D) or after is None or after[:2] == (1, 1):
        return None
    high, wide = pair(spec.stride)
    if max(high, wide) > 2 and before.convolutions:
        stride = shortest_size((min(high, 2), min(wide, 2)))
        return on_layer(
            "MAP-SHRINKS",
            layer.id,
            f"{shape_text(image[:2])} becomes {shape_text(after[:2])} in one step.",
            f"Its filters move {setting_text(spec.stride)} pixels at a time, so what lies in between is easily "
            "lost. Only the first layer of a network for large images takes steps that long.",
            (_stride(layer.id, spec, stride),),
            field="stride",
        )
    run = run_through(layer, before)
    if run is None or after[:2] == image[:2] or not too_fast(run, after):
        return None
    steps = "in one step" if run.n == 1 else f"in {run.n} convolutions"
    return on_layer(
        "MAP-SHRINKS",
        layer.id,
        f"{shape_text(run.start)} becomes {shape_text(after[:2])} {steps}, for lack of padding.",
        "What is at the borders is washed away, and soon too little is left for later layers.",
        (_keeping_size(layer.id, spec),),
        field="padding",
    )


def _stride(id: str, spec: Conv2D | LocallyConnected2D, stride: Size) -> Fix:
    config: dict[str, object] = {"stride": stride}
    if spec.rounding == "exact":
        config["rounding"] = "floor"  # what fits one stride need not fit another
    return Fix(f"Use stride {setting_text(stride)}", (SetConfig(id, config),))


def _keeping_size(id: str, spec: Conv2D | LocallyConnected2D) -> Fix:
    dilation = pair(spec.dilation) if isinstance(spec, Conv2D) else (1, 1)
    spans = [d * (f - 1) for f, d in zip(pair(spec.kernel_size), dilation, strict=True)]
    padding: Padding = "same" if any(span % 2 for span in spans) else shortest_size((spans[0] // 2, spans[1] // 2))
    return Fix(f"Use padding {setting_text(padding)}", (SetConfig(id, {"padding": padding}),))


def narrow_view(overview: Overview) -> Iterator[Problem]:
    """Find last maps whose values see less than half of the input's height or width.

    One convolution before a Flatten is left alone: there the dense layer that follows is meant to see the whole.
    """
    for output in overview.report.outputs:
        last, pooled = last_map(overview.report, output)
        entry = overview.entry(last) if last is not None else None
        if last is None or entry is None or last.receptive_field is None or len(entry[1]) != 3:
            continue
        least = 1 if pooled else 2
        size, image = last.receptive_field.size, entry[1][:2]
        if overview.seen[last.id].after.convolutions < least or all(
            2 * r >= side for r, side in zip(size, image, strict=True)
        ):
            continue
        seen = "×".join(map(ratio_text, size))
        yield on_layer(
            "FIELD-SMALL",
            last.id,
            f"each of its values sees {seen} pixels of the {shape_text(image)} input: less than half.",
            "No filter ever sees as a whole what extends further. Pools, more layers and dilation enlarge the "
            "receptive field.",
            _widening(overview, last, image),
        )


def _widening(overview: Overview, last: LayerReport, image: tuple[int, ...]) -> Iterator[Fix]:
    """Offer a pool between convolutions, as late as still widens the field enough, and dilation of the last one."""
    chain = _chain(overview.report, last)
    final, convolutions = last.receptive_field, [c for c in chain if type(c.layer.spec) in SLIDING and c.inputs]
    if final is None:
        return
    wanted = [ceil(side / 2) for side in image]
    place = next((layer for layer in convolutions[:-1] if _sees(_pooled(layer, final), wanted)), None)
    if place is not None and min(place.input_shapes[0][:2]) > 1:
        high, wide, _ = place.input_shapes[0]
        config = {} if high % 2 == wide % 2 == 0 else {"rounding": "floor"}
        yield Fix(f"Insert a 2×2 pool before {place.id}", (Insert("MaxPool2D", config, place.id),))
    fixes = (_dilation(layer, final, wanted) for layer in convolutions)
    yield from [fix for fix in fixes if fix is not None][:1]


def _chain(report: Report, last: LayerReport) -> list[LayerReport]:
    """Return the layers that lead to one, back to the first with several sources; the last comes first."""
    chain = [last]
    while len(chain[-1].layer.inputs) == 1 and (source := report.layers.get(chain[-1].layer.inputs[0])) is not None:
        chain.append(source)
    return chain


def _pooled(layer: LayerReport, final: ReceptiveField) -> list[float]:
    """Return the final field with a 2×2 pool before a layer: what it and the layers after it add is doubled."""
    flow = layer.inputs[0]
    field = flow.receptive_field if flow is not None else None
    if field is None:
        return [0, 0]
    return [float(r + j + 2 * (end - r)) for r, j, end in zip(field.size, field.jump, final.size, strict=True)]


def _sees(size: list[float], wanted: list[int]) -> bool:
    return all(r >= side for r, side in zip(size, wanted, strict=True))


def _dilation(layer: LayerReport, final: ReceptiveField, wanted: list[int]) -> Fix | None:
    spec, flow = layer.layer.spec, layer.inputs[0]
    if not isinstance(spec, Conv2D) or flow is None or flow.receptive_field is None:
        return None
    dilations = []
    for f, d, j, r, side in zip(
        pair(spec.kernel_size), pair(spec.dilation), flow.receptive_field.jump, final.size, wanted, strict=True
    ):
        if f == 1 and r < side:
            return None
        dilations.append(d if r >= side else d + ceil((side - r) / ((f - 1) * j)))
    dilation = shortest_size((dilations[0], dilations[1]))
    edits: tuple[Edit, ...] = (SetConfig(layer.id, {"dilation": dilation, "padding": "same"}),)
    return Fix(f"Dilate {layer.id} by {setting_text(dilation)}", edits)


def indivisible_input(overview: Overview) -> Iterator[Problem]:
    """Find Inputs whose sides the network's total stride does not divide."""
    said = set()
    for output in overview.report.outputs:
        layer = overview.report.layers[output]
        last = layer if layer.shape is not None and len(layer.shape) == 3 else last_map(overview.report, output)[0]
        entry = overview.entry(last) if last is not None else None
        if last is None or entry is None or last.receptive_field is None or len(entry[1]) != 3 or entry[0] in said:
            continue
        id, (high, wide, channels) = entry
        jumps = [jump for jump in last.receptive_field.jump if jump == int(jump) and jump >= 1]
        if len(jumps) < 2:
            continue  # upsampled: neighbours see pixels less than one apart
        shape = [_multiple(side, int(jump)) for side, jump in zip((high, wide), jumps, strict=True)]
        if shape == [high, wide]:
            continue
        said.add(id)
        strides = listing(list(dict.fromkeys(ratio_text(jump) for jump in jumps)))
        yield on_layer(
            "INPUT-SIDE",
            id,
            f"{shape_text((high, wide))} is not divisible by the total stride {strides}.",
            f"The values of {last.id} lie {strides} pixels apart, so some layer crops or pads unevenly.",
            (Fix(f"Use {shape_text((*shape, channels))}", (SetConfig(id, {"shape": (*shape, channels)}),)),),
            field="shape",
        )


def _multiple(side: int, stride: int) -> int:
    """Return the nearest multiple; of two equally near ones, the larger."""
    return max(stride, stride * ((2 * side + stride) // (2 * stride)))
