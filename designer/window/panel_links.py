"""What panels ask of each other."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

from designer.canvas.overlay.lenses import Lenses
from designer.problems import DataPanel
from designer.session.questions import Questions
from designer.time_machine import TimeMachine, TimeMachineBar
from designer.training import DoctorPanel, GradientGauge, RunsPanel, SanityPanel, Stopwatch
from designer.views import ActivationsView, CurvesView, FiltersView
from designer.views.data import BalanceView, SamplesView
from designer.views.predictions import PredictionsView, WhyView
from designer.views.preparing import AugmentationView, PreprocessingView, SpectrumPanel
from designer.views.search import BestTrials, ParallelView, SearchRun, TrialsView
from designer.views.statistics import HistogramsView
from designer.window.finding import bring_forward
from designer.window.panels import panel_of
from designer.window.strip_words import StripWords


def link_panels(panels: Mapping[str, QWidget], machine: TimeMachine, bar: TimeMachineBar) -> None:
    """Connect the panels of one window, and those that follow the time machine with it."""
    filters = panel_of(panels, FiltersView)
    filters.filmed_changed.connect(lambda: bar.film_kernel(filters.filmed))
    bar.film_kernel(filters.filmed)
    bar.figures = panel_of(panels, CurvesView).figures_at
    machine.step_changed.connect(panel_of(panels, CurvesView).look_at)
    machine.step_changed.connect(panel_of(panels, HistogramsView).look_at)
    machine.pinned_changed.connect(panel_of(panels, CurvesView).pin)
    machine.pinned_changed.connect(panel_of(panels, HistogramsView).pin)
    samples, balance = panel_of(panels, SamplesView), panel_of(panels, BalanceView)
    balance.class_chosen.connect(samples.show_class)
    panel_of(panels, DataPanel).samples_chosen.connect(samples.show_some)
    trials, lines, best = panel_of(panels, TrialsView), panel_of(panels, ParallelView), panel_of(panels, BestTrials)
    trials.trial_chosen.connect(best.choose)  # a row is chosen with it, which tells the others
    best.trial_chosen.connect(trials.choose)
    best.trial_chosen.connect(lines.choose)
    probe = panel_of(panels, ActivationsView).session.probe
    samples.sample_taken.connect(probe.take_sample)
    predictions = panel_of(panels, PredictionsView)
    predictions.probe_requested.connect(probe.take_sample)
    predictions.sample_chosen.connect(panel_of(panels, WhyView).explain)
    predictions.samples_requested.connect(samples.show_some)
    preprocessing = panel_of(panels, PreprocessingView)
    preprocessing.show_spectrum_in(panel_of(panels, SpectrumPanel))
    for view in (preprocessing, panel_of(panels, AugmentationView)):
        samples.grid.chosen.connect(view.show_sample)
    panel_of(panels, RunsPanel).curve_toggled.connect(panel_of(panels, CurvesView).set_shown)


def show_trials(window: QMainWindow, docks: Mapping[str, QDockWidget], search: SearchRun) -> None:
    """Bring what a search finds to the front when it begins, where that does not cover its own panel."""

    def follow(is_on: bool) -> None:
        if is_on and docks["search"].isVisible():
            beside = window.tabifiedDockWidgets(docks["search"])
            for dock in (docks["trials"], docks["best"]):
                if dock not in beside and not dock.isHidden():
                    bring_forward(dock)

    search.state_changed.connect(follow)


def link_words(panels: Mapping[str, QWidget], words: StripWords) -> None:
    """Have the strip say what panels find."""
    panel_of(panels, SanityPanel).found.connect(words.set_checked)
    panel_of(panels, DoctorPanel).found.connect(words.set_found)


def link_lenses(lenses: Lenses, stopwatch: Stopwatch, questions: Questions) -> None:
    """Have measured what the canvas is looked at through."""
    gauge = GradientGauge(questions, lenses)
    lenses.times_wanted.connect(stopwatch.set_wanted)
    stopwatch.told.connect(lenses.show_times)
    lenses.gradients_wanted.connect(gauge.set_wanted)
    gauge.told.connect(lenses.show_gradients)
