"""The menu bar: every action is behind a word that can be seen, and keys alone reach it."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest

from designer.window.actions import ACTIONS

Key = Qt.Key


def plain(text):
    return text.replace("&", "")


def titles(window):
    return [plain(action.text()) for action in window.menuBar().actions()]


def test_the_menus_stand_in_a_bar_that_is_seen(window):
    assert window.menuBar().isVisible()
    assert titles(window) == ["File", "Edit", "View", "Layers", "Arrange", "Train", "Help"]


def test_every_action_is_in_the_menu_that_the_table_names(window):
    for spec in ACTIONS:
        assert window.actions_by_id[spec.id] in window.menus[spec.menu].actions(), spec.id


def test_what_changes_is_in_the_menus_too(window):
    shown = {plain(action.text()) for menu in window.menus.values() for action in menu.actions() if action.menu()}
    assert {"Open recent", "Panels", "Tint cards by", "Theme", "Align"} <= shown


@pytest.mark.parametrize(
    ("key", "title"),
    [(Key.Key_F, "File"), (Key.Key_E, "Edit"), (Key.Key_V, "View"), (Key.Key_L, "Layers"), (Key.Key_A, "Arrange")],
)
def test_alt_and_a_letter_open_a_menu(key, title, window, qtbot):
    QTest.keyClick(window, key, Qt.KeyboardModifier.AltModifier)
    menu = window.menus[title]
    qtbot.waitUntil(menu.isVisible)
    menu.close()


def test_no_two_menus_have_the_same_letter(window):
    letters = [action.text()[action.text().index("&") + 1].casefold() for action in window.menuBar().actions()]
    assert len(set(letters)) == len(letters)


def test_only_this_programs_own_about_goes_to_the_place_that_macos_has_for_it(window):
    roles = {id: action.menuRole() for id, action in window.actions_by_id.items()}
    assert roles["show_about"] == QAction.MenuRole.AboutRole
    assert roles["quit"] == QAction.MenuRole.QuitRole
    assert roles["kind_help"] == QAction.MenuRole.NoRole


def test_the_bar_leaves_a_small_window_its_room(make_window):
    window = make_window(size=(1280, 720))
    assert window.menuBar().height() <= 26
    assert window.height() <= 720
