"""A row of a form: one setting, whatever it belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from core.declare import Declared, Setting
from core.problems import Problem
from core.text import setting_text
from designer import theme
from designer.forms.editors import SEVERAL, UNREADABLE, WIDTH_PX, FlagEditor, TextEditor, make_editor

Config = Mapping[str, Any]
_MARKS = {"error": "error", "advice": "warning", "note": "note"}
_MARK_PX = 16
_NAME_PX, _LEAST_PX = 116, 106
"""What a narrow row leaves to the name and what stands beside it, and what it does not take from the editor for that.
"""


def editor_px(row_px: int) -> int:
    """Return how wide the editor of a row may be, so that its name has room."""
    return min(WIDTH_PX, max(_LEAST_PX, row_px - _NAME_PX))


class FieldRow(QWidget):
    """One setting: its course letter, its name, a mark where it has a problem, and its editor.

    Where the text is not a value, a line below says what is expected.
    """

    changed = Signal(str, object, str)
    """Name, value and the name of the visit, which is the same until the user leaves the field."""
    withdrawn = Signal(str, str)
    """Name, and name of the visit: what was entered in it so far was only the beginning of something that won't do."""

    def __init__(self, declaration: type[Declared] | None, setting: Setting, *, lettered: bool = True) -> None:
        super().__init__()
        self.declaration = declaration
        self.setting = setting
        self.editor = make_editor(setting)
        has_sides = setting.type in ("size", "padding")
        self._sides = self.editor if has_sides and isinstance(self.editor, TextEditor) else None
        self._config: Config = {}
        self._problems: tuple[Problem, ...] = ()
        self._wrong = False
        self._apart = False
        self._shown: Any = SEVERAL

        self.name = QLabel(setting.name.replace("_", " "))
        self.name.setBuddy(self.editor)
        self.name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._most_px = 0 if isinstance(self.editor, FlagEditor) else WIDTH_PX
        self._buttons_px = 0
        self.mark = QLabel()
        self.mark.setFixedWidth(_MARK_PX)
        self.mark.hide()
        self.reset = _small_button()
        self.reset.clicked.connect(self._reset)
        self.link = _small_button()
        self.link.setCheckable(True)
        self.link.clicked.connect(self._link)
        self.message = QLabel()
        self.message.setWordWrap(True)
        self.message.setContentsMargins(20 if lettered else 0, 0, 0, 4)
        self.message.hide()
        theme.mark(self.message, "role", "error")

        self._remark = ""
        self.remark = QLabel()
        self.remark.setContentsMargins(20 if lettered else 0, 0, 0, 4)
        self.remark.hide()
        theme.mark(self.remark, "role", "muted")

        self._line = QHBoxLayout()
        self._line.setSpacing(4)
        if lettered:
            letter = QLabel(setting.letter or "")
            theme.mark(letter, "role", "letter")
            letter.setFixedWidth(16)
            self._line.addWidget(letter)
        self._line.addWidget(self.name, 1)
        self._line.addWidget(self.mark)
        self._line.addWidget(self.reset)
        self._line.addWidget(self.link)
        self._line.addWidget(self.editor)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        self._column.addLayout(self._line)
        self._column.addWidget(self.message)
        self._column.addWidget(self.remark)

        self.editor.edited.connect(self._on_edited)
        if isinstance(self.editor, TextEditor):
            self.editor.left.connect(self._leave)
        theme.changed.connect(self._paint)
        self._paint()

    def add_button(self, button: QAbstractButton) -> None:
        """Put a button after the editor, for another way to find a value."""
        button.setFixedHeight(self.editor.sizeHint().height())
        self._buttons_px = button.sizeHint().width() + self._line.spacing()
        self._line.addWidget(button)
        self._fit_editor()

    def narrow(self, most_px: int) -> None:
        """Let the editor be no wider than that, in pixels."""
        self._most_px = most_px
        self._fit_editor()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_editor()

    def _fit_editor(self) -> None:
        """Leave room for the name in a narrow row."""
        if self._most_px:
            # Beside the two buttons of a size the name needs the room of a mark too.
            mark_px = _MARK_PX + self._line.spacing() if self._sides is not None and not self.mark.isHidden() else 0
            room_px = min(self._most_px, editor_px(self.width()))
            self.editor.setFixedWidth(room_px - self._buttons_px - mark_px)

    def show_values(self, values: Sequence[Any], configs: Sequence[Config], *, fresh: bool) -> None:
        """Show what the layers have; `configs` are theirs, against which new values are tried."""
        self._config = configs[0]
        same = all(value == values[0] and type(value) is type(values[0]) for value in values)
        self._shown = values[0] if same else SEVERAL
        self.editor.show_value(self._shown, fresh=fresh)
        self.reset.setVisible(not self.setting.required and self._shown != self.setting.default)
        self._show_link(fresh)
        if isinstance(self.editor, TextEditor) and self.editor.pending:
            self._judge(self.editor.value())
        else:
            self._leave()

    def show_problems(self, problems: tuple[Problem, ...]) -> None:
        """Mark the field with what is wrong or unwise about it."""
        if problems != self._problems:
            self._problems = problems
            self._paint()

    def show_remark(self, remark: str) -> None:
        """Say something about what is set, below it; "" for nothing."""
        if remark != self._remark:
            self._remark = remark
            self.remark.setText(remark)
            self.remark.setVisible(bool(remark))

    @Slot(object)
    def _on_edited(self, value: Any) -> None:
        self._read(value)

    def _read(self, value: Any) -> None:
        visit = f"visit {self.editor.visit}"
        if self._judge(value):
            self.changed.emit(self.setting.name, value, visit)
        else:
            self.withdrawn.emit(self.setting.name, visit)

    @Slot()
    def _reset(self) -> None:
        """Go back to the default, as one step."""
        self.changed.emit(self.setting.name, self.setting.default, "reset")

    def _show_link(self, fresh: bool) -> None:
        """Offer the link where there are two sides; sides that differ are not linked."""
        equal, differ = type(self._shown) is int, isinstance(self._shown, tuple | list)
        if self._sides is not None:
            self.link.setVisible(equal or differ)
            self._apart = self._apart and not fresh
            self._sides.set_linked(not differ and not self._apart)
            self._paint_link()

    @Slot()
    def _link(self) -> None:
        """Let both sides go together, the second like the first, as one step; or each its own way."""
        if self._sides is not None:
            self._apart = self._sides.linked
            self._sides.set_linked(not self._apart)
            if not self._apart and type(self._shown) is not int:
                self.changed.emit(self.setting.name, _first(self._shown), "link")
            self._paint_link()

    def _paint_link(self) -> None:
        if self._sides is None:
            return
        linked, look = self._sides.linked, theme.current()
        self.link.setChecked(linked)
        self.link.setIcon(theme.icon("link", look.muted) if linked else theme.icon("unlink", look.accent))
        self.link.setToolTip("Height and width go together" if linked else "Height and width each go their own way")
        self.link.setAccessibleName(f"Link both sides of {self.setting.name.replace('_', ' ')}")

    @Slot()
    def _leave(self) -> None:
        """Judge what the document has."""
        self._mark_wrong(self._shown is not SEVERAL and not self._accepts(self._shown))

    def _judge(self, value: Any) -> bool:
        """Say whether an entered value will do, and show it where it doesn't."""
        fine = value is not UNREADABLE and self._accepts(value)
        self._mark_wrong(not fine)
        return fine

    def _mark_wrong(self, wrong: bool) -> None:
        if wrong != self._wrong:
            self._wrong = wrong
            self._paint()

    def _accepts(self, value: Any) -> bool:
        if self.declaration is None:
            return True
        misread = self.declaration.misreadings({**self._config, self.setting.name: value})
        return all(wrong.field != self.setting.name for wrong in misread)

    @Slot()
    def _paint(self) -> None:
        setting = self.setting
        message = f"Expected: {setting.expected}." if self._wrong else ""
        self.message.setText(message)
        self.message.setVisible(self._wrong)
        theme.mark(self.editor, "invalid", self._wrong)
        worst = next((s for s in _MARKS if any(p.severity == s for p in self._problems)), None)
        look = theme.current()
        self.mark.setVisible(worst is not None)
        self._fit_editor()
        if worst is not None:
            colour = {"error": look.error, "advice": look.warning, "note": look.muted}[worst]
            self.mark.setPixmap(theme.icon(_MARKS[worst], colour).pixmap(QSize(16, 16), self.devicePixelRatioF()))
        said = "\n".join(f"{p.what} {p.why}".strip() for p in self._problems)
        self.mark.setToolTip(said)
        tip = f"{setting.help}\n{setting.expected[0].upper()}{setting.expected[1:]}."
        self.name.setToolTip(tip)
        self.editor.setToolTip(tip)
        self.reset.setIcon(theme.icon("undo"))
        self.reset.setToolTip(f"Back to the default, {setting_text(setting.default)}")
        self.reset.setAccessibleName(f"Reset {setting.name.replace('_', ' ')}")
        self._paint_link()
        self.editor.setAccessibleName(f"{setting.name.replace('_', ' ')} {setting.letter or ''}".strip())
        self.editor.setAccessibleDescription(" ".join(filter(None, (setting.help, message, said))))


def _small_button() -> QToolButton:
    button = QToolButton()
    button.setFixedSize(20, 20)
    button.setIconSize(QSize(14, 14))
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    theme.mark(button, "role", "small")
    button.hide()
    return button


def _first(value: Any) -> Any:
    """Return the first number of a size or padding, however deep it lies."""
    return _first(value[0]) if isinstance(value, tuple | list) else value
