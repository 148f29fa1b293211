"""The plane of a network's two inputs: its colours, its samples, what is said of a point, and where there is none."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor

from core.engine.network import Network
from core.graph.edits import set_config, set_training
from core.io.datasets import Dataset, load_dataset
from core.io.templates import load_template
from core.training.decision import decision_grid
from core.training.snapshots import Interest, Snapshot, take_snapshot
from designer import theme
from designer.session import Session
from designer.theme.class_colours import CLASS_COLOURS
from designer.views import DecisionView
from designer.views.decision_boundary import MOST_POINTS, bounds_of
from designer.views.plane import SURE, UNSURE, ground_of
from designer.window.finding import bring_forward

N = 100


@pytest.fixture
def view(qtbot):
    def make(template="playground", dataset="circles"):
        theme.set_theme("dark")
        session = Session(set_training(load_template(template), {"dataset": dataset}))
        widget = DecisionView(session)
        qtbot.addWidget(widget)
        widget.resize(420, 300)
        widget.show()
        qtbot.waitExposed(widget)
        widget.set_dataset(load_dataset(dataset))
        return widget, session

    return make


def decided(widget, right_of=0.0, sure=0.99):
    """A snapshot in which class 1 is said right of a line, and class 0 left of it."""
    left, right, *_ = bounds = widget.interest().plane
    of_one = np.where(np.linspace(left, right, N) > right_of, sure, 1 - sure)
    decision = np.stack([1 - of_one, of_one], axis=1)
    return Snapshot(1, plane=bounds, decision=np.broadcast_to(decision, (N, N, 2)))


def colour_at(widget, x, y):
    at = widget.plane.at(x, y).toPoint()
    return widget.plane.grab().toImage().pixelColor(at)


def mixed(label, strength):
    ground, colour = QColor(theme.current().panel), QColor(CLASS_COLOURS[label])
    pairs = zip(ground.getRgb()[:3], colour.getRgb()[:3], strict=True)
    return [round(g + strength * (c - g)) for g, c in pairs]


def hover(qtbot, widget, x, y):
    qtbot.mouseMove(widget.plane, QPoint(1, 1))
    qtbot.mouseMove(widget.plane, widget.plane.at(x, y).toPoint())


def test_it_asks_for_the_rectangle_of_the_samples_while_it_is_seen(view):
    widget, _ = view()
    left, right, bottom, top = widget.interest().plane
    samples = load_dataset("circles").images
    for low, high, column in ((left, right, 0), (bottom, top, 1)):
        values = samples[:, column]
        assert low < values.min() < values.max() < high
        assert high - low == pytest.approx(1.16 * np.ptp(values))
    widget.hide()
    assert widget.interest() == Interest()


def test_the_plane_has_the_colours_of_what_is_decided(qtbot, view):
    widget, _ = view()
    assert "first computation" in widget.empty_text
    widget.show_snapshot(decided(widget))
    assert widget.showing
    strength = UNSURE + (SURE - UNSURE) * 0.98
    for (x, y), label in (((-3, 3.1), 0), ((3, 3.1), 1)):  # beyond the disc, in the gap below the ring
        at = (x / 1.45, y / 1.45)
        found = colour_at(widget, *at).getRgb()[:3]
        assert np.abs(np.array(found) - mixed(label, strength)).max() <= 2


def test_the_grid_is_drawn_the_right_way_up(qtbot, view):
    widget, _ = view()
    network = Network(load_template("playground"))
    snapshot = take_snapshot(network, widget.interest(), None, 0)
    widget.show_snapshot(snapshot)
    left, right, bottom, top = snapshot.plane
    for x, y in ((left, bottom), (right, bottom), (left, top), (0.3 * right, 0.7 * top)):
        expected = network.forward(np.array([[x, y]]))[0]
        assert widget.plane.probabilities_at(x, y) == pytest.approx(expected, abs=0.05)
    grid = decision_grid(network, snapshot.plane, 7)
    image = ground_of(grid)
    best = image.pixelColor(6, 0).getRgb()[:3]  # top right
    sure = grid[6, 6].max()
    wanted = mixed(int(grid[6, 6].argmax()), UNSURE + (SURE - UNSURE) * 2 * (sure - 0.5))
    assert np.abs(np.array(best) - wanted).max() <= 1


def test_samples_are_filled_or_hollow(qtbot, view):
    widget, _ = view()
    widget.show_snapshot(decided(widget, sure=0.5))
    data = load_dataset("circles")
    seen = {True: 0, False: 0}
    points = widget._points
    apart = np.hypot(*(points.at[:, None] - points.at[None]).transpose(2, 0, 1)) + 99 * np.eye(len(data))
    panel = QColor(theme.current().panel).getRgb()[:3]
    for number in np.flatnonzero(apart.min(axis=1) > 0.45):
        found = colour_at(widget, *points.at[number].tolist()).getRgb()[:3]
        kept = bool(points.is_validation[number])
        wanted = panel if kept else QColor(CLASS_COLOURS[points.labels[number]]).getRgb()[:3]
        assert np.abs(np.array(found) - wanted).max() <= 3
        seen[kept] += 1
    assert seen[False]
    assert points.is_validation.sum() == 100


def test_pointing_at_a_place_says_what_is_decided_there_and_which_sample_it_is(qtbot, view):
    widget, _ = view()
    widget.show_snapshot(decided(widget, sure=0.9))
    data = load_dataset("circles")
    hover(qtbot, widget, -2.0, 2.05)
    assert ": 0 with 90.0 %" in widget.readout.text()
    assert widget.plane.toolTip() == widget.readout.text()
    x, y = data.images[0]
    hover(qtbot, widget, x, y)
    number = int(widget.readout.text().partition("sample ")[2].partition(" ")[0].replace(",", ""))
    assert np.hypot(*(data.images[number - 1] - data.images[0])) < 0.3
    assert f"is {data.labels[number - 1]}, " in widget.readout.text()
    qtbot.mouseMove(widget.plane, QPoint(1, 1))
    assert widget.readout.text() == ""


def test_the_legend_names_classes_and_counts_samples(view):
    widget, _ = view("cs231n_spiral", "spiral")
    widget.show_snapshot(decided(widget))
    assert widget.legend.lines == ["0", "1", "2", "240 learned from", "60 for validation", "pale: unsure"]
    spiral = load_dataset("spiral")
    many = replace(spiral, classes=tuple(f"class {i}" for i in range(500)), test=None)
    widget.set_dataset(many)
    lines = widget.legend.lines
    assert len(lines) * 18 <= widget.legend.height() + 18
    assert lines[-4].endswith(" more classes")


def test_the_split_of_the_network_that_is_shown(view):
    widget, session = view()
    kept = widget._points.is_validation.copy()
    session.edit("seed", set_training(session.document, {"seed": 5}))
    assert kept.sum() == widget._points.is_validation.sum()
    assert (kept != widget._points.is_validation).any()
    session.edit("split", set_training(session.document, {"validation_split": 0}))
    assert not widget._points.is_validation.any()
    assert "for validation" not in " ".join(widget.legend.lines)


def test_networks_without_two_inputs_are_told_how_to_have_them(view):
    widget, session = view()
    with_plane = widget.interest()
    asked = []
    widget.interest_changed.connect(lambda: asked.append(widget.interest()))
    session.edit("set shape", set_config(session.document, "input", {"shape": [3]}))
    assert "This view is for networks with two inputs" in widget.empty_text
    assert "input takes 3 features" in widget.empty_text
    assert "CS231n spiral" in widget.empty_text
    assert widget.interest() == Interest()
    session.undo()
    assert asked == [Interest(), with_plane]


def test_samples_that_are_no_points(view):
    widget, _ = view()
    widget.set_dataset(load_dataset("digits"))
    assert "The samples of digits are no points of a plane" in widget.empty_text
    assert widget.interest() == Interest()


def test_why_there_is_no_picture(view):
    widget, _ = view()
    widget.show_snapshot(decided(widget))
    widget.set_refusal("The data set cannot be read.")
    assert widget.empty_text == "The data set cannot be read."


def test_a_picture_of_other_samples_is_not_drawn_under_these(view):
    widget, _ = view()
    old = decided(widget)
    widget.set_dataset(load_dataset("xor"))
    widget.show_snapshot(old)
    assert not widget.showing
    widget.show_snapshot(decided(widget))
    assert widget.showing


def test_of_very_many_samples_some_are_drawn(view):
    widget, _ = view()
    at = np.random.default_rng(0).normal(size=(50_000, 2)).astype(np.float32)
    at[7] = np.nan
    widget.set_dataset(Dataset("many", at, np.arange(50_000) % 2, ("a", "b"), scale=1.0))
    assert MOST_POINTS / 2 < len(widget._points.at) <= MOST_POINTS
    widget.show_snapshot(decided(widget))
    assert "samples drawn" in widget.subtitle.text()


def test_both_themes(view):
    widget, _ = view()
    widget.show_snapshot(decided(widget))
    dark = colour_at(widget, 2.0, 2.1)
    theme.set_theme("light")
    light = colour_at(widget, 2.0, 2.1)
    theme.set_theme("dark")
    assert light.lightness() > dark.lightness() + 40


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (np.zeros((0, 2)), None),
        (np.array([[3.0, -5.0]]), (0.0, 6.0, -10.0, 0.0)),
        (np.array([[0.0, 0.0], [0.0, 1.0]]), (-1.0, 1.0, -0.08, 1.08)),
    ],
)
def test_bounds(at, expected):
    assert bounds_of(at) == expected


def test_it_is_live_while_a_toy_trains(qtbot, make_window):
    window = make_window()
    window.files.open_template("cs231n_spiral")
    window.show_workspace("train")
    bring_forward(window.docks["decision"])  # there is no room for its tab at first
    widget = window.panels["decision"]
    qtbot.waitUntil(lambda: widget.showing, timeout=20_000)
    before = widget.plane.decision.copy()
    assert widget.subtitle.text() == "untrained"
    window.train_bar.train_or_pause()
    qtbot.waitUntil(lambda: widget.subtitle.text() == "live", timeout=20_000)
    qtbot.waitUntil(lambda: window.run.state == "idle", timeout=60_000)
    qtbot.waitUntil(lambda: widget.subtitle.text() == "run 1", timeout=20_000)
    points = widget._points
    right = [widget.plane.probabilities_at(*at).argmax() for at in points.at.tolist()] == points.labels
    assert right.mean() > 0.95
    assert np.abs(widget.plane.decision - before).max() > 0.5
