"""All layers side by side: the right colours at the right places, the right cell under the mouse, only what is seen."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from core.analysis.check import check
from core.analysis.receptive_field import Box
from core.graph.values import Document
from core.inside.regions import seen_by
from core.io.templates import load_template
from designer import theme
from designer.session import Probed, Session
from designer.session.looking import Cell, Digest, Insight
from designer.theme.colormaps import ACTIVATIONS, colourise
from designer.views.inside import Inside, LayersPanel
from designer.views.inside.arrangement import Arrangement
from designer.views.inside.columns import columns_of
from designer.views.inside.map_pictures import strongest
from tests.designer.views.inside.looks import Eyes
from tests.drawing import chain, document, layer


@pytest.fixture
def open_panel(qtbot):
    def make(drawn=None, size=(1300, 560)):
        theme.set_theme("dark")
        inside = Inside(Session(drawn or load_template("lenet5")))
        panel = LayersPanel(inside)
        qtbot.addWidget(panel)
        panel.resize(*size)
        panel.show()
        if inside.session.document.graph.layers:
            panel.eyes = Eyes(inside)
            panel.eyes.look()
        else:
            inside.show_look(Insight(inside.session.report, Probed(), "untrained", refusal="Draw layers to see."))
        return panel.view, inside, panel

    return make


def click(view, cell):
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.place_of(cell).center().toPoint())


def colour_at(view, point):
    colour = view.viewport().grab().toImage().pixelColor(point)
    return colour.red(), colour.green(), colour.blue()


class TestColumns:
    def test_every_layer_has_one_in_the_order_of_computing(self, open_panel):
        view, inside, _ = open_panel()
        assert [column.layer for column in view.columns] == list(inside.look.report.layers)
        lefts = [view.arrangement.spots[column.id].rect.left() for column in view.columns]
        assert lefts == sorted(lefts)

    def test_an_input_is_a_picture_features_are_a_bar_and_classes_have_names(self, open_panel):
        view, *_ = open_panel()
        assert [column.form for column in view.columns if column.layer in {"input", "conv1", "fc1", "softmax"}] == [
            "picture",
            "maps",
            "bar",
            "classes",
        ]

    def test_branches_stand_one_above_the_other(self, open_panel):
        drawn = document(
            layer("input", "Input", shape=[8, 8, 2]),
            layer("left", "Conv2D", "input", filters=2, kernel_size=1),
            layer("right", "Conv2D", "input", filters=2, kernel_size=1),
            layer("sum", "Add", ("left", "right")),
        )
        view, *_ = open_panel(drawn)
        left, right = view.arrangement.spots["left"], view.arrangement.spots["right"]
        assert left.rect.left() == right.rect.left()
        assert left.rect.bottom() <= right.rect.top() + 1
        assert view.arrangement.apart(view.arrangement.spots["sum"]) == [left, right]

    def test_a_block_is_one_column_until_it_is_opened(self, open_panel):
        view, inside, _ = open_panel(load_template("resnet20_cifar"))
        blocks = [column for column in view.columns if column.is_block]
        assert blocks
        assert all(column.layer.startswith(f"{column.id}/") for column in blocks)
        inside.session.enter(f"{blocks[0].id}/1/")
        assert all(column.id.startswith(f"{blocks[0].id}/1/") for column in view.columns)
        assert {column.layer for column in view.columns} <= set(inside.look.report.layers)

    def test_no_two_columns_overlap_and_maps_lie_within(self):
        for name in ("lenet5", "resnet50", "googlenet", "mlp", "vgg16"):
            columns = columns_of(check(load_template(name)))
            spots = list(Arrangement(columns, {}, (1000, 420)).spots.values())
            for place, spot in enumerate(spots):
                assert all(spot.rect.adjusted(-1, -1, 1, 1).contains(cell) for cell in spot.cells), spot
                assert not any(spot.rect.adjusted(1, 1, -1, -1).intersects(other.rect) for other in spots[:place])


class TestMaps:
    def test_a_value_has_its_colour_in_its_place(self, open_panel):
        view, inside, _ = open_panel()
        maps = inside.look.maps["conv2"]
        low, high = float(maps.min()), float(maps.max())
        for cell in (Cell("conv2", 0, 0, 0), Cell("conv2", 9, 4, 7), Cell("conv2", 15, 9, 9)):
            value = maps[cell.row, cell.column, cell.channel]
            expected = tuple(map(int, colourise([value], ACTIVATIONS, low, high)[0, :3]))
            assert colour_at(view, view.place_of(cell).center().toPoint()) == expected

    def test_a_feature_has_its_colour_in_the_bar(self, open_panel):
        view, inside, _ = open_panel()
        values = inside.look.maps["fc3"]
        expected = colourise(values, ACTIVATIONS, float(values.min()), float(values.max()))
        for channel in (0, 5, 9):
            point = view.place_of(Cell("fc3", channel)).center().toPoint()
            assert colour_at(view, point) == tuple(map(int, expected[channel, :3]))

    def test_of_many_the_strongest_are_shown_and_the_rest_is_counted(self, open_panel):
        view, inside, _ = open_panel(chain([8, 8, 1], ("Conv2D", {"filters": 64, "kernel_size": 3}), dataset="digits"))
        spot = view.arrangement.spots["conv1"]
        shown = view.pictures(spot).channels
        maps = inside.look.maps["conv1"]
        strength = np.abs(maps).mean(axis=(0, 1))
        assert len(shown) == 16
        assert strength[shown].min() >= np.delete(strength, shown).max()

    def test_the_chosen_map_is_among_them(self, open_panel):
        view, inside, _ = open_panel(chain([8, 8, 1], ("Conv2D", {"filters": 64, "kernel_size": 3}), dataset="digits"))
        shown = view.pictures(view.arrangement.spots["conv1"]).channels
        hidden = next(channel for channel in range(64) if channel not in shown)
        inside.choose(Cell("conv1", hidden, 0, 0))
        assert hidden in view.pictures(view.arrangement.spots["conv1"]).channels

    def test_strongest_heeds_only_finite_numbers(self):
        assert strongest(Digest.of(np.array([np.nan, 1.0, np.inf, 2.0])).strength, 2).tolist() == [1, 3]

    def test_the_scale_may_be_that_of_a_layer_of_a_map_or_of_all(self, open_panel):
        view, inside, panel = open_panel()
        maps = inside.look.maps
        assert view.maps.limits("conv2") == (maps["conv2"].min(), maps["conv2"].max())
        panel.scale.setCurrentIndex(2)
        low, high = view.maps.limits("conv2")
        assert low <= min(maps["conv1"].min(), maps["fc1"].min())
        assert high >= max(maps["conv1"].max(), maps["fc1"].max())
        panel.scale.setCurrentIndex(1)
        one = maps["conv2"][..., 3]
        row, column = np.unravel_index(int(one.argmax()), one.shape)
        point = view.place_of(Cell("conv2", 3, int(row), int(column))).center().toPoint()
        assert colour_at(view, point) == tuple(map(int, ACTIVATIONS[-1, :3]))

    def test_untrained_networks_are_marked(self, open_panel):
        *_, panel = open_panel()
        assert panel.readout.text().startswith("random weights")


class TestWhatIsWanted:
    def test_only_what_is_in_sight(self, open_panel):
        view, inside, _ = open_panel(size=(400, 400))
        layers = inside._wanted.layers
        assert {"input", "conv1", "softmax"} <= layers  # and what the network says
        assert "fc1" not in layers
        view.horizontalScrollBar().setValue(view.horizontalScrollBar().maximum())
        assert "fc3" in inside._wanted.layers
        assert "conv1" not in inside._wanted.layers
        assert "conv1" in inside.look.maps  # what was seen is not forgotten

    def test_hidden_nothing(self, open_panel):
        _, inside, panel = open_panel()
        panel.hide()
        assert not inside._wanted.is_on

    def test_only_columns_in_sight_are_painted(self, open_panel, monkeypatch):
        view, *_ = open_panel(size=(400, 400))
        painted = []
        monkeypatch.setattr(view, "_paint_column", lambda painter, spot: painted.append(spot.column.id))
        view.viewport().grab()
        assert painted
        assert "fc3" not in painted


class TestChoosing:
    @pytest.mark.parametrize(
        "cell", [Cell("conv1", 4, 27, 0), Cell("pool2", 2, 1, 1), Cell("fc1", 77), Cell("input", 0, 3, 20)]
    )
    def test_a_click_chooses_the_value_under_the_mouse(self, open_panel, cell):
        view, inside, panel = open_panel()
        click(view, cell)
        assert inside.cell == cell
        value = inside.value_of(cell)
        assert panel.readout.text().endswith(f"{value:.4g}".replace("-", "−"))
        assert view.accessibleDescription().startswith(f"{panel.readout.text()}. ")

    def test_a_click_on_a_class_chooses_its_value(self, open_panel):
        view, inside, panel = open_panel()
        click(view, Cell("softmax", 7))
        assert inside.cell == Cell("softmax", 7)
        assert panel.readout.text().startswith("softmax, 7: ")

    def test_keys_go_from_value_to_value_map_to_map_layer_to_layer(self, open_panel):
        view, inside, _ = open_panel()
        view.setFocus()
        inside.choose(Cell("conv2", 3, 4, 5))
        for key, cell in (
            (Qt.Key.Key_Right, Cell("conv2", 3, 4, 6)),
            (Qt.Key.Key_Down, Cell("conv2", 3, 5, 6)),
            (Qt.Key.Key_BracketRight, Cell("conv2", 4, 5, 6)),
            (Qt.Key.Key_BracketLeft, Cell("conv2", 3, 5, 6)),
            (Qt.Key.Key_PageDown, Cell("relu2", 3, 5, 6)),
            (Qt.Key.Key_PageDown, Cell("pool2", 3, 2, 3)),
            (Qt.Key.Key_PageUp, Cell("relu2", 3, 4, 6)),
        ):
            QTest.keyClick(view, key)
            assert inside.cell == cell
        QTest.keyClick(view, Qt.Key.Key_Escape)
        assert inside.cell is None

    def test_they_stop_at_the_ends(self, open_panel):
        view, inside, _ = open_panel()
        inside.choose(Cell("input", 0, 0, 0))
        for key in (Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_BracketLeft, Qt.Key.Key_PageUp):
            QTest.keyClick(view, key)
            assert inside.cell == Cell("input", 0, 0, 0)

    def test_the_first_key_begins_in_the_selected_layer(self, open_panel):
        view, inside, _ = open_panel()
        inside.session.select(["pool1"])
        QTest.keyClick(view, Qt.Key.Key_Right)
        assert inside.cell == Cell("pool1", 0, 7, 7)

    def test_return_asks_for_the_arithmetic_and_space_for_the_next_sample(self, open_panel, qtbot):
        view, inside, _ = open_panel()
        click(view, Cell("conv1", 0, 3, 3))
        with qtbot.waitSignal(inside.arithmetic_requested):
            QTest.keyClick(view, Qt.Key.Key_Return)
        QTest.keyClick(view, Qt.Key.Key_Space)
        assert inside.session.probe.now.sample == 1

    def test_a_click_on_a_heading_selects_and_a_double_click_leads_to_the_canvas(self, open_panel, qtbot):
        view, inside, _ = open_panel()
        at = (view.arrangement.spots["pool1"].rect.topLeft() + QPointF(20, 20)).toPoint()
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
        assert inside.session.selection == ("pool1",)
        with qtbot.waitSignal(view.layer_opened) as told:
            QTest.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
        assert told.args == ["pool1"]

    def test_a_cell_that_is_no_longer_there_is_not_chosen(self, open_panel):
        view, inside, panel = open_panel()
        inside.choose(Cell("conv2", 15, 0, 0))
        inside.wanted_changed.disconnect(panel.eyes._want)
        Eyes(inside, chain([28, 28, 1], ("Conv2D", {"filters": 2, "kernel_size": 3}))).look()
        assert inside.cell is None
        assert [column.layer for column in view.columns] == ["input", "conv1"]


class TestFrames:
    def test_every_layer_before_is_framed_where_the_cell_sees_it(self, open_panel):
        view, inside, _ = open_panel()
        inside.choose(Cell("pool2", 2, 1, 1))
        frames = view._frames(view.visible_spots())
        seen = seen_by(inside.look.look.program, "pool2", (1, 1, 2))
        assert frames.keys() == seen.keys() == {"input", "conv1", "relu1", "pool1", "conv2", "relu2", "pool2"}
        for id, region in seen.items():
            assert {frame.box for frame in frames[id]} == {region.frame}
            assert sum(frame.is_strong for frame in frames[id]) == 1
        assert len(frames["pool1"]) == 6
        assert len(frames["conv2"]) == 1

    def test_the_strong_path_is_one_of_values_that_were_added(self, open_panel):
        view, inside, _ = open_panel()
        inside.choose(Cell("pool2", 2, 1, 1))
        path = inside.account.path
        assert path["pool2"] == path["relu2"] == path["conv2"] == 2
        assert path["pool1"] == path["relu1"] == path["conv1"]
        strong = {
            id: next(f.place for f in frames if f.is_strong)
            for id, frames in view._frames(view.visible_spots()).items()
        }
        assert strong["pool1"] == strong["conv1"] == path["pool1"]

    def test_padding_that_is_read_is_hatched_beyond_the_border(self, open_panel):
        view, inside, _ = open_panel()
        inside.choose(Cell("conv1", 0, 0, 0))
        frame = view._frames(view.visible_spots())["input"][0]
        assert (frame.box.top, frame.box.left) == (-2, -2)
        spot = view.arrangement.spots["input"]
        corner = spot.cells[0].topLeft() - view._origin()
        image = view.viewport().grab().toImage()
        area = [image.pixelColor(QPoint(int(corner.x()) - x, int(corner.y()) + 8)).name() for x in range(3, 8)]
        assert theme.current().accent in area

    def test_a_feature_behind_flatten_sees_all_of_what_is_before(self, open_panel):
        view, inside, _ = open_panel()
        inside.choose(Cell("fc1", 5))
        frames = view._frames(view.visible_spots())
        assert frames["input"][0].box == Box(-2, -2, 30, 30)  # with the padding that is read
        assert len(frames["flat"]) == 1
        assert len(frames["fc1"]) == 1


class TestBackwards:
    def test_the_switch_shows_gradients_of_the_likeliest_class(self, open_panel):
        view, inside, panel = open_panel()
        QTest.mouseClick(panel.direction.parts[1], Qt.MouseButton.LeftButton)
        best = int(inside.output.argmax())
        assert inside.aim.cell == (best,)
        assert panel.aim.currentText() == f"score of {best}"
        assert view.maps.are_gradients
        limit = view.maps.limits("conv2")
        assert limit[0] == -limit[1]
        assert inside.value_of(Cell("fc3", best)) == 1

    def test_b_does_the_same_and_takes_it_back(self, open_panel):
        view, inside, panel = open_panel()
        QTest.keyClick(view, Qt.Key.Key_B)
        assert panel.direction.parts[1].isChecked()
        QTest.keyClick(view, Qt.Key.Key_B)
        assert inside.aim is None
        assert not panel.aim.isVisible()
        assert not view.maps.are_gradients

    def test_the_loss_and_every_score_are_offered(self, open_panel):
        view, inside, panel = open_panel()
        QTest.keyClick(view, Qt.Key.Key_B)
        assert panel.aim.count() == 11
        assert panel.aim.itemText(0) == f"loss, {inside.label} being right"
        panel.aim.setCurrentIndex(0)
        panel.aim.activated.emit(0)
        assert inside.aim.label == inside.label
        assert inside.look.look.loss > 0


class TestEmpty:
    def test_why_there_is_nothing_is_said(self, open_panel):
        view, inside, panel = open_panel(Document())
        assert "Draw layers to see." in [label.text() for label in panel._empty.findChildren(QLabel)]
        assert not view.isVisible()
        assert inside._wanted.is_on  # somebody waits for layers
