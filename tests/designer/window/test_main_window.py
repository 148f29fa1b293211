"""The window around the parts: panels come back, files are found again, nothing is cut off in a small window."""

import pytest
from PySide6.QtCore import QRegularExpression, Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QMenu, QMessageBox, QToolButton

from core.graph.edits import set_config, set_name, set_training
from core.io.documents import load
from core.version import __version__
from designer import theme
from designer.canvas.commands.selection import delete_selection
from designer.session.preferences import Preferences, SharedPreferences, load_preferences
from designer.window.panels import PANELS
from designer.window.windows import Windows

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def make(make_window):
    def show(preferences=None, size=(1600, 1000)):
        return make_window(Windows(SharedPreferences(preferences)), size)

    return show


def submenu(window, menu, title):
    menus = window.menus[menu].findChildren(QMenu, options=Qt.FindChildOption.FindDirectChildrenOnly)
    return next(found for found in menus if found.title() == title)


def dot(verdict):
    """The colour of the dot before the verdict's words."""
    picture = verdict.grab().toImage()
    scale = picture.devicePixelRatio()
    return picture.pixelColor(round(16 * scale), picture.height() // 2).name()


def entries(menu):
    menu.aboutToShow.emit()
    return {action.text(): action for action in menu.actions()}


class TestPanels:
    def test_a_closed_panel_comes_back_by_the_menu(self, make):
        window = make()
        for dock in window.docks.values():
            dock.close()
        panels = entries(submenu(window, "View", "Panels"))
        assert set(panels) == {panel.title for panel in PANELS}
        for action in panels.values():
            assert action.isEnabled()
            action.trigger()
        assert not any(dock.isHidden() for dock in window.docks.values())

    def test_all_go_back_to_where_they_were(self, make, qtbot):
        window = make()
        window.docks["filters"].setFloating(True)
        window.docks["palette"].close()
        window.tabifyDockWidget(window.docks["curves"], window.docks["activations"])
        window.actions_by_id["reset_panels"].trigger()
        assert not any(dock.isFloating() for dock in window.docks.values())
        assert not any(window.docks[panel.name].isHidden() for panel in PANELS if "design" in panel.places)
        assert window.tabifiedDockWidgets(window.docks["curves"]) == [
            window.docks["problems"],
            window.docks["summary"],
            window.docks["explain"],
            window.docks["history"],
        ]
        beside = [panel.name for panel in PANELS if panel.places.get("design") == "below right"]
        tabbed = window.tabifiedDockWidgets(window.docks["activations"])
        assert tabbed == [window.docks[name] for name in beside if name != "activations"]

    def test_the_buttons_of_a_title_bar_say_what_they_do(self, make):
        buttons = make().docks["activations"].findChildren(QAbstractButton, QRegularExpression("^qt_dockwidget"))
        assert {button.toolTip() for button in buttons} == {
            "Move the panel out of the window, or back into it",
            "Close the panel; View › Panels shows it again",
        }

    def test_a_title_bar_never_repeats_its_tab(self, make, qtbot):
        window = make()
        tabbed = [window.docks[name] for name in ("curves", "problems", "summary", "explain", "history")]
        for dock in tabbed:
            dock.close()
        window.docks["problems"].show()
        qtbot.waitUntil(lambda: window.docks["problems"].titleBarWidget() is None)
        for dock in tabbed:
            dock.show()
        qtbot.waitUntil(lambda: all(dock.titleBarWidget() is not None for dock in tabbed))


class TestSmallWindows:
    @pytest.mark.parametrize("width", [1024, 1366, 1600])
    def test_training_and_verdict_are_always_in_sight(self, make, qtbot, width):
        window = make(size=(width, 700))
        assert window.width() == width
        for part in (window.datasets, window.train_bar, window.verdict):
            assert part.isVisible()
            assert window.toolbar.rect().contains(part.geometry())

    def test_undo_is_in_the_bar_of_a_small_window(self, make):
        window = make(size=(1024, 700))
        buttons = {button.defaultAction() for button in window.toolbar.findChildren(QToolButton) if button.isVisible()}
        assert {window.actions_by_id[id] for id in ("undo", "redo")} <= buttons

    def test_what_is_left_out_stays_in_the_menu_and_on_its_key(self, make):
        window = make(size=(1024, 700))
        for id in ("undo", "arrange"):
            assert window.actions_by_id[id].isVisible()
            assert window.actions_by_id[id] in window.actions()

    def test_the_palette_is_legible_after_the_window_was_small(self, make, qtbot):
        window = make()
        window.resize(1024, 700)
        qtbot.waitUntil(lambda: window.width() == 1024)
        assert window.palette_panel.width() >= 160

    def test_a_long_name_of_a_data_set_does_not_widen_the_bar(self, make):
        window = make()
        before = window.minimumSizeHint().width()
        name = f"/data/{'very-' * 60}long-images-idx3-ubyte"
        window.session.edit("choose data set", set_training(window.session.document, {"dataset": name}))
        assert window.datasets.sizeHint().width() < 240
        assert name in window.datasets.toolTip()
        assert window.minimumSizeHint().width() <= before + 100


class TestFiles:
    def test_recent_files_open_from_the_menu(self, make, tmp_path):
        window = make()
        paths = [tmp_path / "one.json", tmp_path / "two.json", tmp_path / "other" / "two.json"]
        paths[2].parent.mkdir()
        for path in paths:
            window.session.mark_saved(path)
            assert window.files.save()
        recent = entries(submenu(window, "File", "Open recent"))
        assert list(recent) == ["two.json – other", f"two.json – {tmp_path.name}", "one.json"]
        assert recent["one.json"].toolTip() == str(paths[0])
        recent["one.json"].trigger()
        assert window.session.path == paths[0]

    def test_without_any_the_menu_says_so(self, make):
        (entry,) = entries(submenu(make(), "File", "Open recent")).values()
        assert entry.text() == "No files yet"
        assert not entry.isEnabled()

    def test_a_recent_file_that_is_gone_is_named(self, make, tmp_path, monkeypatch):
        said = []
        monkeypatch.setattr(QMessageBox, "warning", lambda *arguments: said.append(arguments[-1]))
        window = make(Preferences(recent=(str(tmp_path / "gone.json"),)))
        entries(submenu(window, "File", "Open recent"))["gone.json"].trigger()
        assert "gone.json" in said[0]

    @pytest.mark.parametrize(("typed", "written"), [("net", "net.json"), ("net.v2", "net.v2.json")])
    def test_a_saved_file_has_the_ending_that_open_looks_for(self, make, tmp_path, monkeypatch, typed, written):
        window = make()
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / typed), ""))
        assert window.files.save()
        assert load(tmp_path / written) == window.session.document

    def test_a_file_that_the_dialog_did_not_see_is_not_replaced_unasked(self, make, tmp_path, monkeypatch):
        (tmp_path / "net.json").write_text("mine", encoding="utf-8")
        window = make()
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "net"), ""))
        monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.No)
        assert not window.files.save()
        assert (tmp_path / "net.json").read_text(encoding="utf-8") == "mine"
        assert window.session.path is None


class TestOpeningAnother:
    def test_a_run_ends_with_the_document_it_belongs_to(self, make, qtbot, monkeypatch):
        monkeypatch.setattr(QMessageBox, "exec", lambda _: QMessageBox.StandardButton.Discard)
        window = make()
        with qtbot.waitSignal(window.run.batches, timeout=20_000):
            window.train_bar.train_or_pause()
        with qtbot.waitSignal(window.run.finished, timeout=20_000):
            window.files.open_template("mlp")
        assert window.run.state == "idle"

    def test_what_was_said_of_the_other_document_goes(self, make):
        window = make()
        window.run.failed.emit("The training could not start.", "digits has 10 classes.")
        assert window.statusBar().currentMessage()
        assert not window.panels["curves"]._notice.isHidden()
        window.files.new()
        assert not window.statusBar().currentMessage()
        assert window.panels["curves"]._notice.isHidden()

    def test_cards_do_not_show_maps_of_another_document(self, make, qtbot):
        window = make()
        shown = []
        qtbot.waitUntil(lambda: bool(window.thumbnails._maps), timeout=20_000)
        window.canvas.set_maps = shown.append
        window.session.open(set_name(window.session.document, "another"), None)
        assert shown[0] == {}


class TestActions:
    def test_delete_is_offered_for_a_chosen_wire(self, make):
        window = make()
        delete: QAction = window.actions_by_id["delete_selection"]
        assert not delete.isEnabled()
        window.canvas.view.selection.choose_wires([("conv2", 0)])
        window.menus["Edit"].aboutToShow.emit()
        assert delete.isEnabled()
        delete.trigger()
        assert window.session.undo_label == "disconnect pool1 from conv2"

    def test_menu_and_tooltip_name_the_step(self, make):
        window = make()
        window.session.select(["relu1"])
        window.actions_by_id["delete_selection"].trigger()
        assert window.actions_by_id["undo"].text() == "Undo delete relu1"
        assert window.actions_by_id["undo"].toolTip() == "Undo delete relu1 (Ctrl+Z)"
        window.actions_by_id["undo"].trigger()
        assert window.actions_by_id["redo"].text() == "Redo delete relu1"
        assert window.actions_by_id["undo"].text() == "Undo"

    def test_a_fix_is_named_with_its_layer(self, make):
        window = make()
        window.canvas.view.selection.choose_wires([("conv2", 0)])
        delete_selection(window.canvas)
        (problem,) = window.session.report.errors
        window.session.apply_fix(problem.fixes[0])
        assert window.session.undo_label == "fix conv2: connect pool1 to it"

    def test_the_page_of_shortcuts_has_all_keys_and_fits_the_screen(self, make):
        shown = []

        def look():
            page = QApplication.activeModalWidget()
            assert page.height() < page.screen().availableSize().height()
            shown.append(page.page.toPlainText())
            page.reject()

        window = make()
        QTimer.singleShot(300, look)
        QTest.keyClick(window, Qt.Key.Key_F1)
        assert "\nAlign: Wires\nCtrl+Shift+M" in shown[0]
        assert "\nRename the layer; write the note\nF2" in shown[0]
        assert "\nSpace+drag, middle button" in shown[0]  # words are not broken anywhere to fit
        assert "In the time machine" in shown[0]

    def test_about_says_the_version_and_the_licence(self, make, monkeypatch):
        pages = []
        monkeypatch.setattr(QMessageBox, "exec", lambda box: pages.append(box.text()))
        make().actions_by_id["show_about"].trigger()
        assert f"Convograph {__version__}" in pages[0]
        assert "Apache License 2.0" in pages[0]


def test_the_choice_of_advice_is_remembered_for_the_next_start(make, qtbot):
    window = make()
    window.session.set_advice(window.session.advice - {"FILTER-EVEN"} | {"FILTERS-COUNT"})
    assert "Advice menu" not in window.statusBar().currentMessage()
    window.session.set_advice(window.session.advice - {"POOL-LARGE"})
    assert "Advice menu" in window.statusBar().currentMessage()
    assert window.preferences.now.switched == {"FILTER-EVEN": False, "FILTERS-COUNT": True, "POOL-LARGE": False}
    window.preferences.save()
    again = make(load_preferences())
    assert again.session.advice == window.session.advice


def test_a_budget_turns_the_verdict_while_one_draws_and_is_remembered(make, qtbot):
    window = make()
    row = window.inspector.document_page.budget.form.rows["parameters"]
    row.editor.setFocus()
    qtbot.keyClicks(row.editor, "50k")
    assert window.session.budget.parameters == 50_000
    assert window.verdict.text() == "Over budget"
    assert "11,706 more than 50,000" in window.verdict.toolTip()
    assert dot(window.verdict) == theme.current().error
    session = window.session
    session.edit("narrow", set_config(session.document, "fc1", {"units": 60}))
    assert window.verdict.text() == "Valid"
    assert dot(window.verdict) == theme.current().ok
    session.undo()
    assert window.verdict.text() == "Over budget"
    again = make(window.preferences.now)
    assert again.verdict.text() == "Over budget"
    assert again.inspector.document_page.budget.form.rows["parameters"].editor.text() == "50000"


def test_the_theme_is_chosen_in_the_menu_and_remembered(make, qtbot):
    theme.set_theme("dark")
    window = make()
    menu = submenu(window, "View", "Theme")
    menu.aboutToShow.emit()
    assert [(action.text(), action.isChecked()) for action in menu.actions()] == [
        ("Dark", True),
        ("Light", False),
        ("High contrast", False),
        ("As the system", False),
    ]
    menu.actions()[3].trigger()
    assert theme.choice() == "system"
    assert window.preferences.now.theme == "system"
    menu.actions()[0].trigger()
    assert theme.current().is_dark


def test_buttons_of_the_toolbar_can_be_pressed_when_their_actions_can(make):
    window = make()

    def differing():
        found = window.toolbar.findChildren(QToolButton)
        buttons = [button for button in found if button.defaultAction() and not button.isHidden()]
        return [b.defaultAction().text() for b in buttons if b.isEnabled() != b.defaultAction().isEnabled()]

    assert not window.actions_by_id["undo"].isEnabled()
    assert not differing()
    window.resize(700, 720)  # some are left out
    window.resize(1600, 720)  # and come back
    assert not differing()
    window.session.edit("set", set_config(window.session.document, "conv1", {"filters": 9}))
    assert window.actions_by_id["undo"].isEnabled()
    assert not differing()
