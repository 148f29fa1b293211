"""What the Data workspace shows of a data set: its samples, its classes, its source, and what could not be read."""

from dataclasses import replace
from threading import Event

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from core.graph.edits import choose_dataset, set_config, set_training
from core.io.datasets import BUNDLED, Dataset, Refused
from core.io.datasets.pictures.folder import PictureFolder
from core.io.templates import load_template
from designer.session import Session
from designer.views.data import BalanceView, ImportList, Loaded, SamplesView, ShownData, SourcePanel


def rows(n, label, start=0):
    return np.full((n, 4, 4, 1), 10 * label + start, np.uint8), np.full(n, label)


def few(counts=(40, 8, 3), **fields):
    images, labels = zip(*(rows(n, label) for label, n in enumerate(counts)), strict=True)
    labels = np.concatenate(labels)
    names = ("cat", "dog", "hen")[: len(counts)]
    sources = [f"{names[label]}/{i}.png" for i, label in enumerate(labels)]
    return Dataset("pets", np.concatenate(images), labels, names, sources=sources, **fields)


def loaded(dataset, validation=()):
    everything = np.arange(len(dataset))
    kept = np.array(validation, np.int64)
    return Loaded("pets", dataset, np.setdiff1d(everything, kept), kept)


@pytest.fixture
def session(qapp):
    session = Session()
    session.open(load_template("lenet5"), None)
    return session


@pytest.fixture
def data(session):
    return ShownData(session)


def show(qtbot, widget, width=640, height=400):
    qtbot.addWidget(widget)
    widget.resize(width, height)
    widget.show()
    return widget


class TestShownData:
    def test_nothing_is_read_until_somebody_looks(self, qtbot, session, data):
        qtbot.wait(150)
        assert data.loaded is None
        with qtbot.waitSignal(data.changed):
            show(qtbot, SamplesView(data))
        assert len(data.loaded.dataset) == 1797
        assert (len(data.loaded.training), len(data.loaded.validation)) == (1438, 359)

    def test_another_split_divides_anew_without_reading_again(self, qtbot, session, data):
        with qtbot.waitSignal(data.changed):
            data.attend()
        images = data.loaded.dataset.images
        with qtbot.waitSignal(data.changed):
            session.edit("split", set_training(session.document, {"validation_split": 0.5}))
        assert len(data.loaded.validation) == 898  # half, rounded to even
        assert data.loaded.dataset.images is images

    def test_what_can_not_be_read_is_said(self, qtbot, session, data):
        view = show(qtbot, SamplesView(data))
        with qtbot.waitSignal(data.changed, check_params_cb=lambda seen: seen.refusal != ""):
            session.edit("another", set_training(session.document, {"dataset": "nowhere"}))
        assert "nowhere" in data.loaded.refusal
        assert view.grid.choice is None


class TestManyPictures:
    @pytest.fixture
    def folder(self, tmp_path):
        for name in ("cats", "dogs"):
            (tmp_path / "pets" / name).mkdir(parents=True)
            for i in range(100):
                Image.fromarray(np.full((6, 5, 3), i, np.uint8)).save(tmp_path / "pets" / name / f"{i:03}.png")
        return tmp_path / "pets"

    @pytest.fixture
    def gate(self, monkeypatch):
        """Hold reading after each block until it is opened."""
        gate, read = Event(), PictureFolder.read

        def held(*arguments):
            for progress in read(*arguments):
                yield progress
                assert gate.wait(20)

        monkeypatch.setattr(PictureFolder, "read", held)
        yield gate
        gate.set()

    def test_the_first_are_shown_while_the_others_are_read_in_the_shape_of_the_input(
        self, qtbot, session, data, folder, gate
    ):
        view = show(qtbot, SamplesView(data))
        with qtbot.waitSignal(data.progressed) as told:
            session.edit("pets", choose_dataset(session.document, str(folder)))
        (partial,) = told.args
        assert partial.is_partial
        assert partial.dataset.shape == (28, 28, 1)
        assert view.count.text() == "16 of 200 pictures read"
        assert view.grid.order.tolist() == list(range(16))
        with qtbot.waitSignal(data.changed):
            gate.set()
        assert len(data.loaded.dataset) == 200
        assert not data.loaded.is_partial
        assert view.count.text() == "200 samples"
        assert not view.stop.isVisible()

    def test_reading_is_stopped_and_begun_again(self, qtbot, session, data, folder, gate):
        view = show(qtbot, SamplesView(data))
        with qtbot.waitSignal(data.progressed):
            session.edit("pets", choose_dataset(session.document, str(folder)))
        QTest.mouseClick(view.stop, Qt.MouseButton.LeftButton)
        with qtbot.waitSignal(data.stopped):
            gate.set()
        assert view.count.text().startswith("Stopped after 16 of 200 pictures")
        with qtbot.waitSignal(data.changed):
            QTest.mouseClick(view.read_all, Qt.MouseButton.LeftButton)
        assert view.count.text() == "200 samples"

    def test_another_data_set_does_not_wait_for_the_one_that_is_read(self, qtbot, session, data, folder, gate):
        show(qtbot, SamplesView(data))
        with qtbot.waitSignal(data.progressed):
            session.edit("pets", choose_dataset(session.document, str(folder)))
        with qtbot.waitSignal(data.changed):
            session.edit("digits", choose_dataset(session.document, "digits"))
            qtbot.wait(120)
            gate.set()
        assert data.loaded.name == "digits"

    def test_another_input_reads_pictures_again_in_its_shape(self, qtbot, session, data, folder):
        data.attend()
        with qtbot.waitSignal(data.changed, check_params_cb=lambda seen: seen.name == str(folder)):
            session.edit("pets", choose_dataset(session.document, str(folder)))
        with qtbot.waitSignal(data.changed):
            session.edit("smaller", set_config(session.document, "input", {"shape": [20, 20, 3]}))
        assert data.loaded.dataset.shape == (20, 20, 3)


class TestSamples:
    def test_a_class_is_chosen_and_samples_in_order(self, qtbot, data):
        view = show(qtbot, SamplesView(data))
        view.show_loaded(loaded(few()))
        view.sorting.setCurrentText("in order")
        view.classes.setCurrentText("dog")
        assert view.grid.order.tolist() == list(range(40, 48))
        assert view.count.text() == "8 of 51 samples"

    def test_keys_choose_and_return_takes(self, qtbot, data):
        view = show(qtbot, SamplesView(data))
        view.show_loaded(loaded(few()))
        view.sorting.setCurrentText("in order")
        QTest.keyClick(view.grid, Qt.Key.Key_Home)
        QTest.keyClick(view.grid, Qt.Key.Key_Right)
        assert view.grid.choice == 1
        QTest.keyClick(view.grid, Qt.Key.Key_End)
        assert view.grid.choice == 50
        with qtbot.waitSignal(view.sample_taken) as taken:
            QTest.keyClick(view.grid, Qt.Key.Key_Return)
        assert taken.args == [50]
        QTest.keyClick(view.grid, Qt.Key.Key_Right)  # there is nothing beyond the last
        assert view.grid.choice == 50

    def test_a_click_chooses_what_is_under_it_also_after_scrolling(self, qtbot, data):
        view = show(qtbot, SamplesView(data), width=300, height=200)
        view.show_loaded(loaded(few()))
        view.sorting.setCurrentText("in order")
        bar = view.grid.verticalScrollBar()
        assert bar.maximum() > 0
        bar.setValue(bar.maximum())
        bottom = view.grid.viewport().rect().bottomLeft() + QPoint(30, -40)
        QTest.mouseClick(view.grid.viewport(), Qt.MouseButton.LeftButton, pos=bottom)
        assert view.grid.choice > 30

    def test_those_that_something_is_said_of_are_shown_alone_until_all_are_wanted(self, qtbot, data):
        view = show(qtbot, SamplesView(data))
        view.show_loaded(loaded(few()))
        view.show_some([3, 44], "2 pictures have two labels")
        assert view.grid.order.tolist() == [3, 44]
        assert view.count.text() == "2 pictures have two labels"
        QTest.mouseClick(view.back, Qt.MouseButton.LeftButton)
        assert len(view.grid.order) == 51

    def test_only_what_is_in_sight_is_drawn(self, qtbot, data):
        images = np.zeros((60_000, 28, 28, 1), np.uint8)
        many = Dataset("many", images, np.zeros(60_000, np.int64), ("one",))
        view = show(qtbot, SamplesView(data))
        view.show_loaded(loaded(many))
        view.grid.grab()
        assert 0 < len(view.grid._pictures) < 200

    def test_two_numbers_are_written_not_drawn(self, qtbot, data):
        points = Dataset("moons", np.array([[0.25, -1.5]] * 3, np.float32), np.array([0, 1, 0]), ("0", "1"), scale=1.0)
        view = show(qtbot, SamplesView(data))
        view.show_loaded(loaded(points))
        view.grid.grab()
        assert not view.grid._pictures


class TestBalance:
    def test_classes_are_counted_and_rare_ones_named(self, qtbot, data):
        view = show(qtbot, BalanceView(data))
        view.show_loaded(loaded(few(), validation=[0, 1, 40]))
        assert [(c.name, c.training, c.validation) for c in view.counts] == [
            ("cat", 38, 2),
            ("dog", 7, 1),
            ("hen", 3, 0),
        ]
        assert view.even == 17
        assert view.rare == ["hen"]

    def test_a_click_on_a_bar_asks_for_its_samples(self, qtbot, data):
        view = show(qtbot, BalanceView(data), width=300)
        view.show_loaded(loaded(few()))
        with qtbot.waitSignal(view.class_chosen) as chosen:
            QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(150, 100))
        assert chosen.args == [1]


class TestSource:
    def test_a_click_on_a_bundled_set_is_one_step_that_can_be_undone(self, qtbot, session, data):
        session.edit("own", set_training(session.document, {"dataset": "pets"}))
        panel = show(qtbot, SourcePanel(session, data), height=900)
        assert panel.own.isVisible()
        QTest.mouseClick(panel.cards["digits"], Qt.MouseButton.LeftButton)
        assert session.document.training.settings.dataset == "digits"
        assert panel.cards["digits"].isChecked()
        session.undo()
        assert session.document.training.settings.dataset == "pets"
        assert not panel.cards["digits"].isChecked()

    def test_the_card_of_what_is_in_use_stays_pressed(self, qtbot, session, data):
        panel, document = show(qtbot, SourcePanel(session, data), height=900), session.document
        QTest.mouseClick(panel.cards["digits"], Qt.MouseButton.LeftButton)
        assert panel.cards["digits"].isChecked()
        assert session.document is document

    def test_the_split_is_typed(self, qtbot, session, data):
        panel = show(qtbot, SourcePanel(session, data), height=900)
        editor = panel.split.rows["validation_split"].editor
        editor.setFocus()
        editor.selectAll()
        QTest.keyClicks(editor, "0.3")
        assert session.document.training.settings.validation_split == 0.3

    def test_every_bundled_set_has_a_card(self, qtbot, session, data):
        assert list(SourcePanel(session, data).cards) == list(BUNDLED)


class TestImport:
    def test_what_was_refused_is_listed_and_left_out_only_when_the_user_says_so(self, qtbot, session, data):
        refused = (Refused("3/a.png", "byte 2,048 of 3,117", "It was cut off."), Refused("misc", "", "It is empty."))
        view = show(qtbot, ImportList(session, data))
        view.show_loaded(loaded(replace(few(), refused=refused)))
        assert view.list.item(0).text() == "3/a.png · byte 2,048 of 3,117\nIt was cut off."
        assert view.windowTitle() == "Import  2"
        assert view.decision.text() == "Nothing is trained until you mend or remove them, or use the good ones."
        assert not session.document.training.settings.skip_unreadable
        QTest.mouseClick(view.use_good, Qt.MouseButton.LeftButton)
        assert session.document.training.settings.skip_unreadable
        assert not view.use_good.isVisible()
        assert "51 good ones" in view.decision.text()
        session.undo()
        assert view.use_good.isVisible()
        view.show_loaded(loaded(few()))
        assert view.windowTitle() == "Import"

    def test_data_that_cannot_be_read_at_all_is_not_said_to_be_read(self, qtbot, session, data):
        view = show(qtbot, ImportList(session, data))
        view.show_loaded(replace(loaded(few()), dataset=None, refusal="There is no file pets."))
        said = [label.text() for label in view.findChildren(QLabel) if label.isVisible()]
        assert said == ["Nothing was read", "There is no file pets."]
        view.show_loaded(loaded(few()))
        assert "All of it was read" in [label.text() for label in view.findChildren(QLabel) if label.isVisible()]

    def test_long_reasons_are_read_in_a_narrow_panel_without_scrolling(self, qtbot, session, data):
        why = "It is none of the pictures read here: PNG, JPEG, GIF, BMP, TIFF, PGM or PPM. Move it out of the folder."
        view = show(qtbot, ImportList(session, data), width=700, height=282)
        view.show_loaded(loaded(replace(few(), refused=tuple(Refused(f"cat/{n}.txt", "", why) for n in range(2)))))
        qtbot.waitUntil(lambda: view.list.width() > 600)
        view.resize(336, 282)
        qtbot.waitUntil(lambda: view.list.verticalScrollBar().maximum() == 0)
        last = view.list.visualItemRect(view.list.item(1))
        assert last.bottom() <= view.list.viewport().height()
        assert last.right() <= view.list.viewport().width()
        assert view.use_good.geometry().top() >= view.list.geometry().bottom()

    def test_the_list_is_copied_as_lines(self, qtbot, session, data):
        view = show(qtbot, ImportList(session, data))
        view.show_loaded(loaded(replace(few(), refused=(Refused("a.png", "", "It is empty."),))))
        QTest.mouseClick(view.copy, Qt.MouseButton.LeftButton)
        assert QGuiApplication.clipboard().text() == "a.png\t\tIt is empty."
