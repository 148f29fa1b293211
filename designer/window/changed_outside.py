"""Notices that the open file was changed by somebody else, and offers what it holds now."""

from __future__ import annotations

from PySide6.QtCore import QFileSystemWatcher, QTimer, Slot
from PySide6.QtWidgets import QWidget

from core.errors import ConvographError
from core.graph.values import Document
from core.io.documents import load
from core.io.writing import document_text
from designer.session import Session
from designer.window.banner import Banner

SETTLE_MS = 300
"""How long a file must have rested: others may write it bit by bit."""


class ChangedOutside(Banner):
    """Watches the session's file. What it holds is loaded as a step that can be undone, so nothing is lost."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__("Load it", "Keep mine", parent)
        self._session = session
        self._found: Document | None = None
        self._declined = ""
        self._watcher = QFileSystemWatcher(self)
        self._timer = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._timer.timeout.connect(self.look)
        self._watcher.fileChanged.connect(self._timer.start)
        self._watcher.directoryChanged.connect(self._timer.start)
        session.file_changed.connect(self._watch)
        self.open.clicked.connect(self._load)
        self.discard.clicked.connect(self._keep)

    @Slot()
    def _watch(self) -> None:
        path = self._session.path
        # The folder too: a file that is put in the place of another is not the one that was watched.
        wanted = set() if path is None else {str(path), str(path.parent)}
        watched = {*self._watcher.files(), *self._watcher.directories()}
        if watched - wanted:
            self._watcher.removePaths(sorted(watched - wanted))
            self._offer(None)
        if wanted - watched:
            self._watcher.addPaths(sorted(wanted - watched))

    @Slot()
    def look(self) -> None:
        """Compare the file with what was last opened or saved; one that is gone or unreadable says nothing."""
        path, saved = self._session.path, self._session.saved
        if path is None or saved is None:
            return
        self._watch()
        try:
            found = load(path)
        except ConvographError:
            return
        text = document_text(found)
        self._offer(None if text in (document_text(saved), self._declined) else found)

    def _offer(self, found: Document | None) -> None:
        self._found = found
        path = self._session.path
        self.say("" if found is None or path is None else f"{path.name} was changed by another program.")

    @Slot()
    def _load(self) -> None:
        found, path = self._found, self._session.path
        if found is not None and path is not None:
            self._session.edit(f"load what {path.name} holds", found)
            self._session.mark_saved(path)
            self._offer(None)

    @Slot()
    def _keep(self) -> None:
        if self._found is not None:
            self._declined = document_text(self._found)
            self._offer(None)
