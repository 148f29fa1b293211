"""Notices that the open file was changed or taken away by somebody else, and offers what can be done."""

from __future__ import annotations

from PySide6.QtCore import QFileSystemWatcher, QTimer, Signal, Slot
from PySide6.QtWidgets import QWidget

from core.errors import DocumentError
from core.graph.values import Document
from core.io.failures import shown
from designer.session import Session
from designer.session.on_disk import found_at, says_the_same
from designer.window.banner import Banner

SETTLE_MS = 300
"""How long a file must have rested: others may write it bit by bit."""


class ChangedOutside(Banner):
    """Watches the session's file. What it holds is loaded as a step that can be undone, so nothing is lost."""

    save_requested = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__("", "", parent)
        self._session = session
        self._found: Document | None = None
        self._known = self._state()
        self._watcher = QFileSystemWatcher(self)
        self._timer = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._timer.timeout.connect(self.look)
        self._watcher.fileChanged.connect(self._timer.start)
        self._watcher.directoryChanged.connect(self._timer.start)
        session.file_changed.connect(self._on_file)
        self.open.clicked.connect(self._accept)
        self.discard.clicked.connect(self._decline)

    def _state(self) -> tuple[object, ...]:
        return self._session.path, self._session.saved, self._session.file_is_gone

    @Slot()
    def _on_file(self) -> None:
        if self._state() != self._known:  # what was said is about another state
            self._known = self._state()
            self._offer(None)
        self._watch()

    def _watch(self) -> None:
        path = self._session.path
        # The folder too: a file that is put in the place of another is not the one that was watched.
        wanted = set() if path is None else {str(path), str(path.parent)}
        watched = {*self._watcher.files(), *self._watcher.directories()}
        if watched - wanted:
            self._watcher.removePaths(sorted(watched - wanted))
        if wanted - watched:
            self._watcher.addPaths(sorted(wanted - watched))

    @Slot()
    def look(self) -> None:
        """Compare the file with what is known of it; one that can't be read, or is being written, says nothing."""
        path, saved = self._session.path, self._session.saved
        if path is None or saved is None:
            return
        self._watch()
        try:
            found = found_at(path)
        except DocumentError:
            return
        if found is None:
            if not self._session.file_is_gone:
                self._session.mark_on_disk(None)
                self._say_it_is_gone()
        elif says_the_same(found, saved):
            if self._session.file_is_gone:
                self._session.mark_on_disk(saved)
            self._offer(None)
        else:
            self._offer(found)

    def _offer(self, found: Document | None) -> None:
        self._found = found
        self.open.setText("Load it")
        self.discard.setText("Keep mine")
        path = self._session.path
        self.say("" if found is None or path is None else f"{shown(path.name)} was changed by another program.")

    def _say_it_is_gone(self) -> None:
        path = self._session.path
        if path is not None:
            self.open.setText("Save it again")
            self.discard.setText("Not now")
            self.say(f"{shown(path.name)} is no longer in {shown(path.parent)}: what is open here is the only copy.")

    @Slot()
    def _accept(self) -> None:
        if self._found is None:
            self.save_requested.emit()
        else:
            take_theirs(self._session, self._found)

    @Slot()
    def _decline(self) -> None:
        if self._found is None:
            self.say("")
        else:
            self._session.mark_on_disk(self._found)  # so what is open is not what the file holds: it is unsaved


def take_theirs(session: Session, found: Document) -> None:
    """Load what the session's file holds, as a step that can be undone."""
    name = "the file" if session.path is None else session.path.name
    session.edit(f"load what {name} holds", found)
    session.mark_on_disk(found)
