"""The drawing as a file: pixels, outlines without fonts, a page."""

import re

import numpy as np
import pytest
from PySide6.QtCore import QRect, QRectF, QSize
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from core.errors import SaveError
from core.graph.values import Document
from core.io.templates import load_template
from designer import theme
from designer.canvas import Canvas
from designer.canvas.drawing.picture import FORMATS, RIM, Format, Look, save_drawing
from designer.session import Session
from designer.window.picture_dialog import PictureDialog, totals_text


@pytest.fixture(params=["dark", "light"])
def canvas(request, qtbot):
    theme.set_theme(request.param)
    made = Canvas(Session(load_template("resnet20_cifar")))
    qtbot.addWidget(made)
    made.resize(900, 600)
    made.show()
    yield made
    theme.set_theme("dark")


def rendered(path, size):
    image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    QSvgRenderer(str(path)).render(painter, QRectF(image.rect()))
    painter.end()
    return image


def differing(one, other):
    """The share of pixels that are clearly of another colour; every third counts."""
    points = [(x, y) for x in range(0, one.width(), 3) for y in range(0, one.height(), 3)]

    def apart(x, y):
        a, b = one.pixelColor(x, y), other.pixelColor(x, y)
        return abs(a.lightness() - b.lightness()) > 60

    return sum(apart(x, y) for x, y in points) / len(points)


@pytest.mark.parametrize("form", [form for form in FORMATS if form.ending == "png"], ids=lambda form: form.title)
def test_pixels(form, canvas, tmp_path):
    save_drawing(canvas.scene, tmp_path / "net.png", form)
    image = QImage(str(tmp_path / "net.png"))
    bounds = canvas.scene.bounds()
    assert image.width() == pytest.approx((bounds.width() + 2 * RIM) * form.scale, abs=2)
    ground = image.pixelColor(2, 2)
    assert ground.alpha() == (0 if form.transparent else 255)
    assert form.transparent or ground == QColor(theme.LIGHT.canvas)


def test_outlines_look_like_the_pixels_and_need_no_font(canvas, tmp_path):
    save_drawing(canvas.scene, tmp_path / "net.svg", Format("Drawing", "svg"))
    save_drawing(canvas.scene, tmp_path / "net.png", Format("Picture", "png", 1))
    text = (tmp_path / "net.svg").read_text()
    assert "<text" not in text
    assert len(re.findall("<path", text)) > 50
    pixels = QImage(str(tmp_path / "net.png"))
    assert differing(rendered(tmp_path / "net.svg", pixels.size()), pixels) < 0.02


def test_every_map_is_its_own_in_outlines_too(canvas, tmp_path):
    maps = np.zeros((32, 32, 16), np.float32)
    maps[:, :, 1] = np.eye(32)
    maps[:, :, [0, 3, 5]] = 1
    canvas.set_maps({"conv1": maps})
    save_drawing(canvas.scene, tmp_path / "net.svg", Format("Drawing", "svg"))
    save_drawing(canvas.scene, tmp_path / "net.png", Format("Picture", "png", 1))
    pixels = QImage(str(tmp_path / "net.png"))
    svg = rendered(tmp_path / "net.svg", pixels.size())
    corner = canvas.scene.nodes["conv1"].rect.topLeft() - canvas.scene.bounds().topLeft()
    card = QRect(round(corner.x()) + RIM + 10, round(corner.y()) + RIM + 44, 132, 64)
    assert differing(svg.copy(card), pixels.copy(card)) < 0.03


def test_a_page(canvas, tmp_path):
    save_drawing(canvas.scene, tmp_path / "net.pdf", Format("Page", "pdf"))
    data = (tmp_path / "net.pdf").read_bytes()
    assert data.startswith(b"%PDF")
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)", data)
    assert float(box.group(1)) == pytest.approx(canvas.scene.bounds().width() + 2 * RIM, abs=2)


def test_the_selection_is_not_in_the_picture_and_stays(canvas, tmp_path):
    save_drawing(canvas.scene, tmp_path / "before.png", FORMATS[1])
    canvas.session.select(["conv1", "stage1"])
    save_drawing(canvas.scene, tmp_path / "after.png", FORMATS[1])
    assert QImage(str(tmp_path / "before.png")) == QImage(str(tmp_path / "after.png"))
    assert canvas.scene.nodes["conv1"].chosen


def colours(path):
    image = QImage(str(path))
    return {image.pixelColor(x, y).name() for x in range(0, image.width(), 2) for y in range(0, image.height(), 2)}


def test_a_picture_is_light_whatever_the_window_is(canvas, tmp_path):
    shown = theme.current()
    save_drawing(canvas.scene, tmp_path / "net.png", FORMATS[1])
    assert {theme.LIGHT.canvas, theme.LIGHT.card, theme.LIGHT.wire} <= colours(tmp_path / "net.png")
    assert not {theme.DARK.canvas, theme.DARK.card, theme.DARK.wire} & colours(tmp_path / "net.png")
    assert theme.current() is shown
    assert canvas.scene.wires["conv1", 0].pen().color() == QColor(shown.wire)


def test_dark_colours_can_be_chosen(canvas, tmp_path):
    save_drawing(canvas.scene, tmp_path / "net.png", FORMATS[1], Look(theme.DARK))
    assert {theme.DARK.canvas, theme.DARK.card} <= colours(tmp_path / "net.png")


def test_what_was_not_computed_is_not_drawn(canvas, tmp_path):
    save_drawing(canvas.scene, tmp_path / "net.png", FORMATS[1])
    image, bounds = QImage(str(tmp_path / "net.png")), canvas.scene.bounds()
    node = canvas.scene.nodes["conv1"]
    left, top = node.x() - bounds.left() + RIM, node.y() - bounds.top() + RIM
    within = {
        image.pixelColor(round(left + x), round(top + y)).name()
        for x in range(14, round(node.box.width) - 14)
        for y in range(50, round(node.box.height) - 30)
    }
    assert within == {theme.LIGHT.card}


def test_title_and_totals_stand_above_when_asked_for(canvas, tmp_path):
    save_drawing(canvas.scene, tmp_path / "bare.png", FORMATS[1])
    long = Look(title="A name that is much longer than the drawing is wide. " * 3, totals="8 layers")
    save_drawing(canvas.scene, tmp_path / "net.png", FORMATS[1], long)
    bare, image = QImage(str(tmp_path / "bare.png")), QImage(str(tmp_path / "net.png"))
    assert image.height() > bare.height() + 40
    ground = QColor(theme.LIGHT.canvas)
    rim = [image.pixelColor(x, y) for x in (0, RIM // 2, image.width() - RIM // 2) for y in range(image.height())]
    assert set(map(QColor.name, rim)) == {ground.name()}
    written = [image.pixelColor(x, 36) for x in range(image.width())]
    assert any(colour != ground for colour in written)


@pytest.mark.parametrize("form", [FORMATS[1], FORMATS[-2]], ids=lambda form: form.ending)
def test_nothing_is_cut_at_the_border(form, canvas, tmp_path):
    canvas.view.set_zoom(0.1)  # wires are thick then
    name = f"net.{form.ending}"
    save_drawing(canvas.scene, tmp_path / name, form)
    image = QImage(str(tmp_path / name)) if form.ending == "png" else rendered(tmp_path / name, QSize(971, 500))
    edge = [(x, y) for x in range(image.width()) for y in (0, image.height() - 1)]
    edge += [(x, y) for y in range(image.height()) for x in (0, image.width() - 1)]
    assert len({image.pixelColor(x, y).rgba() for x, y in edge}) == 1
    assert canvas.scene.detail == 2


def test_the_dialog_says_light_first_and_writes_what_is_ticked(canvas):
    dialog = PictureDialog("Mine", canvas.session.report)
    assert dialog.look == Look(theme.LIGHT)
    dialog.title.setChecked(True)
    dialog.totals.setChecked(True)
    dialog.colours.setCurrentText("Dark")
    assert dialog.look == Look(theme.DARK, "Mine", totals_text(canvas.session.report))
    assert dialog.look.totals.endswith("parameters · 40.6 M MACs")
    dialog.deleteLater()


def test_a_picture_that_is_too_large_is_refused(canvas, tmp_path):
    with pytest.raises(SaveError, match=r"would have [\d,]+ × [\d,]+ pixels"):
        save_drawing(canvas.scene, tmp_path / "net.png", Format("Huge", "png", 100))
    assert not (tmp_path / "net.png").exists()


@pytest.mark.parametrize("form", [FORMATS[0], FORMATS[-2], FORMATS[-1]], ids=lambda form: form.ending)
def test_what_cannot_be_written_is_said(form, canvas, tmp_path):
    with pytest.raises(SaveError, match="could not be saved: there is no folder"):
        save_drawing(canvas.scene, tmp_path / "no folder" / f"net.{form.ending}", form)


def test_nothing_is_no_picture(qtbot, tmp_path):
    canvas = Canvas(Session(Document()))
    qtbot.addWidget(canvas)
    with pytest.raises(SaveError, match="Nothing is drawn yet"):
        save_drawing(canvas.scene, tmp_path / "net.png", FORMATS[0])
