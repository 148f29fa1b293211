"""Blocks in the window: made of layers, opened, edited inside, left, unfolded; with real keys and clicks."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from core.analysis.check import check
from core.graph.edits import set_training
from core.graph.values import layers_by_id
from designer.window.rails import unfold


@pytest.fixture
def resnet(window):
    window.files.open_template("resnet20_cifar")
    window.canvas.view.setFocus()
    return window


def press(window, qtbot, key, modifier=Qt.KeyboardModifier.NoModifier):
    qtbot.keyClick(window.canvas.view, key, modifier)


def point_of(window, id, dy=0.7):
    """A point on a card, below its name."""
    view, rect = window.canvas.view, window.canvas.scene.nodes[id].rect
    return view.mapFromScene(rect.left() + rect.width() / 2, rect.top() + dy * rect.height())


def double_click(window, qtbot, id):
    view = window.canvas.view.viewport()
    at = point_of(window, id)
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=at)
    qtbot.mouseDClick(view, Qt.MouseButton.LeftButton, pos=at)


def step(window, number):
    return window.canvas.breadcrumbs.steps[number]


@pytest.mark.parametrize("selection", [("conv1", "relu1"), ("relu1", "pool1"), ("fc1", "relu3"), ("conv2", "relu2")])
def test_a_block_covers_no_layer_beside_it(window, selection):
    window.session.select(selection)
    window.actions_by_id["make_block"].trigger()
    nodes = window.canvas.scene.nodes
    at = nodes["block1"].rect
    assert not [id for id, node in nodes.items() if id != "block1" and node.rect.intersects(at)]


def test_layers_become_a_block_and_layers_again(window, qtbot):
    session = window.session
    before, totals = session.document, session.report.totals
    session.select(["conv1", "relu1", "pool1"])
    window.actions_by_id["make_block"].trigger()
    assert session.selection == ("block1",)
    assert session.report.totals == totals
    assert window.actions_by_id["undo"].text() == "Undo make a block of 3 layers"
    window.actions_by_id["unfold_block"].trigger()
    assert session.selection == ("conv1", "relu1", "pool1")
    assert layers_by_id(session.document.graph) == layers_by_id(before.graph)
    assert session.document.graph.blocks == {}
    session.undo()
    session.undo()
    assert session.document == before


def test_unfolded_layers_cover_nothing(resnet):
    resnet.session.select(["stage1"])
    resnet.actions_by_id["unfold_block"].trigger()
    rects = [node.rect for node in resnet.canvas.scene.nodes.values()]
    assert len(rects) > 20
    assert not any(one.intersects(other) for n, one in enumerate(rects) for other in rects[:n])


def test_what_cannot_be_a_block_is_said_in_the_status_bar(window):
    window.session.select(["input", "conv1"])
    window.actions_by_id["make_block"].trigger()
    assert "input is where samples enter the network" in window.statusBar().currentMessage()
    assert window.session.undo_label is None


def test_a_double_click_opens_and_esc_leaves(resnet, qtbot):
    double_click(resnet, qtbot, "stage1")
    assert resnet.session.place == "stage1/1/"
    assert list(resnet.canvas.scene.nodes) == ["x", "conv1", "bn1", "relu1", "conv2", "bn2", "add", "relu"]
    assert resnet.canvas.breadcrumbs.isVisible()
    assert not resnet.canvas.title.isVisible()
    press(resnet, qtbot, Qt.Key.Key_Escape)
    assert resnet.session.place == ""
    assert resnet.session.selection == ("stage1",)
    assert "stage1" in resnet.canvas.scene.nodes
    assert not resnet.canvas.breadcrumbs.isVisible()


def test_enter_opens_and_the_view_is_back_where_it_was(resnet, qtbot):
    canvas = resnet.canvas
    canvas.view.set_zoom(1.5)
    canvas.view.centerOn(canvas.scene.nodes["stage2b"])
    looked_at = canvas.view.visible_rect()
    resnet.session.select(["stage2b"])
    press(resnet, qtbot, Qt.Key.Key_Return)
    assert resnet.session.place == "stage2b/1/"
    press(resnet, qtbot, Qt.Key.Key_Escape)
    back = canvas.view.visible_rect()
    assert (back.center() - looked_at.center()).manhattanLength() < 4
    assert back.width() == pytest.approx(looked_at.width())


def test_the_first_step_leads_back_and_the_last_to_other_copies(resnet, qtbot):
    resnet.session.enter("stage1/1/")
    assert step(resnet, 0).text() == "ResNet-20 for CIFAR-10"
    assert step(resnet, 1).text() == "stage1 · residual16 · copy 1 of 3"
    copies = step(resnet, 1).menu().actions()
    assert [action.isChecked() for action in copies] == [True, False, False]
    copies[2].trigger()
    assert resnet.session.place == "stage1/3/"
    qtbot.mouseClick(step(resnet, 0), Qt.MouseButton.LeftButton)
    assert resnet.session.place == ""


def test_inside_one_edits_as_outside_and_all_copies_follow(resnet, qtbot):
    session = resnet.session
    double_click(resnet, qtbot, "stage1")
    qtbot.mouseClick(resnet.canvas.view.viewport(), Qt.MouseButton.LeftButton, pos=point_of(resnet, "bn1"))
    assert session.selection == ("stage1/1/bn1",)
    press(resnet, qtbot, Qt.Key.Key_Delete)
    assert not any(id.endswith("/bn1") for id in session.report.layers if id.startswith("stage1/"))
    assert resnet.actions_by_id["undo"].text() == "Undo delete bn1"
    assert "bn1" not in resnet.canvas.scene.nodes
    session.undo()
    assert "bn1" in resnet.canvas.scene.nodes
    assert session.selection == ("stage1/1/bn1",)


def test_dragging_inside_moves_what_every_copy_shows(resnet, qtbot):
    double_click(resnet, qtbot, "stage1")
    view, start = resnet.canvas.view.viewport(), point_of(resnet, "conv2")
    before = resnet.canvas.scene.nodes["conv2"].pos()
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(view, start + QPoint(0, 40))
    qtbot.mouseMove(view, start + QPoint(0, 80))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=start + QPoint(0, 80))
    moved = resnet.canvas.scene.nodes["conv2"].pos()
    assert moved.y() > before.y()
    resnet.session.enter("stage1/2/")
    assert resnet.canvas.scene.nodes["conv2"].pos() == moved
    assert resnet.session.document.layout.positions["residual16/conv2"] == pytest.approx((moved.x(), moved.y()))


def test_the_inspector_edits_a_layer_inside(resnet, qtbot):
    resnet.session.go_to("stage1/2/conv1")
    page = resnet.inspector.layer_page
    unfold(resnet.inspector)
    assert page.isVisible()
    assert page.header.title.text() == "conv1"
    editor = page.form.rows["filters"].editor
    editor.setFocus()
    editor.selectAll()
    qtbot.keyClicks(editor, "8")
    assert {resnet.session.report.layers[f"stage1/{copy}/conv1"].layer.spec.filters for copy in (1, 2, 3)} == {8}
    assert resnet.canvas.scene.nodes["conv1"].content.shape == (32, 32, 8)


def test_what_a_block_is_from_outside_is_refused_with_a_sentence(resnet, qtbot):
    double_click(resnet, qtbot, "stage1")
    resnet.session.select(["stage1/1/x"])
    press(resnet, qtbot, Qt.Key.Key_Delete)
    assert "x is where data enters the block residual16" in resnet.statusBar().currentMessage()
    assert "x" in resnet.canvas.scene.nodes
    assert resnet.session.undo_label is None


def test_a_kind_from_the_palette_goes_into_the_open_block(resnet, qtbot):
    resnet.session.go_to("stage1/1/conv1")
    resnet.palette_panel.kind_requested.emit("Dropout")
    assert "stage1/3/drop1" in resnet.session.report.layers
    assert resnet.session.selection == ("stage1/1/drop1",)


def test_a_problem_inside_leads_inside(resnet, qtbot):
    resnet.session.go_to("stage1/1/conv2")
    editor = resnet.inspector.layer_page.form.rows["filters"].editor
    editor.setFocus()
    editor.selectAll()
    qtbot.keyClicks(editor, "7")
    resnet.session.enter("")
    resnet.show_problems()
    assert resnet.session.place == "stage1/1/"
    assert resnet.session.selection == ("stage1/1/add",)


def test_blocks_within_blocks(resnet, qtbot):
    resnet.session.enter("stage1/2/")
    resnet.session.select(["stage1/2/conv1", "stage1/2/bn1"])
    resnet.actions_by_id["make_block"].trigger()
    assert resnet.session.selection == ("stage1/2/block1",)
    press(resnet, qtbot, Qt.Key.Key_Return)
    assert resnet.session.place == "stage1/2/block1/1/"
    assert list(resnet.canvas.scene.nodes) == ["x", "conv1", "bn1"]
    assert [button.text() for button in resnet.canvas.breadcrumbs.steps[1:]] == [
        "stage1 · residual16 · copy 2 of 3",
        "block1",
    ]
    resnet.session.undo()
    assert resnet.session.place == "stage1/2/"
    assert "conv1" in resnet.canvas.scene.nodes


def test_a_block_is_renamed_while_it_is_open(resnet, qtbot):
    resnet.session.enter("stage1/1/")
    page = resnet.inspector.document_page
    assert (page.header.title.text(), page.training_part.isVisible()) == ("residual16", False)
    page.header.renamed.emit("unit")
    assert "unit" in resnet.session.document.graph.blocks
    assert resnet.session.place == "stage1/1/"
    assert page.header.title.text() == "unit"
    page.header.renamed.emit("halve32")
    assert "already a block called halve32" in page.header.refusal.text()


def test_actions_are_there_where_they_can_be_used(resnet):
    def enabled():
        names = ("make_block", "open_block", "leave_block", "unfold_block")
        return [resnet.actions_by_id[name].isEnabled() for name in names]

    assert enabled() == [False, False, False, False]
    resnet.session.select(["stage1"])
    assert enabled() == [True, True, False, True]
    resnet.session.enter("stage1/1/")
    assert enabled() == [False, False, True, False]


@pytest.mark.parametrize("fold_first", [False, True], ids=["folded while it runs", "folded before"])
def test_what_was_learned_goes_along(window, qtbot, fold_first):
    session, run = window.session, window.run
    session.edit("train briefly", set_training(session.document, {"epochs": 1}))

    def fold():
        session.select(["conv1", "relu1", "pool1"])
        window.actions_by_id["make_block"].trigger()
        assert session.document.graph.blocks

    with qtbot.waitSignal(run.finished, timeout=60_000):
        window.actions_by_id["train_or_pause"].trigger()
        if not fold_first:
            fold()
    if fold_first:
        fold()
    learned = run.network.weights["conv1/kernel"]
    shown = window.runs.shown.suiting(session.report)
    np.testing.assert_array_equal(shown.weights["block1/1/conv1/kernel"], learned)
    window.actions_by_id["unfold_block"].trigger()
    back = window.runs.shown.suiting(session.report)
    np.testing.assert_array_equal(back.weights["conv1/kernel"], learned)
    assert check(session.document).valid
