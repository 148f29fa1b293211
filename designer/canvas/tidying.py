"""What the menus do with several layers at once: put them in line, arrange them, take their wires away."""

from __future__ import annotations

from collections.abc import Mapping

from core.graph.arrange import arrange
from core.graph.edits import disconnect, move_layers
from core.graph.layouts import set_route
from core.graph.values import Position
from core.graph.wiring import source_id
from designer.canvas.aligning import Direction, Side, aligned, distributed
from designer.canvas.annotating import frames_moved
from designer.canvas.canvas import Canvas
from designer.canvas.face import spoken


def align(canvas: Canvas, side: Side) -> None:
    """Put the selected layers in line, as one step."""
    _move(canvas, f"align {spoken(canvas.session.selection)}", aligned(_places(canvas), canvas.scene.boxes(), side))


def distribute(canvas: Canvas, direction: Direction) -> None:
    """Put the selected layers at equal distances, as one step."""
    places = distributed(_places(canvas), canvas.scene.boxes(), direction)
    _move(canvas, f"distribute {spoken(canvas.session.selection)}", places)


def arrange_all(canvas: Canvas) -> None:
    """Lay all layers out anew, as one step; wires run as they do by themselves."""
    canvas.view.give_up()
    document = canvas.session.document
    inputs = {layer.id: layer.inputs for layer in document.graph.layers}
    places = arrange(inputs, canvas.scene.boxes())
    arranged = frames_moved(canvas, places, move_layers(document, places))
    for wire in canvas.scene.wires.values():
        if wire.points:
            arranged = set_route(arranged, wire.layer, wire.reference, ())
    before = canvas.scene.places()
    canvas.session.edit("arrange layers", arranged)
    canvas.fit()
    canvas.glide.start(before)


def arrange_selection(canvas: Canvas) -> None:
    """Lay the selected layers out anew, from where the first of them in sight stands, as one step."""
    before, boxes = _places(canvas), canvas.scene.boxes()
    layers = [layer for layer in canvas.session.document.graph.layers if layer.id in before]
    inputs = {layer.id: [s for s in layer.inputs if source_id(s) in before] for layer in layers}
    places = arrange(inputs, {id: boxes[id] for id in before})
    dx, dy = (min(p[axis] for p in before.values()) - min(p[axis] for p in places.values()) for axis in (0, 1))
    _move(canvas, f"arrange {spoken(before)}", {id: (x + dx, y + dy) for id, (x, y) in places.items()})


def disconnect_selection(canvas: Canvas) -> None:
    """Take all wires of the selected layers away, as one step."""
    canvas.view.give_up()
    chosen, document = set(canvas.session.selection), canvas.session.document
    for layer in document.graph.layers:
        for port in reversed(range(len(layer.inputs))):  # the last first: those before keep their numbers
            if layer.id in chosen or source_id(layer.inputs[port]) in chosen:
                document = disconnect(document, layer.id, port)
    canvas.session.edit(f"disconnect {spoken(canvas.session.selection)}", document)


def _places(canvas: Canvas) -> dict[str, Position]:
    canvas.view.give_up()
    shown = canvas.scene.places()
    return {id: shown[id] for id in canvas.session.selection}


def _move(canvas: Canvas, label: str, places: Mapping[str, Position]) -> None:
    kept, before = canvas.view.places_to_keep(), canvas.scene.places()
    canvas.session.edit(label, move_layers(canvas.session.document, {**kept, **places}))
    canvas.glide.start(before)
