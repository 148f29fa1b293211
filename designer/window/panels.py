"""Every panel of the window, as data: docks, their first places and the Panels menu are made from this one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias, TypeVar

from PySide6.QtWidgets import QWidget

from core.graph.layouts import NoteKey
from core.io.templates import templates
from designer.explain import ExplainPanel
from designer.history import HistoryPanel
from designer.inspector import Inspector
from designer.outline import OutlinePanel
from designer.palette import Palette
from designer.problems import ProblemsPanel
from designer.session import Scope, Session
from designer.summary import SummaryPanel
from designer.training import Live, Run, RunChooser, Runs
from designer.views import ActivationsView, CurvesView, DecisionView, FiltersView
from designer.window.files import Files

Place: TypeAlias = Literal["left", "right", "below left", "below middle", "below right"]
"""A side, where a panel stays and has no title; or a column below the canvas, where panels share tabs."""


class PanelHost(Protocol):
    """What a panel may be made from, and what it may ask of the window."""

    session: Session
    scope: Scope
    run: Run
    runs: Runs
    live: Live
    files: Files

    def add_kind(self, kind: str) -> None:
        """Add a layer after what is selected."""

    def reveal(self, layer_id: str) -> None:
        """Show a layer of the flattened graph on the canvas."""

    def show_note(self, key: NoteKey) -> None:
        """Show a note of the whole document."""

    def choose_dataset(self) -> None:
        """Ask for a data set of the user's own."""


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the window that can be shown and hidden.

    Attributes
    ----------
    name : str
        Permanent: the arrangements that users have saved find the panel by it.
    title : str
        What its tab and the Panels menu say. While the widget has a window title, the tab says that instead.
    place : Place
        Where it is at first.
    make : callable
        Makes the widget and connects it to what it follows. Panels that share a column have their tabs in the order
        of the table.
    icon : str
        Of its rail; only a panel at a side has one.
    """

    name: str
    title: str
    place: Place
    make: Callable[[PanelHost], QWidget]
    icon: str = ""


def _palette(host: PanelHost) -> Palette:
    palette = Palette(host.scope)
    palette.set_templates(templates())
    palette.kind_requested.connect(host.add_kind)
    palette.template_requested.connect(host.files.open_template)
    return palette


def _inspector(host: PanelHost) -> Inspector:
    inspector = Inspector(host.scope)
    inspector.dataset_requested.connect(host.choose_dataset)
    host.run.training_changed.connect(inspector.document_page.show_running)
    return inspector


def _curves(host: PanelHost) -> CurvesView:
    curves, run, runs = CurvesView(), host.run, host.runs
    runs.begun.connect(curves.begin)
    runs.shown_changed.connect(curves.show_run)
    run.adjusted.connect(curves.mark)
    curves.put_beside(RunChooser(runs))
    run.batches.connect(curves.add_batches)
    run.epoch_ended.connect(curves.add_epoch)
    run.found.connect(curves.show_finding)
    run.failed.connect(curves.show_failure)
    run.finished.connect(curves.end)
    host.session.document_changed.connect(curves.follow)
    return curves


def _filters(host: PanelHost) -> FiltersView:
    filters = FiltersView(host.session)
    _feed(filters, host.live)
    return filters


def _activations(host: PanelHost) -> ActivationsView:
    activations, live = ActivationsView(host.session), host.live
    live.dataset_changed.connect(activations.set_dataset)
    activations.sample_changed.connect(live.set_sample)
    _feed(activations, live)
    return activations


def _decision(host: PanelHost) -> DecisionView:
    decision = DecisionView(host.session)
    host.live.dataset_changed.connect(decision.set_dataset)
    _feed(decision, host.live)
    return decision


def _feed(view: FiltersView | ActivationsView | DecisionView, live: Live) -> None:
    """Let a view follow what is inside the network, and say where it comes from."""
    live.origin_changed.connect(view.set_origin)
    live.refused.connect(view.set_refusal)
    live.source_changed.connect(view.set_source)
    live.add(view)


def _problems(host: PanelHost) -> ProblemsPanel:
    problems = ProblemsPanel(host.session)
    problems.reveal_requested.connect(host.reveal)
    return problems


def _outline(host: PanelHost) -> OutlinePanel:
    outline = OutlinePanel(host.session)
    outline.note_chosen.connect(host.show_note)
    return outline


PANELS: tuple[Panel, ...] = (  # add one here
    Panel("palette", "Layers", "left", _palette, "add"),
    Panel("inspector", "Inspector", "right", _inspector, "sliders"),
    Panel("curves", "Curves", "below left", _curves),
    Panel("filters", "Filters", "below middle", _filters),
    Panel("activations", "Activations", "below right", _activations),
    Panel("decision", "Boundary", "below right", _decision),
    Panel("problems", "Problems", "below left", _problems),
    Panel("summary", "Summary", "below left", lambda host: SummaryPanel(host.session)),
    Panel("explain", "Explain", "below left", lambda host: ExplainPanel(host.session)),
    Panel("history", "History", "below left", lambda host: HistoryPanel(host.session)),
    Panel("outline", "Outline", "below middle", _outline),
)
"""In the order of the Panels menu."""


def make_panels(host: PanelHost) -> dict[str, QWidget]:
    """Return every panel's widget by the panel's name."""
    return {panel.name: panel.make(host) for panel in PANELS}


def names_at(*places: Place) -> list[str]:
    """Return the names of the panels that are at these places at first, one place after the other.

    >>> names_at("below right", "below middle")
    ['activations', 'decision', 'filters', 'outline']
    """
    return [panel.name for place in places for panel in PANELS if panel.place == place]


def columns(n: int) -> list[list[str]]:
    """Return the names in each column below the canvas; of two, the second holds what are the last two of three.

    >>> [[column[0] for column in columns(n)] for n in (3, 2, 1)]
    [['curves', 'filters', 'activations'], ['curves', 'activations'], ['curves']]
    """
    if n == 1:
        return [[panel.name for panel in PANELS if panel.place not in ("left", "right")]]
    if n == 2:
        return [names_at("below left"), names_at("below right", "below middle")]
    return [names_at("below left"), names_at("below middle"), names_at("below right")]


_Widget = TypeVar("_Widget", bound=QWidget)


def panel_of(panels: Mapping[str, QWidget], kind: type[_Widget]) -> _Widget:
    """Return the one panel that is of a class."""
    (panel,) = (widget for widget in panels.values() if isinstance(widget, kind))
    return panel
