"""Every main state of the window fits the screens that people have: nothing essential is cut, nothing overlaps."""

import contextlib
import os
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QComboBox,
    QLabel,
    QLineEdit,
    QScrollArea,
    QStyle,
    QStyleOptionTab,
    QTabBar,
    QToolButton,
    QWidget,
)

from designer.canvas.view import CanvasView
from designer.start.welcome import Welcome
from designer.views.elided import ElidedLabel
from designer.views.preparing import AugmentationView, PreprocessingView
from designer.window.docks import foldable_in
from designer.window.finding import bring_forward
from docs.making.sizes import SIZES, STATES

ROOT = Path(__file__).parents[3]
LEAST_ZOOM = 0.5
SLACK = 1
SETTLE_MS, PATIENCE_MS = 60, 1500
_Style = Qt.ToolButtonStyle
ROWS = (PreprocessingView, AugmentationView)
"""Rows of pictures, longer than most screens are wide, that are scrolled sideways on purpose."""
OVERLAYS = (Welcome,)
"""What stands over the canvas on purpose."""


def text_of(widget):
    words = getattr(widget, "text", None)
    return words() if callable(words) else widget.accessibleName()


def plain(text):
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&")


def named(widget):
    return f"{type(widget).__name__} {text_of(widget)!r}"


def squeezed(widget):
    """Say whether a widget has less room than its text, or than it says it needs."""
    if isinstance(widget, ElidedLabel):  # its tooltip has all of it
        return False
    if isinstance(widget, QLabel):
        if not widget.text():
            return False
        if widget.wordWrap():
            return widget.height() + SLACK < widget.heightForWidth(widget.width())
        return widget.width() + SLACK < widget.sizeHint().width()
    metrics = widget.fontMetrics()
    if isinstance(widget, QAbstractButton) and widget.text():
        icon = 0 if widget.icon().isNull() else widget.iconSize().width()
        style = widget.toolButtonStyle() if isinstance(widget, QToolButton) else _Style.ToolButtonTextBesideIcon
        words = 0 if icon and style == _Style.ToolButtonIconOnly else metrics.horizontalAdvance(plain(widget.text()))
        needed = max(words, icon) if style == _Style.ToolButtonTextUnderIcon else words + icon
        return widget.width() < needed or widget.height() < metrics.height()
    if isinstance(widget, QLineEdit):
        return widget.width() < metrics.horizontalAdvance(widget.text()) or widget.height() < metrics.height()
    return widget.width() + SLACK < (widget.minimumWidth() or widget.minimumSizeHint().width())


def cut_tabs(bar):
    """Return the tabs of a bar whose words have less room than they need, or that are beyond its rim."""
    cut = []
    for index in range(bar.count()):
        option = QStyleOptionTab()
        bar.initStyleOption(option, index)
        room = bar.style().subElementRect(QStyle.SubElement.SE_TabBarTabText, option, bar)
        shown = bar.rect().adjusted(-SLACK, 0, SLACK, 0).contains(bar.tabRect(index))
        if option.text != bar.tabText(index) or not shown or room.width() < 1:
            cut.append(bar.tabText(index))
    return cut


def test_tabs_stand_closer_before_their_words_are_cut(make_window, qtbot):
    window = make_window(size=(1280, 720))
    window.show_workspace("train")
    bring_forward(window.docks["problems"])
    window.docks["doctor"].setWindowTitle("Doctor  3")

    def bars():
        found = (each for each in window.findChildren(QTabBar) if each.isVisible())
        return [bar for bar in found if any(bar.tabText(i) == "Problems" for i in range(bar.count()))]

    qtbot.waitUntil(lambda: [bar.property("tight") and not cut_tabs(bar) for bar in bars()] == [True])
    window.resize(1600, 1000)
    qtbot.waitUntil(lambda: [bar.property("tight") for bar in bars()] == [False])


def on_window(widget, window):
    return QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())


def beyond(widget, window):
    """Say whether a part of a widget is out of sight and no vertical scroll bar brings it back."""
    rect = on_window(widget, window)
    parent = widget.parentWidget()
    while parent is not None and parent is not window.parentWidget():
        frame = on_window(parent, window) if parent is not window else window.rect()
        if rect.left() < frame.left() - SLACK or rect.right() > frame.right() + SLACK:
            return True
        scrolled = isinstance(parent.parentWidget(), QAbstractScrollArea)
        if scrolled:  # what is below its rim can be scrolled to
            rect = rect.intersected(frame)
        elif rect.top() < frame.top() - SLACK or rect.bottom() > frame.bottom() + SLACK:
            return True
        parent = parent.parentWidget()
    return False


def overlapping(parent):
    """Return the pairs of a widget's visible children that stand on each other."""
    children = [
        child
        for child in parent.children()
        if isinstance(child, QWidget)
        and child.isVisible()
        and not child.isWindow()
        and parent.rect().intersects(child.geometry())
        and not isinstance(child, OVERLAYS)
        and not isinstance(child, CanvasView)  # the canvas's title, map and zoom stand over it
        and child.objectName() != "qt_qmainwindow_extended_splitter"
    ]
    pairs = []
    for one, other in combinations(children, 2):
        shared = one.geometry().intersected(other.geometry())
        if shared.width() > SLACK and shared.height() > SLACK:
            pairs.append((one, other))
    return pairs


def is_row(widget):
    """Say whether a widget is, or is in, a row that is scrolled sideways."""
    return widget is not None and (isinstance(widget, ROWS) or is_row(widget.parentWidget()))


def findings(window):
    """Return a sentence for everything that is cut or covered."""
    found = []
    widgets = [widget for widget in window.findChildren(QWidget) if widget.isVisible() and widget.window() is window]
    for widget in widgets:
        if widget.visibleRegion().isEmpty():  # in a tab that isn't in front, or to be scrolled to
            continue
        if isinstance(widget, QScrollArea) and is_row(widget.widget()):
            continue
        if isinstance(widget, QScrollArea) and widget.horizontalScrollBar().maximum() > 0:
            found.append(f"scrolls sideways: {named(widget.widget())}")
        if isinstance(widget, QTabBar):
            found.extend(f"tab: {tab}" for tab in cut_tabs(widget))
        if squeezed(widget):
            found.append(f"cut: {named(widget)} {widget.size()} of {widget.sizeHint()}")
        if isinstance(widget, QLabel | QAbstractButton | QComboBox) and not is_row(widget) and beyond(widget, window):
            found.append(f"beyond the rim: {named(widget)}")
        if not isinstance(widget, QAbstractScrollArea):
            found.extend(f"overlap: {named(one)}, {named(other)}" for one, other in overlapping(widget))
    found.extend(
        f"not in the window: {named(bar)}"
        for bar in (window.toolbar, window.statusBar())
        if not window.rect().contains(bar.geometry())
    )
    found.extend(f"overlap: {named(one)}, {named(other)}" for one, other in overlapping(window))
    return found


def settled(window, qtbot):
    """Return what is found once everything has arrived that the window waits for."""
    qtbot.wait(SETTLE_MS)  # for panels to be arranged, and pictures to come
    with contextlib.suppress(qtbot.TimeoutError):
        qtbot.waitUntil(lambda: not findings(window), timeout=PATIENCE_MS)
    return findings(window)


@pytest.mark.parametrize("size", SIZES, ids="{0[0]}x{0[1]}".format)
def test_nothing_is_cut_in_any_state(make_window, qtbot, size):
    window = make_window(size=size)
    found = []
    for name, prepare in STATES.items():
        prepare(window)
        found.extend(f"{name}: {what}" for what in settled(window, qtbot))
        assert (window.width(), window.height()) == size
        if name == "open" and window.canvas.view.zoom < LEAST_ZOOM:
            found.append(f"opens at {window.canvas.view.zoom:.0%}")
    window.run.stop_and_wait()
    assert not found, "\n".join(found)


@pytest.mark.parametrize("side", ["palette", "inspector"])
@pytest.mark.parametrize("size", SIZES[:2], ids="{0[0]}x{0[1]}".format)
def test_nothing_is_cut_where_a_panel_is_unfolded(make_window, qtbot, size, side):
    window = make_window(size=size)
    foldable_in(window.docks[side]).unfold()
    STATES["problems"](window)
    found = settled(window, qtbot)
    assert (window.width(), window.height()) == size
    assert not found, "\n".join(found)


@pytest.mark.parametrize("workspace", ["data", "train"])
def test_nothing_is_cut_below_the_strip_where_there_is_room_for_one_panel(make_window, qtbot, workspace):
    """A screen of 1920×1080 at 200 %."""
    window = make_window(size=(960, 540))
    window.show_workspace(workspace)
    found = settled(window, qtbot)
    assert (window.width(), window.height()) == (960, 540)
    assert not found, "\n".join(found)


def test_nothing_is_cut_on_a_screen_at_200_per_cent():
    """The scale is read when Qt starts: the first and the third size are those of laptops at 200 %."""
    if os.environ.get("QT_SCALE_FACTOR") == "2":
        pytest.skip("this is the run at 200 %")
    only = [f"{__file__}::test_nothing_is_cut_in_any_state[{SIZES[n][0]}x{SIZES[n][1]}]" for n in (0, 2)]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", *only]
    done = subprocess.run(
        command, env=os.environ | {"QT_SCALE_FACTOR": "2"}, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "2 passed" in done.stdout, done.stdout
