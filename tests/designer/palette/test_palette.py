"""The palette by keyboard and mouse."""

import re
from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt, QTimer, QUrl
from PySide6.QtGui import QDrag, QHelpEvent, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget

from core.graph.edits import add_layer
from core.graph.values import Document
from core.io.templates import Template
from designer import theme
from designer.palette import Palette
from designer.palette import palette as palette_module
from designer.palette.tips import template_tip
from designer.session import Session
from designer.session.mime import dragged_kind

TEMPLATES = [
    Template("lenet5", "LeNet-5", "First networks", 61_706, "Digits & more, 1998."),
    Template("mlp", "Two layers", "First networks", 12_730, ""),
]


@pytest.fixture(autouse=True)
def _dark(qapp):
    theme.set_theme("dark")
    yield
    theme.set_theme("dark")


@pytest.fixture
def palette(qtbot):
    made = Palette(Session())
    made.set_templates(TEMPLATES)
    qtbot.addWidget(made)
    made.resize(212, 700)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    return made


def texts(palette):
    return [entry.text for entry in palette.rows.rows]


def row_of(palette, text):
    return palette.rows.index(texts(palette).index(text))


def current(palette):
    entry = palette.rows.entry(palette.list.currentIndex())
    return None if entry is None else entry.text


def test_families_and_templates_are_headings_that_cannot_be_chosen(palette):
    assert texts(palette)[:4] == ["INPUT", "Input", "CONVOLUTION", "Conv2D"]
    assert texts(palette)[-3:] == ["TEMPLATES", "LeNet-5", "Two layers"]
    for text in ("INPUT", "TEMPLATES"):
        assert palette.rows.flags(row_of(palette, text)) == Qt.ItemFlag.NoItemFlags


def test_searching_and_pressing_enter_asks_for_the_best(palette, qtbot):
    palette.focus_search()
    qtbot.keyClicks(palette.search, "max")
    assert texts(palette)[0] == "MaxPool2D"
    with qtbot.waitSignal(palette.kind_requested) as asked:
        qtbot.keyClick(palette.search, Qt.Key.Key_Return)
    assert asked.args == ["MaxPool2D"]


def test_a_template_is_asked_for_by_its_name(palette, qtbot):
    palette.focus_search()
    qtbot.keyClicks(palette.search, "lenet")
    with qtbot.waitSignal(palette.template_requested) as asked:
        qtbot.keyClick(palette.search, Qt.Key.Key_Return)
    assert asked.args == ["lenet5"]


def test_arrow_down_leads_into_the_list_and_up_leads_back(palette, qtbot):
    palette.focus_search()
    qtbot.keyClick(palette.search, Qt.Key.Key_Down)
    assert palette.list.hasFocus()
    assert current(palette) == "Input"
    qtbot.keyClick(palette.list, Qt.Key.Key_Down)
    assert current(palette) == "Conv2D"
    with qtbot.waitSignal(palette.kind_requested) as asked:
        qtbot.keyClick(palette.list, Qt.Key.Key_Return)
    assert asked.args == ["Conv2D"]
    qtbot.keyClick(palette.list, Qt.Key.Key_Up)
    assert current(palette) == "Input"
    qtbot.keyClick(palette.list, Qt.Key.Key_Up)
    assert palette.search.hasFocus()


def test_in_results_arrow_down_goes_on_to_the_second(palette, qtbot):
    palette.focus_search()
    qtbot.keyClicks(palette.search, "pool")
    qtbot.keyClick(palette.search, Qt.Key.Key_Down)
    assert current(palette) == "AvgPool2D"


def test_a_double_click_asks_and_a_heading_does_not(palette, qtbot):
    place = palette.list.visualRect(row_of(palette, "Conv2D")).center()
    with qtbot.waitSignal(palette.kind_requested) as asked:
        qtbot.mouseClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
        qtbot.mouseDClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert asked.args == ["Conv2D"]
    place = palette.list.visualRect(row_of(palette, "POOLING")).center()
    with qtbot.assertNotEmitted(palette.kind_requested):
        qtbot.mouseDClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_finding_nothing_says_so_and_escape_empties_the_search(palette, qtbot):
    palette.focus_search()
    qtbot.keyClicks(palette.search, "zzz")
    assert palette.nothing.isVisible()
    assert "“zzz”" in palette.nothing.text()
    assert not palette.list.isVisible()
    with qtbot.assertNotEmitted(palette.kind_requested):
        qtbot.keyClick(palette.search, Qt.Key.Key_Return)
    qtbot.keyClick(palette.search, Qt.Key.Key_Escape)
    assert palette.list.isVisible()
    assert "Conv2D" in texts(palette)


def test_enter_in_an_empty_search_asks_for_nothing(palette, qtbot):
    palette.focus_search()
    with qtbot.assertNotEmitted(palette.kind_requested), qtbot.assertNotEmitted(palette.template_requested):
        qtbot.keyClick(palette.search, Qt.Key.Key_Return)


def test_what_is_dragged_is_the_kind(palette):
    assert dragged_kind(palette.rows.mimeData([row_of(palette, "Conv2D")])) == "Conv2D"
    assert palette.rows.flags(row_of(palette, "Conv2D")) & Qt.ItemFlag.ItemIsDragEnabled
    assert not palette.rows.flags(row_of(palette, "LeNet-5")) & Qt.ItemFlag.ItemIsDragEnabled
    assert dragged_kind(palette.rows.mimeData([row_of(palette, "LeNet-5")])) is None


def test_nothing_hangs_at_the_mouse_that_would_cover_what_the_canvas_shows(monkeypatch, palette):
    drags = []

    class Drag(QDrag):
        def exec(self, _actions):
            drags.append(
                (dragged_kind(self.mimeData()), self.pixmap().size(), self.pixmap().toImage().pixelColor(0, 0))
            )

    monkeypatch.setattr(palette_module, "QDrag", Drag)
    palette.list.setCurrentIndex(row_of(palette, "Conv2D"))
    palette.list.startDrag(Qt.DropAction.CopyAction)
    ((kind, size, colour),) = drags
    assert kind == "Conv2D"
    assert size.width() * size.height() == 1
    assert colour.alpha() == 0


def test_what_was_searched_for_is_forgotten_once_it_is_added(qtbot, palette):
    everything = texts(palette)
    palette.focus_search()
    qtbot.keyClicks(palette.search, "conv")
    with qtbot.waitSignal(palette.kind_requested) as asked:
        qtbot.keyClick(palette.search, Qt.Key.Key_Return)
    assert asked.args == ["Conv2D"]
    assert palette.search.text() == ""
    assert texts(palette) == everything


def test_escape_ends_a_search_from_the_list_too(qtbot, palette):
    everything = texts(palette)
    qtbot.keyClicks(palette.search, "pool")
    qtbot.keyClick(palette.search, Qt.Key.Key_Down)
    qtbot.keyClick(palette.list, Qt.Key.Key_Escape)
    assert palette.search.text() == ""
    assert texts(palette) == everything


def test_the_empty_search_box_shows_its_key_at_the_right(qtbot, palette):
    key = palette.search.key
    assert key.isVisible()
    assert palette.search.width() - 24 < key.geometry().right() < palette.search.width()
    qtbot.keyClicks(palette.search, "c")
    assert not key.isVisible()
    palette.search.clear()
    assert key.isVisible()


def test_a_tooltip_says_what_adding_would_lead_to(qtbot):
    document, source = add_layer(Document(), "Input", {"shape": [28, 28, 1]})
    made = Palette(Session(document))
    qtbot.addWidget(made)
    entry = made.rows.rows[texts(made).index("Conv2D")]
    assert source in made.list._preview(entry)
    assert "26×26×32" in made.list._preview(entry)


class TestTemplateTips:
    def test_hovering_shows_picture_paragraph_and_parameters(self, palette):
        row = row_of(palette, "LeNet-5")
        palette.list.scrollTo(row)
        place = palette.list.visualRect(row).center()
        viewport = palette.list.viewport()
        QApplication.sendEvent(viewport, QHelpEvent(QEvent.Type.ToolTip, place, viewport.mapToGlobal(place)))
        text = palette.list.rich_tip.text()
        assert palette.list.rich_tip.isVisible()
        assert "Digits &amp; more, 1998." in text
        assert "61,706 parameters" in text
        drawn = QTextDocument()
        drawn.setHtml(text)
        address = QUrl(re.search(r'src="([^"]+)"', text)[1])
        assert drawn.resource(QTextDocument.ResourceType.ImageResource, address) is not None
        assert drawn.idealWidth() < 520

    def test_a_template_without_a_picture_shows_its_words(self, palette):
        entry = replace(palette.rows.entry(row_of(palette, "LeNet-5")), key="drawn yesterday")
        assert "<img" not in template_tip(entry)
        assert "61,706 parameters" in template_tip(entry)

    def test_the_paragraph_is_said_to_those_who_do_not_see(self, palette):
        said = palette.rows.data(row_of(palette, "LeNet-5"), Qt.ItemDataRole.AccessibleDescriptionRole)
        assert said == "Digits & more, 1998.\n61,706 parameters"


class Target(QWidget):
    def __init__(self):
        super().__init__()
        self.setAcceptDrops(True)
        self.kinds = []

    def dragEnterEvent(self, event):
        event.acceptProposedAction()

    def dragMoveEvent(self, event):
        event.acceptProposedAction()

    def dropEvent(self, event):
        self.kinds.append(dragged_kind(event.mimeData()))
        event.acceptProposedAction()


@pytest.mark.dnd
def test_a_kind_is_dragged_out_of_the_palette(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    row = QHBoxLayout(window)
    palette, target = Palette(Session()), Target()
    row.addWidget(palette)
    row.addWidget(target, 1)
    window.resize(700, 600)
    with qtbot.waitExposed(window):
        window.show()
    handle = window.windowHandle()
    start = palette.list.viewport().mapTo(window, palette.list.visualRect(row_of(palette, "Conv2D")).center())
    goal = target.mapTo(window, target.rect().center())
    steps = [start + (goal - start) * n / 8 for n in range(1, 9)]

    def move():
        if steps:
            QTest.mouseMove(handle, steps.pop(0))
        else:
            timer.stop()
            QTest.mouseRelease(handle, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, goal)

    timer = QTimer(window, interval=20)
    timer.timeout.connect(move)
    QTest.mousePress(handle, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
    timer.start()
    for n in range(1, 4):
        QTest.mouseMove(handle, start + QPoint(12 * n, 0))
    qtbot.waitUntil(lambda: target.kinds == ["Conv2D"], timeout=30_000)
