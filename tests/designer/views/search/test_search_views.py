"""A search in the window: begun and ended by its buttons, its trials as points, lines and rows, the best taken over."""

import re
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QScrollArea

from core.graph.edits import set_training
from core.io.templates import load_template
from core.problems import Problem
from core.search.messages import StageBegan, TrialBegan, TrialEnded, TrialEpoch
from core.search.ranges import Log
from core.search.search import Search
from core.search.space import Space
from core.search.stages import Stage
from core.search.trials import Trial
from core.training.readiness import Readiness
from designer import theme
from designer.session import Session
from designer.views.search import BestTrials, ParallelView, SearchPanel, SearchRun, TrialsView
from designer.views.search.search_run import Told

RATE, L2 = "training.optimizer.learning_rate", "training.l2"


def trial(number, accuracy, rate=0.01, l2=0.001, stage=0, outcome="finished"):
    return Trial(number, stage, {RATE: rate, L2: l2}, outcome, (accuracy,), (1 - accuracy,))


TRIALS = (trial(1, 0.9, 0.001), trial(2, 0.97, 0.01), trial(3, 0.5, 0.5, 0.05), trial(4, 0.98, 0.02, 1e-4, 1))


def line_contrast(view, number):
    """Return how much the line of a trial stands out from the panel, at the best of the places looked at."""
    picture, path = view.grab().toImage(), view._line(view._axes(), view._told.trials[number])
    at = path.pointAtPercent(0.3).toPoint()
    colours = [picture.pixelColor(at.x(), at.y() + dy).name() for dy in range(-3, 4)]
    return max(theme.contrast(colour, theme.current().panel) for colour in colours)


def told(trials=TRIALS):
    known = Told((RATE, L2), n_trials=4, n_validation=359)
    known.take_in(StageBegan(0, Stage(1, 4), Space({RATE: Log(1e-4, 1.0), L2: Log(1e-5, 0.1)})))
    for each in trials:
        known.take_in(TrialBegan(each.number, each.stage, each.values))
        known.take_in(TrialEpoch(each.number, 1, each.accuracies[0], each.losses[0]))
        known.take_in(TrialEnded(each))
    return known


def searched(session, folder):
    return Search(session.document, Space({RATE: Log(1e-4, 1.0), L2: Log(1e-5, 0.1)}), [Stage(1, 4)], base=folder)


@pytest.fixture
def session(qapp):
    session = Session()
    session.open(load_template("mlp"), None)
    return session


@pytest.fixture
def run(qapp):
    run = SearchRun()
    yield run
    assert run.stop_and_wait()


def show(qtbot, widget, width=640, height=480):
    qtbot.addWidget(widget)
    widget.resize(width, height)
    widget.show()
    return widget


def fill(field, text):
    field.selectAll()
    QTest.keyClicks(field, text)


class TestPanel:
    def panel(self, qtbot, session, run, coarse=(2, 1), fine=(1, 1)):
        panel = show(qtbot, SearchPanel(session, run), width=280, height=800)
        for (trials, epochs), boxes in ((coarse, panel.coarse), (fine, panel.fine)):
            boxes[0].setValue(trials)
            boxes[1].setValue(epochs)
        return panel

    def test_a_search_from_the_button_to_its_end(self, qtbot, session, run):
        panel = self.panel(qtbot, session, run)
        best = show(qtbot, BestTrials(session, run))
        with qtbot.waitSignal(run.ended, timeout=60_000) as ended:
            QTest.mouseClick(panel.start, Qt.MouseButton.LeftButton)
            assert not panel.start.isEnabled()
        assert ended.args == [""]
        assert len(run.told.trials) == 3
        assert panel.said.text().startswith("3 of 3 trials")
        assert panel.start.isEnabled()
        before = session.document
        QTest.mouseClick(best.take, Qt.MouseButton.LeftButton)
        chosen = best.choice.values
        assert session.document.training.optimizer.learning_rate == chosen[RATE]
        assert session.document.training.settings.batch_size == chosen["training.batch_size"]
        assert not best.take.isEnabled()
        session.undo()
        assert session.document == before

    def test_stop_ends_it_and_keeps_what_is_known(self, qtbot, session, run):
        panel = self.panel(qtbot, session, run, coarse=(50, 30))
        QTest.mouseClick(panel.start, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: bool(run.told.trials), timeout=60_000)
        with qtbot.waitSignal(run.ended, timeout=20_000):
            QTest.mouseClick(panel.stop, Qt.MouseButton.LeftButton)
        assert 0 < len(run.told.trials) < 50
        assert not run.is_on

    def test_what_is_no_range_is_said_and_nothing_begins(self, qtbot, session, run):
        panel = self.panel(qtbot, session, run)
        fill(panel.rows[RATE].text, "fast")
        QTest.mouseClick(panel.start, Qt.MouseButton.LeftButton)
        assert "learning_rate" in panel.said.text()
        assert not run.is_on

    def test_a_value_that_the_setting_refuses_is_said(self, qtbot, session, run):
        panel = self.panel(qtbot, session, run)
        fill(panel.rows[RATE].text, "0.1 ... 5000")
        QTest.mouseClick(panel.start, Qt.MouseButton.LeftButton)
        assert "won't do" in panel.said.text()

    def test_settings_are_added_and_taken_out(self, qtbot, session, run):
        panel = self.panel(qtbot, session, run)
        panel._fill_menu()
        (layer,) = (menu for menu in panel._menu.children() if getattr(menu, "title", str)() == "fc1")
        (units,) = (action for action in layer.actions() if action.text() == "units")
        units.trigger()
        assert panel.rows["layers.fc1.units"].text.text() == "50, 100, 200"
        panel.rows[L2].removed.emit(L2)
        assert L2 not in panel.space().ranges

    def test_bars_say_which_setting_matters_or_how_many_trials_that_needs(self, qtbot, session, run):
        panel = self.panel(qtbot, session, run)
        assert panel.importance.isHidden()
        panel._show(told())
        assert panel.importance.said == "3 of 12 coarse trials that are needed to say"
        many = [trial(n, 0.5 + 0.02 * n, rate=10 ** (-4 + n / 8), l2=1e-5 * (1 + n % 3)) for n in range(1, 25)]
        panel._show(told(many))
        assert panel.importance.accessibleDescription().startswith("learning_rate 9")
        assert panel.importance.shares[RATE] > 0.8
        assert panel.importance.shares[L2] < 0.1
        assert panel.importance.isVisible()
        panel.grab()
        panel._show(told([trial(n, 0.5) for n in range(1, 25)]))
        assert panel.importance.said == "All coarse trials are equally good."

    def test_what_cannot_be_trained_is_not_searched_and_the_reason_is_said(self, qtbot, session, run):
        panel = self.panel(qtbot, session, run)
        reason = Problem("DATA-REFUSED", "mine: 1 sample can't be used.", "Mend it.")
        session.set_readiness(Readiness(trainable=False, problems=(reason,)))
        QTest.mouseClick(panel.start, Qt.MouseButton.LeftButton)
        assert panel.said.text() == "mine: 1 sample can't be used. Mend it."
        assert not run.is_on

    def test_why_trials_failed_is_said(self, qtbot, session, run):
        panel = self.panel(qtbot, session, run)
        lost = [replace(trial(n, 0.0, outcome="failed"), why=f"Reason {n}.") for n in (1, 2)]
        panel._show(told((*lost, trial(3, 0.5))))
        assert panel.said.text() == "3 of 4 trials, 2 diverged or failed. The last that failed: Reason 2."

    def test_nothing_can_be_compared_without_validation(self, qtbot, session, run):
        panel = self.panel(qtbot, session, run)
        session.edit("none kept back", set_training(session.document, {"validation_split": 0.0}))
        QTest.mouseClick(panel.start, Qt.MouseButton.LeftButton)
        assert "validation_split is 0" in panel.said.text()

    def test_trials_of_a_saved_document_are_kept_beside_it(self, qtbot, session, run, tmp_path):
        session.open(load_template("mlp"), tmp_path / "net.json")
        panel = self.panel(qtbot, session, run, coarse=(1, 1), fine=(0, 1))
        with qtbot.waitSignal(run.ended, timeout=60_000):
            QTest.mouseClick(panel.start, Qt.MouseButton.LeftButton)
        assert (tmp_path / "net.trials.jsonl").exists()
        panel.coarse[0].setValue(2)  # another search of the same document
        with qtbot.waitSignal(run.ended, timeout=60_000) as ended:
            QTest.mouseClick(panel.start, Qt.MouseButton.LeftButton)
        assert ended.args == [""]
        assert len(run.told.trials) == 2


class TestPoints:
    def test_a_click_on_a_point_chooses_its_trial(self, qtbot, run):
        view = show(qtbot, TrialsView(run))
        view.show_told(told())
        at = view.scatter.point_of(TRIALS[1]).toPoint()
        with qtbot.waitSignal(view.trial_chosen) as chosen:
            QTest.mouseClick(view.scatter, Qt.MouseButton.LeftButton, pos=at)
        assert chosen.args == [2]

    def test_axes_are_logarithmic_and_can_be_exchanged(self, qtbot, run):
        view = show(qtbot, TrialsView(run))
        view.show_told(told())
        middle = view.scatter._plot().center().x()
        assert abs(view.scatter.point_of(TRIALS[1]).x() - middle) < 1  # 0.01 is in the middle of 1e-4 … 1
        assert view.scatter.point_of(TRIALS[0]).x() < middle - 50
        view.across.setCurrentIndex(1)
        assert abs(view.scatter.point_of(TRIALS[0]).x() - middle) < 1  # 0.001 in that of 1e-5 … 0.1

    def test_what_diverged_has_its_place_too(self, qtbot, run):
        view, known = show(qtbot, TrialsView(run)), told()
        lost = Trial(5, 0, {RATE: 0.9, L2: 1e-4}, "diverged", why="It rose.")
        known.take_in(TrialEnded(lost))
        view.show_told(known)
        with qtbot.waitSignal(view.trial_chosen) as chosen:
            QTest.mouseClick(view.scatter, Qt.MouseButton.LeftButton, pos=view.scatter.point_of(lost).toPoint())
        assert chosen.args == [5]


class TestLines:
    @pytest.mark.parametrize("choice", ["light", "dark"])
    def test_the_line_of_every_trial_stands_out_in_both_themes(self, qtbot, run, choice):
        theme.set_theme(choice)
        view = show(qtbot, ParallelView(run))
        view.show_told(told())
        assert min(line_contrast(view, number) for number in view._told.trials) > 1.7
        theme.set_theme("dark")

    def test_dragging_along_an_axis_keeps_what_crosses_it_there(self, qtbot, run):
        view = show(qtbot, ParallelView(run))
        view.show_told(told())
        x, (top, bottom) = round(view._x(2, 3)), view._ends()
        start, end = QPoint(x, round(top)), QPoint(x, round(top + 0.2 * (bottom - top)))
        QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
        QTest.mouseMove(view, end)
        QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=end)
        assert [each.number for each in view.kept] == [4, 2, 1]
        QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=start)
        assert len(view.kept) == 4

    def test_no_line_crosses_a_figure(self, qtbot, session, run):
        view = show(qtbot, ParallelView(run))
        view.show_told(told([trial(1, 0.9, 0.01, 0.001), trial(2, 0.5, 0.5, 0.05)]))  # l2 is where a figure stands
        view.choose(1)
        axes = view._axes()
        (place,) = (
            rect for text, rect in view.figures(axes[L2], view._x(list(axes).index(L2), len(axes))) if text == "0.001"
        )
        image = view.grab().toImage()
        accent = QColor(theme.current().accent)

        def n_accent(area):
            pixels = [
                image.pixelColor(x, y)
                for x in range(round(area.left()), round(area.right()))
                for y in range(round(area.top()), round(area.bottom()))
            ]
            return sum(abs(p.red() - accent.red()) + abs(p.blue() - accent.blue()) < 60 for p in pixels)

        assert n_accent(place) == 0
        assert n_accent(place.translated(-2 * place.width(), 0)) > 0


class TestBest:
    def test_the_best_come_first_and_equals_are_called_so(self, qtbot, session, run):
        best = show(qtbot, BestTrials(session, run))
        best.show_told(told())
        assert [best.table.item(row, 0).text() for row in range(4)] == ["4", "2", "1", "3"]
        assert best.table.item(0, 1).text() == "98.0%"
        best.show_told(told((trial(1, 0.98), trial(2, 0.979), trial(3, 0.5))))
        assert "the first 2 are as good as equal" in best.equal.text()

    def test_a_trial_is_repeated_with_five_seeds(self, qtbot, session, run, tmp_path):
        best = show(qtbot, BestTrials(session, run))
        run.search = searched(session, tmp_path)
        best.show_told(told())
        best.choose(2)
        assert best.repeat.text() == "With 5 seeds"
        with qtbot.waitSignal(best.repeats.ended, timeout=60_000) as ended:
            QTest.mouseClick(best.repeat, Qt.MouseButton.LeftButton)
            assert best.repeat.text() == "Stop"
        assert ended.args == [""]
        assert re.fullmatch(r"Repeated: \d+\.\d% ± \d+\.\d with 5 seeds\.", best.seeds.text())
        best.choose(1)
        assert best.seeds.text() == ""
        best.choose(2)
        assert best.seeds.text().startswith("Repeated: ")
        best.grab()
        best.show_told(told())  # another search has other trials by these numbers
        best.choose(2)
        assert best.seeds.text() == ""
        assert best.repeats.stop_and_wait()

    def test_repeating_is_stopped(self, qtbot, session, run, tmp_path):
        best = show(qtbot, BestTrials(session, run))
        run.search = searched(session, tmp_path)
        best.show_told(told())
        best.choose(2)
        QTest.mouseClick(best.repeat, Qt.MouseButton.LeftButton)
        with qtbot.waitSignal(best.repeats.ended, timeout=20_000):
            QTest.mouseClick(best.repeat, Qt.MouseButton.LeftButton)
        assert best.repeat.text() == "With 5 seeds"
        assert best.seeds.text().startswith("0 of 5 seeds trained")

    def test_the_button_is_in_sight_in_a_low_panel(self, qtbot, session, run):
        best = BestTrials(session, run)
        best.show_told(told([trial(n, 0.9) for n in range(1, 30)]))
        area = QScrollArea()
        area.setWidget(best)
        area.setWidgetResizable(True)
        show(qtbot, area, width=336, height=283)
        assert area.viewport().rect().contains(best.take.geometry())
        assert best.table.viewport().height() > 0

    def test_a_row_is_told_to_the_others(self, qtbot, session, run):
        best = show(qtbot, BestTrials(session, run))
        best.show_told(told())
        with qtbot.waitSignal(best.trial_chosen) as chosen:
            best.choose(1)
        assert chosen.args == [1]
        assert best.title.text() == "Trial 1: 90.0% after epoch 1"
