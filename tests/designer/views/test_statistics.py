"""What is shown of the steps of a run: numbers per layer, an empty state, a click that selects."""

import pytest
from PySide6.QtCore import QPoint, Qt

from core.io.templates import load_template
from core.training.snapshots import Interest, Snapshot
from core.training.step_statistics import LayerStatistics, StepStatistics
from designer.session import Session
from designer.views.statistics import GradientNormView, UpdateRatioView
from designer.views.statistics.measured import EMPTY


def steps(first, last, ratio=1e-3, norm=0.5):
    layers = {"fc1": LayerStatistics(ratio, norm), "fc2": LayerStatistics(10 * ratio, 0.0)}
    return Snapshot(last, statistics=tuple(StepStatistics(n, layers) for n in range(first, last + 1, 2)))


@pytest.fixture(params=[UpdateRatioView, GradientNormView])
def view(qtbot, request):
    widget = request.param(Session(load_template("mlp")))
    qtbot.addWidget(widget)
    widget.resize(420, 260)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def test_steps_are_measured_only_while_it_is_visible(view):
    assert view.interest() == Interest(statistics=True)
    view.hide()
    assert not view.interest()


def test_before_the_first_run_it_says_what_to_do(view):
    assert view.accessibleDescription() == EMPTY
    view.grab()


def test_a_click_selects_the_layer(view, qtbot):
    view.show_snapshot(steps(2, 100))
    places = [(x, y) for x in range(0, 420, 10) for y in range(0, 260, 10) if view.layer_at(x, y) == "fc2"]
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(*places[len(places) // 2]))
    assert view.session.selection == ("fc2",)
    view.grab()  # with the layer marked, and with a gradient of 0


def test_the_last_fifty_batches_are_told_from_earlier_ones(view, qtbot):
    view.show_snapshot(steps(2, 100, 1e-2))
    view.show_snapshot(steps(102, 150, 1e-3, 0.25))
    assert (view.recent[0].step, view.recent[-1].step, view.earlier[-1].step) == (102, 150, 100)
    assert ("1.0e-3" if isinstance(view, UpdateRatioView) else "0.25") in view.words("fc1")
    qtbot.waitUntil(lambda: view.words("fc1").split("\n")[0] in view.accessibleDescription())  # it rests in between


def test_another_run_begins_anew(view):
    view.show_snapshot(steps(2, 100))
    view.show_snapshot(steps(2, 10))
    assert [step.step for step in view.steps] == [2, 4, 6, 8, 10]


def test_its_numbers_are_those_of_the_steps(view):
    assert view.numbers() is None
    view.show_snapshot(steps(2, 6))
    numbers = view.numbers()
    assert numbers.array.shape == (3, 2, 2)
    assert numbers.rows[0] == ["step", "layer", "update_ratio", "gradient_norm"]
    assert numbers.rows[2] == [2, "fc2", 1e-2, 0.0]
    assert view.keeping.menu().actions()[0].text() == "Copy picture"
