"""The window's typeface: Inter, shipped with Convograph, so that every machine draws the same letters."""

from functools import cache
from typing import Final

from PySide6.QtGui import QFont, QFontDatabase

from resources import path

__all__ = ["FAMILY", "font"]

FAMILY: Final = "Inter"
_CUTS: Final = ("Regular", "Medium", "SemiBold")


def font(size_px: int = 13, weight: int = 400) -> QFont:
    """Return Inter with tabular figures, so that changing numbers keep their width; needs a QGuiApplication.

    Parameters
    ----------
    size_px
        Height in logical pixels; the window uses 11 to 15.
    weight
        400 for text, 500 for labels, 600 for headings.
    """
    return QFont(_font(size_px, weight))


@cache
def _font(size_px: int, weight: int) -> QFont:
    made = QFont(_family())
    made.setPixelSize(size_px)
    made.setWeight(QFont.Weight(weight))
    made.setFeature(QFont.Tag("tnum"), 1)
    made.setHintingPreference(QFont.HintingPreference.PreferVerticalHinting)
    return made


@cache
def _family() -> str:
    for cut in _CUTS:
        QFontDatabase.addApplicationFont(str(path(f"fonts/Inter-{cut}.otf")))
    return FAMILY
