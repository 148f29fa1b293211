"""What the menus do with several layers at once: put them in line, arrange them, take their wires away."""

from __future__ import annotations

from collections.abc import Mapping

from core.graph.arrange import arrange
from core.graph.edits import disconnect, move_layers
from core.graph.values import LayoutDirection, Position
from core.graph.wiring import source_id
from designer.canvas.canvas import Canvas
from designer.canvas.commands.aligning import Direction, Side, aligned, distributed
from designer.canvas.commands.auto_layout import all_laid_out, laid_out
from designer.canvas.drawing.node_content import spoken

DIRECTIONS: dict[LayoutDirection, str] = {"right": "left to right", "down": "top-down"}
"""What the directions are called."""


def align(canvas: Canvas, side: Side) -> None:
    """Put the selected layers in line, as one step."""
    places = aligned(_places(canvas), canvas.scene.boxes(), side, canvas.scene.direction)
    _move(canvas, f"align {spoken(canvas.session.selection)}", places)


def distribute(canvas: Canvas, direction: Direction) -> None:
    """Put the selected layers at equal distances, as one step."""
    places = distributed(_places(canvas), canvas.scene.boxes(), direction)
    _move(canvas, f"distribute {spoken(canvas.session.selection)}", places)


def arrange_all(canvas: Canvas) -> None:
    """Lay all layers that are drawn out anew, as one step; wires run as they do by themselves."""
    canvas.view.give_up()
    document, before = canvas.session.document, canvas.scene.places()
    canvas.session.edit("arrange layers", laid_out(document, canvas.session.report, document.layout.direction))
    canvas.fit()
    canvas.move_animation.start(before)


def turn(canvas: Canvas, direction: LayoutDirection) -> None:
    """Lay the whole document out anew, with the insides of its blocks, for data to flow in a direction, as one step."""
    canvas.view.give_up()
    whole, before = canvas.session.whole, canvas.scene.places()
    whole.edit(f"arrange {DIRECTIONS[direction]}", all_laid_out(whole.document, whole.report, direction))
    canvas.fit()
    canvas.move_animation.start(before)


def arrange_selection(canvas: Canvas) -> None:
    """Lay the selected layers out anew, from where the first of them in sight stands, as one step."""
    before, boxes = _places(canvas), canvas.scene.boxes()
    layers = [layer for layer in canvas.session.document.graph.layers if layer.id in before]
    inputs = {layer.id: [s for s in layer.inputs if source_id(s) in before] for layer in layers}
    places = arrange(inputs, {id: boxes[id] for id in before}, canvas.scene.direction, now=before)
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
    canvas.move_animation.start(before)
