"""What is drawn, and its numbers, as files: what they are called, and a widget as PNG."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray
from PySide6.QtGui import QImage, QImageWriter, QPainter
from PySide6.QtWidgets import QFileDialog, QWidget

from designer import theme
from designer.pictures.caption import Caption, Framed


def choose(widget: QWidget, title: str, proposed: str, kinds: str) -> Path | None:
    """Ask for the name of a file to write; one without an ending gets that of the kind that was chosen.

    Parameters
    ----------
    proposed : str
        With the ending of the first kind.
    kinds : str
        As Qt writes them: ``PNG pictures (*.png);;SVG drawings (*.svg)``.
    """
    name, kind = QFileDialog.getSaveFileName(widget, title, proposed, kinds)
    if not name:
        return None
    path = Path(name)
    ending = Path(kind.rstrip(")")).suffix or Path(proposed).suffix
    return path if path.suffix else path.with_suffix(ending)


def picture_of(widget: QWidget, caption: Caption | None = None) -> bytes:
    """Return a PNG of a widget as it looks now, with what is written about it, at twice the resolution."""
    framed = Framed(widget.size(), caption)
    image = QImage(framed.size * 2, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(2)
    image.fill(theme.current().panel)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    framed.paint(painter)
    painter.end()
    widget.render(image, framed.at.toPoint())
    buffer = QBuffer()
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(buffer.data().data())
