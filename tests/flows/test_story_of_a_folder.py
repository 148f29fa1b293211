"""The whole story: a folder of one's own pictures, from the drop to a run that goes on after the program was quit."""

import numpy as np
import pytest
from PIL import Image, ImageDraw
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QPushButton

from core.runs.resuming import replay
from core.runs.store import RunStore
from designer.inspector import TrainingPanel
from designer.problems import DataPanel, ProblemsPanel
from designer.training import DoctorPanel, SanityPanel
from designer.views.data import ImportList, SamplesView
from designer.views.preparing import PreprocessingView
from designer.views.search import BestTrials, SearchPanel, TrialsView
from designer.window.finding import bring_forward
from designer.window.panels import panel_of

LEFT, CONTROL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier
PATIENCE = 60_000
CLASSES = ("circle", "cross", "square", "triangle")
N_EACH = 40


def draw(kind, rng):
    """Draw a figure somewhere on white ground, as one would with a pen."""
    picture = Image.new("L", (28, 28), 250)
    pen, ink = ImageDraw.Draw(picture), int(rng.integers(0, 60))
    (x, y), r = rng.uniform(11, 17, 2), rng.uniform(5, 9)
    box = [x - r, y - r, x + r, y + r]
    if kind == "circle":
        pen.ellipse(box, outline=ink, width=2)
    elif kind == "cross":
        pen.line(box, fill=ink, width=2)
        pen.line([x - r, y + r, x + r, y - r], fill=ink, width=2)
    elif kind == "square":
        pen.rectangle(box, outline=ink, width=2)
    else:
        pen.polygon([(x, y - r), (x - r, y + r), (x + r, y + r)], outline=ink, width=2)
    noisy = np.asarray(picture) + rng.normal(0, 4, (28, 28))
    return Image.fromarray(noisy.clip(0, 255).astype(np.uint8))


@pytest.fixture
def folder(tmp_path):
    """Make four classes of drawings; one file is cut off, one is empty paper, one is in two classes."""
    rng, top = np.random.default_rng(0), tmp_path / "my drawings"
    for kind in CLASSES:
        (top / kind).mkdir(parents=True)
        for n in range(N_EACH):
            draw(kind, rng).save(top / kind / f"{kind}{n + 1}.png")
    cut = top / "cross" / "cross7.png"
    cut.write_bytes(cut.read_bytes()[:300])
    Image.new("L", (28, 28), 250).save(top / "square" / "square9.png")
    (top / "circle" / "circle5.png").write_bytes((top / "triangle" / "triangle5.png").read_bytes())
    (top / "circle" / "Thumbs.db").write_bytes(b"not a picture")
    return top


class Hands:
    """What a user does with one window."""

    def __init__(self, window, qtbot):
        self.window, self._qtbot = window, qtbot

    def panel(self, kind):
        return panel_of(self.window.panels, kind)

    def until(self, what):
        self._qtbot.waitUntil(what, timeout=PATIENCE)

    def drop(self, path):
        data, at, copy = QMimeData(), QPointF(300, 200), Qt.DropAction.CopyAction
        data.setUrls([QUrl.fromLocalFile(str(path))])
        viewport, none = self.window.canvas.view.viewport(), Qt.KeyboardModifier.NoModifier
        enter = QDragEnterEvent(at.toPoint(), copy, data, LEFT, none)
        QApplication.sendEvent(viewport, enter)
        assert enter.isAccepted()
        QApplication.sendEvent(viewport, QDropEvent(at, copy, data, LEFT, none))

    def key(self, key, modifier=Qt.KeyboardModifier.NoModifier):
        QTest.keyClick(self.window, key, modifier)

    def show(self, dock):
        bring_forward(self.window.docks[dock])
        self.until(self.window.panels[dock].isVisible)

    def press(self, button):
        assert button.isVisible(), button.text()
        assert button.isEnabled(), button.text()
        QTest.mouseClick(button, LEFT, pos=QPoint(8, button.height() // 2))

    def press_in_bar(self, text):
        buttons = self.window.train_bar.findChildren(QPushButton)
        self.press(next(button for button in buttons if button.text() == text and button.isVisible()))

    def enter(self, editor, text):
        editor.setFocus()
        QTest.keyClick(editor, Qt.Key.Key_A, CONTROL)
        QTest.keyClicks(editor, text)
        QTest.keyClick(editor, Qt.Key.Key_Return)

    def card(self, code):
        return next((card for card in self.panel(DataPanel).cards if card.finding.code == code), None)

    def use_source(self, path):
        self.drop(path)
        self.until(lambda: self.window.data.loaded is not None and self.window.data.loaded.name == str(path))

    @property
    def settings(self):
        return self.window.session.document.training.settings


@pytest.fixture
def hands(make_window, qtbot):
    return Hands(make_window(size=(1600, 1000)), qtbot)


def test_from_a_dropped_folder_to_a_run_that_goes_on_another_day(
    hands, folder, make_window, qtbot, tmp_path, monkeypatch
):
    window = hands.window
    hands.until(lambda: window.session.readiness is not None)

    # Dropped anywhere, the folder is the data set, and the Data workspace says what is wrong with it.
    hands.use_source(folder)
    assert window.arrangement.workspace.name == "data"
    hands.until(lambda: hands.card("inverted") is not None)
    refused = hands.panel(ImportList)
    assert refused.list.item(0).text().startswith("cross/cross7.png · byte ")
    hands.until(lambda: window.session.cannot_train)
    assert window.verdict.text() == "Valid, can't be trained"

    # Nothing is left out unasked: Train leads to the reason, and so does Search.
    hands.key(Qt.Key.Key_F5)
    assert window.run.state == "idle"
    hands.until(hands.panel(ProblemsPanel).isVisible)
    hands.key(Qt.Key.Key_3, CONTROL)
    hands.show("search")
    hands.press(hands.panel(SearchPanel).start)
    assert "cross/cross7.png" in hands.panel(SearchPanel).said.text()
    assert not window.search.is_on

    # The user decides, and repairs what can be repaired.
    hands.key(Qt.Key.Key_2, CONTROL)
    hands.show("import")
    hands.press(refused.use_good)
    hands.until(lambda: not window.session.cannot_train and window.verdict.text() == "Valid")
    hands.show("checks")
    checks = hands.panel(DataPanel)
    checks.ensureWidgetVisible(hands.card("inverted"))
    hands.press(hands.card("inverted").buttons[0])
    hands.until(lambda: hands.card("inverted") is None)
    hands.press(hands.card("contradicting_copies").links[0])
    shown = hands.panel(SamplesView).grid.order
    sources = window.data.loaded.dataset.sources
    assert {sources[place] for place in shown} == {"circle/circle5.png", "triangle/triangle5.png"}

    # What no setting repairs is repaired on the disk; the window reads it anew.
    for name in ("circle/circle5.png", "square/square9.png"):
        (folder / name).unlink()
    window.data.read_again()
    hands.until(lambda: not checks.cards)
    assert len(window.data.loaded.dataset) == 4 * N_EACH - 3

    # Preprocessing is switched on.
    hands.show("preprocessing")
    preparing = hands.panel(PreprocessingView)
    hands.until(lambda: any(column.stage.step.label() == "Standardize" for column in preparing.columns))
    hands.press(next(c for c in preparing.columns if c.stage.step.label() == "Standardize").switch)
    written = window.session.document.training.as_json()
    assert written["preprocessing"] == ["Invert", "Standardize"]
    assert written["skip_unreadable"] is True

    # The sanity checks pass.
    hands.key(Qt.Key.Key_3, CONTROL)
    hands.show("sanity")
    sanity = hands.panel(SanityPanel)
    with qtbot.waitSignal(sanity.run.ended, timeout=2 * PATIENCE):
        hands.press(sanity.button)
    assert sanity.state.text() == "All 4 passed."

    # The learning rate is changed while it trains.
    hands.show("training")
    part = hands.panel(TrainingPanel).part
    hands.enter(part.rows["epochs"].editor, "500")
    hands.key(Qt.Key.Key_F5)
    hands.until(lambda: window.run.progress is not None and window.run.progress.epoch >= 3)
    adjusted = []
    window.run.adjusted.connect(adjusted.append)
    hands.enter(part.optimizer_form.rows["learning_rate"].editor, "0.0002")
    hands.until(lambda: bool(adjusted))
    epoch = window.run.progress.epoch
    hands.until(lambda: window.run.progress.epoch > epoch)

    # Far too high a rate: the doctor says so while it runs, tries cures on copies, and one of them is taken.
    hands.enter(part.optimizer_form.rows["learning_rate"].editor, "0.1")
    hands.show("doctor")
    doctor = hands.panel(DoctorPanel)
    hands.until(lambda: any(card.case.finding.code == "dead_relus" for card in doctor.cards))
    with qtbot.waitSignal(window.run.finished, timeout=PATIENCE):
        hands.press_in_bar("Stop")
    changes = [text for _, text in window.panels["curves"].data.changes]
    assert changes == ["learning rate 0.001 → 0.0002", "learning rate 0.0002 → 0.1"]
    card = doctor.cards[0]
    doctor.ensureWidgetVisible(card.trial_button)
    with qtbot.waitSignal(doctor.cures.ended, timeout=2 * PATIENCE):
        hands.press(card.trial_button)
    cures = doctor.cards[0].cure_buttons
    lower = next(text for text in cures if "learning rate" in text)
    doctor.ensureWidgetVisible(cures[lower])
    hands.press(cures[lower])
    assert window.session.document.training.optimizer.learning_rate < 0.1

    # A search finds other settings; the best of them become the document, as one step.
    hands.enter(part.rows["epochs"].editor, "40")
    hands.show("search")
    search = hands.panel(SearchPanel)
    for box, n in zip((*search.coarse, *search.fine), (3, 2, 1, 2), strict=True):
        box.setValue(n)
    with qtbot.waitSignal(window.search.ended, timeout=2 * PATIENCE) as ended:
        hands.press(search.start)
    assert ended.args == [""]
    assert hands.panel(TrialsView).isVisible()
    best = hands.panel(BestTrials)
    values = best.choice.values
    hands.press(best.take)
    assert hands.settings.batch_size == values["training.batch_size"]
    assert window.session.document.training.optimizer.learning_rate == values["training.optimizer.learning_rate"]
    assert window.session.undo_label == f"take over trial {best.choice.number}"

    # Saved and trained anew, paused, and quit in the middle.
    path = tmp_path / "drawings.json"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    hands.key(Qt.Key.Key_S, CONTROL)
    hands.until(lambda: window.session.path == path)
    hands.press_in_bar("Start over")
    hands.until(lambda: window.run.progress is not None and window.run.progress.epoch >= 2)
    hands.press_in_bar("Pause")
    hands.until(lambda: window.run.state == "paused")
    assert window.close()

    # Another day: the run is there, and goes on as if it had never stopped.
    again = Hands(make_window(size=(1600, 1000)), qtbot)
    window = again.window
    assert window.files.open(path)
    assert again.settings.dataset == str(folder)
    again.until(lambda: window.runs.shown is not None)
    assert window.runs.shown.name == "run 2"
    assert window.panels["curves"].data.name == "run 2"
    with qtbot.waitSignal(window.run.finished, timeout=2 * PATIENCE):
        again.press_in_bar("Continue")
    assert window.train_bar.text == "run 3 · 40 epochs · done"
    first, _, last = RunStore(path.with_name("drawings.runs")).runs()
    assert first.record.adjustments[0].changes == {"learning_rate": (0.001, 0.0002)}
    assert last.record.after == "run 2"
    replayed = replay(last)
    list(replayed.messages())
    for name, array in last.last_weights().items():
        np.testing.assert_array_equal(array, replayed.network.weights[name])
    assert last.record.best["val_accuracy"] > 0.6
