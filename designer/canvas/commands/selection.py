"""What menus and keys do with the layers, wires and notes that are selected."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from core.errors import EditError
from core.graph.edits import connect, disconnect, remove_layers
from designer.canvas.canvas import Canvas
from designer.canvas.commands import blocks
from designer.canvas.commands.notes import delete_notes
from designer.canvas.drawing.node_content import spoken


def delete_selection(canvas: Canvas) -> None:
    """Remove the selected layers, closing the chains they stood in; or the selected wires or notes."""
    canvas.view.give_up()
    session, selection = canvas.session, canvas.view.selection
    ids, wires, document = session.selection, selection.wires, session.document
    if ids:
        session.edit(f"delete {spoken(ids)}", remove_layers(document, ids), select=())
    elif wires:
        names = [f"{canvas.scene.wires[key].source} from {key[0]}" for key in wires]
        for layer, port in sorted(wires, reverse=True):  # the last port first: those before keep their numbers
            document = disconnect(document, layer, port)
        label = names[0] if len(names) == 1 else f"{len(names)} wires"
        session.edit(f"disconnect {label}", document)
    elif selection.notes:
        delete_notes(canvas)


def connect_selected(canvas: Canvas) -> None:
    """Let the layer that was selected first feed the other one."""
    session = canvas.session
    if len(session.selection) != 2:
        canvas.hint.emit("Select two layers, then press C: the first will feed the second.")
        return
    source, fed = session.selection
    _attempt(canvas, lambda: session.edit(f"connect {source} to {fed}", connect(session.document, source, fed)))


def make_block(canvas: Canvas) -> None:
    """Fold the selected layers into a block."""
    _attempt(canvas, partial(blocks.make_block, canvas.session, canvas.view.places_to_keep()))


def unfold_block(canvas: Canvas) -> None:
    """Draw the layers of the selected block in its place."""
    if (use := canvas.selected_block) is not None:
        _attempt(canvas, partial(blocks.unfold_block, canvas.session, use, canvas.view.places_to_keep()))


def _attempt(canvas: Canvas, edit: Callable[[], None]) -> None:
    """Carry out an edit; the status bar says why one is refused."""
    canvas.view.give_up()
    try:
        edit()
    except EditError as error:
        canvas.hint.emit(str(error))
