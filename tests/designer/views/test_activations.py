"""What a layer makes of a sample: the right map, the right place in the sample, the right class."""

import numpy as np
import pytest
from PySide6.QtCore import Qt

from core.analysis.receptive_field import Box
from core.engine.network import Network
from core.io.datasets import fit_to, load_dataset
from core.io.templates import load_template
from core.training.snapshots import Interest, Snapshot, take_snapshot
from designer import theme
from designer.session import Session
from designer.theme.colormaps import ACTIVATIONS
from designer.views import ActivationsView
from designer.views.activations import box_text, cells_of, limits_of
from designer.views.class_bars import probabilities_of
from tests.designer.views.looking import click_value, colour_at, colour_of
from tests.drawing import chain


@pytest.fixture(scope="module")
def samples():
    return fit_to(load_dataset("digits"), (28, 28, 1))


@pytest.fixture(scope="module")
def network():
    return Network(load_template("lenet5"))


@pytest.fixture
def view(qtbot, samples):
    def make(document=None):
        theme.set_theme("dark")
        session = Session(document or load_template("lenet5"))
        widget = ActivationsView(session)
        qtbot.addWidget(widget)
        widget.resize(560, 320)
        widget.show()
        widget.set_dataset(samples)
        return widget, session

    return make


def snapshot(network, samples, widget, sample=0):
    return take_snapshot(network, widget.interest(), samples.pixels(np.array([sample]))[0], 3)


class TestMaps:
    def test_it_asks_for_the_layer_and_the_output(self, qtbot, view):
        widget, session = view()
        session.select(["pool1"])
        assert widget.interest() == Interest(maps=frozenset({"pool1", "softmax"}))
        widget.hide()
        assert widget.interest() == Interest()

    def test_every_value_has_its_colour_in_its_place(self, view, network, samples):
        widget, session = view()
        session.select(["conv2"])
        shot = snapshot(network, samples, widget)
        widget.show_snapshot(shot)
        maps = shot.maps["conv2"]
        for row, column, channel in ((0, 0, 0), (4, 7, 9), (9, 9, 15)):
            expected = colour_of(maps[row, column, channel], ACTIVATIONS, float(maps.min()), float(maps.max()))
            assert colour_at(widget.mosaic, (channel, row, column)) == expected
        assert widget.subtitle.text() == "16 of 10×10 · untrained"

    def test_features_are_a_value_each(self, view, network, samples):
        widget, session = view()
        session.select(["fc1"])
        widget.show_snapshot(snapshot(network, samples, widget))
        assert widget.mosaic.arrangement.n == 120
        assert (widget.title.text(), widget.subtitle.text()) == ("values", "120 · untrained")

    def test_a_hidden_view_draws_when_it_is_seen_again(self, qtbot, view, network, samples):
        widget, _ = view()
        shot = snapshot(network, samples, widget)
        widget.hide()
        widget.show_snapshot(shot)
        assert widget.mosaic.arrangement is None
        widget.show()
        assert widget.mosaic.arrangement is not None

    def test_limits_heed_only_finite_numbers(self):
        assert limits_of(np.array([1.0, np.nan, -2.0, np.inf])) == (-2.0, 1.0)
        assert limits_of(np.array([np.nan])) == (0.0, 0.0)

    def test_cells_are_channels(self):
        maps = np.arange(24).reshape(2, 3, 4)
        np.testing.assert_array_equal(cells_of(maps)[1], maps[:, :, 1])


class TestAValue:
    def test_a_click_tells_the_value_and_frames_what_it_sees(self, qtbot, view, network, samples):
        widget, session = view()
        session.select(["conv1"])
        shot = snapshot(network, samples, widget)
        widget.show_snapshot(shot)
        click_value(qtbot, widget.mosaic, (1, 12, 14))
        value = f"{shot.maps['conv1'][12, 14, 1]:.3g}".replace("-", "−")
        assert widget.readout.text() == f"map 2 · cell (12, 14): {value}"
        assert widget.probe.image.box == Box(10, 12, 15, 17)
        assert widget.probe._sees.text() == "sees rows 10–14, columns 12–16"
        click_value(qtbot, widget.mosaic, (0, 0, 0))
        assert widget.probe._sees.text() == "sees rows 0–2, columns 0–2, padding"

    def test_keys_move_it(self, qtbot, view, network, samples):
        widget, session = view()
        session.select(["conv1"])
        widget.show_snapshot(snapshot(network, samples, widget))
        click_value(qtbot, widget.mosaic, (1, 12, 14))
        qtbot.keyClick(widget.mosaic, Qt.Key.Key_Down)
        qtbot.keyClick(widget.mosaic, Qt.Key.Key_PageDown)
        assert widget.mosaic.choice == (2, 13, 14)
        assert widget.probe.image.box == Box(11, 12, 16, 17)

    def test_behind_flatten_nothing_is_framed(self, view, network, samples):
        widget, session = view()
        session.select(["fc1"])
        widget.show_snapshot(snapshot(network, samples, widget))
        widget.mosaic.choose((3, 0, 0))
        assert widget.probe.image.box is None
        assert widget.readout.text().startswith("value 4: ")

    def test_maps_of_another_graph_frame_nothing(self, view):
        widget, session = view()
        session.select(["conv1"])
        widget.show_snapshot(Snapshot(1, {}, {"conv1": np.ones((12, 12, 2), np.float32)}))
        widget.mosaic.choose((0, 5, 5))
        assert widget.probe.image.box is None

    def test_box_texts(self):
        assert box_text(Box(0, 0, 28, 28), (28, 28, 1)) == "rows 0–27, columns 0–27"
        assert box_text(Box(-1, 3, 30, 5), (28, 28, 1)) == "rows 0–27, columns 3–4, padding"


class TestTheSample:
    def test_another_sample_is_asked_for_and_shown(self, qtbot, view, samples):
        widget, _ = view()
        with qtbot.waitSignal(widget.sample_changed) as told:
            qtbot.mouseClick(widget.probe._after, Qt.MouseButton.LeftButton)
        assert told.args == [1]
        assert widget.probe.says == f"is {samples.labels[1]}"
        assert widget.probe.number.maximum() == 1797

    def test_it_shows_the_pixels(self, view, samples):
        widget, _ = view()
        widget.probe.choose(5)
        shown = widget.probe.image.grab().toImage()
        ratio = shown.width() / 28
        pixels = samples.pixels(slice(5, 6))[0, :, :, 0]
        for row, column in ((14, 14), (3, 20), (25, 10)):
            colour = shown.pixelColor(int((column + 0.5) * ratio), int((row + 0.5) * ratio))
            assert abs(colour.red() - 255 * pixels[row, column]) <= 2

    def test_what_the_network_says(self, view, samples):
        widget, _ = view()
        output = np.full(10, 0.002 / 9, np.float32)
        label = int(samples.labels[0])
        output[label] = 0.998
        widget.show_snapshot(Snapshot(1, {}, {"softmax": output}))
        assert widget.probe.says == f"says {label} with 99.8 %"
        assert [name for name, _, right in widget.probe.bars.bars if right] == [str(label)]
        wrong = np.roll(output, 1)
        widget.show_snapshot(Snapshot(1, {}, {"softmax": wrong}))
        assert widget.probe.says == f"says {label + 1} with 99.8 %, but is {label}"

    def test_of_many_classes_the_likeliest_are_shown(self, view):
        widget, _ = view(chain([28, 28, 1], "Flatten", ("Dense", {"units": 100}), "Softmax"))
        output = np.arange(100, dtype=np.float32)
        widget.show_snapshot(Snapshot(1, {}, {"softmax3": output / output.sum()}))
        assert len(widget.probe.bars.bars) == 20
        assert widget.probe.bars.bars[-1][0] == "99"

    def test_a_data_set_that_shrinks_leaves_a_sample_that_is_there(self, view, samples):
        from dataclasses import replace

        widget, _ = view()
        widget.probe.choose(1000)
        widget.set_dataset(replace(samples, images=samples.images[:10], labels=samples.labels[:10]))
        assert widget.probe.sample == 9

    def test_without_a_data_set_there_is_no_sample(self, view):
        widget, _ = view()
        widget.set_dataset(None)
        assert not widget.probe.isVisible()


class TestSoftmax:
    def test_a_line_for_each_class_says_name_and_percentage(self, view, network, samples):
        widget, session = view()
        session.select(["softmax"])
        output = np.full(10, 0.05 / 9, np.float32)
        output[7] = 0.95
        widget.show_snapshot(Snapshot(1, {}, {"softmax": output}))
        assert not widget.mosaic.isVisible()
        assert not widget.legend.isVisible()
        assert widget.classes.isVisible()
        assert [row.name for row in widget.classes.rows] == list(samples.classes)
        assert [row.best for row in widget.classes.rows] == [i == 7 for i in range(10)]
        assert [i for i, row in enumerate(widget.classes.rows) if row.right] == [int(samples.labels[0])]
        assert "7 95.0 %" in widget.classes.accessibleName()
        assert (widget.title.text(), widget.subtitle.text()) == ("classes", "10 · untrained")

    def test_a_longer_bar_is_a_likelier_class(self, view):
        widget, session = view()
        session.select(["softmax"])
        output = np.zeros(10, np.float32)
        output[2], output[3] = 0.75, 0.25
        widget.show_snapshot(Snapshot(1, {}, {"softmax": output}))
        picture = widget.classes.grab().toImage()
        ratio = picture.devicePixelRatio()
        look = theme.current()

        def width(row, colour):
            y = round((row * 18 + 9) * ratio)
            return sum(picture.pixelColor(x, y).name() == colour for x in range(picture.width()))

        assert width(2, look.accent) == pytest.approx(3 * width(3, look.track), abs=4)
        assert width(2, look.accent) > 60
        assert width(4, look.accent) == width(4, look.track) == 0

    def test_other_layers_have_their_maps_again(self, view, network, samples):
        widget, session = view()
        session.select(["softmax"])
        widget.show_snapshot(snapshot(network, samples, widget))
        session.select(["conv1"])
        widget.show_snapshot(snapshot(network, samples, widget))
        assert widget.mosaic.isVisible()
        assert widget.legend.isVisible()
        assert not widget.classes.isVisible()

    def test_of_many_classes_the_likeliest_and_the_rest(self, view):
        widget, session = view(chain([28, 28, 1], "Flatten", ("Dense", {"units": 1000}), "Softmax"))
        session.select(["softmax3"])
        output = np.full(1000, 0.5 / 998, np.float32)
        output[[40, 900]] = 0.3, 0.2
        widget.show_snapshot(Snapshot(1, {}, {"softmax3": output}))
        rows = widget.classes.rows
        assert [row.name for row in rows[:2]] == ["40", "900"]
        assert rows[-1].name == f"{1000 - len(rows) + 1} others"
        assert sum(row.probability for row in rows) == pytest.approx(1, abs=1e-3)

    def test_a_softmax_over_pixels_is_still_maps(self, view):
        widget, session = view(chain([4, 4, 3], "Softmax"))
        session.select(["softmax1"])
        widget.show_snapshot(Snapshot(1, {}, {"softmax1": np.full((4, 4, 3), 1 / 3, np.float32)}))
        assert widget.mosaic.isVisible()

    def test_beside_the_sample_long_names_have_a_line_each(self, view, samples):
        from dataclasses import replace

        widget, _ = view()
        assert not widget.probe.rows.isVisible()
        widget.set_dataset(replace(samples, classes=tuple(f"a long name {i}" for i in range(10))))
        output = np.full(10, 0.05 / 9, np.float32)
        output[7] = 0.95
        widget.show_snapshot(Snapshot(1, {}, {"softmax": output}))
        assert not widget.probe.bars.isVisible()
        assert widget.probe.rows.isVisible()
        assert "a long name 7" in [row.name for row in widget.probe.rows.rows]


class TestProbabilities:
    def test_a_distribution_is_one_already(self):
        output = np.array([0.1, 0.7, 0.2])
        assert probabilities_of(output) is output

    def test_scores_become_one(self):
        found = probabilities_of(np.array([1.0, 3.0, -200.0]))
        assert found.sum() == pytest.approx(1)
        assert found[1] / found[0] == pytest.approx(np.exp(2))

    def test_nan_is_none(self):
        assert probabilities_of(np.array([np.nan, 1.0])) is None

    def test_an_image_is_none(self):
        assert probabilities_of(np.zeros((2, 2, 2))) is None


def test_nothing_drawn_says_what_to_do(qtbot):
    widget = ActivationsView(Session())
    qtbot.addWidget(widget)
    widget.show()
    assert not widget.showing
    assert "Drag" in widget._empty_text.text()
