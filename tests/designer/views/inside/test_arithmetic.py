"""Where a number comes from: what is shown is what the core says, and every number leads to where it is from."""

import csv
from decimal import Decimal

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel

from core.inside.arithmetic import work_out
from core.inside.backwards import hand_on
from core.inside.looking import Label, Place
from core.inside.printing import grid
from core.io.templates import load_template
from designer import theme
from designer.session import Session
from designer.session.looking import Cell
from designer.views.inside import ArithmeticPanel, Inside, LayersPanel
from designer.views.inside.account import cell_at
from designer.views.inside.cell_grid import as_matrix
from tests.designer.views.inside.looks import Eyes
from tests.drawing import chain, document, layer


@pytest.fixture
def open_panel(qtbot):
    def make(drawn=None):
        theme.set_theme("dark")
        inside = Inside(Session(drawn or load_template("lenet5")))
        panel, layers = ArithmeticPanel(inside), LayersPanel(inside)
        for widget in (panel, layers):
            qtbot.addWidget(widget)
            widget.resize(1200, 420)
        panel.eyes = Eyes(inside)
        for widget in (layers, panel):
            widget.show()
        panel.eyes.look()
        inside.session.probe.take_sample(3)
        return panel, inside

    return make


def press(grid_, place):
    QTest.mouseClick(grid_, Qt.MouseButton.LeftButton, pos=grid_.rect_of(*place).center().toPoint())


def test_on_a_small_screen_the_numbers_are_written_rather_than_what_is_seen_beside_them(open_panel, qtbot):
    panel, inside = open_panel()
    inside.choose(Cell("conv2", 0, 5, 5))
    assert panel.seen.isVisible()
    panel.resize(970, panel.minimumSizeHint().height())  # as in a window of 1280 by 720 pixels
    qtbot.waitUntil(lambda: not panel.seen.isVisible())
    grids = [shown.grid for shown in (panel.values, panel.factors, panel.products)]
    qtbot.waitUntil(lambda: all(each.is_written for each in grids))
    inside.choose(Cell("conv2", 0, 5, 6))
    assert not panel.seen.isVisible()
    panel.resize(1200, 420)
    qtbot.waitUntil(panel.seen.isVisible)


class TestForwards:
    def test_patch_times_filter_is_products_as_the_core_gives_them(self, open_panel):
        panel, inside = open_panel()
        inside.choose(Cell("conv2", 5, 2, 3))
        arithmetic = work_out(inside.look.look, "conv2", (2, 3, 5))
        assert len(panel.channels.rows) == 6
        for channel, patch in enumerate(arithmetic.patches):
            panel.channels.chosen.emit(channel)
            np.testing.assert_array_equal(panel.values.grid.numbers, patch.values)
            np.testing.assert_array_equal(panel.factors.grid.numbers, patch.factors)
            np.testing.assert_allclose(panel.products.grid.numbers.sum(), patch.total)
            assert panel.values.grid.texts == grid(patch.values.ravel().tolist())
            assert panel.values.title.text() == f"channel {channel + 1} of pool1"
        assert arithmetic.lines[0].result in panel.lines.text()
        assert panel.accessibleDescription() == arithmetic.sentence

    def test_products_that_are_printed_add_up_to_the_sum_that_is_printed(self, open_panel):
        panel, inside = open_panel()
        inside.choose(Cell("conv2", 5, 2, 3))
        for channel in range(len(panel.channels.rows)):
            panel.channels.chosen.emit(channel)
            terms = [Decimal(text.replace("−", "-")) for text in panel.products.grid.texts]
            said = panel.products.place.text().removeprefix("they add up to ").replace("−", "-")
            assert sum(terms) == Decimal(said)

    def test_the_channel_that_adds_most_is_shown_first_and_arrows_choose_another(self, open_panel):
        panel, inside = open_panel()
        inside.choose(Cell("conv2", 5, 2, 3))
        totals = [abs(p.total) for p in work_out(inside.look.look, "conv2", (2, 3, 5)).patches]
        first = int(np.argmax(totals))
        assert panel.values.title.text() == f"channel {first + 1} of pool1"
        QTest.keyClick(panel.channels, Qt.Key.Key_Up if first else Qt.Key.Key_Down)
        assert panel.values.title.text() == f"channel {first + (0 if first else 2)} of pool1"

    def test_a_pool_is_followed_to_the_filter_that_made_its_winner(self, open_panel):
        panel, inside = open_panel()
        inside.choose(Cell("pool2", 2, 1, 1))
        assert [each.layer for each in inside.account.workings] == ["pool2", "relu2", "conv2"]
        assert panel.factors.title.text() == "conv2/kernel"
        for each in inside.account.workings:
            assert each.lines[0].result in panel.lines.text()

    def test_a_pool_of_what_has_no_filter_frames_the_winner(self, open_panel):
        panel, inside = open_panel(chain([8, 8, 1], ("MaxPool2D", {"pool_size": 2}), dataset="digits"))
        inside.choose(Cell("pool1", 0, 1, 2))
        patch = work_out(inside.look.look, "pool1", (1, 2, 0)).patches[0]
        assert panel.values.grid._winner == patch.winner
        assert panel.factors.holder.isHidden()

    def test_padding_is_told_apart(self, open_panel):
        panel, inside = open_panel()
        inside.choose(Cell("conv1", 1, 0, 0))
        np.testing.assert_array_equal(panel.values.grid._inside, np.pad(np.ones((3, 3), bool), ((2, 0), (2, 0))))
        assert panel.values.place.text() == "rows 0–2, columns 0–2, padding"

    def test_a_cell_of_the_input_is_what_the_sample_has(self, open_panel):
        panel, inside = open_panel()
        inside.choose(Cell("input", 0, 14, 14))
        assert "as the sample has it" in panel.lines.text()
        assert not panel.back.isEnabled()

    @pytest.mark.parametrize("template", ["lenet5", "resnet20_cifar", "squeezenet1_1", "densenet121"])
    def test_every_layer_of_a_network_has_an_account(self, open_panel, template):
        panel, inside = open_panel(load_template(template))
        known = inside.look.report.layers
        for id in list(known)[:: max(1, len(known) // 20)]:
            shape = known[id].shape
            inside.choose(Cell(id, shape[-1] // 2, *(side // 2 for side in shape[:2] if len(shape) == 3)))
            account = inside.account
            assert account.workings, (id, account.refusal)
            assert account.workings[0].value == pytest.approx(inside.value_of(inside.cell), rel=1e-6)
            assert panel.lines.text()


class TestGoing:
    def test_a_click_on_a_number_chooses_the_cell_that_it_is_from(self, open_panel):
        panel, inside = open_panel()
        inside.choose(Cell("conv2", 5, 2, 3))
        channel = panel._channel
        press(panel.values.grid, (1, 4))
        assert inside.cell == Cell("pool1", channel, 3, 7)

    def test_one_in_the_padding_leads_nowhere(self, open_panel):
        panel, inside = open_panel()
        inside.choose(Cell("conv1", 1, 0, 0))
        press(panel.values.grid, (0, 0))
        assert inside.cell == Cell("conv1", 1, 0, 0)

    def test_keys_choose_a_number_and_return_goes_there(self, open_panel):
        panel, inside = open_panel()
        inside.choose(Cell("conv2", 5, 2, 3))
        channel = panel._channel
        panel.take_keys()
        for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Left):
            QTest.keyClick(panel.values.grid, key)
        assert "row 3, column 1" in panel.values.grid.accessibleDescription()
        QTest.keyClick(panel.values.grid, Qt.Key.Key_Return)
        assert inside.cell == Cell("pool1", channel, 4, 3)

    def test_a_feature_of_a_long_row_leads_to_its_cell(self, open_panel):
        panel, inside = open_panel()
        inside.choose(Cell("fc1", 3))
        press(panel.values.grid, (2, 5))
        assert inside.cell == Cell("flat", 69)

    def test_back_goes_to_the_winner_and_forth_to_what_it_feeds(self, open_panel):
        panel, inside = open_panel()
        inside.choose(Cell("pool2", 2, 1, 1))
        winner = inside.account.workings[0].winner
        QTest.mouseClick(panel.back, Qt.MouseButton.LeftButton)
        assert inside.cell == cell_at(*winner)
        QTest.mouseClick(panel.forth, Qt.MouseButton.LeftButton)
        assert inside.cell == Cell("pool2", 2, 1, 1)
        QTest.keyClick(panel, Qt.Key.Key_PageDown)
        assert inside.cell.layer == "flat"
        QTest.keyClick(panel, Qt.Key.Key_PageUp)
        assert inside.cell == Cell("pool2", 2, 1, 1)

    def test_links_lead_to_the_cells_that_they_name(self, open_panel):
        panel, inside = open_panel()
        inside.choose(Cell("pool2", 2, 1, 1))
        terms = [term.place for term in inside.account.workings[0].lines[0].terms]
        offered = [panel._links.cell(str(i)) for i in range(30)]
        assert {cell_at(*place) for place in terms} <= set(offered)
        target = offered.index(cell_at(*terms[2]))
        panel.lines.linkActivated.emit(str(target))
        assert inside.cell == cell_at(*terms[2])

    def test_an_odd_link_leads_nowhere(self, open_panel):
        panel, inside = open_panel()
        inside.choose(Cell("pool2", 2, 1, 1))
        for name in ("9999", "x", ""):
            panel.lines.linkActivated.emit(name)
        assert inside.cell == Cell("pool2", 2, 1, 1)

    def test_a_merge_leads_to_both_its_sources(self, open_panel):
        drawn = document(
            layer("input", "Input", shape=[8, 8, 1]),
            layer("left", "ReLU", "input"),
            layer("right", "Tanh", "input"),
            layer("sum", "Add", ("left", "right")),
            dataset="digits",
        )
        panel, inside = open_panel(drawn)
        inside.choose(Cell("sum", 0, 4, 4))
        offered = {panel._links.cell(str(i)) for i in range(9)}
        assert {Cell("left", 0, 4, 4), Cell("right", 0, 4, 4)} <= offered
        inside.choose(Cell("input", 0, 4, 4))
        assert {cell.layer for cell in panel._fed(inside.account)} == {"left", "right"}


class TestBackwards:
    def test_gradients_are_handed_on_as_the_core_says(self, open_panel):
        panel, inside = open_panel()
        inside.set_aim(Label(inside.label))
        inside.choose(Cell("conv2", 3, 4, 4))
        back = hand_on(inside.look.look, "conv2", (4, 4, 3))
        assert len(panel.channels.rows) == 6
        for channel, share in enumerate(back.shares):
            panel.channels.chosen.emit(channel)
            np.testing.assert_array_equal(panel.values.grid.numbers, share.slopes)
            np.testing.assert_array_equal(panel.factors.grid.numbers, share.gradients)
            np.testing.assert_array_equal(panel.products.grid.numbers, back.weights[channel].gradients)
        assert panel.accessibleDescription() == back.sentence

    def test_the_winner_of_a_pool_is_a_link(self, open_panel):
        panel, inside = open_panel()
        inside.set_aim(Place("fc3", (1,)))
        inside.choose(Cell("pool1", 1, 5, 5))
        winner = work_out(inside.look.look, "pool1", (5, 5, 1)).winner
        assert cell_at(*winner) in [panel._links.cell(str(i)) for i in range(20)]

    def test_a_layer_after_the_scores_has_no_gradient_and_that_is_said(self, open_panel):
        panel, inside = open_panel()
        inside.set_aim(Place("fc3", (1,)))
        inside.choose(Cell("softmax", 1))
        assert "softmax has no gradient of its own" in panel.lines.text()

    def test_b_turns_round(self, open_panel):
        panel, inside = open_panel()
        inside.choose(Cell("conv2", 3, 4, 4))
        QTest.keyClick(panel, Qt.Key.Key_B)
        assert inside.aim is not None
        QTest.keyClick(panel, Qt.Key.Key_B)
        assert inside.aim is None


class TestFollowing:
    def test_numbers_follow_the_probe(self, open_panel):
        panel, inside = open_panel()
        inside.choose(Cell("conv2", 5, 2, 3))
        before = panel.values.grid.numbers.copy()
        inside.session.probe.take_sample(8)
        assert not np.array_equal(panel.values.grid.numbers, before)
        assert panel.accessibleDescription() == work_out(inside.look.look, "conv2", (2, 3, 5)).sentence

    def test_without_a_cell_it_says_what_to_do(self, open_panel):
        panel, inside = open_panel()
        labels = [label.text() for label in panel._pages.currentWidget().findChildren(QLabel)]
        assert "Click a value of a layer, or go to one with the arrow keys." in labels
        inside.choose(Cell("conv2", 5, 2, 3))
        assert panel._pages.currentWidget() is panel._page
        inside.choose(None)
        assert panel._pages.currentWidget() is panel._empty

    def test_what_it_sees_is_cut_out_of_the_input(self, open_panel):
        panel, inside = open_panel()
        inside.choose(Cell("pool2", 2, 1, 1))
        assert panel.seen.place.text() == "16×16 of input"
        assert panel.seen.picture.image.width() == 16

    def test_hidden_it_does_nothing(self, open_panel):
        panel, inside = open_panel()
        panel.hide()
        inside.choose(Cell("conv2", 5, 2, 3))
        assert panel._steps == ()


class TestKeeping:
    def test_the_picture_is_copied(self, open_panel):
        panel, inside = open_panel()
        inside.choose(Cell("conv2", 5, 2, 3))
        panel.keeping.copy_picture()
        assert QGuiApplication.clipboard().image().width() > 2 * panel.width()  # with its words

    def test_picture_and_numbers_are_saved(self, open_panel, tmp_path, monkeypatch):
        panel, inside = open_panel()
        inside.choose(Cell("conv2", 5, 2, 3))
        for save, name in (
            (panel.keeping.save_picture, "a.png"),
            (panel.keeping.save_csv, "a"),
            (panel.keeping.save_npy, "a"),
        ):
            monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, name=name: (str(tmp_path / name), ""))
            save()
        assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
        values, factors, products = (shown.grid.numbers for shown in (panel.values, panel.factors, panel.products))
        np.testing.assert_array_equal(np.load(tmp_path / "a.npy"), np.stack([values, factors, products], axis=-1))
        head, *rows = csv.reader((tmp_path / "a.csv").read_text().splitlines())
        assert head == [
            "row",
            "column",
            *(shown.title.text() for shown in (panel.values, panel.factors, panel.products)),
        ]
        assert [list(map(float, row)) for row in rows] == [
            [*at, values[at], factors[at], products[at]] for at in np.ndindex(products.shape)
        ]

    def test_of_the_layers_all_maps_of_the_chosen_one(self, open_panel):
        _, inside = open_panel()
        layers = next(each for each in inside._wants if isinstance(each, LayersPanel))
        inside.choose(Cell("conv2", 5, 2, 3))
        numbers = layers.keeping.numbers()
        np.testing.assert_array_equal(numbers.array, inside.look.shown["conv2"])
        text = numbers.csv.splitlines()
        assert text[0] == "row,column,map,value"
        assert len(text) == 1 + 10 * 10 * 16

    @pytest.mark.parametrize("kept", ["layers", "arithmetic"])
    def test_the_button_opens_what_the_right_button_opens(self, qtbot, open_panel, kept):
        panel, inside = open_panel()
        inside.choose(Cell("conv2", 5, 2, 3))
        layers = next(each for each in inside._wants if isinstance(each, LayersPanel))
        QTest.mouseClick((panel if kept == "arithmetic" else layers).take, Qt.MouseButton.LeftButton)
        menu = QApplication.activePopupWidget()
        assert [each.isEnabled() for each in menu.actions() if each.text()] == [True] * 6
        menu.close()


def test_rows_are_broken_without_losing_a_value():
    values = np.arange(70.0)
    matrix = as_matrix(values)
    np.testing.assert_array_equal(matrix.ravel()[:70], values)
    assert np.isnan(matrix.ravel()[70:]).all()
