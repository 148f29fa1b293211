"""All shipped networks with their pictures; the chosen one starts a new document."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QListView,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.io.templates import Template, template_picture
from core.text import number_text
from designer import theme

PICTURE = QSize(240, 120)
_NAME = Qt.ItemDataRole.UserRole


class Gallery(QDialog):
    """Shows every template; `chosen` carries the name of the one the user wants."""

    chosen = Signal(str)

    def __init__(self, templates: Iterable[Template], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("New from template")
        self.resize(1160, 760)
        self._by_name = {template.name: template for template in templates}
        self.search = QLineEdit(placeholderText="Search names, groups and descriptions")
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName("Search templates")
        self.list = QListWidget()
        self.list.setViewMode(QListView.ViewMode.IconMode)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setMovement(QListView.Movement.Static)
        self.list.setIconSize(PICTURE)
        self.list.setSpacing(8)
        self.list.setUniformItemSizes(True)
        self.list.setAccessibleName("Templates")
        self.about = QLabel()
        self.about.setWordWrap(True)
        self.about.setMinimumHeight(56)
        self.about.setAlignment(Qt.AlignmentFlag.AlignTop)
        theme.mark(self.about, "role", "muted")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Open | QDialogButtonBox.StandardButton.Cancel)
        self.open_button = buttons.button(QDialogButtonBox.StandardButton.Open)
        theme.mark(self.open_button, "primary", True)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        for widget in (self.search, self.list, self.about, buttons):
            column.addWidget(widget)
        column.setStretch(1, 1)
        for template in self._by_name.values():
            self.list.addItem(_item(template))
        self.search.textChanged.connect(self._filter)
        self.list.currentItemChanged.connect(self._describe)
        self.list.itemActivated.connect(self.accept)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.list.setCurrentRow(0)
        self.search.setFocus()

    @property
    def current(self) -> str | None:
        """The name of the template that is selected."""
        item = self.list.currentItem()
        return None if item is None or item.isHidden() else str(item.data(_NAME))

    def accept(self) -> None:
        """Open the selected template."""
        if (name := self.current) is not None:
            super().accept()
            self.chosen.emit(name)

    def _filter(self, text: str) -> None:
        words = text.lower().split()
        shown = []
        for row in range(self.list.count()):
            item = self.list.item(row)
            template = self._by_name[item.data(_NAME)]
            searched = f"{template.name} {template.title} {template.group} {template.notes}".lower()
            item.setHidden(not all(word in searched for word in words))
            shown += [] if item.isHidden() else [item]
        if shown and self.current is None:
            self.list.setCurrentItem(shown[0])
        self._describe()

    def _describe(self) -> None:
        name = self.current
        self.open_button.setEnabled(name is not None)
        if name is None:
            self.about.setText("No template has these words in its name, group or description.")
            return
        template = self._by_name[name]
        self.about.setText(f"{template.group} · {number_text(template.parameters)} parameters. {template.notes}")


def _item(template: Template) -> QListWidgetItem:
    picture = template_picture(template.name, dark=theme.current().is_dark)
    item = QListWidgetItem(QIcon(QPixmap(str(picture))), template.title)
    item.setData(_NAME, template.name)
    item.setSizeHint(PICTURE + QSize(16, 40))
    item.setToolTip(template.notes)
    return item
