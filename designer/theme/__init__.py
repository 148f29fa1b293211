"""The look of the window: colours, palette, style sheet, font, icons and colour maps.

Widgets take their look from the palette and the style sheet. What paints its own pixels asks `current()` and repaints
on `changed`.
"""

from designer.theme.colours import CONTRAST, DARK, LIGHT, Theme, contrast
from designer.theme.current_theme import Choice, changed, choice, current, set_theme
from designer.theme.fonts import font
from designer.theme.icons import app_icon, icon
from designer.theme.style import apply, inset, mark

__all__ = [
    "CONTRAST",
    "DARK",
    "LIGHT",
    "Choice",
    "Theme",
    "app_icon",
    "apply",
    "changed",
    "choice",
    "contrast",
    "current",
    "font",
    "icon",
    "inset",
    "mark",
    "set_theme",
]
