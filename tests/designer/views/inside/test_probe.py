"""The probe: strokes of the mouse, samples, pictures; placed as the samples are; said what it is taken for."""

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core.analysis.check import check
from core.io.datasets.drawings import Placing, extent_of
from core.io.templates import load_template
from designer import theme
from designer.session import Session
from designer.session.looking import Cell
from designer.views.inside import Inside, ProbePanel
from designer.views.inside.cell_facts import facts_of
from designer.views.inside.probe_panel import DRAW, IMAGE, SAMPLE
from designer.views.inside.verdict import ClassVerdict
from tests.designer.views.inside.looks import Eyes
from tests.drawing import chain


@pytest.fixture
def open_panel(qtbot):
    def make(document=None):
        theme.set_theme("dark")
        inside = Inside(Session(document or load_template("lenet5")))
        panel = ProbePanel(inside)
        qtbot.addWidget(panel)
        panel.eyes = Eyes(inside)
        panel.resize(264, 900)
        panel.show()
        panel.eyes.look()
        return panel, inside

    return make


def draw(pad, *points, button=Qt.MouseButton.LeftButton):
    """Draw along points, in shares of the picture."""
    frame = pad.frame
    places = [QPoint(int(frame.left() + x * frame.width()), int(frame.top() + y * frame.height())) for x, y in points]
    QTest.mousePress(pad, button, pos=places[0])
    for place in places[1:]:
        QTest.mouseMove(pad, place)
    QTest.mouseRelease(pad, button, pos=places[-1])


def probed(inside):
    return inside.session.probe.now


def drawn(inside):
    return probed(inside).picture.pixels[..., 0]


class TestDrawing:
    def test_the_pen_leaves_ink_where_it_goes(self, open_panel):
        panel, inside = open_panel()
        QTest.mouseClick(panel.switch.parts[DRAW], Qt.MouseButton.LeftButton)
        draw(panel.pad, (0.25, 0.5), (0.75, 0.5))
        ink = drawn(inside)
        assert ink.shape == (28, 28)
        assert ink[14, 8:20].min() > 0.9
        assert ink[:11].max() == ink[17:].max() == 0
        assert probed(inside).picture.name == "your drawing"

    def test_every_move_is_looked_at(self, open_panel):
        panel, inside = open_panel()
        panel.show_mode(DRAW)
        told = []
        inside.looked.connect(lambda: told.append(inside.look.probed.picture))
        draw(panel.pad, (0.2, 0.2), (0.4, 0.4), (0.6, 0.4))
        assert len({id(picture) for picture in told}) == 3

    def test_the_eraser_takes_away(self, open_panel):
        panel, inside = open_panel()
        panel.show_mode(DRAW)
        draw(panel.pad, (0.1, 0.5), (0.9, 0.5))
        before = drawn(inside).sum()
        QTest.mouseClick(panel.tools.eraser, Qt.MouseButton.LeftButton)
        draw(panel.pad, (0.5, 0.4), (0.5, 0.6))
        assert drawn(inside)[14, 14] == 0
        assert drawn(inside).sum() < before

    def test_undo_takes_one_stroke_back_also_by_key(self, open_panel):
        panel, inside = open_panel()
        panel.show_mode(DRAW)
        draw(panel.pad, (0.1, 0.2), (0.9, 0.2))
        first = drawn(inside).copy()
        draw(panel.pad, (0.1, 0.8), (0.9, 0.8))
        draw(panel.pad, (0.5, 0.1), (0.5, 0.9))
        QTest.mouseClick(panel.tools.undo, Qt.MouseButton.LeftButton)
        QTest.keyClick(panel.pad, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        np.testing.assert_array_equal(drawn(inside), first)

    def test_clear_shows_the_sample_again_and_can_be_undone(self, open_panel):
        panel, inside = open_panel()
        panel.show_mode(DRAW)
        draw(panel.pad, (0.1, 0.2), (0.9, 0.2))
        first = drawn(inside).copy()
        QTest.mouseClick(panel.tools.clear, Qt.MouseButton.LeftButton)
        assert probed(inside).picture is None
        QTest.mouseClick(panel.tools.undo, Qt.MouseButton.LeftButton)
        np.testing.assert_array_equal(drawn(inside), first)

    def test_a_wider_pen_leaves_more(self, open_panel):
        panel, inside = open_panel()
        panel.show_mode(DRAW)
        draw(panel.pad, (0.2, 0.5), (0.8, 0.5))
        thin = drawn(inside).sum()
        panel.pad.clear()
        panel.tools.slider.setValue(50)
        draw(panel.pad, (0.2, 0.5), (0.8, 0.5))
        assert drawn(inside).sum() > 1.7 * thin

    def test_another_button_draws_nothing(self, open_panel):
        panel, inside = open_panel()
        panel.show_mode(DRAW)
        draw(panel.pad, (0.2, 0.5), (0.8, 0.5), button=Qt.MouseButton.RightButton)
        assert probed(inside).picture is None

    def test_features_that_are_no_picture_are_not_drawn(self, open_panel):
        panel, inside = open_panel(load_template("playground"))
        panel.show_mode(DRAW)
        assert panel.note.text() == "This network takes no pictures: choose a sample."
        draw(panel.pad, (0.2, 0.5), (0.8, 0.5))
        assert probed(inside).picture is None

    def test_a_row_of_64_features_is_drawn_as_8_by_8(self, open_panel):
        panel, inside = open_panel(chain([64], ("Dense", {"units": 10}), "Softmax", dataset="digits"))
        panel.show_mode(DRAW)
        draw(panel.pad, (0.2, 0.5), (0.8, 0.5))
        assert drawn(inside).shape == (8, 8)
        assert inside.look.pixels.shape == (64,)


class TestPlacing:
    def test_a_drawing_is_scaled_and_centred_as_the_samples_are_and_that_is_said(self, open_panel):
        panel, inside = open_panel()
        panel.eyes.look(placing=Placing(20 / 28, by_mass=True))
        panel.show_mode(DRAW)
        assert panel.note.text() == "Scaled to 20 of 28 pixels and centred by its mass, as the samples are."
        draw(panel.pad, (0.1, 0.1), (0.1, 0.35))
        extent = extent_of(probed(inside).picture.pixels)
        assert extent.size * 28 == pytest.approx(20, abs=1.01)
        assert extent.mass == pytest.approx((0.5, 0.5), abs=0.02)

    def test_it_can_be_left_where_it_was_drawn(self, open_panel):
        panel, inside = open_panel()
        panel.eyes.look(placing=Placing(20 / 28, by_mass=True))
        panel.show_mode(DRAW)
        draw(panel.pad, (0.1, 0.1), (0.1, 0.35))
        QTest.mouseClick(panel.tools.place, Qt.MouseButton.LeftButton, pos=QPoint(8, panel.tools.place.height() // 2))
        assert not panel.tools.place.isChecked()
        assert extent_of(probed(inside).picture.pixels).mass == pytest.approx((0.225, 0.1), abs=0.03)
        assert "where you draw it" in panel.note.text()

    def test_without_such_a_rule_there_is_no_such_switch(self, open_panel):
        panel, _ = open_panel()
        panel.show_mode(DRAW)
        assert not panel.tools.place.isVisible()


class TestSamples:
    def test_space_goes_to_the_next_and_from_the_last_to_the_first(self, open_panel):
        panel, inside = open_panel()
        inside.session.probe.take_sample(1795)
        QTest.keyClick(panel.pad, Qt.Key.Key_Space)
        assert probed(inside).sample == 1796
        QTest.keyClick(panel.pad, Qt.Key.Key_Space)
        assert probed(inside).sample == 0

    def test_a_number_can_be_typed(self, open_panel):
        panel, inside = open_panel()
        panel.number.setFocus()
        panel.number.selectAll()
        QTest.keyClicks(panel.number, "42")
        QTest.keyClick(panel.number, Qt.Key.Key_Return)
        assert probed(inside).sample == 41

    def test_from_a_drawing_the_sample_before_it_comes_back(self, open_panel):
        panel, inside = open_panel()
        inside.session.probe.take_sample(5)
        panel.show_mode(DRAW)
        draw(panel.pad, (0.2, 0.5), (0.8, 0.5))
        QTest.keyClick(panel.pad, Qt.Key.Key_Space)
        assert probed(inside).sample == 5
        assert probed(inside).picture is None
        assert panel.mode == SAMPLE

    def test_the_drawing_waits_meanwhile(self, open_panel):
        panel, inside = open_panel()
        panel.show_mode(DRAW)
        draw(panel.pad, (0.2, 0.5), (0.8, 0.5))
        before = drawn(inside).copy()
        QTest.mouseClick(panel.switch.parts[SAMPLE], Qt.MouseButton.LeftButton)
        assert probed(inside).picture is None
        QTest.mouseClick(panel.switch.parts[DRAW], Qt.MouseButton.LeftButton)
        np.testing.assert_array_equal(drawn(inside), before)


@pytest.fixture
def seven(tmp_path):
    path = tmp_path / "seven.png"
    image = QImage(40, 30, QImage.Format.Format_RGB888)
    image.fill(Qt.GlobalColor.red)
    assert image.save(str(path))
    return path


class TestPictures:
    def test_one_is_dropped(self, open_panel, seven):
        panel, inside = open_panel()
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(seven))])
        copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
        enter = QDragEnterEvent(QPoint(9, 9), copy, data, left, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(panel.viewport(), enter)
        assert enter.isAccepted()
        drop = QDropEvent(QPointF(9, 9), copy, data, left, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(panel.viewport(), drop)
        assert drop.isAccepted()
        assert probed(inside).picture.name == "seven.png"
        assert panel.mode == IMAGE
        assert panel.note.text() == "seven.png, as it enters."
        np.testing.assert_allclose(inside.look.pixels, 0.299, atol=1e-6)  # red, in grey

    def test_one_is_pasted(self, open_panel):
        panel, inside = open_panel()
        image = QImage(4, 4, QImage.Format.Format_ARGB32)
        image.fill(Qt.GlobalColor.transparent)
        QGuiApplication.clipboard().setImage(image)
        QTest.keyClick(panel, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
        assert probed(inside).picture.pixels.min() == 1  # what is transparent is white
        assert "clipboard" in probed(inside).picture.name

    def test_without_one_on_the_clipboard_that_is_said(self, open_panel, qtbot):
        panel, inside = open_panel()
        QGuiApplication.clipboard().setText("seven")
        panel.show_mode(IMAGE)
        with qtbot.waitSignal(panel.said) as said:
            QTest.mouseClick(panel.paste, Qt.MouseButton.LeftButton)
        assert said.args == ["There is no picture on the clipboard."]
        assert probed(inside).picture is None

    @pytest.mark.parametrize("content", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n" + b"x" * 50])
    def test_what_is_none_changes_nothing_and_is_named(self, open_panel, qtbot, tmp_path, content):
        panel, inside = open_panel()
        path = tmp_path / "odd.png"
        path.write_bytes(content)
        with qtbot.waitSignal(panel.said) as said:
            assert not panel.take_file(path)
        assert "odd.png" in said.args[0]
        assert probed(inside).picture is None


class TestWhatIsSaid:
    def test_the_likeliest_class_and_whether_it_is_right(self, open_panel):
        panel, inside = open_panel()
        probabilities = inside.output
        best = int(probabilities.argmax())
        assert panel.verdict.best.text() == str(best)
        assert f"{100 * probabilities[best]:.1f} %" in panel.verdict.how.text()
        assert ("but it is" in panel.verdict.how.text()) == (best != inside.label)
        assert panel.verdict.origin.text() == "random weights"

    def test_of_a_drawing_nobody_knows_what_is_right(self, open_panel):
        panel, inside = open_panel()
        panel.show_mode(DRAW)
        draw(panel.pad, (0.2, 0.5), (0.8, 0.5))
        assert inside.label is None
        assert "but it is" not in panel.verdict.how.text()

    def test_a_network_that_tells_no_classes_apart_says_nothing(self, open_panel):
        panel, _ = open_panel(chain([8, 8, 1], ("Conv2D", {"filters": 2, "kernel_size": 3})))
        assert not panel.verdict.isVisible()

    def test_hidden_it_wants_nothing(self, open_panel):
        panel, inside = open_panel()
        assert inside._wanted.is_on
        panel.hide()
        assert not inside._wanted.is_on


def test_a_long_class_name_is_read_whole_and_so_is_the_right_one(qtbot):
    verdict = ClassVerdict()
    qtbot.addWidget(verdict)
    verdict.resize(275, 300)
    verdict.show()
    names = ("horizontal bars", "falling bars", "spot")
    verdict.show_output(np.array([0.1, 0.6, 0.3], np.float32), names, 0, "run 1")
    for label in (verdict.best, verdict.how):
        qtbot.waitUntil(lambda label=label: label.seen_text == label.text())
    assert "horizontal bars" in verdict.how.text()
    verdict.show_output(np.array([0.1, 0.6, 0.3], np.float32), ("0", "1", "2"), 0, "run 1")
    qtbot.waitUntil(lambda: verdict.how.x() > verdict.best.x())  # short ones have them beside


def test_where_a_cell_sees_padding_is_said_where_there_is_room_for_it():
    report = check(load_template("lenet5"))
    inner, corner = (facts_of(Cell("conv2", 0, *at), report.layers["conv2"], report, 1.0) for at in ((4, 4), (6, 9)))
    assert (inner["receptive field"], inner["sees"]) == ("14×14", "rows 6–19, columns 6–19")
    assert (corner["receptive field"], corner["sees"]) == ("14×14, partly padding", "rows 10–23, columns 16–27")
