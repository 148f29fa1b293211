"""How the panels are arranged for a workspace in a window of a given size, and what the user has made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import QByteArray, QEvent, QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QDockWidget, QMainWindow

from designer.session.preferences import Preferences
from designer.window.docks import TitleBars, arrange_docks, foldable_in, size_docks, size_sides
from designer.window.rails import Foldable
from designer.window.workspaces import DESIGN, WORKSPACES, Form, Workspace


class Arrangement(QObject):
    """Arranges the panels for the workspace, and anew when the window has become too small for that, or large enough.

    For every form of every workspace it remembers what the user has made of it, and comes back to that.

    Attributes
    ----------
    workspace : Workspace
    """

    changed = Signal(object)
    """Carries the `Workspace` that is shown from now on, before its panels are arranged."""
    arranged = Signal(object)
    """Carries the `Workspace` after its panels have been arranged."""

    def __init__(self, window: QMainWindow, docks: Mapping[str, QDockWidget]) -> None:
        super().__init__(window)
        self._window = window
        self._docks = docks
        self._title_bars = TitleBars(window, docks)
        self._states: dict[str, QByteArray] = {}
        self._unsized = True
        self.workspace = WORKSPACES[0]
        self._visited = set[str]()
        self._form = self._fitting()
        self._soon = QTimer(self, singleShot=True, interval=0)  # not while the window lays itself out
        self._soon.timeout.connect(self._follow)
        for dock in docks.values():
            if (holder := foldable_in(dock)) is not None:
                holder.opened.connect(self._widen)
        self._title_bars.follow(self.workspace)
        window.installEventFilter(self)

    def show(self, workspace: Workspace) -> None:
        """Arrange the panels for another workspace; nothing else changes."""
        if workspace == self.workspace:
            return
        self._keep()
        self._window.setUpdatesEnabled(False)
        self.workspace = workspace
        self._form = self._fitting()
        self.changed.emit(workspace)
        self._title_bars.follow(workspace)
        self._take()
        self._window.setUpdatesEnabled(True)

    def restore(self, preferences: Preferences) -> None:
        """Come back to the window's size and its panels of an earlier time; what can't be read is left out."""
        if preferences.geometry:
            self._window.restoreGeometry(QByteArray.fromHex(preferences.geometry.encode()))
        for part in preferences.arrangement.split():
            key, _, state = part.rpartition(":")
            key = key if "/" in key else f"{DESIGN.name}/{key or 0}"  # from before there were workspaces
            self._states[key] = QByteArray.fromHex(state.encode(errors="replace"))
        self._form = self._fitting()
        self._take()

    def remembered(self, preferences: Preferences) -> Preferences:
        """Remember the window's size and how panels are arranged, in every form of every workspace that was shown."""
        self._keep()
        arrangement = " ".join(f"{key}:{_hex(state)}" for key, state in self._states.items())
        return replace(preferences, geometry=_hex(self._window.saveGeometry()), arrangement=arrangement)

    @Slot()
    def reset(self) -> None:
        """Show the panels of this workspace where they are at first."""
        self._states.pop(self._key, None)
        self._arrange()
        self._size()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self._window.isVisible():
            self._soon.start()
        elif event.type() == QEvent.Type.Show:
            self._follow()
            if self._unsized:
                self._size()
        return super().eventFilter(watched, event)

    @property
    def _key(self) -> str:
        return f"{self.workspace.name}/{self._form.version}"

    def _fitting(self) -> Form:
        return self.workspace.form_for(self._window.width(), self._window.height())

    @Slot()
    def _follow(self) -> None:
        form = self._fitting()
        if form != self._form:
            if not self._unsized:
                self._keep()
            former, self._form = self._form, form
            self._take(former)

    def _keep(self) -> None:
        self._states[self._key] = self._window.saveState(self._form.version)

    def _take(self, former: Form | None = None) -> None:
        """Arrange the panels as they were in this form; the first time, as they are at first."""
        self._bring_back(former)
        self.arranged.emit(self.workspace)

    def _bring_back(self, former: Form | None) -> None:
        self._fold()
        state = self._states.get(self._key)
        if state is not None and self.workspace.name not in self._visited:
            self._arrange()  # what was remembered by a version with fewer panels does not say where they are
        self._visited.add(self.workspace.name)
        if state is not None and self._window.restoreState(state, self._form.version):
            self._unsized = False
            return
        self._arrange(former)
        self._unsized = True
        if self._window.isVisible():
            self._size()

    def _arrange(self, former: Form | None = None) -> None:
        arrange_docks(self._window, self._docks, self.workspace, self._form, former)

    def _fold(self) -> None:
        for dock in self._docks.values():
            if (holder := foldable_in(dock)) is not None:
                holder.set_narrow(self._form.rails)

    def _size(self) -> None:
        self._unsized = False
        size_docks(self._window, self._docks, self.workspace, self._form)

    @Slot(object)
    def _widen(self, opened: Foldable) -> None:
        """Give a panel that has been unfolded its width at once, so that one can point at it; the other one folds."""
        for dock in self._docks.values():
            if (holder := foldable_in(dock)) is not None and holder is not opened:
                holder.fold()
        layout = self._window.layout()
        if self._window.isVisible() and layout is not None:
            layout.invalidate()  # what is inside it has not told it yet
            layout.activate()
            size_sides(self._window, self._docks, self.workspace, self._form)
            layout.activate()


def _hex(state: QByteArray) -> str:
    return bytes(state.toHex().data()).decode()
