"""No panel is wider than it needs to be because of what stands in it, and what has no room is said elsewhere."""

import numpy as np
import pytest

from core.graph.edits import rename_layer
from core.io.templates import load_template
from core.training.snapshots import Snapshot
from designer import theme
from designer.session import Session
from designer.views import ActivationsView, CurvesView, FiltersView
from designer.views.elided import ElidedLabel

LONG = "a" * 300
NARROW_PX = 300
KERNEL = np.ones((5, 5, 1, 6), np.float32)
MAPS = np.ones((28, 28, 6), np.float32)


@pytest.fixture(params=[FiltersView, ActivationsView])
def view(request, qtbot):
    theme.set_theme("dark")
    session = Session(load_template("lenet5"))
    widget = request.param(session)
    qtbot.addWidget(widget)
    widget.resize(NARROW_PX, 300)
    widget.show()
    return widget, session


def picture(id="conv1"):
    return Snapshot(3, {id: KERNEL}, {id: MAPS})


def test_a_long_name_is_no_reason_to_be_wide(view):
    widget, session = view
    session.edit("rename", rename_layer(session.document, "conv1", LONG))
    session.select([LONG])
    widget.show_snapshot(Snapshot(1))
    assert widget.minimumSizeHint().width() <= NARROW_PX
    assert LONG in widget.chooser.toolTip()
    assert widget.layer.id == LONG
    widget.show_snapshot(picture(LONG))
    assert widget.showing
    assert widget.minimumSizeHint().width() <= NARROW_PX


def test_the_reason_for_a_missing_picture_is_seen_whole(view):
    widget, session = view
    session.edit("rename", rename_layer(session.document, "conv1", LONG))
    session.select([LONG])
    widget.show_snapshot(Snapshot(1))
    title = widget._empty_title
    assert title.text().replace("\u200b", "").endswith(LONG)
    assert title.heightForWidth(title.width()) > 10 * title.fontMetrics().height()


def test_in_a_narrow_panel_what_is_shown_is_said_whole(view):
    widget, _ = view
    widget.set_origin("live")
    widget.show_snapshot(picture())
    assert widget.subtitle.seen_text == widget.subtitle.text()
    assert widget.subtitle.text().endswith("live")


def test_a_failure_with_a_long_name_does_not_widen_the_curves(qtbot):
    widget = CurvesView()
    qtbot.addWidget(widget)
    before = widget.minimumSizeHint().width()
    widget.show_failure("The training could not start.", f"{LONG}: its weights are not numbers.")
    assert widget.minimumSizeHint().width() <= max(before, NARROW_PX)


def test_a_label_is_cut_at_its_end_and_whole_in_the_tooltip(qtbot):
    label = ElidedLabel("6 of 28×28 · untrained")
    qtbot.addWidget(label)
    label.resize(60, 20)
    label.show()
    assert label.seen_text.endswith("…")
    assert label.toolTip() == "6 of 28×28 · untrained"
    label.resize(400, 20)
    assert label.seen_text == label.text()
    assert not label.toolTip()
