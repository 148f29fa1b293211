"""What is drawn, and its numbers, as files: what they are called, and the picture of a widget."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray
from PySide6.QtGui import QImage, QImageWriter
from PySide6.QtWidgets import QFileDialog, QWidget

from designer import theme


def choose(widget: QWidget, title: str, proposed: str, kind: str) -> Path | None:
    """Ask for the name of a file to write; one without an ending gets that of the proposed one."""
    name, _ = QFileDialog.getSaveFileName(widget, title, proposed, kind)
    if not name:
        return None
    path = Path(name)
    return path if path.suffix else path.with_suffix(Path(proposed).suffix)


def picture_of(widget: QWidget) -> bytes:
    """Return a PNG of a widget as it looks now, at twice the resolution."""
    image = QImage(widget.size() * 2, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(2)
    image.fill(theme.current().panel)
    widget.render(image)
    buffer = QBuffer()
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(buffer.data().data())
