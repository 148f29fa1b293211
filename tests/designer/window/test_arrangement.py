"""Panels are arranged as fits the window, follow its size, and come back to what the user has made of them."""

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest

from designer.session.preferences import SharedPreferences
from designer.window.docks import foldable_in
from designer.window.panels import PANELS
from designer.window.rails import RAIL_PX
from designer.window.windows import Windows

LARGE, MIDDLE, SMALL = (1600, 1000), (1280, 720), (1024, 640)
BELOW = {panel.name for panel in PANELS if panel.places.get("design", "").startswith("below")}


@pytest.fixture
def at(make_window, qtbot):
    """Return a function that gives the window another size, and waits until the panels have followed."""
    made = {}

    def resize(size, windows=None):
        if "window" not in made or windows is not None:
            made["window"] = make_window(windows, size)
        window = made["window"]
        window.resize(*size)
        qtbot.wait(60)
        assert (window.width(), window.height()) == size
        return window

    return resize


def columns(window):
    """Return the names of the panels that share their tabs, column by column from the left."""
    docks = {dock: name for name, dock in window.docks.items()}
    groups = {
        frozenset([name, *(docks[other] for other in window.tabifiedDockWidgets(window.docks[name]))]) for name in BELOW
    }
    return sorted(groups, key=len)


def folded(window):
    return {name for name, dock in window.docks.items() if (holder := foldable_in(dock)) and holder.folded}


def in_front(window):
    return {name for name in BELOW if window.rect().intersects(window.docks[name].geometry())}


def test_a_low_window_has_one_row_of_tabs_below_the_canvas(at):
    assert columns(at(MIDDLE)) == [BELOW]


@pytest.mark.parametrize(("size", "n"), [(LARGE, 3), ((1400, 1000), 2), (MIDDLE, 1), (SMALL, 1)])
def test_the_columns_follow_the_size_and_come_back(at, size, n):
    assert len(columns(at(LARGE))) == 3
    assert len(columns(at(size))) == n
    assert len(columns(at(LARGE))) == 3


def test_in_a_slim_window_the_sides_are_rails_that_a_click_opens(at):
    window = at(SMALL)
    assert folded(window) == {"palette", "inspector"}
    assert window.docks["palette"].width() == window.docks["inspector"].width() == RAIL_PX
    wide = window.canvas.width()
    rail = foldable_in(window.docks["inspector"]).rail
    QTest.mouseClick(rail, Qt.MouseButton.LeftButton)
    assert window.inspector.isVisible()
    assert window.inspector.width() >= window.inspector.minimumWidth()
    assert window.canvas.width() < wide
    QTest.mouseClick(rail, Qt.MouseButton.LeftButton)
    assert folded(window) == {"palette", "inspector"}
    assert not folded(at(LARGE))
    assert not rail.isVisible()


def test_searching_the_palette_opens_its_rail(at, qtbot):
    window = at(SMALL)
    window.actions_by_id["search_layers"].trigger()
    assert folded(window) == {"inspector"}
    assert window.focusWidget() is window.palette_panel.search


def test_opening_one_rail_folds_the_other(at):
    window = at(SMALL)
    foldable_in(window.docks["inspector"]).unfold()
    foldable_in(window.docks["palette"]).unfold()
    assert folded(window) == {"inspector"}


def test_the_tour_opens_what_it_points_at(at):
    window = at(SMALL)
    window.greeting.begin_tour()
    tour = window.greeting.tour
    for open_one in (set(), set(), {"inspector"}, {"palette"}):
        assert {"palette", "inspector"} - folded(window) == open_one
        target = tour._callout.target
        assert target.isVisible()
        assert tour._highlight.geometry().contains(QRect(target.mapTo(window, QPoint(0, 0)), target.size()))
        tour.go_on()


def test_what_was_in_front_stays_in_front(at):
    window = at(LARGE)
    window.docks["summary"].raise_()
    at(LARGE)
    assert in_front(window) == {"summary", "filters", "activations"}
    assert in_front(at(MIDDLE)) == {"summary"}
    window.docks["activations"].raise_()
    assert in_front(at(MIDDLE)) == {"activations"}
    assert in_front(at(LARGE)) == {"summary", "filters", "activations"}


def test_what_the_user_arranged_hid_or_set_free_is_found_again(at):
    window = at(LARGE)
    window.tabifyDockWidget(window.docks["curves"], window.docks["activations"])
    window.docks["history"].close()
    window.docks["outline"].setFloating(True)
    own = at(LARGE) and columns(window)
    at(MIDDLE)
    assert window.docks["history"].isHidden()
    assert window.docks["outline"].isFloating()
    at(LARGE)
    assert columns(window) == own
    assert window.docks["history"].isHidden()
    assert window.docks["outline"].isFloating()


def test_every_shape_of_the_window_is_remembered_from_start_to_start(at):
    preferences = SharedPreferences()
    window = at(LARGE, Windows(preferences))
    window.docks["history"].close()
    window.tabifyDockWidget(window.docks["curves"], window.docks["activations"])
    own = at(LARGE) and columns(window)
    window.session.mark_saved(None)
    at(SMALL)
    window.docks["problems"].close()
    window.close()
    assert preferences.now.arrangement
    window = at(SMALL, Windows(SharedPreferences(preferences.now)))
    assert window.docks["problems"].isHidden()
    at(LARGE)
    assert columns(window) == own
    assert not window.docks["problems"].isHidden()


@pytest.mark.parametrize("damaged", ["00ff", "zz", "9:00ff", "0:", ":", "1:2:3", "\ud800"])
def test_a_damaged_arrangement_is_left_out(at, damaged):
    preferences = SharedPreferences()
    preferences.change(type(preferences.now)(arrangement=damaged))
    assert len(columns(at(LARGE, Windows(preferences)))) == 3


def test_putting_all_back_does_so_in_every_size(at):
    window = at(SMALL)
    window.docks["curves"].setFloating(True)
    window.docks["problems"].close()
    window.actions_by_id["reset_panels"].trigger()
    assert columns(window) == [BELOW]
    at_first = {panel.name for panel in PANELS if "design" in panel.places}
    assert {name for name, dock in window.docks.items() if not dock.isHidden()} == at_first
