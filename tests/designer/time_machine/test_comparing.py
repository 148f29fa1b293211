"""Two moments of a run beside each other: every view shows both, and neither changes the run."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from designer.session.looking import Cell
from designer.window.finding import bring_forward
from tests.designer.time_machine.moments import EPOCHS, compared, pair_of, weights_at


@pytest.fixture
def window(trained):
    return trained


def shows(view, array):
    return view._kernel is not None and np.array_equal(view._kernel, array)


def test_filters_are_those_of_both_moments(qtbot, window):
    step = list(window.time_machine.course.ticks)[2]
    compared(window, step)
    pair = pair_of(qtbot, window, "filters")
    for view, moment in ((pair.twin, None), (pair.panel, step)):
        kernel = weights_at(window, moment)["conv1/kernel"]
        qtbot.waitUntil(lambda view=view, kernel=kernel: shows(view, kernel), timeout=10_000)
    names = [name.text() for name in pair.names]
    last = window.time_machine.course.last
    assert names == [f"A · end, batch {last}, after epoch {EPOCHS}", f"B · batch {step}, in epoch 1"]
    scales = [view.legend.accessibleDescription() or view.legend.toolTip() for view in (pair.twin, pair.panel)]
    assert scales[0] == scales[1]  # colours stand for the same numbers


def test_one_key_swaps_and_another_ends(qtbot, window):
    machine, slider = window.time_machine, window.time_bar.slider
    step = list(machine.course.ticks)[2]
    compared(window, step)
    pair = pair_of(qtbot, window, "filters")
    assert (machine.moments.a, machine.moments.b) == (None, step)
    QTest.keyClick(slider, Qt.Key.Key_X)
    assert (machine.moments.a, machine.moments.b) == (step, None)
    for view, moment in ((pair.twin, step), (pair.panel, None)):
        kernel = weights_at(window, moment)["conv1/kernel"]
        qtbot.waitUntil(lambda view=view, kernel=kernel: shows(view, kernel), timeout=10_000)
    filters = pair.panel
    QTest.keyClick(slider, Qt.Key.Key_Escape)
    assert machine.moments is None
    assert machine.pinned is None
    assert not window.comparing.pairs
    assert filters.isVisible()
    assert window.docks["filters"].widget().widget() is filters


def test_what_is_chosen_at_one_moment_is_chosen_at_the_other(qtbot, window):
    compared(window, list(window.time_machine.course.ticks)[2])
    pair = pair_of(qtbot, window, "filters")
    pair.twin.chooser.setCurrentText("conv2")
    assert pair.panel.chooser.currentText() == "conv2"
    qtbot.waitUntil(lambda: all(v._kernel is not None and v._kernel.shape[3] == 32 for v in (pair.twin, pair.panel)))
    pair.panel.mosaic.choose((3, 0, 0))
    assert pair.twin.mosaic.choice == (3, 0, 0)


def test_the_chosen_value_is_worked_out_at_both_moments(qtbot, window):
    step = list(window.time_machine.course.ticks)[2]
    compared(window, step)
    window.show_workspace("inside")
    pair = pair_of(qtbot, window, "arithmetic")
    window.inside.choose(Cell("conv1", 3, 2, 2))
    other = pair.twin._inside

    def known():
        looks = [inside.look for inside in (other, window.inside)]
        return all(look is not None and look.look is not None for look in looks) and looks[1].step == step

    qtbot.waitUntil(known, timeout=10_000)
    assert other.cell == window.inside.cell
    for panel, moment in ((pair.twin, None), (pair.panel, step)):
        weights = weights_at(window, moment)
        pixels = np.pad(panel._inside.look.maps["input"], ((1, 1), (1, 1), (0, 0)))
        patch = pixels[2:5, 2:5]
        value = float((patch * weights["conv1/kernel"][..., 3].astype(np.float32)).sum() + weights["conv1/bias"][3])
        assert panel._inside.value_of(window.inside.cell) == pytest.approx(value, abs=1e-4)
        assert "conv1" in panel.lines.text()


def test_the_confusion_matrix_is_that_of_both_moments(qtbot, window):
    compared(window, next(iter(window.time_machine.course.ticks)))
    window.show_workspace("inside")
    pair = pair_of(qtbot, window, "predictions")
    qtbot.waitUntil(
        lambda: all(v.page is not None and v.page.answer is not None for v in (pair.twin, pair.panel)), timeout=20_000
    )
    after = pair.twin.page.answer.evaluation
    qtbot.waitUntil(lambda: pair.panel.page.moment.origin.startswith("run 1 at batch"), timeout=20_000)
    before = pair.panel.page.answer.evaluation
    assert after.accuracy > before.accuracy
    validated = window.panels["curves"].data.validation("accuracy")
    assert after.accuracy == pytest.approx(validated[-1][1], abs=1e-6)
    assert after.confusion.sum() == before.confusion.sum() == after.n


def test_curves_mark_both_moments(qtbot, window):
    step = list(window.time_machine.course.ticks)[2]
    curves = window.panels["curves"]
    bring_forward(window.docks["curves"])
    qtbot.waitUntil(lambda: len(curves._plots) == 2)
    compared(window, step)
    heading = curves._headings[0].text()
    assert heading.startswith("loss A ")
    assert f"(batch {window.time_machine.course.last}), B " in heading
    assert heading.endswith(f"(batch {step})")
    assert [plot._pinned.value() for plot in curves._plots] == [window.time_machine.course.last] * 2
    window.time_machine.compare()
    assert not any(plot._pinned.isVisible() for plot in curves._plots)


def test_comparing_while_a_run_is_on_changes_no_bit(qtbot, window):
    undisturbed = window.runs.shown.standing.weights
    machine = window.time_machine
    rng = np.random.default_rng(0)
    window.train_bar.start_over()
    while window.run.state != "idle":
        qtbot.wait(20)
        known = list(machine.course.ticks)
        if known and machine.moments is None:
            machine.compare()
        if known:
            machine.look_at(int(rng.choice(known)))
            machine.swap()
            machine.subtract()
    again = window.runs.shown.standing.weights
    assert window.runs.shown.name == "run 2"
    for name, array in undisturbed.items():
        np.testing.assert_array_equal(again[name], array, err_msg=name)


def test_another_run_ends_it(qtbot, window):
    compared(window, list(window.time_machine.course.ticks)[2])
    pair_of(qtbot, window, "filters")
    window.train_bar.start_over()
    qtbot.waitUntil(lambda: window.run.state == "running", timeout=20_000)
    assert window.time_machine.moments is None
    assert not window.comparing.pairs
    window.run.stop()
    qtbot.waitUntil(lambda: window.run.state == "idle", timeout=20_000)
