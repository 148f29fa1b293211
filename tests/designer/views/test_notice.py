"""What is said of a run below its curves: whole where there is room, and never more than its share."""

import pytest

from core.training.messages import Finding, Started
from designer.views.curves import NOTICE_SHARE, CurvesView

FOUND = Finding(
    "dead_relus",
    "advice",
    45,
    "All ReLUs of l3 and l5 are dead since batch 16: they give 0 for each of 22 samples looked at.",
    "Start over with a smaller learning rate, or use LeakyReLU, which cannot die.",
)


@pytest.fixture
def view(qtbot):
    widget = CurvesView()
    qtbot.addWidget(widget)
    widget.resize(500, 240)
    widget.show()
    qtbot.waitUntil(lambda: len(widget._plots) == 2)
    widget.begin("run 1", Started(1, 9, 8, 2, 1))
    return widget


@pytest.mark.parametrize("size", [(330, 150), (500, 240), (900, 500)])
def test_the_chart_keeps_its_place_and_most_of_the_height(view, qtbot, size):
    view.resize(*size)
    top = view._plot_row.mapTo(view, view._plot_row.rect().topLeft()).y()
    view.show_finding(FOUND)
    qtbot.waitUntil(lambda: view._notice.geometry().height() > 10)
    assert view._plot_row.mapTo(view, view._plot_row.rect().topLeft()).y() == top
    assert view._notice.height() <= max(view.height() // NOTICE_SHARE, 34)
    assert view._notice.geometry().top() >= view._plot_row.geometry().bottom()
    assert FOUND.what in view._notice.toolTip().replace("\n", " ")


def test_it_is_whole_where_there_is_room_and_one_line_where_not(view):
    view.resize(900, 500)
    view.show_finding(FOUND)
    assert view._notice.is_whole
    view.resize(330, 150)
    assert not view._notice.is_whole


def test_the_newest_stays_until_the_next_run(view):
    view.show_finding(FOUND)
    view.show_failure("Training stopped in step 80: it diverged.", "Start over.")
    assert view._notice.what == "Training stopped in step 80: it diverged."
    view.begin("run 2", Started(1, 9, 8, 2, 1))
    assert not view._notice.what
    assert not view._notice.isVisible()
