"""The curves of a run: all of it in sight, in both themes, saved as asked."""

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QMessageBox

from core.graph.edits import set_training
from core.graph.training import Training
from core.io.templates import load_template
from core.training.adjusting import Adjustment
from core.training.messages import Adjusted, Batch, Epoch, Started
from designer import theme
from designer.session import Session
from designer.views import CurvesView

STARTED = Started(4, 50, 400, 40, 1)


@pytest.fixture
def view(qtbot):
    theme.set_theme("dark")
    widget = CurvesView()
    qtbot.addWidget(widget)
    widget.resize(700, 300)
    widget.show()
    qtbot.waitUntil(lambda: len(widget._plots) == 2)
    return widget


def train(widget, n=100, loss=lambda step: 2 / step):
    widget.begin("run 1", STARTED)
    widget.add_batches([Batch(s, 1 + s // 50, s % 50, loss(s), min(1.0, s / 80), 8) for s in range(1, n + 1)])
    for epoch in range(1, n // 50 + 1):
        widget.add_epoch(Epoch(epoch, 50 * epoch, 0.5, 0.6, 0.4, 0.7, 1.0, 10.0))


def settled(qtbot, widget):
    qtbot.waitUntil(lambda: not (widget._timer.isActive() or widget._other.isActive()))


def colours_of(image):
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(0, image.height(), 2)}


def test_before_the_first_run_it_says_what_to_do(qtbot):
    widget = CurvesView()
    qtbot.addWidget(widget)
    assert widget._pages.currentWidget() is widget._empty
    assert widget.data is None


def test_time_to_draw_may_come_before_there_are_plots(qtbot):
    widget = CurvesView()
    qtbot.addWidget(widget)
    widget.show()
    assert not widget._plots  # they are made once it has been painted
    train(widget)
    widget._timer.timeout.emit()
    qtbot.waitUntil(lambda: len(widget._plots) == 2)
    settled(qtbot, widget)
    assert widget._plots[0]._raw.getData()[0][-1] == 100


def test_batches_and_epochs_are_drawn(qtbot, view):
    train(view)
    settled(qtbot, view)
    x, y = view._plots[0]._raw.getData()
    np.testing.assert_allclose(y, 2 / np.arange(1, 101))
    assert x[-1] == 100
    marks_x, marks_y = view._plots[1]._validation.getData()
    assert marks_x.tolist() == [50, 100]
    assert marks_y.tolist() == [0.7, 0.7]


def test_the_whole_run_is_in_sight(qtbot, view):
    train(view)
    settled(qtbot, view)
    (left, right), (bottom, top) = view._plots[0].getViewBox().viewRange()
    assert left == 0
    assert right >= 200  # 4 epochs of 50
    assert bottom < 0 < top


def test_nan_never_reaches_a_plot(qtbot, view):
    train(view, loss=lambda step: float("nan") if step > 90 else 1.0)
    settled(qtbot, view)
    for plot in view._plots:
        for item in (plot._raw, plot._smooth, plot._validation):
            assert np.isfinite(item.getData()[1]).all()


def test_the_last_value_stands_at_the_lines_end(qtbot, view):
    train(view, loss=lambda step: 0.25)
    settled(qtbot, view)
    label = view._plots[0]._last
    assert label.toPlainText() == "0.25"
    assert label.pos().x() == 100


def test_a_logarithmic_scale(qtbot, view):
    train(view)
    view._log.click()
    _, y = view._plots[0]._raw.getData()
    np.testing.assert_allclose(y, np.log10(2 / np.arange(1, 101)))
    menu = view.keeping.menu()
    assert menu.actions()[0].isChecked()
    menu.actions()[0].toggle()
    menu.close()
    assert not view._log.isChecked()
    view._log.click()
    view._log.click()
    np.testing.assert_allclose(view._plots[0]._raw.getData()[1], 2 / np.arange(1, 101))


def test_another_run_begins_with_nothing(qtbot, view):
    train(view)
    view.begin("run 1", STARTED)
    assert view.data.last_step == 0
    assert len(view._plots[0]._raw.getData()[0]) == 0


def test_the_cross_hair_tells_all_values(qtbot, view):
    train(view)
    settled(qtbot, view)
    view._plots[0].hovered.emit(60)
    assert view._headings[0].text().startswith("loss 0.0333 · mean ")
    assert "validation 0.4 · batch 60" in view._headings[0].text()
    assert view._plots[1]._cursor.isVisible()
    view._plots[0].hovered.emit(None)
    assert view._headings[0].text() == "loss by batch"


def test_the_mouse_finds_its_batch(qtbot, view):
    train(view)
    settled(qtbot, view)
    plot = view._plots[0]
    box = plot.getViewBox()
    from PySide6.QtCore import QPointF

    place = plot.mapFromScene(box.mapViewToScene(QPointF(42, 0.5)))
    with qtbot.waitSignal(plot.hovered) as told:
        qtbot.mouseMove(plot.viewport(), place)
    assert abs(told.args[0] - 42) <= 1


def test_zooming_stays_until_a_double_click(qtbot, view):
    train(view)
    settled(qtbot, view)
    plot = view._plots[0]
    plot.getViewBox().setXRange(10, 20, padding=0)
    plot._on_zoomed()
    view.add_batches([Batch(101, 3, 1, 0.1, 1.0, 8)])
    settled(qtbot, view)
    assert plot.getViewBox().viewRange()[0] == pytest.approx([10, 20])
    from PySide6.QtCore import Qt

    qtbot.mouseDClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=plot.viewport().rect().center())
    assert plot.getViewBox().viewRange()[0][1] > 200


def test_what_came_while_it_was_hidden_is_drawn_when_it_is_seen(qtbot, view):
    view.hide()
    train(view)
    settled(qtbot, view)
    assert len(view._plots[0]._raw.getData()[0]) == 0
    view.show()
    qtbot.waitUntil(lambda: len(view._plots[0]._raw.getData()[0]) == 100)


def test_a_failure_is_said(view):
    view.show_failure("conv1: the numbers ran away.", "Try a smaller learning rate.")
    assert view._notice.isVisible()
    assert view._notice.why == "Try a smaller learning rate."
    view.begin("run 1", STARTED)
    assert not view._notice.isVisible()


def test_what_was_said_of_one_run_is_not_said_of_another(view):
    train(view)
    view.begin("run 2", STARTED)
    view.show_failure("Training stopped in step 1.", "The steps were too large.")
    view.show_run("run 1")
    assert view._notice.isHidden()


def test_narrow_panels_show_one_plot_at_a_time(qtbot, view):
    view.resize(380, 260)
    train(view)
    assert [column.isVisible() for column in view._columns] == [True, False]
    loss, accuracy = view._switch.parts
    assert (loss.text(), accuracy.text()) == ("Loss", "Accuracy")
    assert (loss.isChecked(), accuracy.isChecked()) == (True, False)
    accuracy.click()
    assert (loss.isChecked(), accuracy.isChecked()) == (False, True)
    assert [column.isVisible() for column in view._columns] == [False, True]
    accuracy.click()
    assert [column.isVisible() for column in view._columns] == [False, True]
    loss.click()
    assert [column.isVisible() for column in view._columns] == [True, False]
    view.resize(800, 260)
    assert all(column.isVisible() for column in view._columns)


@pytest.mark.parametrize("width", [260, 380, 480, 700, 1200])
def test_the_newest_validation_figure_is_seen_whole_at_any_width(width, qtbot, view):
    view.resize(width, 260)
    train(view)
    settled(qtbot, view)
    assert [figure.text() for figure in view._figures] == ["validation 0.4", "validation 0.7"]
    for figure in view._figures:
        if figure.isVisible():
            qtbot.waitUntil(lambda figure=figure: figure.width() >= figure.sizeHint().width())
            assert view.rect().contains(figure.mapTo(view, figure.rect().bottomRight()))


def test_under_the_cursor_it_is_the_one_of_then(qtbot, view):
    train(view)
    settled(qtbot, view)
    view.data.epochs[-1] = Epoch(2, 100, 0.5, 0.6, 0.3, 0.8, 1.0, 10.0)
    view._plots[0].hovered.emit(60)
    assert view._figures[0].text() == "validation 0.4"
    view._plots[0].hovered.emit(20)
    assert view._figures[0].text() == ""
    view._plots[0].hovered.emit(None)
    assert view._figures[0].text() == "validation 0.3"


@pytest.mark.parametrize("width", [170, 380, 700])
@pytest.mark.parametrize("value", [0.25, 12.34, 123.4, 9876.5, 1.2e-7])
def test_the_value_at_the_lines_end_is_seen_whole(width, value, qtbot, view):
    view.resize(width, 260)
    train(view, n=200, loss=lambda step: value)
    settled(qtbot, view)
    plot = view._plots[0]
    label = plot._last.mapRectToScene(plot._last.boundingRect())
    assert label.right() <= plot.getViewBox().sceneBoundingRect().right() + 1


def test_no_width_is_asked_for_a_legend(qtbot, view):
    view.resize(700, 300)
    train(view)
    view.resize(300, 300)
    qtbot.waitUntil(lambda: view.minimumSizeHint().width() <= 260)


@pytest.mark.parametrize("width", [260, 380, 700])
def test_a_legend_is_whole_or_not_there(width, qtbot, view):
    view.resize(width, 260)
    train(view)
    settled(qtbot, view)
    assert view._legend.isVisible() == (width > 300)
    assert not view._legend.isVisible() or view._legend.width() >= view._legend.sizeHint().width()


class TestSaving:
    @pytest.fixture(autouse=True)
    def _asked(self, tmp_path, monkeypatch):
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / self.name), ""))

    def test_numbers(self, qtbot, view, tmp_path):
        train(view)
        self.name = "curves.csv"
        view.keeping.save_csv()
        lines = (tmp_path / "curves.csv").read_text().splitlines()
        assert len(lines) == 101
        assert lines[1].startswith("1,1,2,")

    def test_a_picture_twice_as_fine(self, qtbot, view, tmp_path):
        train(view)
        self.name = "curves.png"
        settled(qtbot, view)
        view.keeping.save_picture()
        image = QImage(str(tmp_path / "curves.png"))
        assert image.width() > 2 * view._plot_row.width()  # with its words
        colours = {
            image.pixelColor(x, y).name() for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)
        }
        assert theme.DARK.accent in colours

    def test_lines_of_an_svg_are_lines_and_its_texts_texts(self, qtbot, view, tmp_path):
        train(view)
        self.name = "curves.svg"
        settled(qtbot, view)
        view.keeping.save_picture()
        text = (tmp_path / "curves.svg").read_text()
        assert "<image" not in text
        assert ">loss by batch</text>" in text
        assert ">100</text>" in text  # of the axis
        assert theme.DARK.accent in text

    def test_a_folder_that_is_not_there_is_a_sentence(self, view, monkeypatch):
        train(view)
        said = []
        monkeypatch.setattr(QMessageBox, "warning", lambda *args: said.append(args[-1]))
        for self.name in ("nowhere/curves.csv", "nowhere/curves.png"):
            (view.keeping.save_csv if self.name.endswith("csv") else view.keeping.save_picture)()
        assert len(said) == 2
        assert all("nowhere" in text or "could not be" in text for text in said)


@pytest.mark.parametrize("look", ["dark", "light"])
def test_both_themes_draw_in_their_colours(qtbot, view, look):
    train(view)
    theme.set_theme(look)
    settled(qtbot, view)
    image = view._plots[0].grab().toImage()
    colours = colours_of(image)
    assert theme.current().panel in colours
    assert theme.current().accent in colours
    theme.set_theme("dark")


def test_why_a_run_could_not_start_goes_with_an_edit_though_earlier_runs_have_curves(view):
    session = Session(load_template("digits_cnn"))
    session.document_changed.connect(view.follow)
    train(view)
    view.show_failure("Training stopped in step 3.", "Try a smaller learning rate.")
    view.end()
    session.edit("a", set_training(session.document, {"epochs": 3}))
    assert view._notice.isVisible()  # it is about the curve that is drawn
    view.show_failure("The training could not start.", "There is no data set called digitz.")
    session.edit("b", set_training(session.document, {"epochs": 4}))
    assert not view._notice.isVisible()


@pytest.mark.parametrize("step", [2, 40, 100, 199])
def test_what_was_changed_is_written_within_the_plot(qtbot, view, step):
    view.resize(1000, 300)
    train(view, n=step)
    view.mark(Adjusted(step, Training(), (Adjustment("learning_rate", 0.001, 0.0005),), 4, 50))
    view.add_batches([Batch(s, 1 + s // 50, s % 50, 2 / s, min(1.0, s / 80), 8) for s in range(step + 1, 201)])
    settled(qtbot, view)
    view.grab()  # words follow their lines when they are painted
    for plot in view._plots:
        (line,) = plot._changes
        assert line.label.toPlainText() == "learning rate 0.001 → 0.0005"
        written = line.label.mapRectToScene(line.label.boundingRect())
        assert plot.getViewBox().sceneBoundingRect().contains(written)
