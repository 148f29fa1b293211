"""Draws a small picture of every shipped template, for the palette to show before one is opened."""

from __future__ import annotations

import os
import sys
from io import BytesIO

from PIL import Image
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from core.analysis.check import check
from core.graph.values import Document
from core.io.templates import load_template, template_names, template_picture
from designer import theme
from designer.canvas.drawing.canvas_style import canvas_style
from designer.canvas.drawing.painting import detail
from designer.canvas.drawing.scene import Scene

WIDTH, HEIGHT = 480, 240
MARGIN = 12
COLOURS = 256
LARGEST_ZOOM = 1.0


def picture_of(document: Document) -> Image.Image:
    """Draw a document as the canvas does, in the colours of the theme; there must be an application, for its fonts."""
    scene = Scene()
    scene.show_document(document, check(document))
    bounds = scene.bounds()
    width, height = WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN
    zoom = min(width / bounds.width(), height / bounds.height(), LARGEST_ZOOM)
    shown = QRectF(0, 0, WIDTH / zoom, HEIGHT / zoom)
    shown.moveCenter(bounds.center())
    scene.set_detail(detail(zoom))
    image = QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB888)
    image.fill(canvas_style().canvas)
    painter = QPainter(image)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    scene.render(painter, QRectF(image.rect()), shown)
    painter.end()
    return Image.frombytes("RGB", (WIDTH, HEIGHT), bytes(image.constBits())).quantize(COLOURS, dither=Image.Dither.NONE)


def png(picture: Image.Image) -> bytes:
    """Write a picture as a file of few bytes."""
    file = BytesIO()
    picture.save(file, "PNG", optimize=True)
    return file.getvalue()


def main() -> int:
    """Draw all templates; pictures that are right already stay as they are."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from designer.app import make_application

    application = make_application()
    grounds: tuple[tuple[theme.Choice, bool], ...] = (("dark", True), ("light", False))
    for choice, dark in grounds:
        theme.set_theme(choice)
        for name in template_names():
            drawn, file = png(picture_of(load_template(name))), template_picture(name, dark=dark)
            if not file.exists() or file.read_bytes() != drawn:
                file.parent.mkdir(exist_ok=True)
                file.write_bytes(drawn)
    application.shutdown()
    return 0


if __name__ == "__main__":
    sys.exit(main())
