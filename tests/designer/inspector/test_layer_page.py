"""The inspector of one layer: typing, undo, names, problems and their fixes."""

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from core.graph.edits import replace_kind, set_config, set_initializer
from core.graph.values import layers_by_id
from core.learning.initializers import Constant


def config(session, id="conv1"):
    return layers_by_id(session.document.graph)[id].config


def field(inspector, name):
    return inspector.layer_page.form.rows[name]


def facts(inspector):
    lines = [line for line in inspector.layer_page.facts.lines if line.isVisible()]
    return {line.name.text(): (line.value.text(), line.formulas.text()) for line in lines}


class TestTyping:
    def test_the_graph_follows_every_key(self, opened, small, qtbot):
        session, inspector = opened(small, "conv1")
        editor = field(inspector, "filters").editor
        editor.setFocus()
        editor.selectAll()
        seen = []
        for key in "128":
            qtbot.keyClicks(editor, key)
            seen.append(session.report.layers["pool1"].shape)
        assert seen == [(14, 14, 1), (14, 14, 12), (14, 14, 128)]
        assert facts(inspector)["Parameters"] == ("3,328", "(5·5·1 + 1)·128 = 3,328")

    def test_a_visit_to_a_field_is_one_step(self, opened, small, entered):
        session, inspector = opened(small, "conv1")
        entered(field(inspector, "filters").editor, "128")
        entered(field(inspector, "kernel_size").editor, "3")
        entered(field(inspector, "filters").editor, "64")
        assert session.undo_label == "set filters of conv1"
        session.undo()
        assert config(session) == {"filters": 128, "kernel_size": 3, "padding": 2}
        session.undo()
        assert config(session) == {"filters": 128, "kernel_size": 5, "padding": 2}
        session.undo()
        assert config(session) == {"filters": 6, "kernel_size": 5, "padding": 2}
        assert session.undo_label is None

    def test_neither_text_nor_cursor_move_while_typing(self, opened, small, entered, qtbot):
        _, inspector = opened(small, "conv1")
        editor = field(inspector, "kernel_size").editor
        entered(editor, "3,5")
        qtbot.keyClick(editor, Qt.Key.Key_Left)
        assert (editor.text(), editor.lineEdit().cursorPosition(), editor.hasFocus()) == ("3,5", 2, True)
        qtbot.keyClicks(editor, "1")
        assert (editor.text(), editor.lineEdit().cursorPosition()) == ("3,15", 3)
        field(inspector, "stride").editor.setFocus()
        assert editor.text() == "3 × 15"

    def test_the_fields_stay_the_same_widgets_from_layer_to_layer_of_a_kind(self, opened, small):
        document = replace_kind(small, "fc1", "Conv2D", {"filters": 9})
        session, inspector = opened(document, "conv1")
        editor = field(inspector, "filters").editor
        session.select(["fc1"])
        assert field(inspector, "filters").editor is editor
        assert editor.text() == "9"

    @pytest.mark.parametrize("text", ["six", "", "0", "65537", "6.5", "-1", "99999999999999", "1e9", "1 2 3"])
    def test_what_is_no_value_is_red_and_the_document_has_what_it_had(self, text, opened, small, entered):
        session, inspector = opened(small, "conv1")
        row = field(inspector, "filters")
        entered(row.editor, text)
        assert row.editor.text() == text
        assert row.editor.property("invalid") is True
        assert row.message.text() == "Expected: a whole number from 1 to 65,536."
        assert row.message.isVisible()
        assert "from 1 to 65,536" in row.editor.accessibleDescription()
        assert session.document is small
        assert session.undo_label is None

    @pytest.mark.parametrize("end", ["Enter", "focus"])
    @pytest.mark.parametrize(
        ("name", "text", "before"),
        [("filters", "99999999999999", "6"), ("stride", "1e9", "1"), ("padding", "1 2 3", "2")],
    )
    def test_with_the_visit_ends_what_is_no_value(self, name, text, before, end, opened, small, entered, qtbot):
        session, inspector = opened(small, "conv1")
        row = field(inspector, name)
        entered(row.editor, text)
        if end == "Enter":
            qtbot.keyClick(row.editor, Qt.Key.Key_Return)
        else:
            field(inspector, "dilation").editor.setFocus()
        assert (row.editor.text(), row.editor.property("invalid")) == (before, False)
        assert not row.message.isVisible()
        assert session.document is small

    def test_after_what_is_no_value_one_can_type_on_to_one_that_is(self, opened, small, entered, qtbot):
        session, inspector = opened(small, "conv1")
        row = field(inspector, "filters")
        entered(row.editor, "65537")
        qtbot.keyClick(row.editor, Qt.Key.Key_Backspace)
        assert (row.editor.text(), row.editor.property("invalid")) == ("6553", False)
        assert config(session)["filters"] == 6553
        session.undo()
        assert session.document is small
        assert session.undo_label is None

    def test_red_text_survives_an_edit_elsewhere_but_not_another_layer(self, opened, small, entered):
        document = replace_kind(small, "fc1", "Conv2D", {"filters": 9})
        session, inspector = opened(document, "conv1")
        row = field(inspector, "filters")
        entered(row.editor, "six")
        session.edit("elsewhere", set_config(session.document, "conv1", {"kernel_size": 3}))
        assert (row.editor.text(), row.editor.property("invalid")) == ("six", True)
        session.select(["fc1"])
        assert (row.editor.text(), row.editor.property("invalid")) == ("9", False)
        assert not row.message.isVisible()

    def test_escape_takes_back_what_was_typed_in_this_visit(self, opened, small, entered, qtbot):
        session, inspector = opened(small, "conv1")
        start = session.document
        editor = field(inspector, "filters").editor
        entered(editor, "64")
        qtbot.keyClick(editor, Qt.Key.Key_Escape)
        assert editor.text() == "6"
        assert session.document is start
        assert session.undo_label is None

    def test_undo_belongs_to_the_document(self, opened, small, entered):
        session, inspector = opened(small, "conv1")
        editor = field(inspector, "filters").editor
        entered(editor, "64")
        override = _override(Qt.Key.Key_Z)
        QApplication.sendEvent(editor, override)
        assert not override.isAccepted()
        session.undo()
        assert (editor.text(), editor.hasFocus()) == ("6", True)
        entered(editor, "7")
        session.undo()
        assert config(session)["filters"] == 6

    def test_arrow_keys_step(self, opened, small, qtbot):
        session, inspector = opened(small, "conv1")
        editor = field(inspector, "filters").editor
        editor.setFocus()
        for _ in range(3):
            qtbot.keyClick(editor, Qt.Key.Key_Up)
        qtbot.keyClick(editor, Qt.Key.Key_Down)
        assert config(session)["filters"] == 16
        session.undo()
        assert session.undo_label is None

    def test_the_wheel_changes_only_the_field_one_is_in(self, opened, small):
        session, inspector = opened(small, "conv1")
        editor = field(inspector, "filters").editor
        _wheel(editor)
        assert config(session)["filters"] == 6
        editor.setFocus()
        _wheel(editor)
        assert config(session)["filters"] == 8

    def test_an_optional_setting_can_be_emptied(self, opened, small, entered):
        session, inspector = opened(set_config(small, "pool1", {"stride": 1}), "pool1")
        editor = field(inspector, "stride").editor
        assert (editor.text(), editor.lineEdit().placeholderText()) == ("1", "none")
        entered(editor, "")
        assert "stride" not in config(session, "pool1")
        assert editor.property("invalid") in (None, False)

    def test_the_start_of_a_word_is_completed(self, opened, small, entered):
        session, inspector = opened(small, "conv1")
        entered(field(inspector, "padding").editor, "sa")
        assert config(session)["padding"] == "same"


class TestNames:
    def test_a_layer_is_renamed_in_place(self, opened, small, qtbot):
        session, inspector = opened(small, "conv1")
        title = inspector.layer_page.header.title
        title.setFocus()
        title.selectAll()
        qtbot.keyClicks(title, "stem")
        assert "conv1" in layers_by_id(session.document.graph)
        qtbot.keyClick(title, Qt.Key.Key_Return)
        assert session.selection == ("stem",)
        assert layers_by_id(session.document.graph)["relu1"].inputs == ("stem",)
        assert session.undo_label == "rename conv1 to stem"
        session.undo()
        assert session.document == small
        assert session.undo_label is None

    @pytest.mark.parametrize(
        ("name", "sentence"),
        [("relu1", "There is already a layer called relu1"), ("1st", "cannot be a name"), ("", "cannot be a name")],
    )
    def test_a_name_that_cannot_be_is_refused_in_place(self, name, sentence, opened, small, entered, qtbot):
        session, inspector = opened(small, "conv1")
        header = inspector.layer_page.header
        entered(header.title, name)
        qtbot.keyClick(header.title, Qt.Key.Key_Return)
        assert sentence in header.refusal.text()
        assert header.refusal.isVisible()
        assert header.title.property("invalid") is True
        assert session.undo_label is None
        qtbot.keyClick(header.title, Qt.Key.Key_Escape)
        assert header.title.text() == "conv1"
        assert not header.refusal.isVisible()


class TestFacts:
    def test_formulas_stand_with_what_they_explain(self, opened, small):
        _, inspector = opened(small, "conv1")
        assert facts(inspector) == {
            "Output": ("28 × 28 × 6", "(28 − 5 + 2·2)/1 + 1 = 28"),
            "Parameters": ("156", "(5·5·1 + 1)·6 = 156"),
            "MACs": ("117,600", ""),
            "Memory": ("18.4 KiB", "28·28·6 values · 4 bytes"),
            "Receptive field": ("5 × 5", "jump 1"),
        }

    def test_what_cannot_be_known_is_a_question_mark(self, opened, small):
        session, inspector = opened(small, "fc1")
        assert facts(inspector)["Receptive field"] == ("whole input", "")
        session.edit("break", set_config(small, "conv1", {"stride": 5}))
        assert {value for value, _ in facts(inspector).values()} == {"?"}

    def test_weights_can_be_frozen(self, opened, small, qtbot):
        session, inspector = opened(small, "conv1")
        freezing = inspector.layer_page.freezing
        qtbot.mouseClick(freezing.rows["trainable"].editor, Qt.MouseButton.LeftButton)
        assert layers_by_id(session.document.graph)["conv1"].trainable is False
        assert "frozen" in facts(inspector)["Parameters"][1]
        assert session.undo_label == "freeze conv1"
        session.select(["relu1"])
        assert not freezing.isVisible()

    def test_a_kernel_can_begin_in_a_way_of_its_own(self, opened, small, entered):
        session, inspector = opened(small, "conv1")
        row = inspector.layer_page.freezing.rows["initializer"]
        assert row.editor.currentText() == "none"
        index = row.editor.findText("constant")
        row.editor.setFocus()
        row.editor.setCurrentIndex(index)
        row.editor.activated.emit(index)
        assert layers_by_id(session.document.graph)["conv1"].initializer == Constant(value=0.01)
        assert session.undo_label == "set initializer of conv1"
        before = session.document
        entered(row.form.rows["value"].editor, "0.5")
        assert layers_by_id(session.document.graph)["conv1"].initializer == Constant(value=0.5)
        session.undo()
        assert session.document == before
        entered(row.form.rows["value"].editor, "0.5x")
        assert session.document == before
        session.select(["fc1"])
        assert row.isVisible()
        assert row.editor.currentText() == "none"
        session.select(["conv1"])
        assert row.editor.currentText() == "constant"
        row.reset.click()
        assert layers_by_id(session.document.graph)["conv1"].initializer is None

    def test_an_initializer_that_cannot_be_read_stands_there_with_its_problem(self, opened, small):
        session, inspector = opened(set_initializer(small, "conv1", "zeroes"), "conv1")
        row = inspector.layer_page.freezing.rows["initializer"]
        assert row.editor.currentText() == "zeroes"
        assert row.mark.isVisible()
        (problem,) = session.report.problems_of("conv1")
        session.apply_fix(problem.fixes[0])
        assert row.editor.currentText() == "zeros"
        assert session.report.valid


class TestProblems:
    def test_a_problem_stands_at_its_field_with_why_and_fixes(self, opened, small):
        session, inspector = opened(set_config(small, "conv1", {"padding": 0, "stride": 5}), "conv1")
        (problem,) = session.report.problems_of("conv1")
        (card,) = inspector.layer_page.problems.cards
        assert card.what.text() == "A 5×5 filter does not fit a 28×28 input with stride 5."
        assert [button.text() for button in card.buttons] == [fix.label for fix in problem.fixes] != []
        row = field(inspector, problem.field)
        assert row.mark.isVisible()
        assert problem.what in row.mark.toolTip()
        assert problem.why in row.editor.accessibleDescription()

    def test_a_fix_says_what_it_would_change_and_then_does_it(self, opened, small, qtbot):
        session, inspector = opened(set_config(small, "conv1", {"padding": 0, "stride": 5}), "conv1")
        before = session.document
        (card,) = inspector.layer_page.problems.cards
        button = card.buttons[0]
        button.setFocus()
        assert card.outcome.text().startswith("Gives ")
        assert "parameters in all" in card.outcome.text()
        assert card.outcome.text().endswith("no errors left")
        assert session.document is before
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert session.report.valid
        assert inspector.layer_page.problems.cards == []
        session.undo()
        assert session.document == before

    def test_unreadable_values_are_shown_red_as_they_stand(self, opened, small, entered):
        wrong = {"filters": "six", "bias": "yes", "rounding": "up", "kernel_size": [1, 2, 3]}
        session, inspector = opened(set_config(small, "conv1", wrong), "conv1")
        page = inspector.layer_page
        assert page.header.kind.text() == "Conv2D"
        assert field(inspector, "filters").editor.text() == "six"
        assert field(inspector, "kernel_size").editor.text() == "1 × 2 × 3"
        assert field(inspector, "rounding").editor.currentText() == "up"
        for name in wrong:
            assert field(inspector, name).editor.property("invalid") is True, name
        assert field(inspector, "stride").editor.property("invalid") is not True
        entered(field(inspector, "filters").editor, "8")
        assert config(session) == {**wrong, "filters": 8, "padding": 2}
        assert field(inspector, "filters").editor.property("invalid") is False

    def test_an_unknown_kind_shows_its_settings_as_text(self, opened, small):
        _, inspector = opened(replace_kind(small, "relu1", "Swoosh", {"beta": [1, 2]}), "relu1")
        page = inspector.layer_page
        assert page.raw.isVisible()
        assert page.raw.isReadOnly()
        assert '"beta"' in page.raw.toPlainText()
        assert page.form is None
        assert page.header.kind.text() == "Swoosh"


def _override(key):
    from PySide6.QtGui import QKeyEvent

    event = QKeyEvent(QEvent.Type.ShortcutOverride, key, Qt.KeyboardModifier.ControlModifier)
    event.ignore()
    return event


def _wheel(widget):
    centre = QPointF(widget.rect().center())
    no = Qt.MouseButton.NoButton
    event = QWheelEvent(
        centre, widget.mapToGlobal(centre), QPoint(), QPoint(0, 120), no, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)
