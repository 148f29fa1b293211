"""B − A of two moments that are compared: filters, maps and all layers show by how much they differ."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.engine.network import Network
from designer.session.looking import Cell
from tests.designer.time_machine.moments import STEP, compared, pair_of, weights_at


@pytest.fixture
def subtracted(qtbot, trained):
    """A window that shows B − A, by the key, of an earlier moment as A and the end of its run as B."""
    window, machine = trained, trained.time_machine
    machine.look_at(list(machine.course.ticks)[STEP])
    compared(window, None)
    QTest.keyClick(window.time_bar.slider, Qt.Key.Key_D)
    assert machine.moments.is_difference
    return window


def change_of(window, name):
    """B − A of some weights, computed apart."""
    b, a = (weights_at(window, step)[name].astype(np.float32) for step in (None, window.time_machine.moments.a))
    return b - a


def maps_at(window, step, layer, sample):
    """What a layer makes of a sample at a moment, computed apart."""
    network = Network(window.session.document)
    network.weights.update(weights_at(window, step))
    return network.activations(sample[None], [layer])[layer][0]


def test_filters_are_subtracted(qtbot, subtracted):
    window = subtracted
    pair = pair_of(qtbot, window, "filters")
    change = change_of(window, "conv1/kernel")
    qtbot.waitUntil(lambda: pair.twin._kernel is not None and np.array_equal(pair.twin._kernel, change))
    np.testing.assert_array_equal(pair.panel._kernel, weights_at(window, None)["conv1/kernel"])
    step, last = window.time_machine.moments.a, window.time_machine.course.last
    words = f"B − A: run 1 at batch {last} minus run 1 at batch {step}"
    assert pair.names[0].text() == words
    assert words in pair.twin.subtitle.text()
    norms = np.sqrt(np.square(change.astype(np.float64)).sum(axis=(0, 1, 2)))
    assert f"filter {norms.argmax() + 1} changed most" in pair.twin.subtitle.text()
    low, high = pair.twin.mosaic._limits
    assert -low == high == pytest.approx(np.abs(change).max())  # a scale of its own, zero in the middle
    assert pair.twin.legend.what == "change of a weight"
    assert pair.panel.mosaic._limits[1] == pytest.approx(np.abs(pair.panel._kernel).max())


def test_the_key_brings_the_moment_back(qtbot, subtracted):
    window = subtracted
    pair = pair_of(qtbot, window, "filters")
    QTest.keyClick(window.time_bar.slider, Qt.Key.Key_D)
    a = weights_at(window, window.time_machine.moments.a)["conv1/kernel"]
    qtbot.waitUntil(lambda: pair.twin._kernel is not None and np.array_equal(pair.twin._kernel, a))
    assert pair.names[0].text().startswith("A · batch ")
    assert "B − A" not in pair.twin.subtitle.text()
    assert pair.twin.legend.texts == pair.panel.legend.texts


def test_swapping_changes_the_sign(qtbot, subtracted):
    window = subtracted
    pair = pair_of(qtbot, window, "filters")
    change = change_of(window, "conv1/kernel")
    qtbot.waitUntil(lambda: pair.twin._kernel is not None and np.array_equal(pair.twin._kernel, change))
    QTest.keyClick(window.time_bar.slider, Qt.Key.Key_X)
    qtbot.waitUntil(lambda: np.array_equal(pair.twin._kernel, -change))
    assert pair.names[0].text().startswith(f"B − A: run 1 at batch {window.time_machine.moments.b} minus")


def test_maps_of_the_chosen_sample_are_subtracted(qtbot, subtracted):
    window = subtracted
    pair = pair_of(qtbot, window, "activations")
    pair.panel.chooser.setCurrentText("conv2")
    window.session.probe.take_sample(7)
    sample = window.panels["activations"]._dataset.pixels(np.array([7]))[0]
    b, a = (maps_at(window, step, "conv2", sample) for step in (None, window.time_machine.moments.a))

    def shown():
        maps = pair.twin._maps
        return maps is not None and maps.shape == b.shape and np.allclose(maps, b - a, rtol=0, atol=1e-5)

    qtbot.waitUntil(shown)
    low, high = pair.twin.mosaic._limits
    assert -low == high == pytest.approx(np.abs(b - a).max(), abs=1e-5)
    assert pair.twin.legend.what == "change of a value"
    pair.twin.mosaic.choose((1, 2, 3))
    assert pair.twin.readout.text().startswith("map 2 · cell (2, 3): B − A ")
    assert pair.panel.mosaic.choice == (1, 2, 3)


def test_all_layers_are_subtracted(qtbot, subtracted):
    window = subtracted
    window.show_workspace("inside")
    pair = pair_of(qtbot, window, "layers")
    mine, theirs = pair.twin.view.maps, pair.panel.view.maps
    qtbot.waitUntil(lambda: all("conv1" in maps._maps for maps in (mine, theirs)))
    qtbot.waitUntil(lambda: window.inside.look.is_whole and pair.twin._inside.look.is_whole)
    change = window.inside.look.maps["conv1"] - pair.twin._inside.look.maps["conv1"]
    np.testing.assert_array_equal(mine.values("conv1"), change)
    np.testing.assert_array_equal(theirs.values("conv1"), window.inside.look.maps["conv1"])
    low, high = mine.limits("conv1")
    assert -low == high == pytest.approx(np.abs(change).max())
    window.inside.choose(Cell("conv1", 3, 2, 2))
    assert pair.twin.readout.text().startswith("conv1, map 4, row 2, column 2: B − A ")
    rows = pair.twin.view.maps.class_changes(pair.twin.view.columns[-1].layer)
    assert rows.sum() == pytest.approx(0, abs=1e-5)


def test_what_cannot_be_subtracted_shows_both(qtbot, subtracted):
    window = subtracted
    window.show_workspace("inside")
    pair = pair_of(qtbot, window, "predictions")
    assert pair.names[0].text().startswith("A · batch ")
    assert pair.names[1].text().startswith("B · end")
