"""Where values of a mosaic are on the screen, and what colour they have there."""

from PySide6.QtCore import QPoint, Qt

from designer.theme.colormaps import colourise


def at(mosaic, place):
    """The middle of a value, in the viewport."""
    x, y, wide, high = mosaic.arrangement.frame(*place)
    ratio = mosaic.devicePixelRatioF()
    scrolled = QPoint(mosaic.horizontalScrollBar().value(), mosaic.verticalScrollBar().value())
    return QPoint(int((x + wide / 2) / ratio), int((y + high / 2) / ratio)) - scrolled


def click_value(qtbot, mosaic, place):
    qtbot.mouseClick(mosaic.viewport(), Qt.MouseButton.LeftButton, pos=at(mosaic, place))


def colour_at(mosaic, place):
    """(red, green, blue) of the pixel in the middle of a value, as it is painted."""
    colour = mosaic.viewport().grab().toImage().pixelColor(at(mosaic, place))
    return colour.red(), colour.green(), colour.blue()


def colour_of(value, table, low, high):
    """(red, green, blue) that a number has by a table."""
    return tuple(map(int, colourise([value], table, low, high)[0, :3]))
