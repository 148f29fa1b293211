"""A real drag: a palette entry taken with the mouse, across two windows, onto the canvas."""

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QDrag
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QWidget

from designer.canvas import Canvas
from designer.session import Session
from designer.session.mime import kind_mime
from tests.designer.canvas.hands import CONV, INPUT, chain, in_port, inputs, out_port

pytestmark = pytest.mark.dnd

LEFT = Qt.MouseButton.LeftButton


class Entry(QLabel):
    """An entry of a palette, as small as can be."""

    def mousePressEvent(self, event):
        self.pressed_at = event.position().toPoint()

    def mouseMoveEvent(self, event):
        if (event.position().toPoint() - self.pressed_at).manhattanLength() >= QApplication.startDragDistance():
            drag = QDrag(self)
            drag.setMimeData(kind_mime(self.text()))
            drag.exec(Qt.DropAction.CopyAction)


@pytest.fixture
def desk(qtbot):
    """A window with an entry at the left and a canvas at the right."""

    def show(document, kind):
        window = QWidget()
        window.resize(1400, 800)
        row = QHBoxLayout(window)
        window.entry, window.canvas = Entry(kind), Canvas(Session(document))
        window.entry.setFixedWidth(120)
        row.addWidget(window.entry)
        row.addWidget(window.canvas, 1)
        qtbot.addWidget(window)
        with qtbot.waitExposed(window):
            window.show()
        return window

    return show


class Carrier:
    """Moves the mouse and lets go from within the drag's own event loop, a step every 20 ms."""

    def __init__(self, window, stops):
        self.window, self.stops = window, list(stops)
        self.seen = []
        self.timer = QTimer(interval=20)
        self.timer.timeout.connect(self.step)

    def step(self):
        handle = self.window.windowHandle()
        if self.stops:
            self.last = self.stops.pop(0)
            QTest.mouseMove(handle, self.last)
            return
        canvas = self.window.canvas
        self.seen.append((canvas.scene.ghost.isVisible(), canvas.scene.ghost.text))
        QTest.mouseRelease(handle, LEFT, Qt.KeyboardModifier.NoModifier, self.last)
        self.timer.stop()


def carry(window, point):
    """Take the entry to a point of the drawing."""
    canvas, handle = window.canvas, window.windowHandle()
    start = window.entry.mapTo(window, window.entry.rect().center())
    view = canvas.view
    end = view.viewport().mapTo(window, view.viewportTransform().map(point).toPoint())
    stops = [start + (end - start) * i / 8 for i in range(1, 9)] + [end + QPoint(1, 0), end, end]
    carrier = Carrier(window, stops)
    QTest.mousePress(handle, LEFT, Qt.KeyboardModifier.NoModifier, start)
    carrier.timer.start()
    for i in range(1, 4):
        QTest.mouseMove(handle, start + QPoint(QApplication.startDragDistance() * i, 0))
    return carrier


def test_an_entry_is_dragged_onto_a_wire(desk, qtbot):
    window = desk(chain(INPUT, CONV), "MaxPool2D")
    canvas = window.canvas
    carrier = carry(window, (out_port(canvas, "input1") + in_port(canvas, "conv1")) / 2)
    qtbot.waitUntil(lambda: canvas.session.undo_label is not None, timeout=30_000)
    assert canvas.session.undo_label == "insert MaxPool2D"
    assert inputs(canvas.session, "conv1") == ("pool1",)
    assert carrier.seen == [(True, "would give 14×14×1\n−88.2 k MACs")]
    assert not canvas.scene.ghost.isVisible()
    assert canvas.session.selection == ("pool1",)


def test_an_entry_is_dragged_onto_empty_ground(desk, qtbot):
    window = desk(chain(), "Input")
    canvas = window.canvas
    carry(window, canvas.view.visible_rect().center())
    qtbot.waitUntil(lambda: canvas.session.undo_label is not None, timeout=30_000)
    assert canvas.session.undo_label == "add Input"
    x, y = canvas.session.document.layout.positions["input1"]
    assert x % 8 == y % 8 == 0
    assert canvas.view.visible_rect().contains(canvas.scene.nodes["input1"].rect)
