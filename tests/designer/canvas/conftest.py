"""A canvas in a window of its own, with LeNet-5 on it."""

import pytest

from designer import theme
from designer.canvas import Canvas
from designer.canvas.commands.keys import CanvasKeys
from designer.session import Session
from tests.designer.canvas.hands import lenet


@pytest.fixture(autouse=True)
def _dark(qapp):
    theme.set_theme("dark")
    yield
    theme.set_theme("dark")


@pytest.fixture
def opened(qtbot):
    """Return a function that shows a document on a canvas."""

    def show(document, size=(1200, 700)):
        canvas = Canvas(Session(document))
        CanvasKeys(canvas)
        qtbot.addWidget(canvas)
        canvas.resize(*size)
        with qtbot.waitExposed(canvas):
            canvas.show()
        canvas.view.setFocus()
        return canvas

    return show


@pytest.fixture
def canvas(opened):
    return opened(lenet())


@pytest.fixture
def hints(canvas):
    said = []
    canvas.hint.connect(said.append)
    return said
