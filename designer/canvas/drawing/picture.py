"""The whole drawing as a picture in a file: as pixels, or as lines and outlines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QImageWriter, QPageSize, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator

from core.errors import SaveError
from core.io.atomic import write_atomically
from designer.canvas.drawing.canvas_style import canvas_style, drawn_on_paper
from designer.canvas.drawing.draw_text import write
from designer.canvas.drawing.scene import Scene
from designer.theme import LIGHT, Theme, font

RIM = 24
"""Pixels of ground around the drawing, at 100 %."""
MOST_PIXELS = 200_000_000
"""Larger pictures need more memory than most programs that would open them have."""
_POINTS_PER_INCH = 72
_LINES = (("title", 20, 600, 30), ("totals", 13, 400, 22))
"""What may stand above the drawing: its size and weight, and how far down the next thing begins."""


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


@dataclass(frozen=True, slots=True)
class Look:
    """How a picture is to look.

    Attributes
    ----------
    theme : Theme
        Whose colours it has; paper is light, whatever the window is.
    title, totals : str
        What is written above the drawing; "" for nothing.
    """

    theme: Theme = LIGHT
    title: str = ""
    totals: str = ""


ON_PAPER = Look()

FORMATS = (
    Format("Picture, twice the size", "png", 2),
    Format("Picture, as on the screen at 100 %", "png", 1),
    Format("Picture, four times the size", "png", 4),
    Format("Picture, twice the size, transparent", "png", 2, transparent=True),
    Format("Drawing", "svg"),
    Format("Page", "pdf"),
)


def save_drawing(scene: Scene, path: Path, form: Format, look: Look = ON_PAPER) -> None:
    """Save the whole drawing, as the canvas shows it at 100 % with nothing selected, but in the colours of a look.

    Where the outputs of layers have not been computed, nothing holds their place.

    Raises
    ------
    SaveError
        If there is nothing to save, the picture would be too large, or the file can't be written.
    """
    if not scene.nodes:
        raise SaveError("Nothing is drawn yet, so there is no picture to save.")
    draw = {"png": _draw_pixels, "svg": _draw_outlines, "pdf": _draw_page}[form.ending]
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    with drawn_on_paper(look.theme), _at_rest(scene):
        draw(scene, _rect(scene, look), buffer, form, look)
    scene.dress()
    write_atomically(path, bytes(buffer.data().data()))


@contextmanager
def _at_rest(scene: Scene) -> Iterator[None]:
    """Show nothing selected, and wires as at 100 %."""
    nodes = [id for id, node in scene.nodes.items() if node.chosen]
    wires = [key for key, wire in scene.wires.items() if wire.chosen]
    notes = [key for key, note in scene.notes.items.items() if note.chosen]
    detail = scene.detail
    scene.choose(())
    scene.choose_wires(())
    scene.notes.choose(())
    scene.set_detail(0)
    scene.dress()
    try:
        yield
    finally:
        scene.choose(nodes)
        scene.choose_wires(wires)
        scene.notes.choose(notes)
        scene.set_detail(detail)


def _rect(scene: Scene, look: Look) -> QRectF:
    """Return the part of the scene that is in the picture, with room for what is written above it."""
    rect, above, wide = scene.bounds(), 0.0, 0.0
    for part, size, weight, step in _LINES:
        if words := getattr(look, part):
            above += step
            wide = max(wide, QFontMetricsF(font(size, weight)).horizontalAdvance(words))
    if above:
        above += RIM / 2
    return rect.adjusted(-RIM, -RIM - above, RIM + max(0.0, wide - rect.width()), RIM)


def _draw_pixels(scene: Scene, rect: QRectF, buffer: QBuffer, form: Format, look: Look) -> None:
    size = (rect.size() * form.scale).toSize()
    if size.width() * size.height() > MOST_PIXELS:
        pixels = f"{size.width():,} × {size.height():,} pixels"
        raise SaveError(f"The picture would have {pixels}. Choose a smaller size, or a drawing (SVG) instead.")
    image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    _render(scene, rect, QPainter(image), QRectF(image.rect()), look, ground=not form.transparent)
    QImageWriter(buffer, b"png").write(image)


def _draw_outlines(scene: Scene, rect: QRectF, buffer: QBuffer, form: Format, look: Look) -> None:
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    whole = QRectF(0, 0, rect.width(), rect.height())
    generator.setSize(whole.size().toSize())
    generator.setViewBox(whole)
    generator.setTitle("Convograph")
    _render(scene, rect, QPainter(generator), whole, look)


def _draw_page(scene: Scene, rect: QRectF, buffer: QBuffer, form: Format, look: Look) -> None:
    writer = QPdfWriter(buffer)
    writer.setResolution(_POINTS_PER_INCH)
    writer.setPageMargins(QMarginsF())
    exact = QPageSize.SizeMatchPolicy.ExactMatch  # otherwise what is nearly A4 becomes A4, and is cut
    writer.setPageSize(QPageSize(rect.size(), QPageSize.Unit.Point, "", exact))
    _render(scene, rect, QPainter(writer), QRectF(0, 0, rect.width(), rect.height()), look)


def _render(scene: Scene, rect: QRectF, painter: QPainter, target: QRectF, look: Look, *, ground: bool = True) -> None:
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    if ground:
        painter.fillRect(target, canvas_style().canvas)
    scene.render(painter, target, rect)
    painter.scale(target.width() / rect.width(), target.height() / rect.height())
    style, foot = canvas_style(), 0.0
    for part, size, weight, step in _LINES:
        if words := getattr(look, part):
            foot += step
            painter.setPen(style.title if part == "title" else style.muted)
            painter.setFont(font(size, weight))
            write(painter, QPointF(RIM, RIM / 2 + foot), words)
    painter.end()
