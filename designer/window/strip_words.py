"""What strip and canvas say of layers beyond their shapes: how the data fit, and what was found wrong with them."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, Slot

from core.graph.values import Layer
from core.layers import Kind
from core.text import counted
from designer.canvas import Canvas
from designer.session import Scope
from designer.strip import Strip, Word
from designer.window.arrangement import Arrangement


class StripWords(QObject):
    """Follows what is known of the document and its runs, and tells the strip what the workspace has to say.

    The canvas, which stands in Design, says what was found while a network trained.
    """

    def __init__(self, scope: Scope, strip: Strip, canvas: Canvas, arrangement: Arrangement) -> None:
        super().__init__(strip)
        self._scope, self._strip, self._canvas, self._arrangement = scope, strip, canvas, arrangement
        self._checked: Mapping[str, str] = {}
        self._found: Mapping[str, str] = {}
        scope.session.readiness_changed.connect(self.refresh)
        scope.document_changed.connect(self.refresh)
        arrangement.changed.connect(self.refresh)

    @Slot(object)
    def set_checked(self, found: Mapping[str, str]) -> None:
        """Say in Train what sanity checks found in layers of the flattened graph, in a few words each: "dead"."""
        self._checked = found
        self.refresh()

    @Slot(object)
    def set_found(self, found: Mapping[str, str]) -> None:
        """Say in Train what was found in layers while a run went on, before what checks found: "3 of 6 dead"."""
        self._found = found
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Tell strip and canvas what there is to say now."""
        self._canvas.scene.set_badges({card: word.text for card, word in self._of_training().items()})
        said = {"data": self._of_data, "train": self._of_training}.get(self._arrangement.workspace.name)
        self._strip.set_words(said() if said is not None else {})

    def _of_training(self) -> dict[str, Word]:
        return {
            card: Word(text, "warning")
            for id, text in {**self._checked, **self._found}.items()
            if (card := self._card_of(id))
        }

    def _of_data(self) -> dict[str, Word]:
        session = self._scope.session
        ready = session.readiness
        if ready is None or not session.report.valid:
            return {}
        words: dict[str, Word] = {}
        inputs = [layer.id for layer in self._scope.document.graph.layers if _takes_samples(layer)]
        if not session.place and ready.data:
            words |= dict.fromkeys(inputs, Word("data fit", "ok"))
        elif not session.place and ready.problems and len(inputs) == 1:
            unread = any(problem.code == "DATA-UNREADABLE" for problem in ready.problems)
            words[inputs[0]] = Word("no data" if unread else "data don't fit", "warning")
        cards = [self._card_of(problem.layer) for problem in ready.problems if problem.layer]
        return words | {card: Word(counted(cards.count(card), "problem"), "warning") for card in cards if card}

    def _card_of(self, id: str) -> str:
        """Return the card that shows a layer of the flattened graph; "" where it is not drawn here."""
        place = self._scope.session.place
        return id.removeprefix(place).partition("/")[0] if id.startswith(place) else ""


def _takes_samples(layer: Layer) -> bool:
    return isinstance(layer.spec, Kind) and layer.spec.n_inputs == (0, 0)
