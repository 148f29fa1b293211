"""A widget as SVG: what it paints as lines and texts stays lines and texts; what it paints as pixels stays pixels."""

from __future__ import annotations

import re
from typing import Final

from PySide6.QtCore import QBuffer, QObject, QPoint, QPointF, QRect
from PySide6.QtGui import QColor, QPaintEngine, QPainter, QPicture, QTransform
from PySide6.QtWidgets import QWidget

from designer import theme
from designer.pictures.caption import Caption, Framed

NETWORK: Final = "network"
"""The property by which a window says what its network is called."""
_STRETCHED: Final = re.compile(
    r'transform="matrix\(([^)]*)\)"([^>]*>)((?:\s*<(?:path|polyline)\b[^>]*vector-effect="non-scaling-stroke"[^>]*/>)+)'
    r"(?=\s*</g>)"
)
_NOTHING: Final = re.compile(r'<(?:path|polyline)\b[^>]* (?:d|points)="\s*"\s*/>')
"""Lines without a point, which some programs complain about."""
_NUMBER: Final = r"-?[\d.]+(?:e[+-]?\d+)?"
_POINT: Final = re.compile(f"({_NUMBER}),({_NUMBER})")


def svg_of(widget: QWidget, title: str, caption: Caption | None = None) -> bytes:
    """Return an SVG of a widget as it looks now, with a title, and the name of the network that it is about.

    What is written about it stands around it.
    """
    from PySide6.QtSvg import QSvgGenerator

    buffer, generator, network = QBuffer(), QSvgGenerator(QSvgGenerator.SvgVersion.Svg11), network_of(widget)
    framed = Framed(widget.size(), caption)
    generator.setOutputDevice(buffer)
    generator.setSize(framed.size)
    generator.setViewBox(QRect(QPoint(), framed.size))
    generator.setTitle(f"{title} – {network}" if network else title)
    generator.setDescription(f"Drawn by Convograph from {network}." if network else "Drawn by Convograph.")
    drawn = QPicture()  # straight to the SVG, the parts of a widget would be clipped where they are not
    widget.render(drawn, QPoint())
    generator.setResolution(drawn.logicalDpiX())  # else it would be stretched
    painter = QPainter(generator)
    painter.fillRect(QRect(QPoint(), framed.size), QColor(theme.current().panel))
    framed.paint(painter)
    painter.drawPicture(framed.at, drawn)
    painter.end()
    return _STRETCHED.sub(_placed, _NOTHING.sub("", bytes(buffer.data().data()).decode())).encode()


def network_of(widget: QWidget) -> str:
    """Return what the network of a widget's window is called; nothing where there is none."""
    parent: QObject | None = widget
    while parent is not None:
        if name := parent.property(NETWORK):
            return str(name)
        parent = parent.parent()
    return ""


def is_vector(painter: QPainter) -> bool:
    """Say whether lines that are painted now stay lines: then nothing is painted by way of a picture kept ready."""
    return painter.paintEngine().type() in {QPaintEngine.Type.Picture, QPaintEngine.Type.SVG}


def _placed(stretched: re.Match[str]) -> str:
    """Write lines where they are drawn, instead of stretched to there.

    A line that keeps its width when it is stretched is drawn as wide as the stretching makes it by many programs.
    """
    matrix = QTransform(*map(float, stretched[1].split(",")))

    def place(point: re.Match[str]) -> str:
        at = matrix.map(QPointF(float(point[1]), float(point[2])))
        return f"{at.x():.6g},{at.y():.6g}"

    shapes = _POINT.sub(place, stretched[3]).replace('vector-effect="non-scaling-stroke"', 'vector-effect="none"')
    return f'transform="matrix(1,0,0,1,0,0)"{stretched[2]}{shapes}'
