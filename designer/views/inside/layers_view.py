"""All layers of a network side by side, with their maps; one value of one map can be chosen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QToolTip, QWidget

from core.analysis.receptive_field import Box
from core.analysis.report import Report
from core.text import shape_text
from designer import theme
from designer.session.looking import Cell
from designer.views.inside import layers_painting as paint
from designer.views.inside.arrangement import Arrangement, Spot
from designer.views.inside.columns import Column, columns_of
from designer.views.inside.frames import Frame, frames_of, paint_frames
from designer.views.inside.inside import Inside
from designer.views.inside.map_pictures import MapPictures, Scale
from designer.views.inside.sayings import class_rows, words_about
from designer.views.inside.shown_maps import ShownMaps, place_of
from designer.views.inside.walking import column_of, first_cell, in_other_layer, in_other_map, moved

TWO_ROWS_PX = 156
"""How high it would be where there is another beside it: two rows of maps with their headings."""
_Key = Qt.Key
_ARROWS: Final = {_Key.Key_Left: (0, -1), _Key.Key_Right: (0, 1), _Key.Key_Up: (-1, 0), _Key.Key_Down: (1, 0)}
_LAYERS: Final = {_Key.Key_PageUp: -1, _Key.Key_PageDown: 1}
_MAPS: Final = {"[": -1, "]": 1}


class LayersView(QAbstractScrollArea):
    """Shows a column for each layer; only what is in sight is computed and drawn.

    A click chooses a value, a click on a heading selects the layer. Keys: arrows the value, brackets the map, Page Up
    and Page Down the layer, Return where the value comes from, Space the next sample.
    """

    layer_opened = Signal(str)
    """Carries the layer, by its id where it is drawn, that the user wants to see on the canvas."""
    shown_changed = Signal()
    """Other values are shown, or between other limits."""

    def __init__(self, inside: Inside, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._inside, self._session = inside, inside.session
        self.maps = ShownMaps()
        self.columns: tuple[Column, ...] = ()
        self.arrangement = Arrangement()
        self._known: tuple[Report, str] | None = None
        self._beside: LayersView | None = None
        self._framed: dict[str, tuple[tuple[object, ...], list[Frame]]] = {}
        self.setFrameShape(self.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        self.setAccessibleName("Layers")
        for bar in (self.horizontalScrollBar(), self.verticalScrollBar()):
            bar.valueChanged.connect(self._want)
        inside.looked.connect(self._on_look)
        inside.cell_changed.connect(self._on_cell)
        self._session.selection_changed.connect(self._on_selection)
        self._session.place_changed.connect(self._on_look)
        theme.changed.connect(self._on_theme)

    # --- What is shown -----------------------------------------------------------------------------------------------

    def show_scale(self, scale: Scale) -> None:
        """Let the colours of other values be comparable."""
        self.maps.scale = scale
        self.draw_again()

    def keep_with(self, other: LayersView | None) -> None:
        """Show the same maps as another view, scrolled alike, in colours that stand for the same; None: alone again."""
        self._beside, self.maps.beside = other, None if other is None else other.maps
        if other is not None:
            self.horizontalScrollBar().valueChanged.connect(other.horizontalScrollBar().setValue)
        self.updateGeometry()
        self.draw_again()

    def show_difference(self, words: str) -> None:
        """Show by how much the moment beside differs from this one; an empty text: this one."""
        self.maps.is_difference = bool(words)
        for view in filter(None, (self, self._beside)):
            view.draw_again()

    def draw_again(self) -> None:
        """Draw all maps anew."""
        self.maps.forget()
        self.viewport().update()
        self.shown_changed.emit()

    def pictures(self, spot: Spot) -> MapPictures | None:
        """Return what is drawn of a column; None where that is not known yet."""
        return self.maps.of(spot, self._inside.cell)

    def visible_spots(self) -> list[Spot]:
        """Return the columns of which something is in sight."""
        seen = QRectF(self._origin(), self.viewport().size())
        return [s for s in self.arrangement.between(seen.left(), seen.right()) if s.rect.intersects(seen)]

    def _on_look(self) -> None:
        look = self._inside.look
        if look is None:
            return
        known = (look.report, self._session.place)
        if self._known is None or known[0] is not self._known[0] or known[1] != self._known[1]:
            self._known = known
            self.columns = columns_of(*known)
            self._arrange()
        self.maps.take(look, self.columns)
        if self._beside is not None:
            self._beside.draw_again()
        if self.isVisible():
            self._want()
            self.viewport().update()
            self._describe()
        self.shown_changed.emit()

    def _arrange(self) -> None:
        room, is_tight = self.maximumViewportSize(), self._beside is not None
        widths = {column.id: paint.name_width(column.title, column.shape) for column in self.columns}
        self.arrangement = Arrangement(self.columns, widths, (room.width(), room.height()), is_tight=is_tight)
        if self.arrangement.width > room.width():  # the bar that scrolls it takes room
            room.setHeight(room.height() - self.horizontalScrollBar().sizeHint().height())
            self.arrangement = Arrangement(self.columns, widths, (room.width(), room.height()), is_tight=is_tight)
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        across.setRange(0, max(0, int(self.arrangement.width) - room.width()))
        across.setPageStep(room.width())
        across.setSingleStep(48)
        if self._beside is not None and (theirs := self._beside.horizontalScrollBar()).maximum():
            across.setValue(theirs.value())
        down.setRange(0, max(0, int(self.arrangement.height) - room.height()))
        down.setPageStep(room.height())
        self.maps.forget()

    @Slot()
    def _want(self) -> None:
        """Have computed what is in sight; without the layers' outputs the columns are not known yet."""
        if self.isVisible():
            self._inside.want(self, {spot.column.layer for spot in self.visible_spots()})

    # --- The chosen value --------------------------------------------------------------------------------------------

    def _column_of(self, layer: str) -> Column | None:
        return column_of(self.columns, layer)

    @Slot()
    def _on_cell(self) -> None:
        cell = self._inside.cell
        if cell is not None and (column := self._column_of(cell.layer)) is not None:
            self.maps.forget(column.id)
            self._reveal(column.id)
        self._describe()
        self.viewport().update()
        self.shown_changed.emit()

    @Slot(object)
    def _on_selection(self, selection: tuple[str, ...]) -> None:
        for id in selection[-1:]:
            self._reveal(id)
        self.viewport().update()

    def _reveal(self, id: str) -> None:
        spot, bar = self.arrangement.spots.get(id), self.horizontalScrollBar()
        if spot is None or not self.isVisible():
            return
        left, right, wide = spot.rect.left() - 24, spot.rect.right() + 24, self.viewport().width()
        if left < bar.value():
            bar.setValue(int(left))
        elif right > bar.value() + wide:
            bar.setValue(int(right - wide))

    def cell_at(self, point: QPointF) -> Cell | None:
        """Return the value at a place of the viewport."""
        spot = self.arrangement.at(point + self._origin())
        found = None if spot is None else spot.at(point + self._origin())
        if spot is None or found is None:
            return None
        place, row, column = found
        layer = spot.column.layer
        if not self.maps.has_pictures(spot.column) or spot.column.form == "picture":
            return Cell(layer, row, 0, 0) if spot.column.form == "classes" else Cell(layer, 0, row, column)
        pictures = self.pictures(spot)
        if pictures is None:
            return None
        if spot.column.form == "bar":
            place, row, column = column * spot.grid[0] + row, 0, 0
        return Cell(layer, int(pictures.channels[place]), row, column) if place < len(pictures.channels) else None

    def place_of(self, cell: Cell) -> QRectF | None:
        """Return where a value is drawn, in the coordinates of the viewport; None where it is not."""
        column = self._column_of(cell.layer)
        spot = None if column is None else self.arrangement.spots.get(column.id)
        if spot is None:
            return None
        found = place_of(spot, self.pictures(spot), cell)
        if found is None:
            return None
        place, row, column_at = found
        return spot.box(place, row, column_at, row + 1, column_at + 1).translated(-self._origin())

    def _origin(self) -> QPointF:
        return QPointF(self.horizontalScrollBar().value(), self.verticalScrollBar().value())

    # --- Mouse and keys ----------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        cell = self.cell_at(event.position())
        if cell is not None:
            self._inside.choose(cell)
        elif (spot := self.arrangement.at(event.position() + self._origin())) is not None:
            self._session.select((spot.column.id,))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.cell_at(event.position()) is not None:
            self._inside.arithmetic_requested.emit()
        elif (spot := self.arrangement.at(event.position() + self._origin())) is not None:
            self._session.select((spot.column.id,))
            self.layer_opened.emit(spot.column.title)

    def wheelEvent(self, event: QWheelEvent) -> None:
        bar, turned = self.horizontalScrollBar(), event.angleDelta()
        if self.verticalScrollBar().maximum() and not event.modifiers() and turned.y() and not turned.x():
            super().wheelEvent(event)
        else:
            bar.setValue(bar.value() - (turned.x() or turned.y()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, cell = _Key(event.key()), self._inside.cell
        if key == _Key.Key_Space:
            self._inside.step_sample(1)
        elif key == _Key.Key_B and not event.modifiers():
            self._inside.toggle_backwards()
        elif key in {_Key.Key_Return, _Key.Key_Enter} and cell is not None:
            self._inside.arithmetic_requested.emit()
        elif key == _Key.Key_Escape and cell is not None:
            self._inside.choose(None)
        elif not self._walk(key, event.text()):
            super().keyPressEvent(event)

    def _walk(self, key: Qt.Key, text: str) -> bool:
        """Choose the value that a key leads to; say whether it is such a key."""
        if key not in _ARROWS and key not in _LAYERS and text not in _MAPS:
            return False
        cell = self._inside.cell
        column = None if cell is None else self._column_of(cell.layer)
        if cell is None or column is None:
            self._inside.choose(first_cell(self.columns, self._session.selection))
            return True
        if key in _LAYERS:
            to = in_other_layer(cell, self.columns, _LAYERS[key])
        elif text in _MAPS:
            to = in_other_map(cell, _MAPS[text])
        else:
            to = moved(cell, column, self.arrangement.spots[column.id].grid[0], *_ARROWS[key])
        known = self._column_of(to.layer)
        if known is not None and to.within(known.shape):
            self._inside.choose(to)
        return True

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            self._tip(event)
            return True
        return super().viewportEvent(event)

    def _tip(self, event: QHelpEvent) -> None:
        cell = self.cell_at(QPointF(event.pos()))
        spot = self.arrangement.at(QPointF(event.pos()) + self._origin())
        text = "" if spot is None else f"{spot.column.id} · {shape_text(spot.column.shape)}"
        QToolTip.showText(event.globalPos(), text if cell is None else self.words_about(cell), self)

    def words_about(self, cell: Cell) -> str:
        """Say in a line where a value is, and how large it is."""
        return words_about(cell, self._column_of(cell.layer), self._inside, self.maps)

    def _describe(self) -> None:
        cell, (_, sentence) = self._inside.cell, self._inside.in_words()
        words = "No value is chosen." if cell is None else f"{self.words_about(cell)}. {sentence}".strip()
        self.setAccessibleDescription(words)

    # --- Painting ----------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(720, 400 if self._beside is None else TWO_ROWS_PX)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, 160 if self._beside is None else 112)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        origin, look = self._origin(), theme.current()
        painter.fillRect(self.viewport().rect(), QColor(look.canvas))
        painter.translate(-origin)
        spots = self.visible_spots()
        for spot in spots:
            for source in self.arrangement.apart(spot):
                paint.paint_wire(painter, source, spot)
        for spot in spots:
            paint.paint_heading(painter, spot, selected=spot.column.id in self._session.selection)
            self._paint_column(painter, spot)
        self._paint_choice(painter, spots)
        painter.translate(origin)
        if self.hasFocus():
            painter.setPen(QColor(look.accent))
            painter.drawRect(QRectF(self.viewport().rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()

    def _paint_column(self, painter: QPainter, spot: Spot) -> None:
        form = spot.column.form
        if form == "picture" and not self.maps.are_gradients:
            entered = self.maps.entered_in(spot.cells[0].size().toSize())
            if entered is not None:
                paint.paint_picture(painter, spot, entered)
        elif form == "classes":
            paint.paint_classes(painter, spot, class_rows(spot.column.layer, self._inside, self.maps))
        elif (pictures := self.pictures(spot)) is not None:
            paint.paint_maps(painter, spot, pictures)
        elif form == "unknown":
            paint.paint_foot(painter, spot, "unknown shape")
        elif self.maps.are_gradients:
            paint.paint_foot(painter, spot, "no gradient")
        elif self._inside.look is not None and not self._inside.look.is_whole:
            paint.paint_foot(painter, spot, "…")

    def _paint_choice(self, painter: QPainter, spots: Iterable[Spot]) -> None:
        cell = self._inside.cell
        column = None if cell is None else self._column_of(cell.layer)
        if cell is None or column is None:
            return
        paint_frames(painter, self.arrangement.spots, self._frames(spots))
        spot = self.arrangement.spots[column.id]
        at = place_of(spot, self.pictures(spot), cell)
        if at is not None:
            place, row, across = at
            paint.paint_frame(painter, spot, place, Box(row, across, row + 1, across + 1), strong=True)

    def _frames(self, spots: Iterable[Spot]) -> dict[str, list[Frame]]:
        """Return what the chosen value sees of some columns, and of those that feed them: lines begin there."""
        account, look = self._inside.account, self._inside.look
        if account is None or look is None:
            return {}
        known = self.arrangement.spots
        wanted = {id: known[id] for spot in spots for id in (spot.column.id, *spot.column.sources) if id in known}
        found = {}
        for id, spot in wanted.items():
            if spot.column.layer not in account.seen:
                continue
            pictures = self.pictures(spot)
            if pictures is None and spot.column.form not in {"picture", "classes"}:
                continue
            key, known_frames = (account, pictures, spot), self._framed.get(id)
            if known_frames is None or any(a is not b for a, b in zip(known_frames[0], key, strict=True)):
                channels = pictures.channels if pictures is not None and spot.column.form != "picture" else None
                known_frames = (key, frames_of(account, spot, channels, look.maps.get(spot.column.layer)))
                self._framed[id] = known_frames
            found[id] = known_frames[1]
        return found

    # --- Events ------------------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._arrange()
        self._want()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._inside.want(self, None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()
        self._want()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().update()

    @Slot()
    def _on_theme(self) -> None:
        self.maps.forget()
        self.viewport().update()
