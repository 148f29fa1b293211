"""Editors of single values: one widget per way of entering, chosen by a setting's type, never by a kind.

All have the same face: `edited` carries the value that was entered (or `UNREADABLE`), `show_value` shows the document's
without announcing it, `pending` says whether something was typed that the document does not have, and `visit` is the
number of the user's present visit to the field. While the text is not a value, the document has what it had before the
visit; when the visit ends, so has the field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import count
from typing import Any, Final

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QCheckBox, QComboBox, QCompleter

from core.declare import Setting
from designer import theme
from designer.forms.field_text import as_json, read_text, sides_text, stepped, stepped_side, value_text

UNREADABLE: Final = object()
"""What `edited` carries where the text is not a value."""

SEVERAL: Final = object()
"""What `show_value` is given where several layers have different values."""

SEVERAL_TEXT = "several values"
EMPTY_TEXT = "none"
ALONE_TEXT = "on"
"""What the only kind that a setting may be of is called."""
WIDTH_PX = 132
_SWITCH_PX = 30
_STEPPED = ("whole", "number", "size", "padding")
_visits = count(1)


class TextEditor(QAbstractSpinBox):
    """A line of text that is read as a number, size, padding, shape or name; arrow keys step what can be stepped."""

    edited = Signal(object)
    left = Signal()
    """The visit ended with a text that is not a value; the field shows the document's again."""

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self.setting = setting
        self.visit = 0
        self.pending = False
        self.linked = True
        """Whether height and width go together; otherwise arrow keys step the one in which the caret stands."""
        self._shown: Any = UNREADABLE
        self._start = ""
        self._showing = False
        self._entering = False
        theme.inset(self)
        self.setFixedWidth(WIDTH_PX)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme.mark(self, "plain", setting.type not in _STEPPED)
        line = self.lineEdit()
        line.setPlaceholderText(EMPTY_TEXT if setting.optional else "")
        if setting.choices:
            completer = QCompleter(sorted(setting.choices), self)
            completer.setCompletionMode(QCompleter.CompletionMode.InlineCompletion)
            line.setCompleter(completer)
        # A name means nothing until it is complete; everything else is read as it is typed.
        if setting.type == "name":
            self.editingFinished.connect(self._read)
        else:
            line.textChanged.connect(self._read)

    def show_value(self, value: Any, *, fresh: bool) -> None:
        """Show a value; unless `fresh`, typed text stays where it says so or where the document has nothing new.

        It stays too while the user types, whatever that leads to.
        """
        if self._entering and not fresh:
            self._shown = value
            self.pending = not self._says(value)
            return
        if not fresh and type(value) is type(self._shown) and value == self._shown:
            self.pending = self.pending and not self._says(value)
            return
        self._shown = value
        kept = not fresh and self.hasFocus() and value is not None and self._says(value)
        self.pending = False
        several = value is SEVERAL
        self.lineEdit().setPlaceholderText(SEVERAL_TEXT if several else EMPTY_TEXT if self.setting.optional else "")
        if not kept:
            self._set_text(self._text_of(value))

    def set_linked(self, linked: bool) -> None:
        """Let height and width go together, or each its own way."""
        if linked != self.linked:
            self.linked = linked
            if not self.hasFocus() and not self.pending and self._shown is not UNREADABLE:
                self._set_text(self._text_of(self._shown))

    def _text_of(self, value: Any) -> str:
        if value is SEVERAL:
            return ""
        return value_text(self.setting, value) if self.linked else sides_text(self.setting, value)

    def value(self) -> Any:
        """Return what the text says, or `UNREADABLE`."""
        try:
            return read_text(self.setting, self.text())
        except ValueError:
            return UNREADABLE

    def _says(self, value: Any) -> bool:
        return bool(as_json(self.value()) == as_json(value))

    def stepBy(self, steps: int) -> None:
        if not self.linked:
            self._step_side(steps)
            return
        value = self.value()
        moved = value
        for _ in range(abs(steps)):
            moved = stepped(self.setting, moved, 1 if steps > 0 else -1)
        if moved is not UNREADABLE and moved != value:
            self.lineEdit().setText(value_text(self.setting, moved))
            self.selectAll()

    def _step_side(self, steps: int) -> None:
        line = self.lineEdit()
        selected = line.selectionStart()
        text, start, end = self.text(), line.cursorPosition() if selected < 0 else selected, 0
        for _ in range(abs(steps)):
            text, start, end = stepped_side(self.setting, text, start, 1 if steps > 0 else -1)
        line.setText(text)
        line.setSelection(start, end - start)

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        enabled = QAbstractSpinBox.StepEnabledFlag
        value = self.value()
        if self.setting.type not in _STEPPED or value is UNREADABLE or value is None or isinstance(value, str):
            return enabled.StepNone
        return enabled.StepUpEnabled | enabled.StepDownEnabled

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            undoing = (QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo)
            if any(event.matches(key) for key in undoing):
                event.ignore()  # undo belongs to the document, whose steps this field makes
                return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text() != self._start:
            self.lineEdit().setText(self._start)
            self.selectAll()
            return
        super().keyPressEvent(event)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.pending:
                self._restore()
                self.selectAll()
            self._begin_visit()  # what was entered stays, whatever is typed next

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()  # the form scrolls; nothing changes by accident

    def focusInEvent(self, event: QFocusEvent) -> None:
        if event.reason() != Qt.FocusReason.PopupFocusReason:  # a menu of the field itself does not end the visit
            self._begin_visit()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self._restore()

    def _begin_visit(self) -> None:
        self.visit = next(_visits)
        self._start = self.text()

    def _restore(self) -> None:
        """Show what the document has, as it is usually written."""
        wrong, self.pending = self.pending, False
        self._set_text(self._text_of(self._shown))
        if wrong:
            self.left.emit()

    def _set_text(self, text: str) -> None:
        if text != self.text():
            self._showing = True
            self.lineEdit().setText(text)
            if self.setting.type == "numbers" and not self.hasFocus():
                self.lineEdit().home(False)  # of a long list the beginning is seen
            self._showing = False
            self._start = text

    @Slot()
    def _read(self) -> None:
        if not self._showing and (self.setting.type != "name" or self.text() != self._start):
            self.pending = self._entering = True
            self.edited.emit(self.value())
            self._entering = False


class FlagEditor(QCheckBox):
    """A switch."""

    edited = Signal(object)

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self.setting = setting
        self.visit = 0
        self.pending = False
        self.setFixedWidth(_SWITCH_PX)
        self.clicked.connect(self._read)

    def show_value(self, value: Any, *, fresh: bool) -> None:
        """Show a value; what is neither true nor false shows as off."""
        self.setTristate(value is SEVERAL)
        if value is SEVERAL:
            self.setCheckState(Qt.CheckState.PartiallyChecked)
        else:
            self.setChecked(value is True)

    @Slot()
    def _read(self) -> None:
        self.visit = next(_visits)
        self.setTristate(False)
        self.edited.emit(self.isChecked())


class ChoiceEditor(QComboBox):
    """One of a few words; a value that is none of them stays in the list until another is chosen."""

    edited = Signal(object)

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self.setting = setting
        self.visit = 0
        self.pending = False
        self.setFixedWidth(WIDTH_PX)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._values: list[Any] = [*setting.choices] if setting.type == "choice" else [True, False]
        if setting.optional:
            self._values.insert(0, None)
        self.addItems([value_text(setting, value).replace("_", " ") or EMPTY_TEXT for value in self._values])
        self.activated.connect(self._read)

    def show_value(self, value: Any, *, fresh: bool) -> None:
        """Show a value, whether it is among the choices or not."""
        if self.count() > len(self._values):
            self.removeItem(len(self._values))
        if value is SEVERAL:
            self.setPlaceholderText(SEVERAL_TEXT)
            self.setCurrentIndex(-1)
            return
        if value not in self._values:
            self.addItem(value_text(self.setting, value) or EMPTY_TEXT)
            self.setCurrentIndex(len(self._values))
            return
        self.setCurrentIndex(self._values.index(value))

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    @Slot(int)
    def _read(self, index: int) -> None:
        self.visit = next(_visits)
        self.edited.emit(self._values[index] if index < len(self._values) else UNREADABLE)


class KindEditor(ChoiceEditor):
    """One of several kinds, by their names; `edited` carries the name."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(replace(setting, type="choice", choices=tuple(setting.kinds)))
        first = 1 if setting.optional else 0
        alone = len(setting.kinds) == 1
        for index, kind in enumerate(setting.kinds.values(), first):
            self.setItemText(index, ALONE_TEXT if alone else kind.label())
            self.setItemData(index, kind.summary(), Qt.ItemDataRole.ToolTipRole)
        self._alone = next(iter(setting.kinds)) if alone else None

    def show_value(self, value: Any, *, fresh: bool) -> None:
        """Show the name of a written kind."""
        if isinstance(value, Mapping):
            value = value.get("kind", self._alone or value)
        super().show_value(value, fresh=fresh)


Editor = TextEditor | FlagEditor | ChoiceEditor


def make_editor(setting: Setting) -> Editor:
    """Make the editor for a setting's type."""
    if setting.type == "kind":
        return KindEditor(setting)
    if setting.type == "choice" or (setting.type == "flag" and setting.optional):
        return ChoiceEditor(setting)
    return FlagEditor(setting) if setting.type == "flag" else TextEditor(setting)
