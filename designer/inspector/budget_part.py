"""The budget in the inspector of the network: how much it may have."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.analysis.budget import Budget
from designer.forms.form import SettingsForm
from designer.inspector.sections import heading
from designer.session import Session


class BudgetPart(QWidget):
    """A heading and a field for each limit."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.form = SettingsForm(Budget, lettered=False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(heading("Budget"))
        column.addWidget(self.form)
        self.form.changed.connect(self._set)
        session.budget_changed.connect(self._refresh)
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        self.form.show_configs([self._session.budget.config()])

    @Slot(str, object, str)
    def _set(self, name: str, value: object, _visit: str) -> None:
        self._session.set_budget(Budget.read({**self._session.budget.config(), name: value}))
