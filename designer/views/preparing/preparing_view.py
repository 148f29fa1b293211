"""What the views of preprocessing and augmentation have in common: one sample, looked at again when it may differ."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QStackedLayout, QWidget

from designer import theme
from designer.session import Change, Session
from designer.views.data import Loaded, ShownData
from designer.views.empty import empty_page, say_instead


class PreparingView(QWidget):
    """Shows what becomes of one sample, or says why nothing does.

    Subclasses make `page`, and say in `look_again` what it shows.
    """

    follows: ClassVar[tuple[str, ...]] = ()
    """The training settings that decide what is shown."""

    def __init__(self, session: Session, data: ShownData, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session, self.data = session, data
        self._sample = 0
        self.pages = QStackedLayout(self)
        self._empty = empty_page("No data yet", "Choose a source, or drop a folder here.")
        self.pages.addWidget(self._empty)

    @property
    def sample(self) -> int:
        """The place in the data set of the sample that is shown."""
        return self._sample

    @Slot(int)
    def show_sample(self, index: int) -> None:
        """Show another sample, by its place in the data set."""
        self._sample = index
        self.look_again()

    def look_again(self) -> None:
        """Show what there is now; does nothing while it is hidden."""
        raise NotImplementedError

    @Slot()
    def draw_again(self) -> None:
        """Do so when a signal asks for it: connected to an override, it would be called after the view is gone."""
        self.look_again()

    def begin(self, page: QWidget) -> None:
        """Take the page in, and follow document, data and theme from now on."""
        self.page = page
        self.pages.addWidget(page)
        self.session.document_changed.connect(self._on_document)
        self.data.changed.connect(self._on_data)
        theme.changed.connect(self.draw_again)

    def say(self, title: str, text: str) -> None:
        """Say why nothing is shown."""
        self._empty = say_instead(self.pages, self._empty, title, text)

    @Slot(object)
    def _on_document(self, change: Change) -> None:
        before, after = change.before.training.settings, change.after.training.settings
        differs = any(getattr(before, name) != getattr(after, name) for name in self.follows)
        if change.label is None or change.graph_changed or differs:
            self.look_again()

    @Slot(object)
    def _on_data(self, loaded: Loaded) -> None:
        self.look_again()
