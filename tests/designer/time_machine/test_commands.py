"""Comparing by the menu, by its key and by Ctrl+K, and why it cannot be done where it cannot."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

Key, Shift, Ctrl = Qt.Key, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def actions(trained):
    return [trained.actions_by_id[id] for id in ("compare_moments", "subtract_moments")]


def test_without_moments_the_menu_says_why_not(make_window):
    window = make_window()
    for id, title in (("compare_moments", "Compare with…"), ("subtract_moments", "Show B − A")):
        action = window.actions_by_id[id]
        assert action in window.menus["Train"].actions()
        assert not action.isEnabled()
        assert action.text() == f"{title} (no moments are kept yet: they are while a run trains)"
    QTest.keyClick(window, Key.Key_C, Ctrl | Shift)
    assert window.time_machine.moments is None


def test_a_key_begins_and_ends_comparing(trained, actions):
    window, (compare, subtract) = trained, actions
    assert (compare.text(), compare.isEnabled()) == ("Compare with…", True)
    assert subtract.text() == "Show B − A (compare two moments first)"
    assert not subtract.isEnabled()
    window.time_machine.look_at(0)
    QTest.keyClick(window, Key.Key_C, Ctrl | Shift)
    assert (window.time_machine.moments.a, window.time_machine.moments.b) == (0, 0)
    assert (compare.text(), subtract.text(), subtract.isEnabled()) == ("End comparing", "Show B − A", True)
    subtract.trigger()
    assert window.time_machine.moments.is_difference
    assert subtract.text() == "Show A and B"
    QTest.keyClick(window, Key.Key_C, Ctrl | Shift)
    assert window.time_machine.moments is None


def test_from_a_workspace_without_the_slider_it_is_shown_where_it_is_seen(qtbot, trained):
    trained.show_workspace("design")
    QTest.keyClick(trained, Key.Key_C, Ctrl | Shift)
    assert trained.time_machine.moments is not None
    assert trained.arrangement.workspace.name == "train"
    assert trained.time_bar.isVisible()


def test_typing_what_changed_finds_it(qtbot, trained):
    trained.time_machine.compare()
    QTest.keyClick(trained, Key.Key_K, Ctrl)
    finder = trained.command_palette.finder
    qtbot.waitUntil(finder.isVisible)
    QTest.keyClicks(finder.field, "what changed")
    QTest.keyClick(finder.field, Key.Key_Return)
    qtbot.waitUntil(lambda: trained.time_machine.moments.is_difference)
