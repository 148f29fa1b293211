"""Finding by typing: layers to add, kinds to replace by, layers that are there, and anything at all."""

import pytest
from PySide6.QtCore import QPoint, Qt

from core.graph.edits import set_config
from core.graph.values import layers_by_id
from core.io.documents import save
from designer.session.preferences import load_preferences

Key = Qt.Key


@pytest.fixture
def finder(window):
    return window.command_palette.finder


def texts(finder):
    return [entry.text for entry in finder.rows.rows]


def graph(window):
    return layers_by_id(window.session.document.graph)


def saved(window, path):
    save(window.session.document, path)
    return path


def ask(window, action):
    window.actions_by_id[action].trigger()


class TestQuickAdd:
    def test_a_layer_is_added_behind_the_selected_one_by_keys_alone(self, window, finder, qtbot):
        window.session.select(["pool1"])
        qtbot.keyClick(window.canvas.view, Key.Key_Slash)
        assert finder.isVisible()
        assert finder.field.hasFocus()
        qtbot.keyClicks(finder.field, "drop")
        assert texts(finder)[0] == "Dropout"
        qtbot.keyClick(finder.field, Key.Key_Return)
        assert not finder.isVisible()
        assert window.canvas.view.hasFocus()
        assert graph(window)["drop1"].inputs == ("pool1",)
        assert graph(window)["conv2"].inputs == ("drop1",)
        assert window.session.selection == ("drop1",)
        assert window.actions_by_id["undo"].text() == "Undo insert Dropout"

    def test_a_double_click_adds_there(self, window, finder, qtbot):
        view = window.canvas.view
        at = QPoint(view.viewport().width() // 2, view.viewport().height() - 60)
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
        qtbot.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
        assert finder.isVisible()
        qtbot.keyClicks(finder.field, "bn")
        assert texts(finder)[0] == "BatchNorm"
        qtbot.keyClick(finder.field, Key.Key_Return)
        node = window.canvas.scene.nodes["bn1"]
        assert (node.rect.center() - view.mapToScene(at)).manhattanLength() < 120

    def test_what_a_kind_would_give_is_shown_before_it_is_chosen(self, window, finder, qtbot):
        window.session.select(["pool2"])
        ask(window, "quick_add")
        ghost = window.canvas.scene.ghost
        qtbot.keyClicks(finder.field, "avgpool")
        assert ghost.isVisible()
        qtbot.keyClick(finder.field, Key.Key_Escape)
        assert not ghost.isVisible()

    def test_esc_leaves_no_trace(self, window, finder, qtbot):
        before = window.session.document
        window.session.select(["pool1"])
        ask(window, "quick_add")
        qtbot.keyClicks(finder.field, "conv")
        qtbot.keyClick(finder.field, Key.Key_Escape)
        assert not finder.isVisible()
        assert window.session.document is before
        assert window.session.selection == ("pool1",)
        assert window.canvas.view.hasFocus()
        assert window.canvas.view.gesture is None

    def test_a_click_elsewhere_leaves_no_trace(self, window, finder, qtbot):
        before = window.session.document
        ask(window, "quick_add")
        qtbot.mouseClick(window.canvas.view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(5, 200))
        qtbot.waitUntil(lambda: not finder.isVisible())
        assert window.session.document is before

    def test_what_was_added_most_comes_first_and_is_remembered(self, window, finder, qtbot):
        for _ in range(2):
            window.session.select(["pool1"])
            ask(window, "quick_add")
            qtbot.keyClicks(finder.field, "gelu")
            qtbot.keyClick(finder.field, Key.Key_Return)
        ask(window, "quick_add")
        assert texts(finder)[0] == "GELU"
        finder.leave()
        window.session.mark_saved(None)
        window.close()
        assert load_preferences().uses == {"GELU": 2}

    def test_what_is_not_there_is_said(self, window, finder, qtbot):
        ask(window, "quick_add")
        qtbot.keyClicks(finder.field, "zzzz")
        assert texts(finder) == []
        assert "No layer has that name" in finder.words.text()
        qtbot.keyClick(finder.field, Key.Key_Return)
        assert finder.isVisible()

    @pytest.mark.parametrize(
        ("typed", "kind"), [("maxpool", "MaxPool2D"), ("deconv", "ConvTranspose2D"), ("fc", "Dense")]
    )
    def test_kinds_are_found_under_their_other_names(self, typed, kind, window, finder, qtbot):
        ask(window, "quick_add")
        qtbot.keyClicks(finder.field, typed)
        assert finder.rows.rows[0].key == kind


class TestReplacing:
    def test_wires_and_common_settings_are_kept(self, window, finder, qtbot):
        session = window.session
        session.edit("set", set_config(session.document, "conv1", {"filters": 9}))
        session.select(["conv1"])
        before = graph(window)["conv1"]
        ask(window, "replace_kind")
        assert finder.field.placeholderText() == "Replace conv1 by"
        assert "Conv2D" not in texts(finder)
        qtbot.keyClicks(finder.field, "locally")
        qtbot.keyClick(finder.field, Key.Key_Return)
        after = graph(window)["conv1"]
        assert after.kind == "LocallyConnected2D"
        assert after.inputs == before.inputs
        assert after.spec.filters == 9
        assert window.actions_by_id["undo"].text() == "Undo replace conv1 by LocallyConnected2D"

    def test_several_layers_are_replaced_at_once(self, window, finder, qtbot):
        window.session.select(["relu1", "relu2"])
        ask(window, "replace_kind")
        qtbot.keyClicks(finder.field, "tanh")
        qtbot.keyClick(finder.field, Key.Key_Return)
        assert {graph(window)[id].kind for id in ("relu1", "relu2")} == {"Tanh"}
        window.session.undo()
        assert {graph(window)[id].kind for id in ("relu1", "relu2")} == {"ReLU"}


class TestFindingLayers:
    @pytest.mark.parametrize(
        ("typed", "first"),
        [("fc2", "fc2"), ("14x14", "pool1"), ("14×14×6", "pool1"), ("flatten", "flat"), ("dense 84", "fc2")],
    )
    def test_by_name_kind_and_shape(self, typed, first, window, finder, qtbot):
        ask(window, "find_layer")
        qtbot.keyClicks(finder.field, typed)
        assert texts(finder)[0] == first
        assert window.session.selection == (first,)
        qtbot.keyClick(finder.field, Key.Key_Return)
        assert window.session.selection == (first,)

    def test_by_what_is_wrong(self, window, finder, qtbot):
        window.session.edit("break", set_config(window.session.document, "conv2", {"kernel_size": 99}))
        (problem,) = window.session.report.errors
        ask(window, "find_layer")
        qtbot.keyClicks(finder.field, "error")
        assert texts(finder) == ["conv2"]
        finder.field.clear()
        qtbot.keyClicks(finder.field, problem.code)
        assert texts(finder) == ["conv2"]

    def test_one_walks_through_what_was_found_and_esc_stays_there(self, window, finder, qtbot):
        ask(window, "find_layer")
        qtbot.keyClicks(finder.field, "relu")
        assert texts(finder) == ["relu1", "relu2", "relu3", "relu4"]
        assert finder.words.text() == "1 of 4"
        qtbot.keyClick(finder.field, Key.Key_Down)
        qtbot.keyClick(finder.field, Key.Key_Down)
        assert finder.words.text() == "3 of 4"
        assert window.session.selection == ("relu3",)
        qtbot.keyClick(finder.field, Key.Key_Escape)
        assert window.session.selection == ("relu3",)

    def test_inside_blocks(self, window, finder, qtbot):
        window.files.open_template("resnet20_cifar")
        ask(window, "find_layer")
        qtbot.keyClicks(finder.field, "stage2b/2/conv2")
        assert window.session.place == ""
        qtbot.keyClick(finder.field, Key.Key_Return)
        assert window.session.place == "stage2b/2/"
        assert window.session.selection == ("stage2b/2/conv2",)


class TestFindingAnything:
    def run(self, window, finder, qtbot, typed):
        ask(window, "find_anything")
        qtbot.keyClicks(finder.field, typed)
        qtbot.keyClick(finder.field, Key.Key_Return)

    def test_an_action(self, window, finder, qtbot):
        self.run(window, finder, qtbot, "select all")
        assert len(window.session.selection) == len(window.session.document.graph.layers)

    def test_with_its_shortcut_and_only_if_it_can_be_done(self, window, finder):
        ask(window, "find_anything")
        shown = {entry.text: entry.detail for entry in finder.rows.rows}
        assert shown["Select all"] == "Ctrl+A"
        assert "Copy" not in shown
        finder.leave()
        window.session.select(["conv1"])
        ask(window, "find_anything")
        assert "Copy" in texts(finder)

    def test_a_kind_is_added(self, window, finder, qtbot):
        window.session.select(["fc3"])
        self.run(window, finder, qtbot, "dropout")
        assert graph(window)["drop1"].inputs == ("fc3",)

    def test_a_layer_is_shown(self, window, finder, qtbot):
        self.run(window, finder, qtbot, "pool2")
        assert window.session.selection == ("pool2",)

    def test_a_template_is_opened(self, window, finder, qtbot):
        self.run(window, finder, qtbot, "all-cnn-c")
        assert "All-CNN-C" in window.session.document.name

    def test_another_question_takes_the_place_of_the_first(self, window, finder, qtbot):
        ask(window, "quick_add")
        ask(window, "find_anything")
        assert finder.field.placeholderText() == "What do you want to do?"
        assert not window.canvas.scene.ghost.isVisible()


def test_the_list_stays_in_the_window(window, finder, qtbot):
    window.resize(900, 640)
    view = window.canvas.view
    corner = view.viewport().rect().bottomRight() - QPoint(10, 10)
    view.add_asked.emit(corner)
    assert window.rect().contains(finder.geometry())


class TestAddingNetworks:
    def test_a_template_is_added_as_layers_where_there_is_room(self, window, finder, qtbot):
        before = graph(window)
        places = window.canvas.scene.places()
        window.canvas.view.add_asked.emit(window.canvas.view.mapFromScene(window.canvas.scene.nodes["fc2"].pos()))
        qtbot.keyClicks(finder.field, "digits")
        assert texts(finder)[0] == "Digits CNN"
        qtbot.keyClick(finder.field, Key.Key_Return)
        added = set(window.session.selection)
        assert {graph(window)[id].kind for id in added} >= {"Input", "Dense", "Softmax"}
        assert {id: graph(window)[id] for id in before} == before
        nodes = window.canvas.scene.nodes
        assert not any(nodes[one].rect.intersects(nodes[other].rect) for one in added for other in before)
        assert {id: window.canvas.scene.places()[id] for id in before} == places
        assert window.session.undo_label == "add Digits CNN"
        window.session.undo()
        assert graph(window) == before

    def test_kinds_come_before_networks_of_such_names(self, window, finder, qtbot):
        ask(window, "quick_add")
        qtbot.keyClicks(finder.field, "conv")
        assert texts(finder)[0] == "Conv2D"


class TestFindingByOtherWords:
    def first(self, window, finder, qtbot, typed):
        ask(window, "find_anything")
        qtbot.keyClicks(finder.field, typed)
        return finder.rows.rows[0]

    @pytest.mark.parametrize(
        ("typed", "title"),
        [
            ("export", "Export…"),
            ("save picture", "Save picture…"),
            ("screenshot", "Save picture…"),
            ("dark mode", "Light or dark"),
            ("auto layout", "Arrange"),
            ("tutorial", "Take the tour"),
            ("exit", "Quit"),
            ("command palette", "Find anything…"),
            ("hotkeys", "Keyboard shortcuts"),
            ("high contrast", "Theme › High contrast"),
            ("tint macs", "Tint cards by › MACs"),
            ("view menu", "View menu"),
            ("history", "History"),
        ],
    )
    def test_actions_menus_and_panels(self, typed, title, window, finder, qtbot):
        assert self.first(window, finder, qtbot, typed).text == title

    @pytest.mark.parametrize("typed", ["undo", "take back"])
    def test_what_can_be_undone_is_found(self, typed, window, finder, qtbot):
        window.session.edit("set", set_config(window.session.document, "conv1", {"filters": 9}))
        assert self.first(window, finder, qtbot, typed).text == "Undo set"

    def test_what_cannot_be_done_now_says_so_instead_of_not_being_there(self, window, finder, qtbot):
        found = self.first(window, finder, qtbot, "undo")
        assert (found.text, found.detail) == ("Undo", "not now")
        qtbot.keyClick(finder.field, Key.Key_Return)
        assert window.session.undo_label is None

    def test_where_an_action_stands_is_said(self, window, finder, qtbot):
        self.first(window, finder, qtbot, "high contrast")
        assert finder.words.text() == "In the View menu"

    def test_a_menu_opens(self, window, finder, qtbot):
        self.first(window, finder, qtbot, "train menu")
        qtbot.keyClick(finder.field, Key.Key_Return)
        assert window.menus["Train"].isVisible()
        window.menus["Train"].close()

    @pytest.mark.parametrize("closed", [False, True])
    def test_a_panel_comes_forward_whether_closed_or_covered(self, closed, window, finder, qtbot):
        dock = window.docks["history"]
        dock.setVisible(not closed)
        assert not window.rect().contains(dock.geometry())
        self.first(window, finder, qtbot, "history")
        qtbot.keyClick(finder.field, Key.Key_Return)
        qtbot.waitUntil(lambda: window.rect().contains(dock.geometry()))  # a covered one is put outside

    def test_a_file_that_was_open_lately_is_found(self, window, finder, qtbot, tmp_path):
        window.files.open(saved(window, tmp_path / "zebra.json"))
        assert self.first(window, finder, qtbot, "zebra").text == "Open recent › zebra.json"


class TestFindingSettings:
    def go(self, window, finder, qtbot, typed):
        ask(window, "find_anything")
        qtbot.keyClicks(finder.field, typed)
        found = finder.rows.rows[0]
        qtbot.keyClick(finder.field, Key.Key_Return)
        return found

    @pytest.mark.parametrize("size", [(1600, 1000), (1280, 720)])
    @pytest.mark.parametrize("typed", ["learning rate", "learning", "epochs", "batch size", "seed", "validation split"])
    def test_its_field_is_shown_and_has_the_focus(self, typed, size, make_window, qtbot):
        window = make_window(size=size)
        window.session.select(["conv1"])
        name = {"learning": "learning_rate"}.get(typed, typed.replace(" ", "_"))
        self.go(window, window.command_palette.finder, qtbot, typed)
        row = window.inspector.document_page.field(name)
        assert row.setting.name == name
        assert row.editor.hasFocus()
        qtbot.waitUntil(lambda: row.visibleRegion().boundingRect().height() == row.height())

    def test_a_number_can_be_typed_at_once(self, window, finder, qtbot):
        self.go(window, finder, qtbot, "epochs")
        editor = window.inspector.document_page.field("epochs").editor
        qtbot.keyClicks(editor, "23")
        assert window.session.document.training.settings.epochs == 23

    def test_where_another_optimiser_has_it_that_is_said_and_the_choice_is_shown(self, window, finder, qtbot):
        found = self.go(window, finder, qtbot, "momentum")
        assert (found.text, found.detail) == ("Momentum", "with SGD")
        assert window.inspector.document_page.training.optimizer.editor.hasFocus()

    def test_from_inside_a_block(self, window, finder, qtbot):
        window.files.open_template("resnet20_cifar")
        window.session.enter("stage2b/2/")
        self.go(window, finder, qtbot, "batch size")
        assert window.session.place == ""
        assert window.inspector.document_page.field("batch_size").editor.hasFocus()

    def test_in_a_closed_inspector(self, window, finder, qtbot):
        window.docks["inspector"].close()
        self.go(window, finder, qtbot, "epochs")
        assert window.inspector.document_page.field("epochs").editor.isVisible()

    def test_those_of_the_selected_layer_are_found_and_keep_it_selected(self, window, finder, qtbot):
        window.session.select(["conv1"])
        found = self.go(window, finder, qtbot, "kernel size")
        assert found.detail == "of conv1"
        assert window.session.selection == ("conv1",)
        assert window.inspector.layer_page.form.rows["kernel_size"].editor.hasFocus()
