"""A widget as SVG: texts are texts, lines are where they are on the screen, and nothing leaves its frame."""

import re

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QMessageBox, QWidget

from designer.pictures import NETWORK, Keeping, is_vector
from designer.pictures.svg import network_of, svg_of
from tests.designer.pictures.drawn import SVG, texts_of, tree_of


class Drawing(QWidget):
    """Paints a stretched line, a clipped ground and a text; says whether it was painted as vectors."""

    def paintEvent(self, event):
        painter = QPainter(self)
        self.was_vector = is_vector(painter)
        painter.save()
        painter.setClipRect(QRectF(10, 10, 30, 30))
        painter.fillRect(self.rect(), QColor("#ff0000"))
        painter.restore()
        painter.drawText(QPointF(5, 70), 'a < b & "c" · 97.8 %')
        painter.scale(10, 0.5)
        pen = QPen(QColor("#00ff00"), 2)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.drawLine(QPointF(1, 100), QPointF(9, 100))
        painter.drawPath(QPainterPath())
        painter.end()


@pytest.fixture
def row(qtbot):
    """A drawing that isn't at the left edge of what is saved."""
    widget = QWidget()
    qtbot.addWidget(widget)
    layout = QHBoxLayout(widget)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    label = QLabel("left")
    label.setFixedWidth(50)
    widget.drawing = Drawing()
    for part in (label, widget.drawing):
        layout.addWidget(part)
    widget.resize(200, 90)
    widget.show()
    return widget


def bytes_of(image):
    """Return the four bytes of each pixel."""
    return np.frombuffer(image.constBits(), np.uint8).reshape(-1, 4).astype(int)


def test_texts_are_texts_and_the_network_is_named(row):
    row.setProperty(NETWORK, "my <net>")
    tree = tree_of(svg_of(row.drawing, "a picture"))
    assert tree.find(f"{SVG}title").text == "a picture – my <net>"
    assert tree.find(f"{SVG}desc").text == "Drawn by Convograph from my <net>."
    assert texts_of(svg_of(row.drawing, "a picture")) == ['a < b & "c" · 97.8 %']


def test_without_a_network_none_is_named(row):
    assert network_of(row.drawing) == ""
    assert tree_of(svg_of(row, "a")).find(f"{SVG}title").text == "a"


def test_what_is_painted_knows_whether_it_becomes_vectors(row):
    svg_of(row, "a")
    assert row.drawing.was_vector
    row.grab()
    assert not row.drawing.was_vector


def test_a_stretched_line_is_written_where_it_is_drawn(row):
    svg = svg_of(row, "a").decode()
    (points,) = re.findall(r'<polyline fill="none" vector-effect="none" points="([^"]*)"', svg)
    assert points.split() == ["60,50", "140,50"]


def test_a_frame_is_where_it_is_drawn(row):
    """Qt itself doesn't read frames; they are read here."""
    tree = tree_of(svg_of(row, "a"))
    (clip,) = (each for each in tree.iter(f"{SVG}clipPath") if "60,10" in each[0].get("d"))
    assert clip[0].get("d").startswith("M60,10 L90,10 L90,40 L60,40")
    (group,) = (each for each in tree.iter(f"{SVG}g") if each.get("clip-path") and each.find("*[@fill='#ff0000']"))
    assert group.get("clip-path") == f"url(#{clip.get('id')})"


def test_it_looks_as_on_the_screen(row):
    """But for the clipping, which Qt's own reader doesn't know, and the edges of letters."""
    row.drawing.hide()
    image = QImage(row.size(), QImage.Format.Format_RGB32)
    renderer = QSvgRenderer(svg_of(row, "a"))
    assert renderer.isValid()
    assert renderer.viewBox().size() == row.size()
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    shot = row.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    differ = np.abs(bytes_of(image) - bytes_of(shot)).max(axis=1)
    assert (differ > 40).mean() < 0.02


@pytest.mark.parametrize(
    ("name", "kind", "written", "start"),
    [
        ("a.png", "", "a.png", b"\x89PNG"),
        ("a.svg", "PNG pictures (*.png)", "a.svg", b"<?xml"),
        ("a", "SVG drawings (*.svg)", "a.svg", b"<?xml"),
        ("a", "", "a.png", b"\x89PNG"),
    ],
)
def test_the_ending_says_the_format(row, tmp_path, monkeypatch, name, kind, written, start):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / name), kind))
    Keeping(row, lambda: "a", lambda: None).save_picture()
    assert (tmp_path / written).read_bytes().startswith(start)


def test_another_ending_is_refused_with_the_two_that_are(row, tmp_path, monkeypatch):
    said = []
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "a.jpg"), ""))
    monkeypatch.setattr(QMessageBox, "warning", lambda *args: said.append(args[-1]))
    Keeping(row, lambda: "a", lambda: None).save_picture()
    assert said == ["Pictures are saved as .png or .svg, not as .jpg. Choose a name that ends in one of them."]
    assert not list(tmp_path.iterdir())
