"""The film of the chosen layer's filters, and the moment below the mouse: seen without going there."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from core.io.weights import read_named
from designer.time_machine.film import FRAME, PEEK
from designer.time_machine.frames import drawn, placed, tiles_of
from designer.views.kernel_sheet import Filmed


@pytest.fixture
def window(trained):
    """The window is high enough for the film."""
    trained.resize(1400, 950)
    return trained


def pixels_of(image):
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 4 * image.width()].copy()


def test_a_frame_shows_the_filters_of_its_tick(qtbot, window):
    frames, ticks = window.time_bar.frames, window.time_machine.course.ticks
    shown = list(window.time_bar.film.shown())
    assert len(shown) > 5
    qtbot.waitUntil(lambda: all(frames.at(step, FRAME) is not None for step in shown), timeout=10_000)
    filmed = frames.filmed
    assert (filmed.layer, filmed.shape) == ("conv1", (3, 3, 1, 16))
    pictures = []
    for step in (shown[0], shown[-1]):
        kernel = read_named(ticks[step], {"conv1/kernel": filmed.shape})[0]["conv1/kernel"]
        tiles = tiles_of(kernel, filmed=filmed, room=(FRAME.width(), FRAME.height()))
        np.testing.assert_array_equal(tiles, kernel[:, :, 0].transpose(2, 0, 1).astype(np.float32))
        expected = drawn(tiles, filmed, FRAME, frames._limit)
        pictures.append(pixels_of(frames.at(step, FRAME)))
        np.testing.assert_array_equal(pictures[-1], pixels_of(expected))
    assert not np.array_equal(*pictures)  # it has learned


def test_a_click_on_a_frame_looks_at_its_moment(qtbot, window):
    film, slider = window.time_bar.film, window.time_bar.slider
    step = list(film.shown())[3]
    QTest.mouseClick(film, Qt.MouseButton.LeftButton, pos=QPoint(round(slider.x_of(step)), 15))
    assert window.time_machine.step == step


def test_the_layer_that_filters_show_is_filmed(qtbot, window):
    window.show_workspace("train")
    window.panels["filters"].chooser.setCurrentText("conv2")
    assert window.time_bar.frames.filmed.layer == "conv2"
    assert window.time_bar.film.toolTip().startswith("filters of conv2, channel 1 of 16")


def test_pointing_shows_a_moment_without_going_there(qtbot, window):
    bar, machine = window.time_bar, window.time_machine
    step = list(machine.course.ticks)[4]
    QTest.mouseMove(bar.slider, QPoint(round(bar.slider.x_of(step)), 15))
    qtbot.waitUntil(lambda: bar.peek.isVisible() and bar.peek.step == step, timeout=30_000)
    assert machine.step is None
    assert bar.peek.words.text().startswith(f"batch {step}, in epoch 1\nloss ")
    qtbot.waitUntil(lambda: not bar.peek.picture.pixmap().isNull(), timeout=30_000)
    assert bar.peek.picture.pixmap().size() == bar.frames.at(step, PEEK).size()
    QTest.mouseMove(window, QPoint(5, 5))
    bar.slider.hovered.emit(None)
    assert not bar.peek.isVisible()


def test_a_low_window_has_no_film(qtbot, window):
    assert window.time_bar.film.isVisible()
    window.resize(1280, 720)
    qtbot.waitUntil(lambda: not window.time_bar.film.isVisible(), timeout=30_000)
    qtbot.waitUntil(lambda: window.time_bar.height() <= 56, timeout=30_000)
    window.resize(1400, 950)
    qtbot.waitUntil(window.time_bar.film.isVisible, timeout=30_000)


def test_a_tick_that_is_gone_is_passed_over(qtbot, window):
    frames, ticks = window.time_bar.frames, window.time_machine.course.ticks
    window.panels["filters"].chooser.setCurrentText("conv2")
    step, other = list(ticks)[1], list(ticks)[5]
    ticks[step].write_bytes(b"not an archive")
    frames.at(step, PEEK)
    frames.at(other, PEEK)
    qtbot.waitUntil(lambda: frames.at(other, PEEK) is not None, timeout=30_000)
    assert frames.at(step, PEEK) is None


@pytest.mark.parametrize(
    ("shape", "is_bank"), [((11, 11, 3, 96), True), ((1, 1, 64, 512), True), ((4096, 1000), False), ((7, 1), False)]
)
def test_whatever_the_kernel_the_picture_fits(shape, is_bank):
    filmed = Filmed("layer", shape, shape, is_bank, is_bank and shape[2] == 3)
    kernel = np.random.default_rng(0).normal(size=shape).astype(np.float16)
    for room in (FRAME, PEEK):
        tiles = tiles_of(kernel, filmed=filmed, room=(room.width(), room.height()))
        image = drawn(tiles, filmed, room, 1.0)
        assert 0 < image.width() <= room.width()
        assert 0 < image.height() <= room.height()


def test_as_many_filters_as_there_is_room_for():
    rows, columns, scale = placed(64, 7, 7, (46, 30))
    assert (rows, columns, scale) == (3, 5, 1)
