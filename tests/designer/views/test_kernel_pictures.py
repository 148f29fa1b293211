"""Weights drawn back as the image that they read, dead filters, and how alike filters are."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.analysis.check import check
from core.engine.network import Network
from core.inside.dead import Dead, dead_filters
from core.io.datasets import load_dataset
from core.io.templates import load_template
from core.training.preparation import Preparation
from core.training.snapshots import Snapshot
from core.work import outcome_of
from designer import theme
from designer.session import Session
from designer.theme.colormaps import weights
from designer.views import FiltersView
from designer.views.filters import kernel_shape
from designer.views.kernel_pictures import flattened_image, likeness
from tests.designer.views.looking import click_value, colour_at, colour_of
from tests.drawing import chain

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def view(qtbot):
    def make(document, kernel):
        theme.set_theme("dark")
        session = Session(document)
        widget = FiltersView(session)
        qtbot.addWidget(widget)
        widget.resize(700, 420)
        widget.show()
        widget.chooser.setCurrentText(next(id for id, layer in session.report.layers.items() if kernel_shape(layer)))
        widget.show_snapshot(Snapshot(1, {widget.layer.id: kernel}))
        return widget

    return make


@pytest.mark.parametrize(
    ("document", "layer", "expected"),
    [
        (load_template("lenet5"), "fc1", ((5, 5, 16), False)),
        (load_template("lenet5"), "fc2", None),
        (load_template("lenet5"), "conv1", None),
        (chain((8, 8, 3), "Flatten", "Dropout", ("Dense", {"units": 4})), "fc3", ((8, 8, 3), True)),
        (chain((8, 8, 3), "Flatten", ("Dense", {"units": 192}), ("Dense", {"units": 4})), "fc3", None),
        (chain((8, 8, 3), "GlobalAvgPool2D", ("Dense", {"units": 4})), "fc2", None),
        (chain((64,), ("Dense", {"units": 4})), "fc1", None),
    ],
)
def test_only_what_reads_a_flattened_image_is_drawn_back_as_one(document, layer, expected):
    report = check(document)
    assert flattened_image(report, report.layers[layer]) == expected


def test_every_weight_is_where_its_pixel_was(qtbot, view):
    kernel = np.random.default_rng(0).normal(size=(4 * 3 * 2, 5)).astype(np.float32)
    widget = view(chain((4, 3, 2), "Flatten", ("Dense", {"units": 5})), kernel)
    assert widget.title.text() == "weights as pictures"
    assert widget.subtitle.text().startswith("5 of 4×3×2")
    limit = float(np.abs(kernel).max())
    for row, column, channel, unit in ((0, 0, 0, 0), (3, 2, 1, 4), (1, 2, 0, 3)):
        value = kernel[(row * 3 + column) * 2 + channel, unit]  # H, W, C order
        expected = colour_of(value, weights(theme.DARK), -limit, limit)
        assert colour_at(widget.mosaic, (channel * 5 + unit, row, column)) == expected
    click_value(qtbot, widget.mosaic, (5 + 2, 1, 1))
    np.testing.assert_array_equal(widget.grid.numbers, kernel.reshape(4, 3, 2, 5)[:, :, 1, 2])
    assert widget._name.text() == "unit 3 · channel 2"


def test_the_matrix_is_a_switch_away(qtbot, view):
    kernel = np.random.default_rng(0).normal(size=(4 * 3 * 2, 5)).astype(np.float32)
    widget = view(chain((4, 3, 2), "Flatten", ("Dense", {"units": 5})), kernel)
    QTest.mouseClick(widget.drawn_as.parts[1], LEFT)
    assert widget.title.text() == "weights"
    assert not widget.mosaic.whole_cells
    QTest.mouseClick(widget.drawn_as.parts[0], LEFT)
    assert widget.title.text() == "weights as pictures"


def test_colours_of_the_image_itself_are_drawn_as_colours(view):
    kernel = np.random.default_rng(0).normal(size=(4 * 4 * 3, 5)).astype(np.float32)
    widget = view(chain((4, 4, 3), "Flatten", ("Dense", {"units": 5})), kernel)
    assert widget.mosaic.arrangement.n == 5
    assert not widget.legend.isVisible()


def test_a_layer_that_reads_no_image_has_no_switch(view):
    widget = view(chain((6,), ("Dense", {"units": 5})), np.ones((6, 5), np.float32))
    assert not widget.drawn_as.isVisible()


def test_the_chosen_filter_says_its_norm_and_which_is_like_it(qtbot, view):
    kernel = np.zeros((3, 3, 1, 3), np.float32)
    kernel[0, 0, 0], kernel[1, 1, 0] = [1, 2, -1], [1, 1, 0]
    widget = view(chain((8, 8, 1), ("Conv2D", {"filters": 3, "kernel_size": 3})), kernel)
    click_value(qtbot, widget.mosaic, (0, 1, 1))
    flat = kernel.reshape(9, 3)
    cosines = [flat[:, 0] @ flat[:, k] / np.linalg.norm(flat[:, 0]) / np.linalg.norm(flat[:, k]) for k in range(3)]
    np.testing.assert_allclose(likeness(kernel, 0), cosines, rtol=1e-6)
    assert f"most like filter 2: {cosines[1]:.2f}" in widget._about.text()
    assert f"most unlike filter 3: −{-cosines[2]:.2f}" in widget._about.text()


def test_dead_filters_are_crossed_out_and_say_so(qtbot, view):
    kernel = np.random.default_rng(0).normal(size=(3, 3, 2, 4)).astype(np.float32)
    widget = view(chain((8, 8, 2), ("Conv2D", {"filters": 4, "kernel_size": 3}), "ReLU"), kernel)
    before = colour_at(widget.mosaic, (1, 1, 1))
    widget._show_dead(Dead("conv1", "relu2", frozenset({1}), 300))
    assert "1 dead" in widget.subtitle.text()
    assert colour_at(widget.mosaic, (1, 1, 1)) != before
    assert colour_at(widget.mosaic, (4 + 1, 1, 1)) != colour_of(
        kernel[1, 1, 1, 1], weights(theme.DARK), -float(np.abs(kernel).max()), float(np.abs(kernel).max())
    )
    click_value(qtbot, widget.mosaic, (1, 0, 0))
    assert "dead: relu2 gives 0 for all 300 samples" in widget._about.text()
    click_value(qtbot, widget.mosaic, (2, 0, 0))
    assert "dead" not in widget._about.text()


def test_a_filter_is_dead_only_if_no_sample_turns_it_on():
    net, data = Network(load_template("digits_cnn")), load_dataset("digits")
    bias = net.weights["conv1/bias"]
    bias[3] = -100
    net.weights["conv1/bias"] = bias
    dead = outcome_of(dead_filters(net, "conv1", data, Preparation(), np.arange(600)))
    maps = net.activations(data.pixels(np.arange(600)), ["relu1"])["relu1"]
    assert dead.channels == set(np.flatnonzero((maps == 0).all(axis=(0, 1, 2))).tolist())
    assert 3 in dead.channels


def test_without_a_rectifier_no_filter_is_dead():
    net = Network(
        chain((8, 8, 1), ("Conv2D", {"filters": 4, "kernel_size": 3}), "Tanh", "Flatten", ("Dense", {"units": 3}))
    )
    assert outcome_of(dead_filters(net, "conv1", load_dataset("digits"), Preparation(), np.arange(5))) == Dead("conv1")
