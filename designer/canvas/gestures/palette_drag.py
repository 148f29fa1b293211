"""A palette entry over the canvas: a ghost says what dropping it would give."""

from __future__ import annotations

from typing import ClassVar

from designer.canvas.drawing.node import Node
from designer.canvas.drawing.sizes import LINE
from designer.canvas.gestures.dropping import Drop, Dropping
from designer.canvas.gestures.gesture import Gesture, Pointer
from designer.canvas.gestures.port_previews import PortPreviews
from designer.canvas.gestures.stage import Stage
from designer.session.edit_preview import EditPreview

_RIM = 8


class PaletteDrag(Gesture):
    """Shows where a new layer would stand, what would feed it and what it would give; dropping adds it."""

    follows_view: ClassVar = True
    shows_previews: ClassVar = True
    """Whether every output says what the new layer would give after it."""

    def __init__(self, view: Stage, kind: str) -> None:
        super().__init__(view)
        self._dropping = Dropping(self.session, self.scene, kind)
        self._port_previews: PortPreviews | None = None
        self.dragged = True

    def start(self, at: Pointer) -> None:
        self.update(at)
        if self.shows_previews and self._dropping.takes_input:

            def seen() -> list[Node]:
                near = self.scene.nodes_in(self.view.visible_rect())
                return sorted(near, key=lambda node: (node.out_point() - at.scene).manhattanLength())

            self._port_previews = PortPreviews(seen, self._preview_into, self.view, at_outputs=True)

    def _preview_into(self, node: Node) -> EditPreview | None:
        """Find out what the new layer would give after another; where that is an error, the other one fades."""
        found = self._dropping.plan(node.out_point(), self.view.zoom).preview
        node.set_role("illegal" if found.refused else "source")
        return None if found.refused else found

    def update(self, at: Pointer) -> None:
        drop = self._dropping.plan(at.scene, self.view.zoom)
        self._show(drop, at)

    def _show(self, drop: Drop, at: Pointer) -> None:
        ghost, words = self.scene.ghost, drop.preview
        source = None if drop.source is None or drop.wire is not None else self.scene.nodes[drop.source]
        x, y = self._dropping.places(drop, at.scene, self.view.zoom)[drop.id]
        down, box = self.scene.direction == "down", drop.box
        middle = y + box.height / 2 if down else x + box.width / 2
        back = source is not None and middle < source.middle
        side = 0 if drop.wire is not None or not self._dropping.takes_input else 1 if back else -1
        ghost.direction = self.scene.direction
        ghost.set_words(drop.label, words.lines, refused=words.refused, port_side=side)
        if drop.wire is None and down:
            self._put_ghost(x + box.line - ghost.width / 2, y + box.height - ghost.height if back else y)
        elif drop.wire is None:
            self._put_ghost(x + box.width - ghost.width if back else x, y + box.line - LINE)
        else:
            self._put_ghost(at.scene.x() - ghost.width / 2, at.scene.y() + 24)
        self.scene.aim(drop.wire)
        self.scene.loose.draw(None if source is None else self.scene.loose_course(source, ghost.in_point(), side=side))
        self.view.say(" ".join(drop.preview.lines) if drop.preview.refused else "")

    def _put_ghost(self, x: float, y: float) -> None:
        """Show the ghost where it can be read as a whole."""
        ghost, seen = self.scene.ghost, self.view.visible_rect()
        x = max(seen.left() + _RIM, min(x, seen.right() - ghost.width - _RIM))
        y = max(seen.top() + _RIM, min(y, seen.bottom() - ghost.height - _RIM))
        ghost.setPos(x, y)
        ghost.show()

    def commit(self, at: Pointer) -> None:
        drop = self._dropping.plan(at.scene, self.view.zoom)
        document = self._dropping.carried_out(drop, at.scene, self.view.zoom, self.view.places_to_keep())
        self._hide()
        what = "insert" if drop.way == "insert" else "add"
        self.session.edit(f"{what} {drop.label}", document, select=[drop.id])

    def cancel(self) -> None:
        self._hide()

    def _hide(self) -> None:
        if self._port_previews is not None:
            self._port_previews.end()
            self._port_previews = None
        self.scene.set_roles({})
        self.scene.ghost.hide()
        self.scene.loose.draw(None)
        self.scene.aim(None)
        self.view.say("")
