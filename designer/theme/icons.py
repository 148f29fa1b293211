"""Icons: our own SVGs, drawn in the theme's colours."""

from collections.abc import Iterator
from functools import cache
from typing import Final

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from designer.theme.current_theme import current
from resources import path

__all__ = ["app_icon", "icon"]

_SIZES_PX: Final = (16, 20, 24, 32, 40, 48)  # 16, 20 and 24 px at 100, 125, 150 and 200 %
_APP_SIZES_PX: Final = (16, 24, 32, 48, 64, 128, 256)


def icon(name: str, colour: str | None = None) -> QIcon:
    """Return an icon in the current theme's text colour, or in another; ask again when the theme changes.

    Parameters
    ----------
    name
        A file of `resources/icons` without its ending; a layer family's key is one.
    colour
        `#rrggbb` in place of the text colour. Disabled icons are always drawn in the theme's faint colour.
    """
    theme = current()
    return _tinted(name, colour or theme.text, theme.faint)


def app_icon() -> QIcon:
    """Return Convograph's own icon, the same in every theme, for windows and task bars."""
    made = QIcon()
    for pixmap in _draw("app", "", _APP_SIZES_PX):
        made.addPixmap(pixmap)
    return made


@cache
def _tinted(name: str, colour: str, disabled: str) -> QIcon:
    made = QIcon()
    for pixmap in _draw(name, colour, _SIZES_PX):
        made.addPixmap(pixmap, QIcon.Mode.Normal)
        made.addPixmap(pixmap, QIcon.Mode.Selected)  # otherwise item views wash it out with the highlight
    for pixmap in _draw(name, disabled, _SIZES_PX):
        made.addPixmap(pixmap, QIcon.Mode.Disabled)
    return made


def _draw(name: str, ink: str, sizes_px: tuple[int, ...]) -> Iterator[QPixmap]:
    source = path(f"icons/{name}.svg").read_text(encoding="utf-8").replace("currentColor", ink)
    renderer = QSvgRenderer(QByteArray(source.encode()))
    for size in sizes_px:
        pixmap = QPixmap(size, size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        renderer.render(painter, QRectF(0, 0, size, size))
        painter.end()
        yield pixmap
