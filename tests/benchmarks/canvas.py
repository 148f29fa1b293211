"""How fast the canvas follows the hand: pan, zoom, drag, thumbnails, edits and opening, painted to the last pixel.

Times are from the start of a change to the end of its painting, offscreen, in milliseconds: a frame at 60 per second
lasts 16.
"""

import os
from statistics import quantiles
from time import perf_counter

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from core.graph.edits import add_layer, connect, move_layers, set_config
from core.graph.values import Document
from designer import theme
from designer.canvas import Canvas
from designer.session import Session

SIZES = (100, 1000, 3000)
FRAMES = 40
SAME = {"filters": 8, "kernel_size": 3, "padding": 1}
LEFT = Qt.MouseButton.LeftButton


def network(n):
    """Residual blocks one behind the other, n layers in all."""
    document, last = add_layer(Document(name=f"{n} layers"), "Input", {"shape": [32, 32, 8]})
    block = ("Conv2D", "ReLU", "Conv2D", "Add", "ReLU")
    start = last
    for i in range(n - 1):
        kind = block[i % len(block)]
        if i % len(block) == 0:
            start = last
        document, id = add_layer(document, kind, SAME if kind == "Conv2D" else {}, source=last)
        if kind == "Add":
            document = connect(document, start, id)
        last = id
    return document


def timed(act, frames=FRAMES):
    """Median and 95th percentile of what `act(i)` and the painting after it take."""
    times = []
    for i in range(frames):
        start = perf_counter()
        act(i)
        QApplication.processEvents()
        times.append((perf_counter() - start) * 1000)
    return quantiles(times, n=20)[9], quantiles(times, n=20)[18]


class Desk:
    """A canvas with a network, and what a hand does to it."""

    def __init__(self, n):
        document = network(n)
        self.session = Session()
        self.canvas = Canvas(self.session)
        self.canvas.resize(1280, 720)
        self.canvas.show()
        QApplication.processEvents()
        start = perf_counter()
        self.session.open(document, None)
        QApplication.processEvents()
        self.opened = (perf_counter() - start) * 1000
        self.view, self.scene = self.canvas.view, self.canvas.scene
        places = self.scene.places()
        self.session.edit("place", move_layers(document, places))
        self.ids = list(self.scene.nodes)

    def look(self, zoom):
        self.view.look_at(self.scene.nodes[self.ids[len(self.ids) // 2]].rect, zoom)
        QApplication.processEvents()

    def pan(self, i):
        self.view.scroll_by(QPoint(12 if i % 20 < 10 else -12, 5 if i % 20 < 10 else -5))

    def zoom(self, i):
        self.view.set_zoom(self.view.zoom * (1.06 if i % 8 < 4 else 1 / 1.06))

    def mouse(self, kind, point):
        at = self.view.viewportTransform().map(point)
        button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else LEFT
        event = QMouseEvent(
            kind, at, self.view.viewport().mapToGlobal(at), button, LEFT, Qt.KeyboardModifier.NoModifier
        )
        QApplication.sendEvent(self.view.viewport(), event)

    def dragging(self, ids):
        """Time dragging layers: each frame is one move of the mouse."""
        self.session.select(ids)
        grip = self.scene.nodes[ids[0]].rect.center() + QPointF(0, 8)
        self.mouse(QEvent.Type.MouseButtonPress, grip)
        px = 1 / self.view.zoom
        steps = [grip + QPointF(12 + 4 * (i % 20), 3 * (i % 16)) * px for i in range(FRAMES)]
        times = timed(lambda i: self.mouse(QEvent.Type.MouseMove, steps[i]))
        self.view.give_up()
        return times

    def band(self):
        corner = self.view.visible_rect().topLeft() + QPointF(1, 1)
        self.mouse(QEvent.Type.MouseButtonPress, corner)
        reach = self.view.visible_rect().bottomRight() - corner
        times = timed(lambda i: self.mouse(QEvent.Type.MouseMove, corner + reach * ((i % 20 + 1) / 21)))
        self.view.give_up()
        return times

    def maps(self):
        rng = np.random.default_rng(0)
        frames = [{id: rng.random((32, 32, 8), dtype=np.float32) for id in self.ids[:1]} for _ in range(4)]
        visible = {node.id for node in self.scene.nodes_in(self.view.visible_rect())}
        for frame in frames:
            frame.update({id: rng.random((32, 32, 8), dtype=np.float32) for id in visible})
        times = timed(lambda i: self.canvas.set_maps(frames[i % 4]))
        self.canvas.set_maps(None)
        return times

    def edit(self):
        conv = next(id for id in self.ids if id.startswith("conv"))
        variants = [set_config(self.session.document, conv, {"padding": p, "kernel_size": 2 * p + 1}) for p in (1, 2)]
        return timed(lambda i: self.session.edit("set", variants[(i + 1) % 2]))

    def undo(self):
        return timed(lambda i: self.session.undo() if i % 2 == 0 else self.session.redo())

    def close(self):
        self.canvas.close()
        self.canvas.deleteLater()
        QApplication.processEvents()


def measured(n):
    """All figures of one size, by name: (median, 95th percentile) in milliseconds."""
    desk = Desk(n)
    found = {"open": (desk.opened, desk.opened)}
    desk.look(1.0)
    found["pan"] = timed(desk.pan)
    found["drag one"] = desk.dragging([desk.scene.nodes_in(desk.view.visible_rect())[0].id])
    found["maps of all cards"] = desk.maps()
    desk.look(0.7)
    found["zoom at 70 %"] = timed(desk.zoom)
    found["rubber band"] = desk.band()
    desk.canvas.fit()
    QApplication.processEvents()
    found["pan, all visible"] = timed(desk.pan)
    found["zoom, all visible"] = timed(desk.zoom)
    found["drag 50"] = desk.dragging(desk.ids[:50])
    found["edit a setting"] = desk.edit()
    found["undo, redo"] = desk.undo()
    desk.close()
    return found


def main(sizes=SIZES):
    """Print a table: a row for each thing done, a column for each number of layers."""
    app = QApplication.instance() or QApplication([])
    if not app.styleSheet():
        theme.set_theme("dark")
    columns = [measured(n) for n in sizes]
    print("Canvas, ms (median / 95 %)".ljust(30) + "".join(f"{n:,} layers".rjust(18) for n in sizes))
    for name in columns[0]:
        cells = [f"{found[name][0]:.1f} / {found[name][1]:.1f}".rjust(18) for found in columns]
        print(name.ljust(30) + "".join(cells))


if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    main()
