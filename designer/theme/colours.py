"""The colours of the window: three themes with the same names."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

__all__ = ["CONTRAST", "DARK", "LIGHT", "THEMES", "Theme", "contrast", "luminance"]


@dataclass(frozen=True, slots=True)
class Theme:
    """One look, as `#rrggbb` strings; named for what a colour is for, never for where it is used.

    Attributes
    ----------
    name
        `"dark"`, `"light"` or `"contrast"`.
    window, panel, canvas
        The backgrounds: of the window, of docks and toolbars, of the canvas.
    line
        Rules between panels and outlines of controls.
    text, muted, faint
        What is read, what accompanies it, what is disabled.
    accent, ok, warning, error
        The one accent colour and the three verdicts, as dots, bars and lines.
    ok_text, warning_text, error_text
        The verdicts where they are words.
    families
        Colour of a layer family, by its key.
    control, raised
        Background of what is typed into, and of what is pressed.
    hover, selection
        Background under the mouse, and of the chosen row.
    card, card_border
        A layer on the canvas.
    wire, grid_dot
        An edge between layers, and the canvas's dots.
    track
        The unfilled part of switches and progress bars' grooves.
    primary, primary_hover, on_primary
        The one filled button: its background, the same under the mouse, and its text.
    """

    name: str
    window: str
    panel: str
    canvas: str
    line: str
    text: str
    muted: str
    faint: str
    accent: str
    ok: str
    warning: str
    error: str
    ok_text: str
    warning_text: str
    error_text: str
    families: Mapping[str, str]
    control: str
    raised: str
    hover: str
    selection: str
    card: str
    card_border: str
    wire: str
    grid_dot: str
    track: str
    primary: str
    primary_hover: str
    on_primary: str

    @property
    def is_dark(self) -> bool:
        """Whether text is lighter than its background."""
        return luminance(self.text) > luminance(self.window)


_FAMILIES: Final = MappingProxyType(
    {
        "input": "#8a94a6",
        "convolution": "#4f92f7",
        "pooling": "#22a79a",
        "activation": "#d99a2b",
        "normalisation": "#9a7bf0",
        "dense": "#e0628f",
        "merge": "#7b8794",
    }
)

DARK: Final = Theme(
    name="dark",
    window="#15171c",
    panel="#1b1e25",
    canvas="#111318",
    line="#2b303b",
    text="#e7eaf0",
    muted="#98a1b0",
    faint="#5d6573",
    accent="#4d8dff",
    ok="#3fb68b",
    warning="#e0a53a",
    error="#f2605a",
    ok_text="#3fb68b",
    warning_text="#e0a53a",
    error_text="#f2605a",
    families=_FAMILIES,
    control="#14171d",
    raised="#20242c",
    hover="#252a34",
    selection="#1c2b47",
    card="#1f232c",
    card_border="#2b303b",
    wire="#626b7a",
    grid_dot="#262b34",
    track="#667080",
    primary="#2f6fe4",
    primary_hover="#2a65d2",
    on_primary="#ffffff",
)
LIGHT: Final = Theme(
    name="light",
    window="#f1f3f6",
    panel="#ffffff",
    canvas="#fafbfc",
    line="#dde1e7",
    text="#1b2130",
    muted="#5c6675",
    faint="#a3abb8",
    accent="#2468e5",
    ok="#158a62",
    warning="#a86a00",
    error="#cf2f2a",
    ok_text="#127853",
    warning_text="#925c00",
    error_text="#c92c27",
    families=_FAMILIES,
    control="#f5f7f9",
    raised="#ffffff",
    hover="#f1f4f8",
    selection="#dfe9fc",
    card="#ffffff",
    card_border="#dde1e7",
    wire="#8a94a2",
    grid_dot="#d7dce0",
    track="#808b9b",
    primary="#2468e5",
    primary_hover="#1d5cd0",
    on_primary="#ffffff",
)

CONTRAST: Final = Theme(
    name="contrast",
    window="#000000",
    panel="#000000",
    canvas="#000000",
    line="#8a8a8a",
    text="#ffffff",
    muted="#e0e0e0",
    faint="#9a9a9a",
    accent="#ffd500",
    ok="#4dff9e",
    warning="#ffb347",
    error="#ffabab",
    ok_text="#4dff9e",
    warning_text="#ffb347",
    error_text="#ffabab",
    families=MappingProxyType(
        {
            "input": "#c8c8c8",
            "convolution": "#6db3ff",
            "pooling": "#3df2de",
            "activation": "#ffb84d",
            "normalisation": "#c9b0ff",
            "dense": "#ff9ec4",
            "merge": "#dcdcdc",
        }
    ),
    control="#000000",
    raised="#101010",
    hover="#2b2b2b",
    selection="#3a3000",
    card="#000000",
    card_border="#ffffff",
    wire="#ffffff",
    grid_dot="#3c3c3c",
    track="#b0b0b0",
    primary="#ffd500",
    primary_hover="#ffe566",
    on_primary="#000000",
)
THEMES: Final[Mapping[str, Theme]] = MappingProxyType({made.name: made for made in (DARK, LIGHT, CONTRAST)})
"""All of them, by name."""


def luminance(colour: str) -> float:
    """Return the relative luminance of an `#rrggbb` colour, 0 for black to 1 for white (WCAG 2.2, relative luminance).

    >>> round(luminance("#ffffff"), 3)
    1.0
    """
    channels = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 (equal) to 21 (black on white; WCAG 2.2, 1.4.3); text needs 4.5.

    >>> round(contrast("#000000", "#ffffff"), 3)
    21.0
    """
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)
