"""Every shipped template has a picture that shows it as the canvas draws it today."""

import numpy as np
import pytest
from PIL import Image

from core.io.templates import load_template, template_names, template_picture
from designer import theme
from designer.canvas.drawing.canvas_style import canvas_style
from docs.making.template_pictures import HEIGHT, WIDTH, picture_of

MOST_BYTES = 1_000_000


@pytest.fixture(params=[True, False], ids=["dark", "light"])
def dark(qapp, request):
    theme.set_theme("dark" if request.param else "light")
    yield request.param
    theme.set_theme("dark")


def pixels(picture):
    return np.asarray(picture.convert("RGB"), np.int16)  # (height, width, 3)


@pytest.mark.parametrize("name", template_names())
class TestEveryTemplate:
    def test_its_picture_shows_something_within_its_margins(self, name, dark):
        shown = pixels(Image.open(template_picture(name, dark=dark)))
        assert shown.shape == (HEIGHT, WIDTH, 3)
        empty = canvas_style().canvas
        drawn = (shown != (empty.red(), empty.green(), empty.blue())).any(axis=2)
        assert 0.02 < drawn.mean() < 0.8
        rim = [drawn[0], drawn[-1], drawn[:, 0], drawn[:, -1]]
        assert not any(line.any() for line in rim)

    def test_its_picture_is_what_the_canvas_draws(self, name, dark):
        shown, drawn = pixels(Image.open(template_picture(name, dark=dark))), pixels(picture_of(load_template(name)))
        # Letters and edges are smoothed a little differently from machine to machine.
        assert np.abs(shown - drawn).mean() < 1.5, "run make templates"


def test_no_picture_is_left_of_a_template_that_is_gone(dark):
    folder = template_picture("any", dark=dark).parent
    assert {file.stem for file in folder.iterdir()} == set(template_names())


def test_the_pictures_weigh_little(dark):
    assert sum(template_picture(name, dark=dark).stat().st_size for name in template_names()) < MOST_BYTES
