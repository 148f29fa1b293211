"""What actions and keys do with what is selected: delete it, connect two layers, make a block, unfold one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from core.errors import EditError
from core.graph.arrange import arrange
from core.graph.edits import connect, disconnect, move_layers, remove_layers
from core.graph.folding import fold, unfold
from core.graph.layering import Box
from core.graph.values import Document, Position
from designer.canvas.canvas import Canvas
from designer.canvas.commands.notes import delete_notes
from designer.canvas.drawing.node_content import spoken
from designer.canvas.drawing.sizes import boxes_of, rects_of
from designer.session import Drawn


def delete_selection(canvas: Canvas) -> None:
    """Remove the selected layers and close the chains they stood in; or remove the selected wires or notes."""
    canvas.view.give_up()
    ids, selection = canvas.session.selection, canvas.view.selection
    if ids:
        canvas.session.edit(f"delete {spoken(ids)}", remove_layers(canvas.session.document, ids), select=())
    elif selection.wires:
        _delete_wires(canvas)
    elif selection.notes:
        delete_notes(canvas)


def _delete_wires(canvas: Canvas) -> None:
    keys, document = canvas.view.selection.wires, canvas.session.document
    names = [f"{canvas.scene.wires[key].source} from {key[0]}" for key in keys]
    for layer, port in sorted(keys, reverse=True):  # the last port first: those before keep their numbers
        document = disconnect(document, layer, port)
    canvas.session.edit(f"disconnect {names[0] if len(names) == 1 else f'{len(names)} wires'}", document)


def connect_selected(canvas: Canvas) -> None:
    """Connect the layer that was selected first to the other one."""
    session = canvas.session
    if len(session.selection) != 2:
        canvas.hint.emit("Select two layers, then press C: the first will feed the second.")
        return
    source, fed = session.selection
    label = f"connect {source} to {fed}"
    _attempt(canvas, lambda: session.edit(label, connect(session.document, source, fed)))


def make_block(canvas: Canvas) -> None:
    """Fold the selected layers into a block, as one step."""
    session, shown = canvas.session, canvas.view.places_to_keep()

    def edit() -> None:
        selection = session.selection
        drawn = move_layers(session.document, shown)
        folded = fold(drawn, selection)
        places = sorted(drawn.layout.positions[id] for id in selection if id in drawn.layout.positions)
        document = _apart(session, folded.document, folded.layers, places)
        label = f"make a block of {spoken(selection)}"
        session.edit(label, document, select=folded.layers, carry=folded.weights)

    _attempt(canvas, edit)


def unfold_block(canvas: Canvas) -> None:
    """Draw the layers of the selected block in its place, as one step; all are arranged where they would overlap."""
    session, use, shown = canvas.session, canvas.selected_block, canvas.view.places_to_keep()
    if use is None:
        return

    def edit() -> None:
        unfolded = unfold(move_layers(session.document, shown), use)
        document = _without_overlaps(session, unfolded.document, unfolded.layers)
        session.edit(f"unfold {use}", document, select=unfolded.layers, carry=unfolded.weights)

    _attempt(canvas, edit)


def _attempt(canvas: Canvas, edit: Callable[[], None]) -> None:
    """Carry out an edit; the status bar says why it is refused."""
    canvas.view.give_up()
    try:
        edit()
    except EditError as error:
        canvas.hint.emit(str(error))


def _apart(session: Drawn, document: Document, new: tuple[str, ...], places: Sequence[Position]) -> Document:
    """Return a document whose new layer overlaps no others: where it is, or at the first of places that is free."""
    boxes = boxes_of(document, session.preview(document))
    tried = (document, *(move_layers(document, dict.fromkeys(new, place)) for place in places))
    return next((each for each in tried if _are_apart(each, new, boxes)), document)


def _are_apart(document: Document, new: tuple[str, ...], boxes: Mapping[str, Box]) -> bool:
    """Whether new layers are placed, and overlap no others."""
    rects = rects_of({id: place for id, place in document.layout.positions.items() if id in boxes}, boxes)
    placed = rects.keys() >= set(new)
    return placed and not any(rects[id].intersects(rect) for id in new for other, rect in rects.items() if other != id)


def _without_overlaps(session: Drawn, document: Document, new: tuple[str, ...]) -> Document:
    """Return a document whose new layers overlap no others: as it is, or else with all layers arranged."""
    boxes = boxes_of(document, session.preview(document))
    if _are_apart(document, new, boxes):
        return document
    inputs = {layer.id: layer.inputs for layer in document.graph.layers}
    return move_layers(document, arrange(inputs, boxes, document.layout.direction))
