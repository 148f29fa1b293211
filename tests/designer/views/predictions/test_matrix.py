"""The confusion matrix of many classes, and the menu of pictures."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from core.inside.reason import Heat
from core.training.evaluating import measured
from designer import theme
from designer.pictures import Keeping, Numbers
from designer.views.predictions.confusion import ConfusionMatrix
from designer.views.predictions.heat_picture import HeatPicture
from designer.views.predictions.predicted_grid import PredictedGrid

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def matrix(qtbot):
    def make(n, wrong=((3, 1),), size=(600, 600)):
        theme.set_theme("dark")
        labels = np.repeat(np.arange(n), 4)
        predicted = labels.copy()
        for own, said in wrong:
            predicted[own * 4] = said
        widget = ConfusionMatrix()
        qtbot.addWidget(widget)
        widget.resize(*size)
        widget.show_evaluation(measured(0.0, labels, predicted, tuple(f"class {i}" for i in range(n))))
        widget.show()
        return widget

    return make


def colour(widget, cell):
    rect = widget.rect_of(cell)
    at = (rect.topLeft() + (rect.center() - rect.topLeft()) * 0.3).toPoint()  # beside the number
    return widget.grab().toImage().pixelColor(at)


@pytest.mark.parametrize("n", [5, 100])
def test_right_is_blue_and_wrong_amber_however_many_classes(matrix, n):
    widget = matrix(n)
    right, wrong, none = (colour(widget, cell) for cell in ((2, 2), (3, 1), (1, 3)))
    assert right.blue() > right.red()
    assert wrong.red() > wrong.blue()
    assert len({right.name(), wrong.name(), none.name()}) == 3


def test_a_thousand_classes_are_drawn_and_can_be_pointed_at(matrix):
    widget = matrix(1000, wrong=((700, 20),))
    for cell in ((0, 0), (700, 20), (999, 999)):
        assert widget.cell_at(widget.rect_of(cell).center()) == cell
    assert not widget.grab().isNull()
    assert widget.cell_text((700, 20)) == "1 of 4 samples of class 700 are taken for class 20 (25.0 %)"


def test_a_press_beside_the_cells_chooses_none(matrix):
    widget = matrix(5)
    QTest.mouseClick(widget, LEFT, pos=QPoint(2, 2))
    assert widget.choice is None
    assert widget.cell_at(QPointF(-5, -5)) is None


def test_a_choice_that_is_gone_is_forgotten(matrix):
    widget = matrix(8)
    widget.choose((7, 7))
    widget.show_evaluation(measured(0.0, np.arange(3), np.arange(3), ("a", "b", "c")))
    assert widget.choice is None


def test_an_older_map_is_dimmed_until_there_is_a_newer_one(qtbot):
    picture = HeatPicture("Saliency")
    qtbot.addWidget(picture)
    pixels = np.full((4, 4, 1), 0.5, np.float32)
    picture.show_sample(pixels)
    assert not picture.is_old
    picture.show_heat(Heat(np.ones((4, 4)), signed=False, note="one"))
    picture.show_sample(pixels)
    assert picture.is_old
    assert picture.heat is not None
    picture.show_heat(Heat(np.zeros((4, 4)), signed=False, note="two"))
    assert not picture.is_old
    picture.show_sample(np.zeros((4, 4, 1), np.float32), "another")
    assert picture.heat is None
    assert picture.note == "another"


def test_the_tooltip_of_a_map_has_the_number_that_was_computed(qtbot):
    picture = HeatPicture("Occlusion")
    qtbot.addWidget(picture)
    picture.resize(150, 200)
    picture.show_sample(np.zeros((2, 2, 1), np.float32))
    picture.show_heat(Heat(np.array([[1.0, -2.0], [3.0, 4.0]]), signed=True, note=""))
    place = picture.picture_rect
    third = QPointF(place.left() + place.width() * 0.75, place.top() + place.height() * 0.25)
    assert picture.value_at(third) == -2.0
    assert picture.value_at(QPointF(0, 0)) is None


@pytest.mark.parametrize("make", [ConfusionMatrix, lambda: PredictedGrid("mistakes")])
def test_the_right_button_opens_what_can_be_kept(qtbot, make):
    widget = make()
    qtbot.addWidget(widget)
    widget.resize(300, 300)
    widget.show()
    if not widget.findChildren(Keeping):
        Keeping(widget, lambda: "some", lambda: Numbers(np.eye(2), [[1, 0], [0, 1]]))
    target = widget.viewport() if hasattr(widget, "viewport") else widget
    at = QPoint(20, 20)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, target.mapToGlobal(at))
    QApplication.sendEvent(target, event)
    (menu,) = (child for child in widget.findChildren(QMenu) if child.isVisible())
    titles = [action.text() for action in menu.actions() if action.text()]
    assert titles == [
        "Copy picture",
        "Save picture…",
        "Save picture without words…",
        "Copy numbers",
        "Save numbers as CSV…",
        "Save numbers as NPY…",
    ]
    menu.close()


def test_long_names_stand_upright_where_there_is_the_height(matrix):
    labels = np.arange(6)
    names = tuple(f"a rather long name {i}" for i in range(6))
    widget = matrix(6)
    short = widget.rect_of((0, 0)).top()
    widget.show_evaluation(measured(0.0, labels, labels, names))
    assert widget.rect_of((0, 0)).top() > short + 40
    widget.resize(600, 220)
    assert widget.rect_of((0, 0)).top() < short + 5
    assert widget.rect_of((5, 5)).bottom() < widget.height()
