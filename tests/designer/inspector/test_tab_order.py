"""Tab goes through the inspector from top to bottom and leaves it, though its fields are made as they are needed."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from core.graph.edits import rename_layer, set_config
from designer.inspector import Inspector
from designer.session import Session


@pytest.fixture
def desk(qtbot, small):
    """A window with an inspector and, made after it, another panel."""
    window = QWidget()
    row = QHBoxLayout(window)
    window.session = Session(small)
    window.inspector, window.other = Inspector(window.session), QLineEdit()
    row.addWidget(window.inspector)
    row.addWidget(window.other)
    qtbot.addWidget(window)
    window.resize(700, 900)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    return window


def walked(qtbot, window, start):
    """Everything that Tab leads to from a widget to the other panel, from its upper edge on the screen."""
    start.setFocus()
    stops = [start]
    while (at := window.focusWidget()) is not window.other and len(stops) < 60:
        qtbot.keyClick(at, Qt.Key.Key_Tab)
        stops.append(window.focusWidget())
    assert stops[-1] is window.other
    return stops[:-1]


def heights(window, stops):
    return [stop.mapTo(window, stop.rect().center()).y() for stop in stops]


def test_of_a_layer_the_name_comes_first_then_fields_then_fixes(qtbot, desk):
    desk.session.edit("break", set_config(desk.session.document, "conv1", {"kernel_size": 40}))
    desk.session.select(["conv1"])
    page = desk.inspector.layer_page
    stops = walked(qtbot, desk, page.header.title)
    rows = [row for row in page.form.rows.values() if row.isVisible()]
    fields = [stop for row in rows for stop in (row.reset, row.link, row.editor) if stop.isVisible()]
    assert stops[1 : 1 + len(fields)] == fields
    assert stops[-1] is page.problems.cards[-1].buttons[-1]
    assert heights(desk, stops) == sorted(heights(desk, stops))


def test_of_the_network_it_goes_from_top_to_bottom(qtbot, desk):
    page = desk.inspector.document_page
    stops = walked(qtbot, desk, page.header.title)
    assert heights(desk, stops) == sorted(heights(desk, stops))
    assert page.training.optimizer_form.rows["learning_rate"].editor in stops


def test_after_other_kinds_were_shown_it_is_the_same(qtbot, desk):
    for id in ("conv1", "pool1", "fc1", "conv1"):
        desk.session.select([id])
    stops = walked(qtbot, desk, desk.inspector.layer_page.header.title)
    assert heights(desk, stops) == sorted(heights(desk, stops))


def test_a_very_long_name_does_not_widen_the_column(desk):
    broken = set_config(rename_layer(desk.session.document, "conv1", "W" * 300), "W" * 300, {"kernel_size": 40})
    desk.session.edit("break", broken)
    for id in ("W" * 300, "relu1", "fc1"):
        desk.session.select([id])
        assert desk.inspector.widget().minimumSizeHint().width() <= 300
