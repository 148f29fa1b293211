"""What is chosen in a window is remembered, and counts in the others too."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from core.analysis.budget import Budget
from designer import theme
from designer.command_palette.command_palette import CommandPalette
from designer.session import Session
from designer.session.preferences import Preferences, SharedPreferences
from designer.window.files import Files

ADVICE_LESS = "This advice is no longer given. The Advice menu of the Problems panel brings it back."


class PreferenceSync(QObject):
    """Keeps a window and the preferences in step."""

    said = Signal(str)
    """A sentence for the status bar; "" takes it back."""

    def __init__(
        self, shared: SharedPreferences, session: Session, command_palette: CommandPalette, files: Files
    ) -> None:
        super().__init__(session)
        self._shared = shared
        self._session = session
        self._command_palette = command_palette
        self._follow(shared.now)
        shared.changed.connect(self._follow)
        session.advice_changed.connect(self._advice)
        session.budget_changed.connect(self._budget)
        command_palette.kind_added.connect(self._use)
        files.opened.connect(self._file)

    @Slot(str)
    def choose_theme(self, choice: theme.Choice) -> None:
        """Use a theme from now on."""
        theme.set_theme(choice)
        self._shared.change(replace(self._shared.now, theme=choice))

    @Slot(object)
    def _follow(self, preferences: Preferences) -> None:
        self._session.set_advice(preferences.advice)
        self._session.set_budget(preferences.budget)
        self._command_palette.uses = preferences.uses

    @Slot(object)
    def _advice(self, codes: frozenset[str]) -> None:
        known = self._shared.now.advice
        if codes != known:
            self._shared.change(self._shared.now.with_advice(codes))
            self.said.emit(ADVICE_LESS if len(codes) < len(known) else "")

    @Slot(object)
    def _budget(self, budget: Budget) -> None:
        self._shared.change(replace(self._shared.now, limits=budget.config()))

    @Slot(str)
    def _use(self, kind: str) -> None:
        self._shared.change(self._shared.now.with_use(kind))

    @Slot(object)
    def _file(self, path: Path) -> None:
        self._shared.change(self._shared.now.with_recent(path))
