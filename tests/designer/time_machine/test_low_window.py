"""Two moments one above the other in a low window: layers are seen whole, and what gave way comes back."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.designer.time_machine.moments import STEP, pair_of


@pytest.fixture
def low(qtbot, trained):
    trained.resize(1280, 720)
    trained.show_workspace("inside")
    qtbot.waitUntil(lambda: trained.inside.look is not None and trained.inside.look.is_whole)
    return trained


def compare(qtbot, window):
    window.time_machine.look_at(list(window.time_machine.course.ticks)[STEP])
    QTest.keyClick(window, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    pair = pair_of(qtbot, window, "layers")
    qtbot.waitUntil(lambda: pair.twin.view.columns != ())
    return pair


def test_compared_layers_are_seen_whole(qtbot, low):
    pair = compare(qtbot, low)
    views = [panel.view for panel in (pair.twin, pair.panel)]
    qtbot.waitUntil(lambda: all(view.height() >= view.sizeHint().height() for view in views))
    for view in views:
        assert view.verticalScrollBar().maximum() == 0
        shown = [cell for spot in view.visible_spots() for cell in spot.cells]
        assert shown
        assert max(cell.bottom() for cell in shown) <= view.viewport().height()
    assert [room.verticalScrollBar().maximum() for room in pair._rooms] == [0, 0]
    assert low.docks["arithmetic"].height() >= 100  # it gave way, and is still there


def test_what_gave_way_comes_back(qtbot, low):
    heights = [low.docks[name].height() for name in ("layers", "arithmetic")]
    compare(qtbot, low)
    qtbot.waitUntil(lambda: low.docks["arithmetic"].height() < heights[1])
    low.time_machine.compare()
    qtbot.waitUntil(lambda: abs(low.docks["arithmetic"].height() - heights[1]) <= 16)  # but for what its page asks for
    assert abs(low.docks["layers"].height() - heights[0]) <= 16


def test_moments_are_named_in_the_headings(qtbot, low):
    pair = compare(qtbot, low)
    for panel, name in zip((pair.twin, pair.panel), pair.names, strict=True):
        assert name.parent() is panel._page
        assert name.isVisible()
        assert panel.readout.text() == "Click a value to see where it comes from."
    assert not pair.twin.choices.isVisible()  # what is chosen below holds for both
    assert pair.panel.choices.isVisible()
    panel = pair.panel
    low.time_machine.compare()
    assert panel.readout.text().startswith("run 1")
    assert panel.choices.isVisible()
