"""What a picture offers: its menu, and what is written and copied."""

import csv
from io import BytesIO, StringIO

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu

from designer.pictures import KeepButton, Keeping, Numbers, value_rows

AWKWARD = Numbers(np.array([[1.5, 2.0]]), [["cats, small", 'a "b"'], [1.5, 2.0]])


@pytest.fixture
def picture(qtbot):
    label = QLabel("a picture")
    qtbot.addWidget(label)
    label.resize(120, 40)
    label.show()
    return label


def open_menu():
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def gone(widget):
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    return not widget.findChildren(QMenu)


def test_the_menu_lives_as_long_as_it_is_open(qtbot, picture):
    keeping = Keeping(picture, lambda: "a", lambda: None)
    button = KeepButton(keeping)
    qtbot.addWidget(button)
    button.show()
    for _ in range(2):
        assert gone(picture)
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        open_menu().close()
        picture.customContextMenuRequested.emit(QPoint(1, 1))
        open_menu().close()
    assert gone(picture)


@pytest.mark.parametrize(("numbers", "n_enabled"), [(None, 3), (AWKWARD, 6)])
def test_numbers_are_offered_where_there_are_some(qtbot, picture, numbers, n_enabled):
    menu = Keeping(picture, lambda: "a", lambda: numbers).menu()
    assert sum(action.isEnabled() for action in menu.actions() if action.text()) == n_enabled
    menu.close()


def test_copied_numbers_keep_their_commas(qtbot, picture):
    Keeping(picture, lambda: "a", lambda: AWKWARD).copy_numbers()
    rows = list(csv.reader(StringIO(QGuiApplication.clipboard().text()), delimiter="\t"))
    assert rows == [["cats, small", 'a "b"'], ["1.5", "2.0"]]


def test_numbers_come_back_from_both_files():
    values = np.random.default_rng(0).normal(size=(3, 4, 2)).astype(np.float32)
    numbers = Numbers(values, value_rows(values))
    np.testing.assert_array_equal(np.load(BytesIO(numbers.npy), allow_pickle=False), values)
    head, *rows = csv.reader(StringIO(numbers.csv))
    assert head == ["row", "column", "map", "value"]
    for row, column, map_, value in rows:
        assert np.float32(value) == values[int(row), int(column), int(map_) - 1]
    assert len(rows) == values.size
