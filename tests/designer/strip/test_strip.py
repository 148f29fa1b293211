"""The strip shows the network in small, with the selection that all views share; real mouse, real keys."""

from itertools import pairwise

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QHelpEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core.graph.edits import add_layer, set_config, set_trainable
from core.graph.values import Document
from core.io.templates import load_template
from designer import theme
from designer.session import Session
from designer.strip import Strip, Word
from designer.strip.painting import MORE_PX


@pytest.fixture
def opened(qtbot):
    theme.set_theme("dark")

    def show(document, width=1100):
        strip = Strip(Session(document))
        qtbot.addWidget(strip)
        strip.resize(width, strip.height())
        with qtbot.waitExposed(strip):
            strip.show()
        strip.setFocus()
        return strip

    return show


@pytest.fixture
def strip(opened):
    return opened(load_template("lenet5"))


def selection(strip):
    return strip._session.selection


def click(strip, id, modifier=Qt.KeyboardModifier.NoModifier):
    QTest.mouseClick(strip.viewport(), Qt.MouseButton.LeftButton, modifier, strip.place_of(id))


def press(strip, key):
    QTest.keyClick(strip, key)


def in_sight(strip, id):
    left = strip.place_of(id).x()
    return MORE_PX < left < strip.viewport().width() - MORE_PX


def deep(n=120):
    document, last = add_layer(Document(), "Input", {"shape": [8]})
    for _ in range(n):
        document, last = add_layer(document, "Dense", {"units": 8}, source=last)
    return document


def colours(strip, id):
    """Return how many pixels of each colour there are where a layer's card is painted."""
    image = strip.grab(strip.row.cards[id].rect.toAlignedRect()).toImage()
    found = {}
    for x in range(image.width()):
        for y in range(image.height()):
            name = image.pixelColor(x, y).name()
            found[name] = found.get(name, 0) + 1
    return found


class TestCards:
    def test_it_is_one_row_56_pixels_high(self, strip):
        assert strip.height() == 56
        assert list(strip.row.cards) == [layer.id for layer in load_template("lenet5").graph.layers]
        assert all(card.rect.top() > 0 and card.rect.bottom() < 56 for card in strip.row.cards.values())

    def test_cards_do_not_touch(self, strip):
        rects = [card.rect for card in strip.row.cards.values()]
        assert all(one.right() < other.left() for one, other in pairwise(rects))

    def test_the_second_line_is_the_shape_and_activations_are_dots(self, strip):
        cards = strip.row.cards
        assert cards["conv1"].word == Word("28×28×6")
        assert [id for id, card in cards.items() if card.is_dot] == ["relu1", "relu2", "relu3", "relu4"]

    def test_it_follows_edits(self, strip):
        session = strip._session
        session.edit("set", set_config(session.document, "conv1", {"filters": 8}))
        assert strip.row.cards["conv1"].word.text == "28×28×8"

    def test_what_it_is_told_stands_in_place_of_the_shape(self, strip):
        strip.set_words({"conv1": Word("3 of 6 dead", "warning")})
        assert strip.row.cards["conv1"].word.text == "3 of 6 dead"
        assert strip.row.cards["conv2"].word.text == "10×10×16"
        strip.set_words({})
        assert strip.row.cards["conv1"].word.text == "28×28×6"

    def test_a_layer_that_does_not_learn_says_so(self, strip):
        session = strip._session
        session.edit("freeze", set_trainable(session.document, "conv1", trainable=False))
        assert strip.row.cards["conv1"].word.text == "frozen"

    def test_the_selected_card_has_a_frame_and_each_its_family_at_the_edge(self, strip):
        accent = theme.current().accent
        before = colours(strip, "pool1").get(accent, 0)
        strip._session.select(["pool1"])
        assert colours(strip, "pool1").get(accent, 0) > before + 50
        for id in ("conv1", "pool1", "fc1"):
            family = theme.current().families[strip.row.cards[id].content.family]
            assert colours(strip, id).get(family, 0) > 50

    def test_blocks_are_one_card(self, opened):
        strip = opened(load_template("resnet18"))
        assert list(strip.row.cards) == [layer.id for layer in load_template("resnet18").graph.layers]
        assert any(card.content.stacked for card in strip.row.cards.values())

    def test_of_a_hundred_layers_only_those_in_sight_are_painted(self, opened, monkeypatch):
        strip = opened(deep())
        painted = []
        monkeypatch.setattr("designer.strip.strip.paint_card", lambda _, card, **__: painted.append(card.id))
        strip.viewport().repaint()
        assert 0 < len(painted) < 20
        assert painted == strip.row.order[: len(painted)]

    def test_a_hidden_strip_lays_nothing_out(self, opened, monkeypatch):
        strip = opened(load_template("lenet5"))
        strip.hide()
        laid_out = []
        monkeypatch.setattr(strip, "_lay_out", lambda: laid_out.append(True))
        session = strip._session
        session.edit("set", set_config(session.document, "conv1", {"filters": 8}))
        assert not laid_out
        strip.show()
        assert laid_out == [True]


class TestHands:
    def test_a_click_selects_and_one_beside_deselects(self, strip):
        click(strip, "conv2")
        assert selection(strip) == ("conv2",)
        QTest.mouseClick(strip.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(3, 3))
        assert selection(strip) == ()

    def test_with_ctrl_it_adds_and_takes_out(self, strip):
        click(strip, "conv1")
        click(strip, "conv2", Qt.KeyboardModifier.ControlModifier)
        assert selection(strip) == ("conv1", "conv2")
        click(strip, "conv1", Qt.KeyboardModifier.ControlModifier)
        assert selection(strip) == ("conv2",)

    def test_a_dot_can_be_hit(self, strip):
        click(strip, "relu1")
        assert selection(strip) == ("relu1",)

    def test_arrows_go_along(self, strip):
        press(strip, Qt.Key.Key_Right)
        assert selection(strip) == ("input",)
        press(strip, Qt.Key.Key_Right)
        assert selection(strip) == ("conv1",)
        press(strip, Qt.Key.Key_Left)
        press(strip, Qt.Key.Key_Left)
        assert selection(strip) == ("input",)
        press(strip, Qt.Key.Key_End)
        assert selection(strip) == ("softmax",)
        press(strip, Qt.Key.Key_Home)
        assert selection(strip) == ("input",)

    def test_up_and_down_change_the_lane(self, opened):
        strip = opened(two_lanes())
        click(strip, "conv1")
        press(strip, Qt.Key.Key_Down)
        assert selection(strip) == ("conv2",)
        press(strip, Qt.Key.Key_Up)
        assert selection(strip) == ("conv1",)

    def test_enter_and_a_double_click_ask_for_the_canvas(self, strip, qtbot):
        with qtbot.waitSignal(strip.layer_opened) as asked:
            QTest.mouseDClick(strip.viewport(), Qt.MouseButton.LeftButton, pos=strip.place_of("fc1"))
        assert asked.args == ["fc1"]
        strip._session.select(["fc2"])
        with qtbot.waitSignal(strip.layer_opened) as asked:
            press(strip, Qt.Key.Key_Return)
        assert asked.args == ["fc2"]

    def test_it_scrolls_to_what_is_selected(self, opened):
        strip = opened(deep())
        last = strip.row.order[-1]
        assert not in_sight(strip, last)
        strip._session.select([last])
        assert in_sight(strip, last)
        strip._session.select([strip.row.order[0]])
        assert in_sight(strip, strip.row.order[0])

    def test_the_wheel_and_the_signs_at_its_ends_scroll(self, opened):
        strip = opened(deep())
        bar = strip.horizontalScrollBar()
        at = QPointF(300, 28)
        down = QWheelEvent(
            at, at, QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(strip.viewport(), down)
        assert bar.value() == 120
        right = QPoint(strip.viewport().width() - 5, 28)
        QTest.mouseClick(strip.viewport(), Qt.MouseButton.LeftButton, pos=right)
        assert bar.value() > 500
        QTest.mouseClick(strip.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(5, 28))
        assert bar.value() < 500
        assert selection(strip) == ()

    def test_resting_on_a_card_says_what_it_is(self, strip, qtbot):
        at = strip.place_of("conv1")
        QApplication.sendEvent(strip.viewport(), QHelpEvent(QEvent.Type.ToolTip, at, strip.mapToGlobal(at)))
        assert "Conv2D 6" in strip._tip.text()
        assert strip._tip.isVisible()


def two_lanes():
    document, start = add_layer(Document(), "Input", {"shape": [8, 8, 4]})
    for _ in range(2):
        document, _ = add_layer(document, "Conv2D", {"filters": 4, "kernel_size": 1}, source=start)
    return document


def test_screen_readers_hear_what_is_selected(strip):
    def said():
        return QAccessible.queryAccessibleInterface(strip).text(QAccessible.Text.Name)

    assert said() == "Network: 14 layers"
    strip.set_words({"conv1": Word("3 of 6 dead", "warning")})
    strip._session.select(["conv1"])
    assert said() == "Network: conv1, Conv2D 6 · 5×5 · P 2, 28×28×6, 3 of 6 dead, 2 of 14 layers"
