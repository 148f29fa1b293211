"""Every panel of the window, as data: docks, their first places and the Panels menu are made from this one table.

A panel is added by one entry of `PANELS`, which names a place for each workspace that shows it at first:

    Panel("runs", "Runs", {"train": "right below"}, _runs)

It stands there among the tabs of that place, in the order of the table; where the window is too small for the place, it
goes where `designer.window.workspaces` says. In all other workspaces it is hidden until the user shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias, TypeVar

from PySide6.QtWidgets import QWidget

from core.graph.layouts import NoteKey
from core.io.templates import templates
from designer.explain import ExplainPanel
from designer.export import CodePanel
from designer.history import HistoryPanel
from designer.inspector import Inspector, TrainingPanel
from designer.outline import OutlinePanel
from designer.palette import Palette
from designer.problems import DataPanel, ProblemsPanel
from designer.session import Scope, Session
from designer.session.preferences import SharedPreferences
from designer.session.questions import Questions
from designer.summary import SummaryPanel
from designer.training import DoctorPanel, Feed, RangePanel, Run, RunChooser, RunOnChooser, Runs, RunsPanel, SanityPanel
from designer.views import ActivationsView, CurvesView, DecisionView, FiltersView
from designer.views.data import BalanceView, ImportList, SamplesView, ShownData, SourcePanel
from designer.views.inside import ArithmeticPanel, Inside, LayersPanel, ProbePanel
from designer.views.predictions import EmbeddingView, PredictionsView, ResultView, TopPatchesView, WhyView
from designer.views.preparing import AugmentationView, PreprocessingView, SpectrumPanel
from designer.views.search import BestTrials, ParallelView, SearchPanel, SearchRun, TrialsView
from designer.views.statistics import GradientNormView, HistogramsView, UpdateRatioView
from designer.window.files import Files
from designer.window.own_data import OwnData
from designer.window.workspaces import DESIGN, SIDE_PLACES, WORKSPACES, Form, Place, Workspace


class PanelHost(Protocol):
    """What a panel may be made from, and what it may ask of the window."""

    session: Session
    scope: Scope
    run: Run
    runs: Runs
    data: ShownData
    search: SearchRun
    inside: Inside
    files: Files
    own_data: OwnData
    preferences: SharedPreferences

    @property
    def live(self) -> Feed:
        """What feeds panels that look into the network."""

    @property
    def questions(self) -> Questions:
        """Where panels ask about the network."""

    def add_kind(self, kind: str) -> None:
        """Add a layer after what is selected."""

    def reveal(self, layer_id: str) -> None:
        """Show a layer of the flattened graph on the canvas."""

    def show_note(self, key: NoteKey) -> None:
        """Show a note of the whole document."""


Twin: TypeAlias = Literal["", "beside", "above"]


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the window that can be shown and hidden.

    Attributes
    ----------
    name : str
        Permanent: the arrangements that users have saved find the panel by it.
    title : str
        What its tab and the Panels menu say. While the widget has a window title, the tab says that instead.
    places : mapping of str to Place
        Where it is at first, by the names of the workspaces that show it at first.
    make : callable
        Makes the widget and connects it to what it follows.
    icon : str
        Of its rail; only a panel at a side of the canvas has one.
    twin : {"", "beside", "above"}
        Where a second widget shows another moment while two are compared; "" where one widget is enough.
    """

    name: str
    title: str
    places: Mapping[str, Place]
    make: Callable[[PanelHost], QWidget]
    icon: str = ""
    twin: Twin = ""


def _palette(host: PanelHost) -> Palette:
    palette = Palette(host.scope)
    palette.set_templates(templates())
    palette.kind_requested.connect(host.add_kind)
    palette.template_requested.connect(host.files.open_template)
    return palette


def _inspector(host: PanelHost) -> Inspector:
    inspector = Inspector(host.scope)
    inspector.dataset_requested.connect(host.own_data.choose_file)
    host.run.training_changed.connect(inspector.document_page.show_running)
    return inspector


def _training(host: PanelHost) -> TrainingPanel:
    training, run = TrainingPanel(host.session), host.run
    run.training_changed.connect(training.show_running)
    run.progressed.connect(training.follow)
    training.put_below(RunOnChooser(run))
    return training


def _curves(host: PanelHost) -> CurvesView:
    curves, run, runs = CurvesView(), host.run, host.runs
    runs.begun.connect(curves.begin)
    runs.shelf.curve_read.connect(curves.add_read)
    runs.renamed.connect(curves.rename)
    runs.shown_changed.connect(curves.show_run)
    run.adjusted.connect(curves.mark)
    run.ended_early.connect(curves.mark)
    curves.put_beside(RunChooser(runs))
    run.batches.connect(curves.add_batches)
    run.epoch_ended.connect(curves.add_epoch)
    run.found.connect(curves.show_finding)
    run.failed.connect(curves.show_failure)
    run.finished.connect(curves.end)
    host.session.document_changed.connect(curves.follow)
    return curves


def _filters(host: PanelHost) -> FiltersView:
    filters = FiltersView(host.session, host.questions)
    _feed(filters, host.live)
    return filters


def _activations(host: PanelHost) -> ActivationsView:
    activations, live = ActivationsView(host.session), host.live
    live.dataset_changed.connect(activations.set_dataset)
    _feed(activations, live)
    return activations


def _decision(host: PanelHost) -> DecisionView:
    decision = DecisionView(host.session)
    host.live.dataset_changed.connect(decision.set_dataset)
    _feed(decision, host.live)
    return decision


def _update_ratio(host: PanelHost) -> UpdateRatioView:
    view = UpdateRatioView(host.session)
    host.live.add(view)
    return view


def _gradient_norm(host: PanelHost) -> GradientNormView:
    view = GradientNormView(host.session)
    host.live.add(view)
    return view


def _histograms(host: PanelHost) -> HistogramsView:
    view, runs = HistogramsView(host.session), host.runs
    runs.begun.connect(view.begin)
    runs.renamed.connect(view.rename)
    runs.shown_changed.connect(view.show_run)
    host.live.add(view)
    return view


def _feed(view: FiltersView | ActivationsView | DecisionView, live: Feed) -> None:
    """Let a view follow what is inside the network, and say where it comes from."""
    live.origin_changed.connect(view.set_origin)
    live.refused.connect(view.set_refusal)
    live.source_changed.connect(view.set_source)
    live.add(view)


def _problems(host: PanelHost) -> ProblemsPanel:
    problems = ProblemsPanel(host.session)
    problems.reveal_requested.connect(host.reveal)
    return problems


def _doctor(host: PanelHost) -> DoctorPanel:
    doctor = DoctorPanel(host.session, host.run)
    doctor.reveal_requested.connect(host.reveal)
    return doctor


def _explain(host: PanelHost) -> ExplainPanel:
    return ExplainPanel(host.session)


def _code(host: PanelHost) -> CodePanel:
    code = CodePanel(host.session, host.preferences)
    code.layer_chosen.connect(host.reveal)
    return code


def _source(host: PanelHost) -> SourcePanel:
    source = SourcePanel(host.session, host.data)
    source.file_requested.connect(host.own_data.choose_file)
    source.folder_requested.connect(host.own_data.choose_folder)
    return source


def _checks(host: PanelHost) -> DataPanel:
    checks, data = DataPanel(host.session), host.data
    data.changed.connect(checks.show_loaded)
    checks.looked_at.connect(data.attend)
    return checks


def _outline(host: PanelHost) -> OutlinePanel:
    outline = OutlinePanel(host.session)
    outline.note_chosen.connect(host.show_note)
    return outline


def _preprocessing(host: PanelHost) -> PreprocessingView:
    return PreprocessingView(host.session, host.data)


def _probe(host: PanelHost) -> ProbePanel:
    return ProbePanel(host.inside)


def _arithmetic(host: PanelHost) -> ArithmeticPanel:
    return ArithmeticPanel(host.inside)


def _layers(host: PanelHost) -> LayersPanel:
    return LayersPanel(host.inside)


def _why(host: PanelHost) -> WhyView:
    return WhyView(host.session, host.questions)


def _patches(host: PanelHost) -> TopPatchesView:
    return TopPatchesView(host.session, host.questions)


def _predictions(host: PanelHost) -> PredictionsView:
    return PredictionsView(host.questions)


def _embedding(host: PanelHost) -> EmbeddingView:
    return EmbeddingView(host.session, host.questions)


def _augmentation(host: PanelHost) -> AugmentationView:
    return AugmentationView(host.session, host.data)


PANELS: tuple[Panel, ...] = (  # add one here
    Panel("palette", "Layers", {"design": "left"}, _palette, "add"),
    Panel("source", "Source", {"data": "left"}, _source),
    Panel("checks", "Checks", {"data": "right"}, _checks),
    Panel("probe", "Probe", {"inside": "left"}, _probe),
    Panel("runs", "Runs", {"train": "right below"}, lambda host: RunsPanel(host.runs)),
    Panel(
        "inspector",
        "Inspector",
        {"design": "right", "data": "right", "train": "right below", "inside": "left"},
        _inspector,
        "sliders",
    ),
    Panel("code", "Code", {"design": "right"}, _code),
    Panel("import", "Import", {"data": "right below"}, lambda host: ImportList(host.session, host.data)),
    Panel("samples", "Samples", {"data": "centre"}, lambda host: SamplesView(host.data)),
    Panel("balance", "Class balance", {"data": "centre right"}, lambda host: BalanceView(host.data)),
    Panel("training", "Training", {"train": "left"}, _training),
    Panel("search", "Search", {"train": "left"}, lambda host: SearchPanel(host.session, host.search)),
    Panel("sanity", "Sanity checks", {"train": "left"}, lambda host: SanityPanel(host.session)),
    Panel("arithmetic", "Arithmetic", {"inside": "below"}, _arithmetic, twin="beside"),
    Panel("curves", "Curves", {"design": "below left", "train": "centre"}, _curves),
    Panel("result", "Result", {"train": "centre"}, lambda host: ResultView(host.questions)),
    Panel("histograms", "Histograms", {"train": "centre"}, _histograms),
    Panel(
        "filters", "Filters", {"design": "below middle", "train": "centre", "inside": "below"}, _filters, twin="beside"
    ),
    Panel("activations", "Activations", {"design": "below right", "train": "centre"}, _activations, twin="beside"),
    Panel("trials", "Trials", {"train": "centre"}, lambda host: TrialsView(host.search)),
    Panel("decision", "Boundary", {"train": "centre"}, _decision, twin="beside"),
    Panel("best", "Best trials", {"train": "right below"}, lambda host: BestTrials(host.session, host.search)),
    Panel("update ratio", "Update / weight ratio", {"train": "below left"}, _update_ratio),
    Panel("gradient norm", "Gradient norm", {"train": "below right"}, _gradient_norm),
    Panel("range test", "Range test", {"train": "below right"}, lambda host: RangePanel(host.session)),
    Panel("parallel", "Parallel coordinates", {"train": "below left"}, lambda host: ParallelView(host.search)),
    Panel("layers", "All layers", {"inside": "centre"}, _layers, twin="above"),
    Panel("doctor", "Doctor", {"train": "right"}, _doctor),
    Panel("predictions", "Predictions", {"inside": "centre"}, _predictions, twin="beside"),
    Panel("embedding", "Embedding", {"inside": "centre"}, _embedding, twin="beside"),
    Panel("why", "Why", {"inside": "below"}, _why, twin="beside"),
    Panel("patches", "Top patches", {"inside": "below"}, _patches, twin="beside"),
    Panel("problems", "Problems", {"design": "below left", "train": "right"}, _problems),
    Panel("summary", "Summary", {"design": "below left"}, lambda host: SummaryPanel(host.session)),
    Panel("explain", "Explain", {"design": "below left", "train": "right below"}, _explain),
    Panel("history", "History", {"design": "below left"}, lambda host: HistoryPanel(host.session)),
    Panel("outline", "Outline", {"design": "below middle", "data": "left"}, _outline),
    Panel("pca", "PCA spectrum", {"data": "centre right below"}, lambda host: SpectrumPanel()),
    Panel("preprocessing", "Preprocessing", {"data": "below"}, _preprocessing),
    Panel("augmentation", "Augmentation", {"data": "lowest"}, _augmentation),
)
"""In the order of the Panels menu, and of tabs at one place."""


def make_panels(host: PanelHost) -> dict[str, QWidget]:
    """Return every panel's widget by the panel's name."""
    return {panel.name: panel.make(host) for panel in PANELS}


def workspaces() -> tuple[Workspace, ...]:
    """Return the workspaces that are offered: those around the canvas, and those with a panel at their centre."""
    return tuple(
        workspace
        for workspace in WORKSPACES
        if workspace.centre == "canvas" or any(panel.places.get(workspace.name) == "centre" for panel in PANELS)
    )


def grouped(workspace: Workspace, form: Form) -> dict[Place, list[str]]:
    """Return the names of the panels that share tabs, by place, also of those that are not shown at first.

    >>> from designer.window.workspaces import DESIGN
    >>> [list(grouped(DESIGN, form)) for form in DESIGN.forms[:3]]
    [['left', 'right', 'below left', 'below middle', 'below right'],
     ['left', 'right', 'below left', 'below right'],
     ['left', 'right', 'below left']]
    """
    found: dict[Place, list[str]] = {place: [] for place in workspace.places}
    for panel in PANELS:
        place = panel.places.get(workspace.name, workspace.spare)
        found[form.joined.get(place, place)].append(panel.name)
    return {place: names for place, names in found.items() if names}


def shown_in(workspace: Workspace, form: Form) -> set[str]:
    """Return the names of the panels that a workspace shows at first."""
    shown = [panel for panel in PANELS if workspace.name in panel.places and panel.name not in form.left_out]
    front = fronts(workspace, workspace.places[len(SIDE_PLACES) :][:1])
    return {p.name for p in shown if not form.only_own or DESIGN.name not in p.places or p.name in front}


def fronts(workspace: Workspace, places: Iterable[Place]) -> list[str]:
    """Return the names of the panels that are in front at first: the first that belongs to each place.

    >>> from designer.window.workspaces import DESIGN
    >>> fronts(DESIGN, ["below left", "below right"])
    ['curves', 'activations']
    """
    at = [[panel.name for panel in PANELS if panel.places.get(workspace.name) == place] for place in places]
    return [names[0] for names in at if names]


_Widget = TypeVar("_Widget", bound=QWidget)


def panel_of(panels: Mapping[str, QWidget], kind: type[_Widget]) -> _Widget:
    """Return the one panel that is of a class."""
    (panel,) = (widget for widget in panels.values() if isinstance(widget, kind))
    return panel
