"""The panels that show what the network predicts, and what its filters look for; made when they are first shown."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from designer.session import Session
from designer.training.insight import Insight
from designer.views.later import Later


class PredictionsView(Later):
    """How right the network is, what it mixes up, its mistakes, and why."""

    samples_requested = Signal(object, str)
    """The user wants to see samples in the Data workspace: their places, and what is said of them."""

    def __init__(self, session: Session, insight: Insight, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._insight = session, insight

    def make(self) -> QWidget:
        from designer.views.predictions.predictions_page import PredictionsPage

        page = PredictionsPage(self._insight)
        page.samples_requested.connect(self.samples_requested)
        page.probe_requested.connect(self._session.probe.take_sample)
        return page


class EmbeddingView(Later):
    """Samples as points of a plane, by what the last hidden layer says of them."""

    def __init__(self, session: Session, insight: Insight, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._insight = session, insight

    def make(self) -> QWidget:
        from designer.views.predictions.embedding_page import EmbeddingPage

        page = EmbeddingPage(self._insight)
        page.probe_requested.connect(self._session.probe.take_sample)
        return page


class TopPatchesView(Later):
    """The patches of the data that excite each filter most, and what the filter would like to see."""

    def __init__(self, session: Session, insight: Insight, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._insight = session, insight

    def make(self) -> QWidget:
        from designer.views.predictions.top_patches_page import TopPatchesPage

        page = TopPatchesPage(self._session, self._insight)
        page.probe_requested.connect(self._session.probe.take_sample)
        return page
