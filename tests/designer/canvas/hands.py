"""What the tests of the canvas do with mouse and keys, and the documents they do it to."""

from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from core.graph.edits import add_layer, connect
from core.graph.values import Document

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier

CONV = ("Conv2D", {"filters": 6, "kernel_size": 5, "padding": 2})
INPUT = ("Input", {"shape": [28, 28, 1]})


def chain(*kinds, name=""):
    """A document whose layers feed each other in turn."""
    document, last = Document(name=name), None
    for kind in kinds:
        kind, config = kind if isinstance(kind, tuple) else (kind, None)  # noqa: PLW2901
        document, last = add_layer(document, kind, config, source=last)
    return document


def lenet():
    return chain(
        INPUT, CONV, "ReLU", "MaxPool2D", ("Conv2D", {"filters": 16, "kernel_size": 5}), "ReLU", "MaxPool2D", "Flatten",
        ("Dense", {"units": 120}), "ReLU", ("Dense", {"units": 84}), "ReLU", ("Dense", {"units": 10}), name="LeNet-5",
    )  # fmt: skip


def residual():
    """input1 → conv1 → relu1 → conv2 → add1, with a short cut from conv1 to add1."""
    same = {"filters": 6, "kernel_size": 3, "padding": 1}
    document = chain(INPUT, ("Conv2D", same), "ReLU", ("Conv2D", same), "Add")
    return connect(document, "conv1", "add1")


def inputs(session, id):
    return next(layer.inputs for layer in session.document.graph.layers if layer.id == id)


def ids(session):
    return [layer.id for layer in session.document.graph.layers]


def on_screen(canvas, point):
    return canvas.view.viewportTransform().map(QPointF(point)).toPoint()


def press(canvas, point, modifiers=NONE, button=LEFT):
    QTest.mousePress(canvas.view.viewport(), button, modifiers, on_screen(canvas, point))


def move(canvas, point):
    QTest.mouseMove(canvas.view.viewport(), on_screen(canvas, point))


def release(canvas, point, modifiers=NONE, button=LEFT):
    QTest.mouseRelease(canvas.view.viewport(), button, modifiers, on_screen(canvas, point))


def click(canvas, point, modifiers=NONE):
    press(canvas, point, modifiers)
    release(canvas, point, modifiers)


def approach(canvas, start, end, modifiers=NONE, button=LEFT, steps=5):
    """Press at one point of the drawing and drag to another, without letting go."""
    press(canvas, start, modifiers, button)
    for i in range(1, steps + 1):
        move(canvas, QPointF(start) + (QPointF(end) - QPointF(start)) * (i / steps))


def drag(canvas, start, end, modifiers=NONE, button=LEFT):
    """Press at one point of the drawing, drag to another and let go."""
    approach(canvas, start, end, modifiers, button)
    release(canvas, end, modifiers, button)


def key(canvas, key, modifiers=NONE):
    QTest.keyClick(canvas.view, key, modifiers)


def body(canvas, id):
    """A point of a layer that is neither its name nor a port."""
    rect = canvas.scene.nodes[id].rect
    return rect.center() if canvas.scene.nodes[id].content.pill else rect.center() + QPointF(0, 8)


def out_port(canvas, id):
    return canvas.scene.nodes[id].out_point()


def in_port(canvas, id, port=0):
    return canvas.scene.nodes[id].in_point(port)


def void(canvas):
    """A point where nothing is."""
    return canvas.scene.bounds().bottomLeft() + QPointF(40, 60)


def picture(canvas):
    """Where everything stands and leads, as far as the eye can tell."""
    nodes = {
        id: (node.x(), node.y(), node.opacity(), node.chosen, node.role) for id, node in canvas.scene.nodes.items()
    }
    wires = {key: (wire.source, wire.isVisible(), wire.path()) for key, wire in canvas.scene.wires.items()}
    marks = (canvas.scene.loose, canvas.scene.ghost, canvas.scene.band, *canvas.scene.guides)
    return nodes, wires, [mark.isVisible() for mark in marks]
