"""The filters of a layer: the right numbers in the right places."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from core.graph.edits import add_layer, rename_layer, set_config
from core.io.templates import load_template
from core.training.snapshots import Interest, Snapshot
from designer import theme
from designer.session import Session
from designer.theme.colormaps import weights
from designer.views import FiltersView
from designer.views.filters import kernel_shape
from designer.views.kernel_sheet import MOST_CHANNELS, colour_cells, matrix_place, sheet_of
from tests.designer.views.looking import at, click_value, colour_at, colour_of
from tests.drawing import chain


@pytest.fixture(autouse=True)
def _dark(qapp):
    theme.set_theme("dark")


@pytest.fixture
def view(qtbot):
    def make(document=None):
        session = Session(document or load_template("lenet5"))
        widget = FiltersView(session)
        qtbot.addWidget(widget)
        widget.resize(520, 300)
        widget.show()
        return widget, session

    return make


def kernels(session, seed=0, **of):
    rng = np.random.default_rng(seed)
    made = {}
    for id, layer in session.report.layers.items():
        if shape := kernel_shape(layer):
            made[id] = of.get(id, rng.normal(size=shape).astype(np.float32))
            made[id].setflags(write=False)
    return Snapshot(7, made)


class TestChoosing:
    def test_it_lists_the_layers_that_have_a_kernel(self, view):
        widget, _ = view()
        assert [widget.chooser.itemText(i) for i in range(widget.chooser.count())] == [
            "conv1", "conv2", "fc1", "fc2", "fc3"
        ]  # fmt: skip

    def test_it_follows_the_selection_as_far_as_it_has_a_kernel(self, view):
        widget, session = view()
        session.select(["conv2"])
        assert widget.layer.id == "conv2"
        session.select(["relu1"])
        assert widget.layer.id == "conv2"
        session.select([])
        assert widget.layer.id == "conv2"

    def test_it_asks_only_for_what_it_shows_and_only_when_it_is_seen(self, qtbot, view):
        widget, session = view()
        assert widget.interest() == Interest(kernels=frozenset({"conv1"}))
        with qtbot.waitSignal(widget.interest_changed):
            session.select(["conv2"])
        assert widget.interest() == Interest(kernels=frozenset({"conv2"}))
        with qtbot.waitSignal(widget.interest_changed):
            widget.hide()
        assert widget.interest() == Interest()

    def test_a_layer_that_is_gone_is_shown_no_more(self, view):
        from core.graph.edits import remove_layers

        widget, session = view()
        session.edit("remove", remove_layers(session.document, ["conv1"]))
        assert widget.layer.id == "conv2"


class TestOneChannel:
    def test_the_title_says_how_many_of_what_size(self, view):
        widget, session = view()
        widget.set_origin("live")
        widget.show_snapshot(kernels(session))
        assert (widget.title.text(), widget.subtitle.text()) == ("filters", "6 of 5×5×1 · live")

    def test_every_value_has_its_colour_in_its_place(self, view):
        widget, session = view()
        snapshot = kernels(session)
        widget.show_snapshot(snapshot)
        kernel = snapshot.kernels["conv1"]
        limit = float(np.abs(kernel).max())
        for number, row, column in ((0, 0, 0), (3, 2, 4), (5, 4, 4)):
            expected = colour_of(kernel[row, column, 0, number], weights(theme.DARK), -limit, limit)
            assert colour_at(widget.mosaic, (number, row, column)) == expected

    def test_the_legend_shows_the_limits(self, view):
        widget, session = view()
        kernel = np.zeros((5, 5, 1, 6), np.float32)
        kernel[1, 2, 0, 3] = -0.5
        widget.show_snapshot(kernels(session, conv1=kernel))
        assert widget.legend.texts == ("−0.5", "0.5")
        assert widget.legend.isVisible()

    def test_a_click_shows_the_numbers_and_the_norm(self, qtbot, view):
        widget, session = view()
        snapshot = kernels(session)
        widget.show_snapshot(snapshot)
        assert not widget.detail.isVisible()
        click_value(qtbot, widget.mosaic, (2, 1, 1))
        assert widget.detail.isVisible()
        np.testing.assert_array_equal(widget.grid.numbers, snapshot.kernels["conv1"][:, :, 0, 2])
        norm = np.linalg.norm(snapshot.kernels["conv1"][..., 2])
        assert f"norm {norm:.3f}" in widget._about.text()
        assert widget._name.text() == "filter 3"

    def test_the_numbers_go_on_changing_while_it_learns(self, qtbot, view):
        widget, session = view()
        widget.show_snapshot(kernels(session))
        click_value(qtbot, widget.mosaic, (2, 1, 1))
        later = kernels(session, seed=1)
        widget.show_snapshot(later)
        np.testing.assert_array_equal(widget.grid.numbers, later.kernels["conv1"][:, :, 0, 2])

    def test_keys_go_from_filter_to_filter(self, qtbot, view):
        widget, session = view()
        widget.show_snapshot(kernels(session))
        widget.mosaic.setFocus()
        qtbot.keyClick(widget.mosaic, Qt.Key.Key_Right)
        qtbot.keyClick(widget.mosaic, Qt.Key.Key_Right)
        assert widget.mosaic.choice[0] == 1
        qtbot.keyClick(widget.mosaic, Qt.Key.Key_Escape)
        assert widget.mosaic.choice is None
        assert not widget.detail.isVisible()

    def test_the_mouse_says_what_it_is_over(self, qtbot, view):
        widget, session = view()
        snapshot = kernels(session)
        widget.show_snapshot(snapshot)
        qtbot.mouseMove(widget.mosaic.viewport(), at(widget.mosaic, (3, 2, 1)))
        value = f"{snapshot.kernels['conv1'][2, 1, 0, 3]:.3f}".replace("-", "−")
        qtbot.waitUntil(lambda: widget.readout.text() == f"filter 4 · channel 1 · {value}")


class TestDeeper:
    def test_columns_are_filters_and_rows_are_channels(self, view):
        widget, session = view()
        session.select(["conv2"])
        snapshot = kernels(session)
        widget.show_snapshot(snapshot)
        assert (widget.mosaic.arrangement.rows, widget.mosaic.arrangement.columns) == (6, 16)
        kernel = snapshot.kernels["conv2"]
        limit = float(np.abs(kernel).max())
        expected = colour_of(kernel[1, 2, 4, 9], weights(theme.DARK), -limit, limit)
        assert colour_at(widget.mosaic, (4 * 16 + 9, 1, 2)) == expected
        assert widget.subtitle.text() == "16 of 5×5×6 · untrained · channel 1–6"

    def test_a_click_names_filter_and_channel(self, qtbot, view):
        widget, session = view()
        session.select(["conv2"])
        snapshot = kernels(session)
        widget.show_snapshot(snapshot)
        click_value(qtbot, widget.mosaic, (4 * 16 + 9, 0, 0))
        assert widget._name.text() == "filter 10 · channel 5"
        np.testing.assert_array_equal(widget.grid.numbers, snapshot.kernels["conv2"][:, :, 4, 9])

    def test_many_channels_are_looked_through(self, view):
        conv = ("Conv2D", {"filters": 40, "kernel_size": 3, "padding": 1})
        widget, session = view(chain([8, 8, 1], conv, conv))
        session.select(["conv2"])
        snapshot = kernels(session)
        widget.show_snapshot(snapshot)
        assert widget.mosaic.arrangement.rows == MOST_CHANNELS
        widget._first.setValue(25)
        assert widget.subtitle.text() == "40 of 3×3×40 · untrained · channel 25–40"
        widget.mosaic.choose((0, 0, 0))
        np.testing.assert_array_equal(widget.grid.numbers, snapshot.kernels["conv2"][:, :, 24, 0])


class TestColour:
    def test_filters_of_a_colour_image_are_in_colour(self, view):
        widget, session = view(chain([8, 8, 3], ("Conv2D", {"filters": 4, "kernel_size": 3})))
        kernel = np.zeros((3, 3, 3, 4), np.float32)
        kernel[0, 0, 0, 0] = 2.0
        kernel[0, 0, 2, 0] = -2.0
        widget.show_snapshot(kernels(session, conv1=kernel))
        assert colour_at(widget.mosaic, (0, 0, 0)) == (255, 128, 0)
        assert not widget.legend.isVisible()

    def test_three_channels_deeper_in_are_no_colours(self, view):
        conv = ("Conv2D", {"filters": 3, "kernel_size": 3, "padding": 1})
        widget, session = view(chain([8, 8, 1], conv, conv))
        session.select(["conv2"])
        widget.show_snapshot(kernels(session))
        assert widget.mosaic.arrangement.columns == 3
        assert widget.legend.isVisible()

    def test_colours_survive_what_is_not_finite(self):
        kernel = np.full((1, 1, 3, 1), np.nan, np.float32)
        assert colour_cells(kernel, 1.0).shape == (1, 1, 1, 4)


class TestMatrices:
    def test_a_dense_kernel_is_one_matrix(self, qtbot, view):
        widget, session = view()
        session.select(["fc3"])
        snapshot = kernels(session)
        widget.show_snapshot(snapshot)
        assert widget.mosaic.arrangement.n == 1
        assert widget.subtitle.text().startswith("84 inputs → 10")
        widget.mosaic.choose((0, 3, 70))  # 84 inputs across, 10 outputs down
        assert widget._name.text() == "input 71 → output 4"
        weight = f"{snapshot.kernels['fc3'][70, 3]:.4f}".replace("-", "−")
        assert f"weight {weight}" in widget._about.text()

    @pytest.mark.parametrize("shape", [(3, 7), (7, 3), (4, 4)])
    def test_its_longer_side_lies(self, shape):
        matrix = np.arange(21.0 if shape != (4, 4) else 16.0).reshape(shape)
        (cell,) = sheet_of(matrix, filters=False).cells
        assert cell.shape[1] >= cell.shape[0]
        for row in range(cell.shape[0]):
            for column in range(cell.shape[1]):
                assert matrix[matrix_place(matrix, (0, row, column))] == cell[row, column]


class TestWhereThereIsNothing:
    def test_without_any_filters_it_says_what_to_do(self, view):
        widget, _ = view(chain([8, 8, 1], "ReLU"))
        assert not widget.showing
        assert "Drag a convolution" in widget._empty_text.text()

    def test_a_layer_that_is_not_being_trained_says_so(self, view):
        widget, session = view()
        widget.set_origin("live")
        widget.set_source(session.report)
        snapshot = kernels(session)
        document, _ = add_layer(session.document, "Conv2D", {"filters": 2, "kernel_size": 3}, source="input", id="new")
        session.edit("add", document)
        session.select(["new"])
        widget.show_snapshot(snapshot)
        assert not widget.showing
        assert "not in the network that was trained" in widget._empty_text.text()

    def test_a_kernel_of_another_size_is_not_taken_for_it(self, view):
        widget, session = view()
        widget.set_origin("live")
        snapshot = kernels(session)
        session.edit("set", set_config(session.document, "conv1", {"kernel_size": 3, "padding": 1}))
        widget.show_snapshot(snapshot)
        assert not widget.showing

    def test_a_huge_kernel_is_not_copied(self, view):
        big = ("Dense", {"units": 60_000})
        widget, _ = view(chain([100], big))
        assert widget.interest() == Interest()
        widget.show_snapshot(Snapshot(0))
        assert "6.0 M numbers" in widget._empty_text.text()

    def test_problems_are_passed_on(self, view):
        widget, session = view()
        widget.show_snapshot(kernels(session))
        assert widget.showing
        widget.set_refusal("Solve the problem first.")
        assert not widget.showing
        assert widget._empty_text.text() == "Solve the problem first."


def test_no_pixel_outside_the_cells_is_chosen(qtbot, view):
    widget, session = view()
    widget.show_snapshot(kernels(session))
    corner = QPoint(widget.mosaic.viewport().width() - 1, widget.mosaic.viewport().height() - 1)
    click_value(qtbot, widget.mosaic, (1, 0, 0))
    qtbot.mouseClick(widget.mosaic.viewport(), Qt.MouseButton.LeftButton, pos=corner)
    assert widget.mosaic.choice is None


def test_of_a_long_name_both_ends_are_shown(view):
    widget, session = view()
    name = "the_first_of_all_convolutions_1"
    session.edit("rename", rename_layer(session.document, "conv1", name))
    widget.chooser.setCurrentText(name)
    shown = widget.chooser.shown_text()
    assert shown.startswith("th")
    assert shown.endswith("_1")
    assert len(shown) < len(name)
    widget.chooser.setCurrentText("conv2")
    assert widget.chooser.shown_text() == "conv2"


@pytest.mark.parametrize("name", ["a", "i", "conv1", "conv111", "W_W"])
def test_a_name_that_is_the_longest_is_shown_whole(view, name):
    widget, session = view()
    if name != "conv1":
        session.edit("rename", rename_layer(session.document, "conv2", name))
    chooser = widget.chooser
    chooser.setCurrentText(name)
    for i in reversed(range(chooser.count())):
        if chooser.itemText(i) != name:
            chooser.removeItem(i)
    chooser.resize(chooser.sizeHint())
    assert chooser.shown_text() == name
