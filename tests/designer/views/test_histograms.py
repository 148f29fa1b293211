"""Histograms over time: what is remembered, how it is drawn, and what the panel says where there is nothing."""

import csv

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip

from core.graph.edits import set_training
from core.io.templates import load_template
from core.training.histograms import histogram
from core.training.messages import Started
from core.training.snapshots import Interest, Snapshot
from core.training.step_histograms import SOURCES, LayerHistograms, StepHistograms
from designer.pictures.caption import MARGIN_PX
from designer.session import Session
from designer.views.statistics import HistogramsView
from designer.views.statistics.history import KEPT, History, evenly, outline, span, without_zeros

RNG = np.random.default_rng(5)


def counted(step, spread=1.0, layers=("fc1", "fc2")):
    values = [histogram([spread * scale * RNG.normal(size=400)]) for scale in (0.1, 0.01, 0.001)]
    relu = histogram([np.maximum(RNG.normal(size=400), 0)])
    learning = {id: LayerHistograms(relu, *values) for id in layers}
    return StepHistograms(step, {"input": LayerHistograms(relu), **learning, "relu1": LayerHistograms(relu)})


@pytest.fixture
def view(qtbot):
    widget = HistogramsView(Session(load_template("mlp")))
    qtbot.addWidget(widget)
    widget.resize(760, 360)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def shown(view, qtbot, *steps):
    view.show_snapshot(Snapshot(steps[-1].step, histograms=steps))
    qtbot.waitUntil(lambda: not view._timer.isActive())


def test_values_are_counted_only_while_it_is_visible(view):
    assert view.interest() == Interest(histograms=True)
    asked = []
    view.interest_changed.connect(lambda: asked.append(view.interest()))
    view.hide()
    assert asked == [Interest()]


def test_before_the_first_run_it_says_what_to_do(view):
    assert view._pages.currentIndex() == 0
    view.grab()


def test_the_switch_shows_another_source_and_a_selection_another_layer(view, qtbot):
    shown(view, qtbot, *(counted(step) for step in range(10, 100, 10)))
    assert view.layer == "fc1"
    assert "norm of the weights" in view.ridges.accessibleDescription()
    qtbot.mouseClick(view.switch.parts[SOURCES.index("updates")], Qt.MouseButton.LeftButton)
    last = view.history.steps[-1].layers["fc1"].updates
    assert f"norm of the updates {last.norm:.2g}" in view.ridges.accessibleDescription()
    view.chooser._session.select(["relu1"])
    assert view._missing.text() == "relu1 has no updates: nothing in it is learned. Choose Activations."
    qtbot.mouseClick(view.switch.parts[SOURCES.index("activations")], Qt.MouseButton.LeftButton)
    assert "are exactly 0" in view.ridges.accessibleDescription()
    assert view._inside.currentIndex() == 0
    view.grab()


def test_the_tooltip_has_the_numbers_of_the_ridge_below_the_mouse(view, qtbot):
    shown(view, qtbot, *(counted(step) for step in (10, 20, 30)))
    for step in (10, 20, 30):
        at = QPoint(200, int(view.ridges.base_of(step)))
        QApplication.sendEvent(view.ridges, QHelpEvent(QEvent.Type.ToolTip, at, view.ridges.mapToGlobal(at)))
        assert QToolTip.text().startswith(f"batch {step}: norm of the weights")
    at = QPoint(view.norms.width() - 14, 60)
    QApplication.sendEvent(view.norms, QHelpEvent(QEvent.Type.ToolTip, at, view.norms.mapToGlobal(at)))
    assert QToolTip.text().startswith("batch 30: norm of the weights")


def test_norms_of_several_powers_of_ten_are_drawn_on_a_logarithmic_axis(view, qtbot):
    shown(view, qtbot, counted(1), counted(2))
    assert not view.norms.is_log
    shown(view, qtbot, counted(3, spread=1e-4))
    assert view.norms.is_log
    view.grab()


def test_a_layer_that_was_not_trained_is_told_from_one_that_learns_nothing(view, qtbot):
    shown(view, qtbot, counted(10, layers=("fc2",)))
    assert view._missing.text() == "fc1 is not in the network that was trained. Train (F5)."


def test_numbers_and_picture_are_written_and_copied(view, qtbot, tmp_path, monkeypatch):
    shown(view, qtbot, counted(10), counted(20))
    keeping = view.keeping
    for name, write in (("numbers.csv", keeping.save_csv), ("picture.png", keeping.save_picture)):
        monkeypatch.setattr("designer.pictures.keeping.choose", lambda *_, path=tmp_path / name: path)
        write()
    rows = list(csv.DictReader((tmp_path / "numbers.csv").read_text().splitlines()))
    assert [(row["step"], row["source"]) for row in rows] == [(n, source) for n in ("10", "20") for source in SOURCES]
    one = view.history.steps[0].layers["fc1"].weights
    assert [int(rows[0][f"bin_{number}"]) for number in (1, 64)] == one.counts[[0, -1]].tolist()
    assert float(rows[0]["norm"]) == one.norm
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")
    keeping.copy_picture()
    assert QGuiApplication.clipboard().image().width() == 2 * (view._plots.width() + 2 * MARGIN_PX)


def test_the_button_offers_what_a_right_click_offers(view, qtbot):
    shown(view, qtbot, counted(10))
    qtbot.mouseClick(view._export, Qt.MouseButton.LeftButton)
    menu = QApplication.activePopupWidget()
    assert [action.text() for action in menu.actions() if action.text()] == [
        "Copy picture",
        "Save picture…",
        "Save picture without words…",
        "Copy numbers",
        "Save numbers as CSV…",
        "Save numbers as NPY…",
    ]
    menu.close()


def test_another_run_and_another_document_begin_anew(view, qtbot):
    shown(view, qtbot, counted(10), counted(20))
    shown(view, qtbot, counted(5))
    assert [step.step for step in view.history.steps] == [5]
    view.chooser._session.open(load_template("mlp"), None)
    assert view.history.steps == []
    assert view._pages.currentIndex() == 0


def test_a_moment_of_the_run_that_was_counted_is_marked(view, qtbot):
    view.begin("run 1", Started(1, 40, 100, 0, 1))
    shown(view, qtbot, *(counted(step) for step in (10, 20, 30)))
    assert view.name.text() == "run 1"
    view.look_at(25)
    assert (view.ridges.marked, view.norms.marked) == (20, 20)
    view.grab()
    view.look_at(5)  # nothing was counted before
    assert view.ridges.marked is None
    view.look_at(25)
    view.show_run("run 2")
    assert view.ridges.marked is None
    view.look_at(25)
    assert view.ridges.marked is None
    view.show_run("run 1")
    view.rename("run 1", "wide")
    view.look_at(25)
    assert (view.name.text(), view.norms.marked) == ("wide", 20)
    view.look_at(None)
    assert view.norms.marked is None


def test_a_long_run_is_remembered_evenly_from_its_beginning():
    history = History()
    steps = [*range(0, 4000, 10), *range(4000, 6000, 2)]  # counted five times as often in the end
    same = counted(0)
    history.add(StepHistograms(step, same.layers) for step in steps)
    at = np.array([step.step for step in history.steps])
    assert len(at) == KEPT
    assert (at[0], at[-1]) == (steps[0], steps[-1])
    assert np.diff(at)[:-1].max() <= 3 * 6000 / KEPT
    drawn = [step for step, _ in evenly(history.of("fc1", "weights"), 10)]
    assert len(drawn) == 10
    assert np.abs(np.diff(drawn) - 6000 / 9).max() <= 6000 / KEPT * 3


@given(st.lists(st.floats(-1e30, 1e30), min_size=1, max_size=60))
def test_whatever_the_values_a_ridge_is_drawn_within_its_height(values):
    one = histogram([np.array(values)])
    low, high = span([one])
    assert low < high
    heights = outline(one, low, high, 40)
    assert (heights >= 0).all()
    assert heights.max() in (0, 1)
    assert without_zeros(one).sum() == pytest.approx(np.count_nonzero(values))


def test_in_the_window_a_run_is_counted_while_the_panel_is_in_front(qtbot, window):
    document = set_training(load_template("mlp"), {"epochs": 2000})
    window.session.open(document, None)
    window.show_workspace("train")
    view, dock = window.panels["histograms"], window.docks["histograms"]
    dock.show()
    dock.raise_()
    window.train_bar.train_or_pause()
    qtbot.waitUntil(lambda: len(view.history.steps) > 3, timeout=60_000)
    assert list(view.history.steps[-1].layers) == list(window.session.report.layers)
    window.docks["curves"].raise_()
    qtbot.waitUntil(lambda: not view.isVisible())
    step = window.run.step_done
    qtbot.waitUntil(lambda: window.run.step_done > step + 200, timeout=60_000)
    assert view.history.steps[-1].step <= step + 200
    with qtbot.waitSignal(window.run.finished, timeout=60_000):
        window.run.stop()
