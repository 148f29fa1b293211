"""A story in the workspace Inside: draw, see what the network says, where a number comes from, and that it learns."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest

from core.graph.edits import set_training
from core.io.templates import load_template
from designer.session.looking import Cell
from designer.views import ActivationsView
from designer.views.inside import ArithmeticPanel, LayersPanel, ProbePanel
from designer.window.panels import panel_of

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def inside(make_window, qtbot):
    window = make_window(size=(1600, 1000))
    QTest.keyClick(window, Qt.Key.Key_4, Qt.KeyboardModifier.ControlModifier)
    seen(qtbot, window)
    return window


def seen(qtbot, window, check=lambda look: True):
    """Wait for a look that is whole and as wanted."""
    qtbot.waitUntil(
        lambda: (look := window.inside.look) is not None and bool(look.maps) and look.is_whole and check(look),
        timeout=30_000,
    )


def draw(pad, *points):
    frame = pad.frame
    places = [QPoint(int(frame.left() + x * frame.width()), int(frame.top() + y * frame.height())) for x, y in points]
    QTest.mousePress(pad, LEFT, pos=places[0])
    for place in places[1:]:
        QTest.mouseMove(pad, place)
    QTest.mouseRelease(pad, LEFT, pos=places[-1])


def test_draw_see_why_and_look_again_after_training(qtbot, inside):
    window, model = inside, inside.inside
    probe, layers = panel_of(window.panels, ProbePanel), panel_of(window.panels, LayersPanel)
    arithmetic = panel_of(window.panels, ArithmeticPanel)
    assert layers.isVisible()
    assert not window.strip.isVisible()
    assert layers.readout.text().startswith("random weights")

    QTest.mouseClick(probe.switch.parts[0], LEFT)
    draw(probe.pad, (0.3, 0.2), (0.7, 0.2), (0.5, 0.8))
    seen(qtbot, window, lambda look: look.probed == window.session.probe.now)
    assert model.look.probed.picture is not None
    assert "as the samples are" in probe.note.text()

    cell = Cell("pool2", 2, 1, 1)
    QTest.mouseClick(layers.view.viewport(), LEFT, pos=layers.view.place_of(cell).center().toPoint())
    assert model.cell == cell
    layers.view.setFocus()
    QTest.keyClick(layers.view, Qt.Key.Key_Return)
    qtbot.waitUntil(arithmetic.isVisible)
    assert model.account.sentence == arithmetic.accessibleDescription()
    assert arithmetic.values.grid.hasFocus()

    QTest.keyClick(layers.view, Qt.Key.Key_B)
    seen(qtbot, window, lambda look: look.are_gradients)
    assert "gradient" in layers.readout.text()
    QTest.keyClick(layers.view, Qt.Key.Key_B)
    seen(qtbot, window, lambda look: not look.are_gradients)

    before = model.look.maps["conv2"].copy()
    window.session.edit("fewer epochs", set_training(window.session.document, {"epochs": 1}))
    with qtbot.waitSignal(window.run.finished, timeout=120_000):
        QTest.keyClick(window, Qt.Key.Key_F5)
    seen(qtbot, window, lambda look: look.origin == "run 1")
    assert not np.array_equal(model.look.maps["conv2"], before)
    assert model.cell == cell
    assert probe.verdict.origin.text() == "run 1"


def test_the_probe_is_the_same_in_all_workspaces(qtbot, inside):
    window = inside
    probe, activations = panel_of(window.panels, ProbePanel), panel_of(window.panels, ActivationsView)
    QTest.mouseClick(probe.switch.parts[0], LEFT)
    draw(probe.pad, (0.3, 0.2), (0.7, 0.2))
    window.show_workspace("design")
    qtbot.waitUntil(lambda: activations.probe.isVisible() and activations.probe.bars.bars != [], timeout=30_000)
    assert not any(right for _, _, right in activations.probe.bars.bars)  # nobody knows what was drawn
    QTest.mouseClick(activations.probe._after, LEFT)
    assert window.session.probe.now.sample == 1
    assert window.session.probe.now.picture is None
    window.show_workspace("inside")
    seen(qtbot, window, lambda look: look.probed.sample == 1)
    assert probe.number.value() == 2


def test_leaving_it_ends_all_looking(qtbot, inside):
    window = inside
    window.show_workspace("design")
    assert not window.inside._wanted.is_on
    assert not window.inside_parts.looker.interest()


def test_a_double_click_on_a_heading_shows_the_layer_on_the_canvas(qtbot, inside):
    window = inside
    view = panel_of(window.panels, LayersPanel).view
    at = view.arrangement.spots["conv2"].rect.topLeft().toPoint() + QPoint(20, 14)
    QTest.mouseDClick(view.viewport(), LEFT, pos=at)
    assert window.canvas.isVisible()
    assert window.session.selection == ("conv2",)


@pytest.mark.parametrize("template", ["mlp", "playground", "resnet20_cifar", "pattern_conv_pool"])
def test_other_networks_are_looked_into_or_it_is_said_why_not(qtbot, inside, template):
    window = inside
    window.session.open(load_template(template), None)
    view = panel_of(window.panels, LayersPanel).view
    ids = [layer.id for layer in window.session.document.graph.layers]

    def told():
        look = window.inside.look
        return look.report is window.session.report and look.is_whole and (bool(look.maps) or bool(look.refusal))

    qtbot.waitUntil(told, timeout=30_000)
    assert sorted(column.id for column in view.columns) == sorted(ids)
    window.grab()


@pytest.mark.parametrize("size", [(1600, 1000), (1280, 720), (960, 540)])
def test_it_fits_windows_of_every_size(make_window, qtbot, size):
    window = make_window(size=size)
    window.show_workspace("inside")
    qtbot.waitUntil(lambda: window.inside.look is not None, timeout=30_000)
    assert (window.width(), window.height()) == size
    assert panel_of(window.panels, LayersPanel).isVisible()


def test_undo_and_paste_go_to_the_pad_while_it_has_the_keys(qtbot, inside):
    window = inside
    probe = panel_of(window.panels, ProbePanel)
    document = window.session.document
    window.session.edit("epochs", set_training(document, {"epochs": 3}))
    QTest.mouseClick(probe.switch.parts[0], LEFT)
    draw(probe.pad, (0.3, 0.2), (0.7, 0.2))
    probe.pad.setFocus()
    QTest.keyClick(probe.pad, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.session.probe.now.picture is None
    assert window.session.document is not document  # its own undo was not meant
    image = QImage(4, 4, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    QGuiApplication.clipboard().setImage(image)
    QTest.keyClick(probe.pad, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert "clipboard" in window.session.probe.now.picture.name


def test_screen_readers_hear_the_chosen_value_and_its_sum(qtbot, inside):
    window = inside
    window.docks["outline"].show()
    window.docks["outline"].raise_()
    qtbot.waitUntil(window.panels["outline"].isVisible)
    items = window.panels["outline"]._items
    role = Qt.ItemDataRole.AccessibleDescriptionRole
    window.inside.choose(Cell("conv2", 5, 2, 3))
    sentence = window.inside.account.sentence
    assert sentence
    assert sentence in window.panels["layers"].view.accessibleDescription()
    assert items["conv2"].data(0, role) == sentence
    window.inside.choose(Cell("pool2", 5, 2, 3))
    assert items["conv2"].data(0, role) == ""
    assert items["pool2"].data(0, role) == window.inside.account.sentence
    window.session.probe.take_sample(7)
    seen(qtbot, window, lambda look: look.probed.sample == 7)
    assert items["pool2"].data(0, role) == window.inside.account.sentence
