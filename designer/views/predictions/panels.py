"""The panels that show what the network predicts, and what its filters look for; made when they are first shown."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from designer.session import Probed, Session
from designer.session.questions import Part, Questions
from designer.views.later import Later


class PredictionsView(Later):
    """How right the network is, what it mixes up, and its mistakes."""

    samples_requested = Signal(object, str)
    """The user wants to see samples in the Data workspace: their places, and what is said of them."""
    sample_chosen = Signal(int, str)
    """Carries the place of a sample in its part of the data set, and the part."""
    probe_requested = Signal(int)
    """The user wants to look at this sample everywhere: its place in the data set."""

    def __init__(self, questions: Questions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._questions = questions

    def make(self) -> QWidget:
        from designer.views.predictions.predictions_page import PredictionsPage

        page = PredictionsPage(self._questions)
        page.samples_requested.connect(self.samples_requested)
        page.sample_chosen.connect(self.sample_chosen)
        page.probe_requested.connect(self.probe_requested)
        return page


class WhyView(Later):
    """Why the probe, or the sample that was chosen last among the predictions, is taken for a class."""

    def __init__(self, session: Session, questions: Questions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._questions = session, questions
        self._asked: tuple[Probed, Part] | None = None

    def make(self) -> QWidget:
        from designer.views.predictions.why_page import WhyPage

        page = WhyPage(self._session, self._questions)
        page.probe_requested.connect(self._session.probe.take_sample)
        if self._asked is not None:
            page.explain(*self._asked)
        return page

    def keep_with(self, other: QWidget | None) -> None:
        super().keep_with(other)
        if isinstance(other, WhyView) and self._asked is not None and other._asked != self._asked:
            probed, part = self._asked
            other.explain(probed.sample, part)

    @Slot(int, str)
    def explain(self, sample: int, part: Part) -> None:
        """Explain a sample, by its place in its part of the data set."""
        from designer.views.predictions.why_page import WhyPage

        self._asked = (Probed(sample), part)
        if isinstance(self._beside, WhyView) and self._beside._asked != self._asked:
            self._beside.explain(sample, part)
        if isinstance(self.page, WhyPage):
            self.page.explain(*self._asked)


class EmbeddingView(Later):
    """Samples as points of a plane, by what the last hidden layer says of them."""

    def __init__(self, session: Session, questions: Questions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._insight = session, questions

    def make(self) -> QWidget:
        from designer.views.predictions.embedding_page import EmbeddingPage

        page = EmbeddingPage(self._insight)
        page.probe_requested.connect(self._session.probe.take_sample)
        return page


class TopPatchesView(Later):
    """The patches of the data that excite each filter most, and what the filter would like to see."""

    def __init__(self, session: Session, questions: Questions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._insight = session, questions

    def make(self) -> QWidget:
        from designer.views.predictions.top_patches_page import TopPatchesPage

        page = TopPatchesPage(self._session, self._insight)
        page.probe_requested.connect(self._session.probe.take_sample)
        return page


class ResultView(Later):
    """How a training has come out: one sentence, the mistakes, and what to do next."""

    draw_requested = Signal()
    why_requested = Signal(int, str)
    """Carries the place of a sample in its part of the data set, and the part."""
    continue_requested = Signal()
    save_requested = Signal()
    export_requested = Signal()
    run_wanted = Signal()
    """It is visible from now on, and wants to know of the run that is shown."""

    def __init__(self, questions: Questions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._questions = questions

    def make(self) -> QWidget:
        from designer.views.predictions.result_page import ResultPage

        page = ResultPage(self._questions)
        page.draw_requested.connect(self.draw_requested)
        page.why_requested.connect(self.why_requested)
        page.continue_requested.connect(self.continue_requested)
        page.save_requested.connect(self.save_requested)
        page.export_requested.connect(self.export_requested)
        return page

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.run_wanted.emit()

    def show_run(self, lines: tuple[str, ...], *, goes_on: bool, can_be_saved: bool) -> None:
        """Say how the run ended that is shown, and what can be done with it; not heard before it is first shown."""
        if self.page is None:
            return
        from designer.views.predictions.result_page import ResultPage, RunState

        if isinstance(self.page, ResultPage):
            self.page.show_run(RunState(lines, goes_on, can_be_saved))
