"""What the tour shows: four steps, each of which prepares what it speaks of and knows when it is done."""

from __future__ import annotations

from core.graph.values import Layer, layers_by_id, spec_class
from designer.inspector.findable_settings import LAYER
from designer.session import Scope
from designer.start.tour import Callout, Stop
from designer.window.rails import unfold
from designer.window.tour_parts import TourParts


def tour_stops(parts: TourParts, scope: Scope) -> list[Stop]:
    """Return the steps of the tour through a window."""
    session = scope.session

    def train() -> Callout:
        return Callout(
            parts.train_bar,
            "Press Train, or F5. The network learns the digits that come with Convograph, and its curves, filters and "
            "maps move while it does.",
        )

    def look() -> Callout:
        session.enter("")
        session.select([])
        layer = layer_to_change(scope)
        return Callout(
            parts.canvas,
            f"Click a layer{f', such as {layer.id}' if layer is not None else ''}. Its filters and maps are shown "
            "below, its settings at the right, with the formulas of its shape and its parameters in its own numbers.",
            lambda: bool(session.selection),
        )

    def change() -> Callout:
        session.enter("")
        layer = layer_to_change(scope)
        if layer is None:
            return Callout(parts.inspector, "Here stand the settings of the layer that is selected; draw one first.")
        session.select([layer.id])
        unfold(parts.inspector)
        name = setting_to_change(layer)
        words = f"Here are the settings of {layer.id}. Type another {name.replace('_', ' ')}{example(layer, name)}. "
        return Callout(
            parts.inspector.show_setting(f"{LAYER}{name}"),
            words + "Every shape after it follows; what no longer fits is said, with ways to mend it. Ctrl+Z takes "
            "everything back.",
            lambda: layers_by_id(session.document.graph).get(layer.id) != layer,
        )

    def add() -> Callout:
        unfold(parts.palette)
        n_before = len(scope.document.graph.layers)
        return Callout(
            parts.palette,
            "Drag a layer from here onto a wire, or press / on the canvas and type its name.",
            lambda: len(scope.document.graph.layers) > n_before,
        )

    return [
        Stop("Train", train, (parts.run.started,)),
        Stop("Look", look, (session.selection_changed,)),
        Stop("Change", change, (session.document_changed,)),
        Stop("Add a layer", add, (session.document_changed,)),
    ]


def layer_to_change(scope: Scope) -> Layer | None:
    """Return the selected layer if it has settings, else the first that has a filter size, or any setting."""
    layers = [layer for layer in scope.document.graph.layers if setting_to_change(layer)]
    layers.sort(key=lambda layer: (layer.id not in scope.selection, setting_to_change(layer) != "kernel_size"))
    return layers[0] if layers else None


def setting_to_change(layer: Layer) -> str:
    """Return the name of the setting that a step speaks of; "" for a layer that has none."""
    known = spec_class(layer.kind)
    names = list(known.settings()) if known is not None else []
    return "kernel_size" if "kernel_size" in names else next(iter(names), "")


def example(layer: Layer, name: str) -> str:
    """Write a value to try, other than the present one: ", such as 7"; nothing where no number suits all."""
    if name != "kernel_size":
        return ""
    return f", such as {3 if layer.config.get(name) == 7 else 7}"
