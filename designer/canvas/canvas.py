"""The canvas as the window knows it: the drawing with its minimap, its zoom and its title."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any, Literal

from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSizeF, Signal
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from designer import theme
from designer.canvas.drawing.keep_places import keep_places
from designer.canvas.drawing.notes import NoteItem
from designer.canvas.drawing.painting import SKETCH, detail
from designer.canvas.drawing.paper import LEAST_ZOOM
from designer.canvas.drawing.scene import Scene
from designer.canvas.overlay.blank import Blank
from designer.canvas.overlay.breadcrumbs import Breadcrumbs
from designer.canvas.overlay.far_layers import FarLayers
from designer.canvas.overlay.flash import Flash
from designer.canvas.overlay.gradient_wires import WireLegend
from designer.canvas.overlay.lenses import Lenses
from designer.canvas.overlay.minimap import Minimap
from designer.canvas.overlay.move_animation import MoveAnimation
from designer.canvas.overlay.note_editor import NoteEditor
from designer.canvas.overlay.rename import NameEditor
from designer.canvas.overlay.title import Title
from designer.canvas.overlay.zoom_control import ZOOM_STEP, ZoomControl
from designer.canvas.view import CanvasView
from designer.session import Change, Drawn

Array = NDArray[Any]
Maps = Mapping[str, Array]

OPENING_ZOOM = 0.5
"""A drawing opens no smaller."""
READING_ZOOM = 0.6
"""Where it doesn't open as a whole, its beginning is shown no smaller: shapes and counts on cards are read then."""
WHOLE_ZOOM = 0.1
"""Groups of layers that stand far apart are not shown together where that would make them smaller."""
_MARGIN = 28
_TITLE_ROOM = 60
_FOOT_ROOM, _MAP_ROOM = 56, 116


class Canvas(QWidget):
    """Draws the session's document and edits it with mouse and keys.

    A layer that the document gives no place stands where `designer.canvas.drawing.placing.place_all` says, which
    depends on the document alone; the first edit of the graph, whoever makes it, writes the places of all.
    """

    hint = Signal(str)
    """A sentence for the status bar, such as why a wire is refused; "" takes it back."""

    def __init__(self, session: Drawn, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.scene = Scene(self)
        self.view = CanvasView(session, self.scene, self)
        self.minimap = Minimap(self.scene, self.view, self)
        self.zoom_control = ZoomControl(self.view, self)
        self.title = Title(self)
        self.breadcrumbs = Breadcrumbs(session.whole, self)
        self.blank = Blank(self)
        self.far_layers = FarLayers(self.scene, self.view, self)
        self._editor: NameEditor | NoteEditor | None = None
        self._fit_when_shown, self._place = True, ""
        self._sight: Literal["all", "opening", ""] = ""
        """What is visible, as far as the user has not moved on."""
        self._bounds = QRectF()
        """Around all that is drawn."""
        self._sights: dict[str, tuple[QPointF, float]] = {}
        self.move_animation = MoveAnimation(self.view)
        self.view.began.connect(self.move_animation.stop)
        self._flash = Flash(self.scene, self)
        session.completion = keep_places
        self.setFocusProxy(self.view)
        self.view.said.connect(self.hint)
        self.view.rename_asked.connect(self.rename)
        self.view.open_asked.connect(self.open_block)
        self.view.words_asked.connect(self.edit_note)
        self.view.focus_changed.connect(self.update)
        self.view.looked.connect(self._on_looked)
        self.far_layers.asked.connect(self._fit)
        session.document_changed.connect(self._on_document)
        session.selection_changed.connect(self._on_selection)
        theme.changed.connect(self._on_theme)
        self.lenses = Lenses(session, self.scene)
        self.wire_legend = WireLegend(self)
        self.lenses.drawn.connect(self._show_wire_legend)
        self._show(Change(session.document, session.document, session.report, None))

    # --- What the window asks for ------------------------------------------------------------------------------------

    def fit(self) -> None:
        """Show all layers, not larger than they are; where some stand far apart, the largest group of them."""
        self._fit(self._bounds_to_fit())
        self._sight = "all"

    def show_opening(self) -> None:
        """Show all layers where they can be read then; otherwise the beginning, in a size that can be read."""
        rect = self._bounds_to_fit()
        if rect.isEmpty() or self._fitting_zoom(rect) >= OPENING_ZOOM:
            self._fit(rect)
        else:
            room = self._room()
            zoom = max(READING_ZOOM, min(1.0, room.width() / rect.width()))
            first = next(iter(self.scene.nodes.values())).rect
            wide, high = room.width() / zoom, room.height() / zoom
            # All of the width, or height, where there is room for it; otherwise from a little before the first layer.
            left = (
                rect.center().x() - wide / 2
                if rect.width() <= wide
                else max(rect.left(), min(first.left(), rect.right() - wide))
            )
            top = max(rect.top(), min(first.top(), rect.bottom() - high))
            corner = QPointF(left, top) - room.topLeft() / zoom
            self.view.look_at(QRectF(corner, QSizeF(self.view.viewport().size()) / zoom), zoom)
        self._sight = "opening"

    def fit_selection(self) -> None:
        """Show the selected layers; without any, all."""
        self._fit(self.scene.bounds(self.session.selection or None))

    def zoom_in(self) -> None:
        """Show things larger."""
        self.view.set_zoom(self.view.zoom * ZOOM_STEP)

    def zoom_out(self) -> None:
        """Show things smaller."""
        self.view.set_zoom(self.view.zoom / ZOOM_STEP)

    def zoom_reset(self) -> None:
        """Show things at 100 %."""
        self.view.set_zoom(1.0)

    def select_all(self) -> None:
        """Select every layer."""
        self.view.selection.select(self.scene.nodes)

    def reveal(self, layer_id: str) -> None:
        """Scroll to a layer and draw the eye to it; one inside a block is shown by its block."""
        node = self.scene.nodes.get(layer_id) or self.scene.nodes.get(layer_id.partition("/")[0])
        if node is None:
            return
        if self.view.zoom < SKETCH:
            self.view.look_at(node.rect, 1.0)
        elif not self._clear_rect().contains(node.rect):
            self.view.look_at(node.rect, self.view.zoom)
        self._flash.light_up(node.id)

    def set_maps(self, maps: Maps | None) -> None:
        """Show what layers put out for one sample: (H, W, C) or (C,) arrays by layer id, which stay as they are.

        Only what is visible is painted; the others' pictures are made when they come into view.
        """
        close = self.view.zoom >= SKETCH
        for id, node in self.scene.nodes.items():
            values = None if maps is None else maps.get(id)
            if node.thumbnail.set_values(values) and close and not node.content.pill:
                node.update()

    def rename(self, layer_id: str) -> None:
        """Let the user type another name where the layer's name stands."""
        node = self.scene.nodes.get(layer_id)
        if node is None:
            return
        self.view.give_up()
        self.view.ensureVisible(node.rect, 40, 40)
        self._open_editor(NameEditor(self.session, self.view, layer_id, node.name_rect))

    def edit_note(self, item: NoteItem | None = None) -> None:
        """Let the user write a note, by default the one that is selected alone."""
        chosen = self.view.selection.notes
        item = item or (self.scene.notes.items[chosen[0]] if len(chosen) == 1 else None)
        if item is not None:
            self.view.give_up()
            self.view.ensureVisible(item.text_rect, 40, 40)
            self._open_editor(NoteEditor(self.session, self.view, item))

    def _open_editor(self, editor: NameEditor | NoteEditor) -> None:
        self._editor = editor
        editor.done.connect(self._on_edited)

    def open_block(self, use: str | None = None) -> None:
        """Draw the inside of a block, by default of the selected one; of its copies the first."""
        self.view.give_up()
        if use := use or self.selected_block:
            self.session.whole.enter(f"{self.session.whole.place}{use}/1/")

    def enter(self) -> None:
        """Open the selected block, or write the selected note."""
        if self.view.selection.notes:
            self.edit_note()
        else:
            self.open_block()

    def leave_block(self) -> None:
        """Draw what the open block is used in, with the block selected."""
        whole = self.session.whole
        if whole.place:
            whole.go_to(whole.place.rstrip("/").rpartition("/")[0])

    @property
    def selected_block(self) -> str | None:
        """The block that is selected alone."""
        nodes = [self.scene.nodes[id] for id in self.session.selection if id in self.scene.nodes]
        return nodes[0].id if len(nodes) == 1 and nodes[0].content.stacked else None

    # --- Following the session ---------------------------------------------------------------------------------------

    def _on_document(self, change: Change) -> None:
        self.move_animation.stop()
        self.view.give_up()
        if self._editor is not None:
            self._editor.drop()
        self._show(change)

    def _show(self, change: Change) -> None:
        known, whole = set(self.scene.nodes), self._sees(self.scene.bounds())
        if self.session.whole.place != self._place:
            self._sights[self._place] = self.view.visible_rect().center(), self.view.zoom
        changed = self.scene.show_document(change.after, change.report)
        self.view.selection.choose_wires(self.view.selection.wires)
        self.view.selection.choose_notes(self.view.selection.notes)
        self.scene.choose(self.session.selection)
        words = self.title.show_document(change.after, change.report)
        self.blank.setVisible(not self.scene.nodes)
        self.view.setAccessibleName(f"Canvas: {words}")
        if changed or change.label is None:
            self._bounds = self.scene.bounds()
            self.view.make_room(self._bounds)
            self.minimap.refresh()
            self.far_layers.refresh(self._bounds)
        if change.label is None:
            self._look_around()
        elif added := self.scene.nodes.keys() - known:
            self._keep_in_sight(added, whole=whole and bool(known))
        self._show_minimap()

    def _look_around(self) -> None:
        """Look at all that is drawn; where one has looked at this place before, as then."""
        place = self.session.whole.place
        if place == self._place:
            self._sights.clear()  # another document
        self._place = place
        self.breadcrumbs.refresh()
        self.title.setVisible(not place)
        if place in self._sights:
            centre, zoom = self._sights[place]
            self.view.look_at(QRectF(centre, centre), zoom)
        elif self.isVisible():
            self.show_opening()
        else:
            self._fit_when_shown = True

    def _keep_in_sight(self, added: Set[str], *, whole: bool) -> None:
        """Show layers that have come; a drawing that was seen as a whole is so still, as long as it can be read."""
        bounds = self.scene.bounds()
        if whole and not self._sees(bounds) and self._fitting_zoom(bounds) >= OPENING_ZOOM:
            self.fit()
        elif not self._sees(rect := self.scene.bounds(added)):
            self.view.ensureVisible(rect, _MARGIN, _TITLE_ROOM)

    def _sees(self, rect: QRectF) -> bool:
        return self.view.visible_rect().contains(rect)

    def _show_minimap(self) -> None:
        """Show the map where something is out of sight, and room for it."""
        has_room = self.width() > 420 and self.height() > 260
        self.minimap.setVisible(bool(self.scene.nodes) and has_room and not self._sees(self._bounds))

    def _on_selection(self, ids: tuple[str, ...]) -> None:
        if ids:
            self.view.selection.choose_wires(())
            self.view.selection.choose_notes(())
        self.scene.choose(ids)

    def _on_looked(self) -> None:
        self._sight = ""
        self._show_minimap()
        room = self._room()
        self.session.whole.sight = room.width() / self.view.zoom, room.height() / self.view.zoom
        self.scene.set_detail(detail(self.view.zoom))

    def _on_theme(self, _: object) -> None:
        self.scene.dress()
        self.view.viewport().update()
        self.zoom_control.dress()
        self.minimap.refresh()
        self.update()

    def _show_wire_legend(self) -> None:
        """Say below the drawing what the thickness of wires stands for, while it stands for something."""
        wires = self.lenses.wires
        if not wires.amounts:
            self.wire_legend.hide()
            return
        self.wire_legend.show_scale(wires.most)
        self.wire_legend.move(16, self.zoom_control.y() - self.wire_legend.height() - 8)

    def _on_edited(self) -> None:
        self._editor = None
        self.view.setFocus()

    def rename_selected(self) -> None:
        """Let the user rename the layer that is selected alone, or write the note."""
        if len(self.session.selection) == 1:
            self.rename(self.session.selection[0])
        else:
            self.edit_note()

    def deselect(self) -> None:
        """Select nothing; where nothing is selected, leave the block that is open."""
        if self.view.selection:
            self.view.selection.select(())
        else:
            self.leave_block()

    # --- Geometry ----------------------------------------------------------------------------------------------------

    def _fit(self, rect: QRectF) -> None:
        if rect.isEmpty():
            self.view.look_at(QRectF(0, 0, 1, 1), 1.0)
            return
        room = self._room(rect)
        zoom = max(self._fitting_zoom(rect), LEAST_ZOOM)
        # What is lower than the canvas hangs from its upper edge, as a page does.
        spare = max(0.0, room.height() / zoom - rect.height())
        off = (room.center().y() - self.view.viewport().height() / 2) / zoom
        hung = min(spare / 2, max(0.0, spare / 2 - 24 / zoom))
        self.view.look_at(rect.translated(0, hung - off), zoom)

    def _room(self, sought: QRectF | None = None) -> QRectF:
        """Return the part of the view that nothing lies over, now, or once some part of the drawing is in sight."""
        has_map = self.minimap.isVisibleTo(self) and not (sought is not None and sought.contains(self._bounds))
        foot = _MAP_ROOM if has_map else _FOOT_ROOM
        return QRectF(self.view.viewport().rect()).adjusted(_MARGIN, _TITLE_ROOM, -_MARGIN, -foot)

    def _fitting_zoom(self, rect: QRectF) -> float:
        """Return the scale at which a part of the drawing has room, not above 100 %."""
        room = self._room(rect)
        return min(room.width() / rect.width(), room.height() / rect.height(), 1.0)

    def _bounds_to_fit(self) -> QRectF:
        """Return the rectangle around all there is, or where most of that is empty, around the largest group."""
        rect = self.scene.bounds()
        if rect.isEmpty() or self._fitting_zoom(rect) >= WHOLE_ZOOM:
            return rect
        return self.far_layers.largest or rect

    def _clear_rect(self) -> QRectF:
        """Return the visible part of the drawing, without its rim."""
        rim = 24 / self.view.zoom
        return self.view.visible_rect().adjusted(rim, rim, -rim, -rim)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        sight = self._sight  # before the view, which moves, takes it for the user's doing
        self.view.setGeometry(self.rect().adjusted(1, 1, -1, -1))
        self.title.set_room(self.width() - 32)
        self.title.move(16, 14)
        self.breadcrumbs.move(16, 14)
        self.blank.setGeometry(self.rect())
        self.zoom_control.adjustSize()
        self.zoom_control.move(16, self.height() - self.zoom_control.height() - 16)
        self._show_wire_legend()
        self.minimap.move(self.width() - self.minimap.width() - 16, self.height() - self.minimap.height() - 16)
        self._show_minimap()
        self.far_layers.place()
        if self.isVisible() and (sight == "opening" or self._fit_when_shown):
            self.show_opening()
        elif self.isVisible() and sight == "all":
            self.fit()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.lenses.set_in_sight(False)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.lenses.set_in_sight(True)
        if self._fit_when_shown:
            self._fit_when_shown = False
            self.show_opening()

    def paintEvent(self, event: QPaintEvent) -> None:
        made = theme.current()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(made.accent if self.view.hasFocus() else made.canvas))
        painter.end()
