"""The look of the window: colours, palette, style sheet, font, icons and colour maps.

Widgets take their look from the palette and the style sheet. What paints its own pixels asks `current()` and repaints
on `changed`.
"""

from designer.theme.colours import CONTRAST, DARK, LIGHT, Theme, contrast
from designer.theme.current_theme import Choice, changed, choice, current, set_theme
from designer.theme.fonts import font
from designer.theme.icons import app_icon, icon
from designer.theme.plain_text import button_text, read_button_text
from designer.theme.rich_tip import RichTip
from designer.theme.style import apply, inset, mark

__all__ = [
    "CONTRAST",
    "DARK",
    "LIGHT",
    "Choice",
    "RichTip",
    "Theme",
    "app_icon",
    "apply",
    "button_text",
    "changed",
    "choice",
    "contrast",
    "current",
    "font",
    "icon",
    "inset",
    "mark",
    "read_button_text",
    "set_theme",
]
