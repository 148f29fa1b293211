"""What is shown of the steps of a run: numbers per layer, an empty state, a click that selects."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from core.io.templates import load_template
from core.training.snapshots import Interest, Snapshot
from core.training.step_statistics import LayerStatistics, StepStatistics
from designer.session import Session
from designer.views.statistics import GradientNormView, UpdateRatioView
from designer.views.statistics.measured import EMPTY
from designer.views.statistics.measured_steps import KEPT, MeasuredSteps


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
    batches, first = view.steps.batches.tolist(), view.steps.first_recent
    assert (batches[first], batches[-1], batches[first - 1]) == (102, 150, 100)
    assert ("1.0e-3" if isinstance(view, UpdateRatioView) else "0.25") in view.words("fc1")
    qtbot.waitUntil(lambda: view.words("fc1").split("\n")[0] in view.accessibleDescription())  # it rests in between


def test_another_run_begins_anew(view):
    view.show_snapshot(steps(2, 100))
    view.show_snapshot(steps(2, 10))
    assert view.steps.batches.tolist() == [2, 4, 6, 8, 10]


def test_of_a_long_run_the_newest_steps_are_kept():
    known = MeasuredSteps()
    for n in range(1, 3 * KEPT):
        known.append(StepStatistics(n, {"fc1": LayerStatistics(n / 1000, float(n))}))
    assert known.batches.tolist() == list(range(2 * KEPT, 3 * KEPT))
    assert np.array_equal(known.gradient_norms[:, 0], known.batches)
    assert np.allclose(known.update_ratios[:, 0], known.batches / 1000)


def test_other_layers_begin_anew():
    known = MeasuredSteps()
    known.append(StepStatistics(1, {"fc1": LayerStatistics(1e-3, 1.0)}))
    known.append(StepStatistics(2, {"fc1": LayerStatistics(1e-3, 1.0), "fc2": LayerStatistics(1e-3, 2.0)}))
    assert (known.layers, known.batches.tolist(), known.gradient_norms.tolist()) == (("fc1", "fc2"), [2], [[1.0, 2.0]])


def test_its_numbers_are_those_of_the_steps(view):
    assert view.numbers() is None
    view.show_snapshot(steps(2, 6))
    numbers = view.numbers()
    assert numbers.array.shape == (3, 2, 2)
    assert numbers.rows[0] == ["step", "layer", "update_ratio", "gradient_norm"]
    assert numbers.rows[2] == [2, "fc2", 1e-2, 0.0]
    assert view.keeping.menu().actions()[0].text() == "Copy picture"
