"""A long walk through the editor: thousands of edits drawn at random, all taken back, and everything is as it was."""

import gc
import os
import random
import threading

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtWidgets import QApplication

from core.errors import EditError
from core.graph import edits, layouts
from core.graph.copying import copied, pasted
from core.graph.folding import fold, unfold
from core.graph.opening import ids_at
from core.graph.values import Note
from core.io.documents import loads
from core.io.templates import load_template
from core.io.writing import document_text
from core.layers import KINDS
from designer import theme
from designer.canvas import Canvas
from designer.inspector import Inspector
from designer.session import Scope, Session

STEPS = 5000 if os.environ.get("CI") else 1000
"""The long walk is CI's: it takes minutes."""
WARM_UP = 500
MOST_LAYERS = 24
LEAST_LAYERS = 6


class Walker:
    """Edits whatever is drawn, sensibly or not, as hands do."""

    def __init__(self, scope, seed):
        self.scope, self.session = scope, scope.session
        self.random = random.Random(seed)

    def one(self):
        """The id of a layer that is drawn, at random."""
        return self.random.choice([layer.id for layer in self.scope.document.graph.layers])

    def several(self):
        ids = [layer.id for layer in self.scope.document.graph.layers]
        start = self.random.randrange(len(ids))
        return ids[start : start + self.random.randint(1, 4)]

    def edited(self):
        """What is drawn after an edit; what cannot be done is refused."""
        document, draw = self.scope.document, self.random
        n = len(document.graph.layers)
        kind, id, ids = draw.choice(list(KINDS)), self.one(), self.several()
        place = draw.uniform(-500, 1500), draw.uniform(-300, 900)
        growing = [
            lambda: edits.add_layer(document, kind, position=place, source=draw.choice([None, id]))[0],
            lambda: edits.insert_layer(document, kind, before=id),
            lambda: pasted(document, copied(document, ids), (64, 64))[0],
            lambda: unfold(document, id).document,
        ]
        shrinking = [
            lambda: edits.remove_layers(document, ids),
            lambda: fold(document, ids).document,
        ]
        others = [
            lambda: edits.connect(document, self.one(), id),
            lambda: edits.disconnect(document, id, 0),
            lambda: edits.set_config(document, id, {"filters": draw.randint(1, 64), "units": draw.randint(1, 64)}),
            lambda: edits.set_config(document, id, {"kernel_size": draw.randint(1, 9), "padding": draw.randint(0, 3)}),
            lambda: edits.set_config(document, id, {"repeat": draw.randint(1, 3)}),
            lambda: edits.replace_kind(document, id, kind),
            lambda: edits.rename_layer(document, id, f"layer_{draw.randrange(10_000)}"),
            lambda: edits.move_layers(document, {id: place}),
            lambda: edits.set_trainable(document, id, draw.random() < 0.5),
            lambda: edits.set_training(document, {"epochs": draw.randint(1, 50)}),
            self.noted,
            self.led,
            lambda: layouts.set_direction(document, draw.choice(["right", "down"])),
        ]
        choices = [*others, *(growing if n < MOST_LAYERS else ()), *(shrinking if n > LEAST_LAYERS else ())]
        return draw.choice(choices)()

    def noted(self):
        """What is drawn with a note more, or fewer, or another."""
        document, draw = self.scope.document, self.random
        note = Note((draw.randint(-500, 1500), draw.randint(-300, 900)), (160.0, 80.0), f"{draw.random()}")
        keys = list(layouts.notes_by_key(document.layout))
        if not keys or draw.random() < 0.4:
            return layouts.add_note(document, draw.choice(["frames", "cards"]), note)[0]
        key = draw.choice(keys)
        return layouts.remove_notes(document, [key]) if len(keys) > 6 else layouts.change_notes(document, {key: note})

    def led(self):
        """What is drawn with a wire led through a point."""
        document, draw = self.scope.document, self.random
        wires = [(layer.id, source) for layer in document.graph.layers for source in layer.inputs]
        if not wires:
            raise EditError("There is no wire.")
        return layouts.set_route(document, *draw.choice(wires), [(draw.randint(0, 900), draw.randint(0, 500))])

    def step(self):
        draw, session = self.random.random(), self.session
        cures = [problem.fixes[0] for problem in session.report.errors if problem.fixes]
        if self.random.random() < 0.1 * len(cures):
            session.apply_fix(self.random.choice(cures))
        elif draw < 0.05:
            session.undo()
        elif draw < 0.08:
            session.redo()
        elif draw < 0.12:
            self.scope.select(self.several())
        elif draw < 0.14:
            session.go_to(self.random.choice(list(session.report.layers)))
        elif draw < 0.17 or not ids_at(session.document.graph, session.place):
            session.enter("")
        else:
            try:
                self.scope.edit("edit", self.edited())
            except EditError:
                return


def alive(canvas):
    """Count what must not pile up: items that are drawn, widgets, timers, threads."""
    for _ in range(3):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QApplication.processEvents()
        gc.collect()
    return {
        "items": len(canvas.scene.items()),
        "widgets": len(QApplication.allWidgets()),
        "timers": len(canvas.findChildren(QTimer)),
        "threads": threading.active_count(),
    }


def walk(walker, canvas, n_steps):
    """Edit at random, looking now and then whether what is drawn is what there is; then take everything back."""
    scope, session = walker.scope, walker.session
    for number in range(n_steps):
        walker.step()
        if number % 50 == 0:
            QApplication.processEvents()
            assert set(canvas.scene.nodes) == {layer.id for layer in scope.document.graph.layers}
            assert loads(document_text(session.document)).graph == session.document.graph
    assert len(session.steps[0]) > n_steps / 2
    while session.undo_label is not None:
        session.undo()
    session.enter("")
    ids = [layer.id for layer in session.document.graph.layers]
    for selected in (ids[1:2], ids[1:3], ()):  # pages keep the form of what was last selected
        session.select(selected)
    canvas.fit()


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", [1])
def test_thousands_of_edits_are_taken_back_without_a_trace(seed, qtbot):
    theme.set_theme("dark")
    session = Session(load_template("resnet20_cifar"))
    scope = Scope(session)
    canvas, inspector = Canvas(scope), Inspector(scope)
    for widget in (canvas, inspector):
        qtbot.addWidget(widget)
        widget.resize(900, 700)
        with qtbot.waitExposed(widget):
            widget.show()
    qtbot.wait(300)
    document, picture = session.document, canvas.grab().toImage()

    walker = Walker(scope, seed)
    walk(walker, canvas, WARM_UP)  # by then everything that is made once, when it is first needed, is there
    before = alive(canvas)
    walk(walker, canvas, STEPS)

    assert session.document == document
    qtbot.wait(1200)  # until nothing flashes any more
    assert canvas.grab().toImage() == picture
    assert alive(canvas) == before
