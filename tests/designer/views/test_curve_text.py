"""Nothing that is written in a plot of curves is cut: the numbers at its axes, and the value at the end of the line."""

import pytest
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QWidget

from core.training.messages import Batch, Started
from designer import theme
from designer.views.curve_data import CurveData
from designer.views.curve_plot import CurvePlot

LOSSES = {
    "falling": lambda step: 2.3 / step,
    "tiny": lambda step: 2 * 0.6**step + 1.9e-10,
    "huge": lambda step: 41234.5 * step,
    "diverged": lambda step: 2.5 * 9.0 ** min(step, 30),
    "nothing": lambda step: 0.0,
    "flat": lambda step: 2.3026,
}


@pytest.fixture
def plot(qtbot, request):
    theme.set_theme("dark")
    window = QWidget()
    qtbot.addWidget(window)  # closed by itself, a plot would lose its lines before it hears of the theme no more
    made = CurvePlot("loss", window)
    for widget in (window, made):
        widget.resize(*request.param)
    with qtbot.waitExposed(window):
        window.show()
    yield made
    window.close()


def train(loss, total=400, n=400):
    data = CurveData(Started(4, 50, total, 40, 1), "run 1")
    data.add_batches([Batch(step, 1, step, loss(step), 0.97, 8) for step in range(1, n + 1)])
    return data


@pytest.mark.parametrize("plot", [(200, 110), (320, 150), (700, 300)], indirect=True, ids=str)
@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
class TestText:
    def test_the_numbers_at_the_left_have_room(self, plot, loss, log, qtbot):
        plot.show_data(train(loss))
        plot.set_log(log)
        qtbot.wait(10)
        axis, box = plot._axes["left"], plot.getViewBox()
        for spacing, values in axis.tickValues(*box.viewRange()[1], box.height()):
            for text in axis.tickStrings(values, 1.0, spacing):
                width = QFontMetrics(theme.font(11)).horizontalAdvance(text)
                assert width + axis.style["tickTextOffset"][0] <= axis.width(), text
                assert "-" not in text

    def test_the_value_at_the_end_is_in_the_plot(self, plot, loss, log, qtbot):
        plot.set_log(log)
        plot.show_data(train(loss))
        qtbot.wait(10)
        if plot._last.isVisible():
            inside = plot.getViewBox().sceneBoundingRect().adjusted(-1, -1, 1, 1)
            assert inside.contains(plot._last.sceneBoundingRect())

    def test_it_is_so_too_where_the_user_has_zoomed_to_the_end(self, plot, loss, log, qtbot):
        plot.set_log(log)
        plot.show_data(train(loss))
        plot.getViewBox().setXRange(380, 401, padding=0)
        plot._on_zoomed()
        if plot._last.isVisible():
            inside = plot.getViewBox().sceneBoundingRect()
            label = plot._last.sceneBoundingRect()
            assert inside.left() - 1 <= label.left()
            assert label.right() <= inside.right() + 1


@pytest.mark.parametrize("plot", [(340, 220)], indirect=True)
def test_numbers_of_thirty_digits_are_written_by_their_power_of_ten(plot, qtbot):
    plot.show_data(train(LOSSES["diverged"]))
    qtbot.wait(10)
    axis, box = plot._axes["left"], plot.getViewBox()
    texts = axis.tickStrings(axis.tickValues(*box.viewRange()[1], box.height())[0][1], 1.0, 1.0)
    assert max(map(len, texts)) <= 8, texts
    assert len(plot._end) <= 5
    assert axis.width() < plot.width() / 4


@pytest.mark.parametrize("plot", [(340, 140), (700, 300)], indirect=True, ids=str)
@pytest.mark.parametrize("measure", ["loss", "accuracy"])
def test_names_of_earlier_runs_are_whole_and_hide_nothing(plot, measure, qtbot):
    plot.measure = measure
    runs = [train(LOSSES["falling"], n=n) for n in (90, 140, 100)]
    plot.show_data(runs[-1], runs[:-1])
    qtbot.wait(10)
    names = [name for _, name in plot._earlier_items if name.isVisible()]
    rects = [name.sceneBoundingRect() for name in (*names, plot._last)]
    inside = plot.getViewBox().sceneBoundingRect().adjusted(-1, -1, 1, 1)
    assert names
    assert all(inside.contains(rect) for rect in rects)
    assert not any(one.intersects(other) for n, one in enumerate(rects) for other in rects[:n])


@pytest.mark.parametrize("plot", [(340, 140)], indirect=True)
@pytest.mark.parametrize("measure", ["loss", "accuracy"])
def test_what_was_changed_does_not_cover_the_value_at_the_end(plot, measure, qtbot):
    plot.measure = measure
    data = train(LOSSES["falling"], n=120)
    data.changes.append((100, "learning rate 0.001 → 0.002"))
    plot.show_data(data)
    qtbot.wait(10)
    plot.grab()
    label = plot._changes[0].label
    assert not label.sceneBoundingRect().intersects(plot._last.sceneBoundingRect())
