"""Fusion in our colours: palette, font and style sheet of the whole application."""

from PySide6.QtCore import QDir, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QWidget

from designer.theme.colours import Theme
from designer.theme.fonts import font
from designer.theme.plain_text import PlainTextStyle
from designer.theme.sheet import style_sheet
from resources import path

__all__ = ["apply", "inset", "mark", "palette"]

_Role = QPalette.ColorRole


def apply(app: QApplication, theme: Theme) -> None:
    """Style every window of the application, those open now and those to come."""
    QDir.setSearchPaths("controls", [str(path("icons/controls"))])
    if not app.styleSheet():  # a new style polishes every widget once more
        app.setStyle(PlainTextStyle())
        app.setFont(font())
    # Replacing a style sheet tells each widget, shown or not, that its style may be another, and polishes most of them
    # as often as widgets lie around them; taking it away and setting one does so once, in less than half of the time.
    app.setStyleSheet("")
    app.setPalette(palette(theme))
    app.setStyleSheet(style_sheet(theme))


def mark(widget: QWidget, name: str, value: object) -> None:
    """Set a property that the style sheet looks at (`role`, `primary`, `invalid`) and redraw the widget accordingly."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        if widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):  # else Qt does so before it is seen or measured
            widget.style().unpolish(widget)
            widget.style().polish(widget)


def inset(spin: QAbstractSpinBox) -> None:
    """Put a spin box's text where other fields have theirs; Qt doesn't let a style sheet's padding reach it."""
    spin.lineEdit().setTextMargins(7, 0, 0, 0)


def palette(theme: Theme) -> QPalette:
    """Return the colours that Fusion, item views and plots use where the style sheet says nothing."""
    made = QPalette()
    for role, colour in {
        _Role.Window: theme.panel,
        _Role.WindowText: theme.text,
        _Role.Base: theme.control,
        _Role.AlternateBase: theme.raised,
        _Role.Text: theme.text,
        _Role.PlaceholderText: theme.muted,
        _Role.Button: theme.raised,
        _Role.ButtonText: theme.text,
        _Role.BrightText: theme.error,
        _Role.ToolTipBase: theme.raised,
        _Role.ToolTipText: theme.text,
        _Role.Highlight: theme.selection,
        _Role.HighlightedText: theme.text,
        _Role.Accent: theme.accent,
        _Role.Link: theme.accent,
        _Role.LinkVisited: theme.accent,
        _Role.Light: theme.hover,
        _Role.Midlight: theme.hover,
        _Role.Mid: theme.line,
        _Role.Dark: theme.line,
        _Role.Shadow: theme.window,
    }.items():
        made.setColor(role, QColor(colour))
    for role in (_Role.WindowText, _Role.Text, _Role.ButtonText, _Role.HighlightedText, _Role.PlaceholderText):
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.faint))
    return made
