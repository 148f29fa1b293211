"""The whole drawing as a picture in a file: as pixels, or as lines and outlines."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QRectF, Qt
from PySide6.QtGui import QImage, QImageWriter, QPageSize, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator

from core.errors import SaveError
from core.io.atomic import write_atomically
from designer.canvas.drawing.canvas_style import canvas_style
from designer.canvas.drawing.scene import Scene

RIM = 24
"""Pixels of ground around the drawing, at 100 %."""
MOST_PIXELS = 200_000_000
"""Larger pictures need more memory than most programs that would open them have."""
_POINTS_PER_INCH = 72


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of picture.

    Attributes
    ----------
    title : str
        What the dialog calls it.
    scale : float
        Pixels for one at 100 %, where it has pixels.
    """

    title: str
    ending: str
    scale: float = 1.0
    transparent: bool = False

    @property
    def filter(self) -> str:
        """Its line in a file dialog."""
        return f"{self.title} (*.{self.ending})"


FORMATS = (
    Format("Picture, twice the size", "png", 2),
    Format("Picture, as on the screen at 100 %", "png", 1),
    Format("Picture, four times the size", "png", 4),
    Format("Picture, twice the size, transparent", "png", 2, transparent=True),
    Format("Drawing", "svg"),
    Format("Page", "pdf"),
)


def save_drawing(scene: Scene, path: Path, form: Format) -> None:
    """Save the whole drawing, as the canvas shows it at 100 % with nothing selected.

    Raises
    ------
    SaveError
        If there is nothing to save, the picture would be too large, or the file can't be written.
    """
    rect = scene.bounds().adjusted(-RIM, -RIM, RIM, RIM)
    if not scene.nodes:
        raise SaveError("Nothing is drawn yet, so there is no picture to save.")
    draw = {"png": _draw_pixels, "svg": _draw_outlines, "pdf": _draw_page}[form.ending]
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    chosen = [id for id, node in scene.nodes.items() if node.chosen]
    scene.choose(())
    try:
        draw(scene, rect, buffer, form)
    finally:
        scene.choose(chosen)
    write_atomically(path, bytes(buffer.data().data()))


def _draw_pixels(scene: Scene, rect: QRectF, buffer: QBuffer, form: Format) -> None:
    size = (rect.size() * form.scale).toSize()
    if size.width() * size.height() > MOST_PIXELS:
        pixels = f"{size.width():,} × {size.height():,} pixels"
        raise SaveError(f"The picture would have {pixels}. Choose a smaller size, or a drawing (SVG) instead.")
    image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    _render(scene, rect, QPainter(image), QRectF(image.rect()), ground=not form.transparent)
    QImageWriter(buffer, b"png").write(image)


def _draw_outlines(scene: Scene, rect: QRectF, buffer: QBuffer, form: Format) -> None:
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    whole = QRectF(0, 0, rect.width(), rect.height())
    generator.setSize(whole.size().toSize())
    generator.setViewBox(whole)
    generator.setTitle("Convograph")
    _render(scene, rect, QPainter(generator), whole)


def _draw_page(scene: Scene, rect: QRectF, buffer: QBuffer, form: Format) -> None:
    writer = QPdfWriter(buffer)
    writer.setResolution(_POINTS_PER_INCH)
    writer.setPageMargins(QMarginsF())
    writer.setPageSize(QPageSize(rect.size(), QPageSize.Unit.Point))
    _render(scene, rect, QPainter(writer), QRectF(0, 0, rect.width(), rect.height()))


def _render(scene: Scene, rect: QRectF, painter: QPainter, target: QRectF, *, ground: bool = True) -> None:
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    if ground:
        painter.fillRect(target, canvas_style().canvas)
    scene.render(painter, target, rect)
    painter.end()
