"""What stands around a picture that is kept: what it shows, of what, and what its colours stand for."""

import numpy as np
import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QFileDialog, QWidget

from designer import theme
from designer.pictures import NETWORK, Caption, Keeping, Key, Scale
from designer.pictures.caption import BAR_PX, LEAST_PX, MARGIN_PX, Framed
from designer.pictures.files import picture_of
from designer.pictures.svg import svg_of
from designer.theme.colormaps import ACTIVATIONS
from tests.designer.pictures.drawn import SVG, texts_of, tree_of

SCALE = Scale(ACTIVATIONS, "−0.41", "0.41", "weight")
CAPTION = Caption(
    "conv1: filters", "16 of 3×3 · run 1 at batch 40", SCALE, (Key("cat", "#ff0000"), Key("hen", "#00ff00"))
)


class Picture(QWidget):
    """A red ground with a green corner."""

    def paintEvent(self, event):
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor("#aa0000"))
        painter.fillRect(0, 0, 10, 10, QColor("#00aa00"))
        painter.end()


@pytest.fixture(params=["dark", "light"])
def picture(qtbot, request):
    theme.set_theme(request.param)
    widget = Picture()
    qtbot.addWidget(widget)
    widget.setProperty(NETWORK, "my net")
    widget.resize(400, 120)
    widget.show()
    yield widget
    theme.set_theme("dark")


def words(svg):
    """All that is written, without the spaces at which lines are broken."""
    return "".join(texts_of(svg)).replace(" ", "")


def colours(image):
    """(H, W, 3), red, green and blue."""
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)
    return pixels[..., 2::-1].astype(int)


def test_a_drawing_says_all_of_it_as_texts(picture):
    found = texts_of(svg_of(picture, "a", CAPTION))
    assert found == ["conv1: filters", "16 of 3×3 · run 1 at batch 40", "−0.41", "0.41", "weight", "cat", "hen"]


def test_the_picture_itself_is_as_it_was(picture):
    bare, whole = (colours(QImage.fromData(picture_of(picture, caption))) for caption in (None, CAPTION))
    framed = Framed(picture.size(), CAPTION)
    left, top = 2 * int(framed.at.x()), 2 * int(framed.at.y())
    np.testing.assert_array_equal(whole[top : top + 240, left : left + 800], bare)
    outside = whole.copy()
    outside[top : top + 240, left : left + 800] = colours_of_ground()
    assert not ((outside == (0xAA, 0, 0)).all(axis=2)).any()


def colours_of_ground():
    ground = QColor(theme.current().panel)
    return ground.red(), ground.green(), ground.blue()


def test_the_ends_of_the_scale_have_the_colours_of_its_ends(picture):
    whole = colours(QImage.fromData(picture_of(picture, CAPTION)))
    below = whole[2 * int(Framed(picture.size(), CAPTION).at.y() + picture.height()) :]
    ends = [np.abs(below - ACTIVATIONS[end, :3].astype(int)).max(axis=2) <= 6 for end in (0, 255)]
    assert all(found.any() for found in ends)
    first, last = (np.nonzero(found.any(axis=0))[0] for found in ends)
    assert last.max() - first.min() == pytest.approx(2 * BAR_PX, abs=12)


def test_long_words_are_broken_and_many_keys_are_counted(picture):
    keys = tuple(Key(f"class {place}", "#ff0000") for place in range(1000))
    long = Caption("a title", "very long words " * 40, keys=keys)
    svg = svg_of(picture, "a", long)
    assert ("very long words " * 40).replace(" ", "") in words(svg)
    assert "and 961 more" in texts_of(svg)
    root = tree_of(svg)
    right = float(root.get("viewBox").split()[2])
    assert right == 400 + 2 * MARGIN_PX
    assert max(float(text.get("x")) for text in root.iter(f"{SVG}text")) < right


def test_narrow_pictures_get_room_for_words():
    assert Framed(QSize(20, 20), CAPTION).size.width() == LEAST_PX + 2 * MARGIN_PX


def test_without_more_it_is_called_as_the_file_and_the_network(picture):
    caption = Keeping(picture, "class balance", lambda: None).caption
    assert (caption.title, caption.about) == ("Class balance", "my net")


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_words_can_be_left_out(picture, tmp_path, monkeypatch, ending):
    keeping = Keeping(picture, "a", lambda: None, caption=lambda: CAPTION)
    written = {}
    for title in ("Save picture…", "Save picture without words…"):
        path = tmp_path / f"{len(written)}.{ending}"
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, path=path: (str(path), ""))
        menu = keeping.menu()
        next(action for action in menu.actions() if action.text() == title).trigger()
        menu.close()
        written[title] = path.read_bytes()
    whole, bare = written.values()
    make = picture_of if ending == "png" else lambda widget: svg_of(widget, "a")
    assert bare == make(picture)
    assert whole != bare
