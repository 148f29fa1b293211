"""The training settings beside a training, in the narrow panel of the Train workspace."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QStyle, QStyleOptionComboBox

from core.graph.edits import set_optimizer, set_training
from core.io.templates import load_template
from core.learning.optimizers import OPTIMIZERS
from designer import theme
from designer.forms.editors import ChoiceEditor
from designer.forms.field_row import FieldRow
from designer.inspector import TrainingPanel
from designer.session import Session

WIDTH_PX = 262
"""What the left side of the workspace has."""


@pytest.fixture(autouse=True)
def _dark(qapp):
    theme.set_theme("dark")


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_names_have_room_beside_their_editors_also_where_they_can_be_reset(qtbot, kind):
    session = Session()
    panel = TrainingPanel(session)
    qtbot.addWidget(panel)
    panel.resize(WIDTH_PX, 900)
    panel.show()
    document = set_training(session.document, {"batch_size": 48, "epochs": 7, "l2": 0.01, "early_stopping": {}})
    session.edit("set", set_optimizer(document, kind, {"learning_rate": 0.0123}))
    rows = [row for row in panel.findChildren(FieldRow) if row.isVisible()]
    assert sum(row.reset.isVisible() for row in rows) >= 4
    for row in rows:
        assert row.name.width() >= row.name.fontMetrics().horizontalAdvance(row.name.text()), row.name.text()


def test_chosen_words_have_room_in_their_editors(qtbot):
    panel = TrainingPanel(Session())
    qtbot.addWidget(panel)
    panel.resize(WIDTH_PX, 700)  # with a scroll bar
    panel.show()
    for editor in panel.findChildren(ChoiceEditor):
        option = QStyleOptionComboBox()
        editor.initStyleOption(option)
        field = QStyle.SubControl.SC_ComboBoxEditField
        room = editor.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, field, editor)
        assert room.width() >= editor.fontMetrics().horizontalAdvance(editor.currentText()), editor.currentText()


def test_what_was_entered_stays_while_something_else_is_typed_in_the_same_field(qtbot):
    session = Session(load_template("mlp"))
    panel = TrainingPanel(session)
    qtbot.addWidget(panel)
    panel.show()
    editor = panel.part.optimizer_form.rows["learning_rate"].editor
    qtbot.waitUntil(lambda: editor.setFocus() or editor.hasFocus())
    rates = []
    session.document_changed.connect(lambda change: rates.append(change.after.training.optimizer.learning_rate))
    for text in ("0.0002", "0.1"):
        QTest.keyClick(editor, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClicks(editor, text)
        QTest.keyClick(editor, Qt.Key.Key_Return)
    assert rates == [0.0002, 0.1]
    session.undo()
    assert rates[-1] == 0.0002
