"""Lenses: cards tinted by what they cost, so that one sees where the weight of a network is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import sqrt

from PySide6.QtCore import QObject, Signal, Slot

from core.analysis.report import LayerReport
from core.text import brief_number, bytes_text
from designer.canvas.drawing.canvas_style import HEATS
from designer.canvas.drawing.scene import Scene
from designer.canvas.overlay.gradient_wires import GradientWires, Norms, norm_text
from designer.session import Drawn

Measure = Callable[[LayerReport], float | None]


@dataclass(frozen=True, slots=True)
class Lens:
    """Something that layers have more or less of.

    Attributes
    ----------
    measure : callable or None
        Gives how much a layer has, or None where that is unknown. Without it, somebody must go and measure.
    is_of_wires : bool
        Whether wires have it instead of cards.
    text : callable
        Writes such a number.
    adds_up : bool
        Whether a block has as much as its layers together; otherwise as much as its last one.
    """

    title: str
    measure: Measure | None
    text: Callable[[float], str]
    adds_up: bool = True
    is_of_wires: bool = False


def _field(report: LayerReport) -> float | None:
    """Return a side of what one output value sees; features see all there is, which is no side."""
    field = report.receptive_field
    return None if field is None else sqrt(float(field.size[0]) * float(field.size[1]))


def _ms_text(ms: float) -> str:
    if ms < 0.01:
        return "< 0.01 ms"
    return f"{ms:.2g} ms" if ms < 10 else f"{ms:,.0f} ms"


LENSES: Mapping[str, Lens] = {
    "parameters": Lens("Parameters", lambda report: report.parameters, brief_number),
    "macs": Lens("MACs", lambda report: report.macs, brief_number),
    "memory": Lens("Memory of outputs", lambda report: report.activation_bytes, lambda n: bytes_text(int(n))),
    "field": Lens("Receptive field", _field, lambda side: f"{side:.0f} wide", adds_up=False),
    "milliseconds": Lens("Measured milliseconds", None, _ms_text),
    "gradients": Lens("Gradient on wires", None, norm_text, adds_up=False, is_of_wires=True),
}


class Lenses(QObject):
    """Tints the cards of a scene by the lens that is chosen; without one they are as they were."""

    changed = Signal(str)
    """Carries a sentence on what is seen; "" without a lens."""
    drawn = Signal()
    """Cards or wires look otherwise."""
    times_wanted = Signal(bool)
    """The lens that is chosen needs what `show_times` is told, or no longer does."""
    gradients_wanted = Signal(bool)
    """The lens that is chosen needs what `show_gradients` is told, or no longer does."""

    def __init__(self, session: Drawn, scene: Scene) -> None:
        super().__init__(scene)
        self._session, self._scene = session, scene
        self._lens: Lens | None = None
        self._times: Mapping[str, float] = {}
        self._about_times = ""
        self.wires = GradientWires(session, scene)
        self._norms: Norms = {}
        self._is_in_sight = True
        session.document_changed.connect(self._refresh)

    @property
    def lens(self) -> Lens | None:
        """The lens that is chosen."""
        return self._lens

    def choose(self, name: str) -> None:
        """Look through a lens of `LENSES`, or with "" through none."""
        before, self._lens = self._lens, LENSES.get(name)
        self._times, self._norms, self._about_times = {}, {}, ""
        self._refresh()
        self.changed.emit(self._sentence())
        if _is_of_wires(before) != _is_of_wires(self._lens):
            self._want_gradients()
        if self._is_measured(before) != self._is_measured(self._lens):
            self.times_wanted.emit(self._is_measured(self._lens))

    def show_times(self, times: Mapping[str, float], about: str) -> None:
        """Take what was measured, in ms by layers of the flattened graph, and what took so long; or why nothing was."""
        if self._is_measured(self._lens):
            self._times, self._about_times = times, about
            self._refresh()
            self.changed.emit(self._sentence())

    def set_in_sight(self, is_in_sight: bool) -> None:
        """Take note whether anybody sees the scene: what nobody sees is not measured."""
        self._is_in_sight = is_in_sight
        if _is_of_wires(self._lens):
            self._want_gradients()

    def _want_gradients(self) -> None:
        self.gradients_wanted.emit(_is_of_wires(self._lens) and self._is_in_sight)

    def show_gradients(self, norms: Norms, about: str) -> None:
        """Take the norms of gradients by wires of the flattened graph, and what they are of; or why there are none."""
        if _is_of_wires(self._lens):
            is_news = not norms or not self._norms  # the status bar need not say every number that comes by
            self._norms, self._about_times = norms, about
            self._refresh()
            if is_news:
                self.changed.emit(self._sentence())

    @staticmethod
    def _is_measured(lens: Lens | None) -> bool:
        return lens is not None and lens.measure is None and not lens.is_of_wires

    @Slot()
    def _refresh(self) -> None:
        self.wires.show(self._norms)
        self.drawn.emit()
        if self._lens is None or self._lens.is_of_wires:
            for node in self._scene.nodes.values():
                node.set_heat(None, "")
            return
        amounts = self._amounts(self._lens)
        most = max(amounts.values(), default=0.0) or 1.0
        for id, node in self._scene.nodes.items():
            amount = amounts.get(id)
            # By area, as it were: small ones would look like nothing beside a single large one.
            heat = None if amount is None else round((HEATS - 1) * sqrt(amount / most))
            node.set_heat(heat, self._lens.text(amount) if amount else "")

    def _amounts(self, lens: Lens) -> dict[str, float]:
        report, times = self._session.report, self._times
        measure = lens.measure or (lambda layer: times.get(layer.id))
        amounts = {}
        for id in self._scene.nodes:
            output = report.of(id)
            layers: Iterable[LayerReport] = report.inside(id) if lens.adds_up else [output] if output else []
            found = [measure(layer) for layer in layers]
            known = [amount for amount in found if amount is not None]
            if known and len(known) == len(found):
                amounts[id] = float(sum(known))
        return amounts

    def _sentence(self) -> str:
        if self._lens is None:
            return ""
        if self._lens.is_of_wires:
            return self._words_of_wires(self._lens)
        amounts = self._amounts(self._lens)
        if self._is_measured(self._lens) and not self._times:
            return self._about_times or "The layers are being timed…"
        if not any(amounts.values()):
            return f"{self._lens.title}: nothing is known yet."
        top = max(amounts, key=lambda id: amounts[id])
        most = f"most has {top}, {self._lens.text(amounts[top])}"
        share = f", {100 * amounts[top] / sum(amounts.values()):.0f} % of all" if self._lens.adds_up else ""
        of = f" of {self._about_times}" if self._about_times else ""
        return f"{self._lens.title}{of}: {most}{share}."

    def _words_of_wires(self, lens: Lens) -> str:
        amounts = self.wires.amounts
        if not amounts:
            return self._about_times or f"{lens.title}: being measured…"
        top = max(amounts, key=lambda key: amounts[key])
        most = f"most comes back into {top[0]}, {lens.text(amounts[top])}"
        return f"{lens.title}, of {self._about_times}: {most}. Thick is large, dotted is none."


def _is_of_wires(lens: Lens | None) -> bool:
    return lens is not None and lens.is_of_wires
