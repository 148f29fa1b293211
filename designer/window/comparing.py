"""Two moments beside each other: panels that can show one have a twin that shows the other."""

from __future__ import annotations

from functools import partial
from typing import Protocol

from PySide6.QtCore import QObject, Qt, QTimer, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDockWidget, QScrollArea, QSplitter, QVBoxLayout, QWidget

from designer import theme
from designer.time_machine import TimeMachine
from designer.training import Answering, Looker, Pinned
from designer.views.elided import ElidedLabel
from designer.views.inside import Inside
from designer.views.twin import Headed, Subtracting, Twin
from designer.window.docks import scroll_area
from designer.window.making_room import Heights, give_back, make_room
from designer.window.panels import PANELS, Panel, PanelHost


class Window(PanelHost, Protocol):
    """What comparing asks of the window."""

    time_machine: TimeMachine
    panels: dict[str, QWidget]
    docks: dict[str, QDockWidget]


class Pair(QSplitter):
    """A panel and its twin, each below the name of its moment; X swaps, D subtracts them, and Esc ends it."""

    def __init__(self, machine: TimeMachine, panel: QWidget, twin: QWidget, way: Qt.Orientation) -> None:
        super().__init__(way)
        self._machine = machine
        self.panel, self.twin = panel, twin
        self.names = (ElidedLabel(), ElidedLabel())
        self._rooms: list[QScrollArea] = []
        self.setChildrenCollapsible(False)
        for name, widget in zip(self.names, (twin, panel), strict=True):
            theme.mark(name, "role", "strong")
            half = QWidget()
            column = QVBoxLayout(half)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(0)
            if isinstance(widget, Headed):
                widget.take_name(name, is_twin=widget is twin)
            else:
                name.setContentsMargins(12, 4, 12, 0)
                column.addWidget(name)
            room = scroll_area()
            self._rooms.append(room)
            column.addWidget(room, 1)
            self.addWidget(half)
            room.setWidget(widget)
        self.setSizes([1000, 1000])

    def let_go(self) -> QWidget:
        """Return the panel, for another place."""
        if isinstance(self.panel, Headed):
            self.panel.take_name(None)
        self._rooms[1].takeWidget()
        return self.panel

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._machine.take_key(event):
            super().keyPressEvent(event)


class Other:
    """What panels are made from that show the other moment: as the window, but for what feeds them."""

    def __init__(self, window: PanelHost, parent: QObject) -> None:
        self.session, self.scope, self.run, self.runs = window.session, window.scope, window.run, window.runs
        self.preferences = window.preferences
        self.data, self.search, self.files, self.own_data = window.data, window.search, window.files, window.own_data
        self.add_kind, self.reveal, self.show_note = window.add_kind, window.reveal, window.show_note
        self.live = Pinned(self.session, self.runs, window.live, parent)
        self.questions = Answering(self.session, self.run, self.runs, self.live, parent)
        self.inside = Inside(self.session, parent)
        self.looker = Looker(self.session, self.run, self.runs, self.live, parent)
        self.looker.looked.connect(self.inside.show_look)
        self.inside.wanted_changed.connect(self.looker.set_wanted)
        self.inside.arithmetic_requested.connect(window.inside.arithmetic_requested)
        _share(self.inside, window.inside)

    def stop_and_wait(self, seconds: float) -> bool:
        """End the threads that compute; says whether they are gone."""
        gone = [part.stop_and_wait(seconds) for part in (self.live, self.looker, self.questions)]
        return all(gone)


class Comparing(QObject):
    """Puts a twin beside each visible panel that can have one, as long as two moments are compared."""

    def __init__(self, window: Window, parent: QObject) -> None:
        super().__init__(parent)
        self._window, self._machine = window, window.time_machine
        self._other: Other | None = None
        self.pairs: dict[str, Pair] = {}
        self._difference = ""
        self._before: dict[str, Heights] = {}
        self._machine.pinned_changed.connect(self._on_pinned)
        self._machine.step_changed.connect(self._name)
        self._machine.course_changed.connect(self._name)
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._add)
        for panel in PANELS:
            if panel.twin:
                window.docks[panel.name].visibilityChanged.connect(self._on_visible)

    def stop_and_wait(self, seconds: float) -> bool:
        """End the threads that compute; says whether they are gone."""
        return self._other is None or self._other.stop_and_wait(seconds)

    @Slot(object)
    def _on_pinned(self, _: int | None) -> None:
        moment = self._machine.pinned
        if moment is not None:
            if self._other is None:
                self._other = Other(self._window, self)
            self._other.live.look_at(moment)
            self._add()
        elif self._other is not None:
            for name in list(self.pairs):
                self._take_apart(name)
            self._other.live.look_at(None)
            self.stop_and_wait(0)

    @Slot()
    def _on_visible(self) -> None:
        if self._machine.pinned is not None:
            self._soon.start()  # not while tabs are being arranged

    @Slot()
    def _add(self) -> None:
        if self._machine.pinned is None:
            return
        for panel in PANELS:
            if panel.twin and panel.name not in self.pairs and self._window.panels[panel.name].isVisible():
                self._put_together(panel)
        self._name()

    def _put_together(self, panel: Panel) -> None:
        mine, area = self._window.panels[panel.name], self._window.docks[panel.name].widget()
        if self._other is None or not isinstance(area, QScrollArea):
            return
        twin = panel.make(self._other)
        area.takeWidget()
        way = Qt.Orientation.Horizontal if panel.twin == "beside" else Qt.Orientation.Vertical
        pair = self.pairs[panel.name] = Pair(self._machine, mine, twin, way)
        area.setWidget(pair)
        self._window.docks[panel.name].visibilityChanged.connect(pair.setVisible)
        if isinstance(mine, Twin) and isinstance(twin, Twin):
            mine.keep_with(twin)
            twin.keep_with(mine)
        if panel.twin == "above":
            self._before[panel.name] = make_room(pair, self._window.docks[panel.name], self._window.docks.values())
        self._other.live.tell_again()

    def _take_apart(self, name: str) -> None:
        pair, area = self.pairs.pop(name), self._window.docks[name].widget()
        if isinstance(area, QScrollArea):
            area.takeWidget()
            area.setWidget(pair.let_go())
        if isinstance(pair.panel, Twin):
            pair.panel.keep_with(None)
        give_back(self._before.pop(name, {}))
        pair.panel.show()
        pair.hide()
        pair.deleteLater()

    @Slot()
    def _name(self) -> None:
        moments, course = self._machine.moments, self._machine.course
        if moments is None or self._other is None:
            return
        words = course.difference(moments) if moments.is_difference else ""
        for pair in self.pairs.values():
            for label, letter, step in zip(pair.names, "AB", (moments.a, moments.b), strict=True):
                label.setText(f"{letter} · {course.words(step)}")
            if isinstance(pair.twin, Subtracting):
                pair.twin.show_difference(words)
                pair.names[0].setText(words or pair.names[0].text())
        if words != self._difference:
            self._difference = words
            self._other.live.tell_again()


def _share(one: Inside, other: Inside) -> None:
    """Have a value that is chosen at one moment chosen at the other, and the same gradients looked at."""
    for mine, theirs in ((one, other), (other, one)):
        mine.cell_changed.connect(partial(_choose, mine, theirs))
        mine.aim_changed.connect(partial(_aim, mine, theirs))
    one.choose(other.cell)
    one.set_aim(other.aim)


def _choose(mine: Inside, theirs: Inside) -> None:
    theirs.choose(mine.cell)


def _aim(mine: Inside, theirs: Inside) -> None:
    theirs.set_aim(mine.aim)
