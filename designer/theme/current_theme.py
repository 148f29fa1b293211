"""The one place that knows which theme is shown, and tells whatever paints its own pixels when it changes."""

from typing import Final, Literal

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from designer.theme.colours import DARK, LIGHT, THEMES, Theme
from designer.theme.style import apply

__all__ = ["Choice", "ThemeHub", "changed", "choice", "current", "hub", "set_theme"]

Choice = Literal["dark", "light", "contrast", "system"]


class ThemeHub(QObject):
    """Holds the user's choice and the theme that follows from it.

    `changed` carries the new `Theme`, after palette and style sheet have been set.
    """

    changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.choice: Choice = "dark"
        self.current: Theme = DARK

    def set_theme(self, choice: Choice) -> None:
        """Show a theme; `"system"` follows the desktop, if it says."""
        self.choice = choice
        app = QApplication.instance()
        if isinstance(app, QApplication):
            self._tell_desktop(choice)
        theme = _system_theme() if choice == "system" else THEMES[choice]
        differs = theme is not self.current
        self.current = theme
        if isinstance(app, QApplication):
            apply(app, theme)
        if differs:
            self.changed.emit(theme)

    def _tell_desktop(self, choice: Choice) -> None:
        """Tell the desktop the choice, for title bars and file dialogs; many desktops don't listen."""
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self._follow_system, Qt.ConnectionType.UniqueConnection)
        if choice == "system":
            hints.unsetColorScheme()
        else:
            hints.setColorScheme(Qt.ColorScheme.Dark if THEMES[choice].is_dark else Qt.ColorScheme.Light)

    @Slot()
    def _follow_system(self) -> None:
        if self.choice == "system" and _system_theme() is not self.current:
            self.set_theme("system")


def _system_theme() -> Theme:
    if QGuiApplication.instance() is None:
        return DARK
    return LIGHT if QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Light else DARK


hub: Final = ThemeHub()
changed: Final = hub.changed


def current() -> Theme:
    """Return the theme that is shown now."""
    return hub.current


def choice() -> Choice:
    """Return the choice that led to the current theme, for the settings."""
    return hub.choice


def set_theme(choice: Choice) -> None:
    """Show a theme, or follow the system's; `changed` is emitted if that makes a difference."""
    hub.set_theme(choice)
