"""The workspaces: one window, arranged for what one does; the document and all that goes on stay as they are."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit

from core.graph.edits import set_config
from designer.session.preferences import SharedPreferences
from designer.strip import Word
from designer.window import panels
from designer.window.finding import bring_forward, findables
from designer.window.panels import PANELS, Panel, fronts, grouped
from designer.window.windows import Windows
from designer.window.workspaces import WORKSPACES

LARGE, MIDDLE, SMALL = (1600, 1000), (1280, 720), (960, 540)
BY_NAME = {workspace.name: workspace for workspace in WORKSPACES}
DATA, TRAIN = BY_NAME["data"], BY_NAME["train"]
FIRST_DESIGN = {panel.name for panel in PANELS if "design" in panel.places}
FIRST_TRAIN = {panel.name for panel in PANELS if "train" in panel.places}


def changed(panel, **places):
    """Return a panel that is at other places at first."""
    return replace(panel, places={**panel.places, **places})


def standing(window):
    """Return the names of the panels that are shown, whether they are in front or not."""
    return {name for name, dock in window.docks.items() if not dock.isHidden()}


def in_front(window):
    return {name for name in standing(window) if window.rect().intersects(window.docks[name].geometry())}


def part(window, title):
    return next(button for button in window.toolbar.switch.parts if button.text() == title)


def click(window, title):
    QTest.mouseClick(part(window, title), Qt.MouseButton.LeftButton)


def press(window, key):
    QTest.keyClick(window, key, Qt.KeyboardModifier.ControlModifier)


def found_titles(window):
    return [found.entry.text for found in findables(window.menuBar(), window.inspector, window.docks)]


def shown(window):
    (title,) = (button.text() for button in window.toolbar.switch.parts if button.isChecked())
    assert window.arrangement.workspace.title == title
    assert window.actions_by_id[f"workspace_{window.arrangement.workspace.name}"].isChecked()
    return title


class TestTable:
    def test_names_and_keys_are_told_apart(self):
        assert len(BY_NAME) == len(WORKSPACES)
        assert len({workspace.key for workspace in WORKSPACES}) == len(WORKSPACES)

    @pytest.mark.parametrize("workspace", WORKSPACES, ids=lambda workspace: workspace.name)
    def test_panels_stand_where_the_workspace_has_places(self, workspace):
        for form in workspace.forms:
            found = grouped(workspace, form)
            assert sorted(name for names in found.values() for name in names) == sorted(p.name for p in PANELS)
            assert not set(found) & set(form.joined)
            assert set(form.joined) | set(form.joined.values()) <= set(workspace.places)
        assert len({form.version for form in workspace.forms}) == len(workspace.forms)
        assert (workspace.forms[-1].width, workspace.forms[-1].height) == (0, 0)

    def test_a_window_as_small_as_can_be_has_one_panel_at_a_time_below_the_strip(self):
        for workspace in (DATA, TRAIN):
            assert list(grouped(workspace, workspace.form_for(*SMALL))) == ["centre"]


class TestSwitching:
    def test_a_click_shows_the_other_workspace(self, make_window):
        window = make_window(size=LARGE)
        assert shown(window) == "Design"
        assert window.canvas.isVisible()
        click(window, "Train")
        assert shown(window) == "Train"
        assert not window.canvas.isVisible()
        assert window.strip.isVisible()
        assert window.strip.height() == 56
        assert standing(window) == FIRST_TRAIN
        click(window, "Design")
        assert window.canvas.isVisible()
        assert not window.strip.isVisible()
        assert standing(window) == FIRST_DESIGN

    def test_so_do_the_keys(self, make_window):
        window = make_window(size=LARGE)
        press(window, Qt.Key.Key_3)
        assert shown(window) == "Train"
        press(window, Qt.Key.Key_1)
        assert shown(window) == "Design"

    def test_and_the_keyboard_reaches_the_switch(self, make_window):
        window = make_window(size=LARGE)
        button = part(window, "Train")
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
        assert button.accessibleName() == "Train workspace"
        button.setFocus()
        QTest.keyClick(button, Qt.Key.Key_Space)
        assert shown(window) == "Train"

    def test_a_workspace_without_a_panel_at_its_centre_is_not_offered(self, make_window, monkeypatch):
        aside = [changed(p, data="right") if p.places.get("data") == "centre" else p for p in PANELS]
        monkeypatch.setattr(panels, "PANELS", aside)
        window = make_window(size=LARGE)
        assert [button.text() for button in window.toolbar.switch.parts] == ["Design", "Train", "Inside"]
        assert not window.actions_by_id["workspace_data"].isVisible()
        press(window, Qt.Key.Key_2)
        assert shown(window) == "Design"
        assert "Data workspace" not in found_titles(window)

    def test_one_panel_there_brings_it_forth(self, make_window):
        window = make_window(size=LARGE)
        assert [button.text() for button in window.toolbar.switch.parts] == ["Design", "Data", "Train", "Inside"]
        press(window, Qt.Key.Key_2)
        assert shown(window) == "Data"
        assert standing(window) == {panel.name for panel in PANELS if "data" in panel.places}
        assert {"samples", "balance", "source", "checks"} <= in_front(window)
        assert "Data workspace" in found_titles(window)

    def test_document_undo_and_selection_stay(self, make_window):
        window = make_window(size=LARGE)
        session = window.session
        session.edit("set", set_config(session.document, "conv1", {"filters": 8}), select=["conv1"])
        document, report = session.document, session.report
        click(window, "Train")
        assert (session.document, session.report, session.selection) == (document, report, ("conv1",))
        assert session.report is report
        session.undo()
        click(window, "Design")
        assert window.canvas.scene.nodes["conv1"].content.shape == (28, 28, 6)

    def test_a_training_goes_on(self, make_window, qtbot):
        window = make_window(size=LARGE)
        window.train_bar.train_or_pause()
        qtbot.waitUntil(lambda: window.run.state == "running")
        click(window, "Train")
        click(window, "Design")
        click(window, "Train")
        with qtbot.waitSignal(window.run.epoch_ended):
            pass
        assert window.run.state == "running"

    def test_what_is_not_seen_asks_for_nothing(self, make_window, qtbot):
        window = make_window(size=LARGE)
        assert window.thumbnails.interest().maps
        click(window, "Train")
        assert "curves" in in_front(window)
        assert not in_front(window) & {"filters", "activations"}
        views = [window.thumbnails, window.panels["filters"], window.panels["activations"]]
        qtbot.waitUntil(lambda: not any(view.interest().maps or view.interest().kernels for view in views))
        click(window, "Design")
        qtbot.waitUntil(lambda: all(view.interest().maps or view.interest().kernels for view in views))

    def test_what_needs_the_drawing_is_not_offered_without_it(self, make_window):
        window = make_window(size=LARGE)
        click(window, "Train")
        for id in ("quick_add", "write_note", "zoom_in", "fit"):
            assert not window.actions_by_id[id].isEnabled()
        click(window, "Design")
        for id in ("quick_add", "write_note", "zoom_in", "fit"):
            assert window.actions_by_id[id].isEnabled()


class TestArrangement:
    def test_each_workspace_comes_back_to_its_own(self, make_window):
        window = make_window(size=LARGE)
        window.docks["history"].close()
        click(window, "Train")
        window.docks["problems"].close()
        window.docks["summary"].show()
        click(window, "Design")
        assert standing(window) == FIRST_DESIGN - {"history"}
        click(window, "Train")
        assert standing(window) == FIRST_TRAIN - {"problems"} | {"summary"}

    def test_the_round_trip_is_exact(self, make_window, qtbot):
        window = make_window(size=LARGE)
        qtbot.wait(50)

        def geometry():
            return {name: dock.geometry() for name, dock in window.docks.items() if name in in_front(window)}

        for _ in range(2):
            before = geometry()
            click(window, "Train")
            qtbot.wait(20)
            click(window, "Design")
            qtbot.wait(20)
            assert geometry() == before

    def test_it_is_found_again_at_the_next_start(self, make_window):
        preferences = SharedPreferences()
        window = make_window(Windows(preferences), LARGE)
        click(window, "Train")
        window.docks["problems"].close()
        window.session.mark_saved(None)
        window.close()
        window = make_window(Windows(SharedPreferences(preferences.now)), LARGE)
        assert shown(window) == "Design"
        assert "problems" in standing(window)
        click(window, "Train")
        assert "problems" not in standing(window)

    def test_a_panel_that_is_new_since_then_is_where_it_is_at_first(self, make_window, monkeypatch):
        preferences = SharedPreferences()
        window = make_window(Windows(preferences), LARGE)
        click(window, "Train")
        window.docks["problems"].close()
        window.session.mark_saved(None)
        window.close()
        doctor = Panel("test_doctor", "Doctor", {"train": "right"}, lambda _: QLabel("Doctor"))
        monkeypatch.setattr(panels, "PANELS", (*PANELS, doctor))
        window = make_window(Windows(SharedPreferences(preferences.now)), LARGE)
        assert "test_doctor" not in standing(window)
        click(window, "Train")
        assert standing(window) == FIRST_TRAIN - {"problems"} | {"test_doctor"}

    def test_resetting_one_leaves_the_others(self, make_window):
        window = make_window(size=LARGE)
        window.docks["history"].close()
        click(window, "Train")
        window.docks["problems"].close()
        window.docks["summary"].show()
        window.actions_by_id["reset_panels"].trigger()
        assert standing(window) == FIRST_TRAIN
        click(window, "Design")
        assert standing(window) == FIRST_DESIGN - {"history"}

    def test_every_panel_can_be_shown_in_any(self, make_window, qtbot):
        window = make_window(size=LARGE)
        click(window, "Train")
        for dock in window.docks.values():
            if dock.isHidden():
                dock.toggleViewAction().trigger()
        assert standing(window) == set(window.docks)
        palette = window.docks["palette"]
        palette.setFloating(True)
        assert palette.isFloating()
        click(window, "Design")
        assert not palette.isFloating()
        assert standing(window) == FIRST_DESIGN

    @pytest.mark.parametrize("size", [LARGE, MIDDLE, SMALL], ids="{0[0]}x{0[1]}".format)
    @pytest.mark.parametrize("workspace", [DATA, TRAIN], ids=lambda workspace: workspace.name)
    def test_a_small_window_has_fewer_places(self, make_window, qtbot, workspace, size):
        def n_places(size):
            form = workspace.form_for(*size)
            return len(fronts(workspace, grouped(workspace, form)))

        window = make_window(size=LARGE)
        window.show_workspace(workspace.name)
        qtbot.waitUntil(lambda: len(in_front(window)) == n_places(LARGE))
        window.resize(*size)
        qtbot.waitUntil(lambda: len(in_front(window)) == n_places(size))
        assert (window.width(), window.height()) == size
        window.resize(*LARGE)
        qtbot.waitUntil(lambda: len(in_front(window)) == n_places(LARGE))


class TestStrip:
    def test_it_shares_the_selection(self, make_window):
        window = make_window(size=LARGE)
        window.session.select(["conv2"])
        click(window, "Train")
        assert window.strip.current.id == "conv2"
        QTest.mouseClick(window.strip.viewport(), Qt.MouseButton.LeftButton, pos=window.strip.place_of("conv1"))
        assert window.session.selection == ("conv1",)

    def test_a_double_click_shows_the_layer_on_the_canvas(self, make_window):
        window = make_window(size=LARGE)
        click(window, "Train")
        place = window.strip.place_of("fc2")
        QTest.mouseClick(window.strip.viewport(), Qt.MouseButton.LeftButton, pos=place)
        QTest.mouseDClick(window.strip.viewport(), Qt.MouseButton.LeftButton, pos=place)
        assert shown(window) == "Design"
        assert window.session.selection == ("fc2",)
        node = window.canvas.scene.nodes["fc2"]
        assert window.canvas.view.visible_rect().contains(node.rect)


class TestWords:
    def test_in_data_the_input_says_how_the_data_fit(self, make_window, qtbot):
        window = make_window(size=LARGE)
        qtbot.waitUntil(lambda: window.session.readiness is not None)
        press(window, Qt.Key.Key_2)
        assert window.strip.row.cards["input"].word == Word("data fit", "ok")
        assert window.strip.row.cards["conv1"].word == Word("28×28×6")
        session = window.session
        session.edit("set", set_config(session.document, "fc3", {"units": 7}))
        troubled = Word("1 problem", "warning")
        qtbot.waitUntil(
            lambda: [i for i, card in window.strip.row.cards.items() if card.word == troubled] == ["softmax"]
        )
        press(window, Qt.Key.Key_3)
        assert window.strip.row.cards["input"].word == Word("28×28×1")

    def test_in_train_a_layer_says_what_was_found_in_it(self, make_window):
        window = make_window(size=LARGE)
        click(window, "Train")
        window.strip_words.set_checked({"conv1": "3 of 6 dead"})
        assert window.strip.row.cards["conv1"].word == Word("3 of 6 dead", "warning")
        window.strip_words.set_checked({})
        assert window.strip.row.cards["conv1"].word == Word("28×28×6")

    def test_what_a_run_suffers_from_is_said_before_what_checks_found(self, make_window):
        window = make_window(size=LARGE)
        click(window, "Train")
        window.strip_words.set_checked({"conv1": "dead", "fc1": "dead"})
        window.strip_words.set_found({"conv1": "3 of 6 dead"})
        cards = window.strip.row.cards
        assert [cards[id].word.text for id in ("conv1", "fc1")] == ["3 of 6 dead", "dead"]
        nodes = window.canvas.scene.nodes
        assert [nodes[id].badge for id in ("conv1", "fc1", "fc2")] == ["3 of 6 dead", "dead", ""]
        window.session.edit("set", set_config(window.session.document, "fc2", {"units": 7}))
        assert nodes["conv1"].badge == "3 of 6 dead"


class TestWhatSpeaksOfTheCanvas:
    def test_the_start_panel_and_the_tour_show_it(self, make_window):
        window = make_window(size=LARGE)
        for id in ("greet", "begin_tour"):
            click(window, "Train")
            window.actions_by_id[id].trigger()
            assert shown(window) == "Design"
        assert window.greeting.tour.at == 0
        click(window, "Train")
        assert window.greeting.tour.at == -1

    def test_the_focus_goes_to_the_strip_and_back(self, make_window):
        window = make_window(size=LARGE)
        window.canvas.view.setFocus()
        press(window, Qt.Key.Key_3)
        assert window.focusWidget() is window.strip
        press(window, Qt.Key.Key_1)
        assert window.focusWidget() is window.canvas.view

    @pytest.mark.parametrize("workspace", ["design", "data", "train", "inside"])
    def test_tab_goes_to_no_field_behind_another_panel(self, make_window, qtbot, workspace):
        window = make_window(size=LARGE)
        window.show_workspace(workspace)
        if workspace == "design":
            bring_forward(window.docks["code"])
        fields = window.inspector.findChildren(QLineEdit)
        qtbot.waitUntil(lambda: not any(field.isVisible() for field in fields), timeout=5000)
        bring_forward(window.docks["inspector"])
        qtbot.waitUntil(window.inspector.isVisible)

    def test_the_focus_goes_to_the_layers_of_inside_and_back(self, make_window):
        window = make_window(size=LARGE)
        window.canvas.view.setFocus()
        press(window, Qt.Key.Key_4)
        assert window.focusWidget() is window.panels["layers"].view
        press(window, Qt.Key.Key_1)
        assert window.focusWidget() is window.canvas.view
