"""The menu that switches advice on and off."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtGui import QAction, QMouseEvent
from PySide6.QtWidgets import QMenu, QWidget

from core.analysis.advice import DEFAULT_ADVICE, SWITCHES
from designer.session import Session


class AdviceMenu(QMenu):
    """Every piece of advice with a switch, its source as a tooltip; a click leaves the menu open for the next."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__("Advice", parent)
        self.session = session
        self.setToolTipsVisible(True)
        self.switches: dict[str, QAction] = {}
        for advice in SWITCHES:
            switch = self.addAction(advice.title)
            switch.setCheckable(True)
            switch.setToolTip(advice.source)
            switch.setData(advice.code)
            self.switches[advice.code] = switch
        self.addSeparator()
        self.reset_action = self.addAction("Reset to defaults")
        self.triggered.connect(self._switch)
        session.advice_changed.connect(self._follow)
        self._follow()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        action = self.actionAt(event.position().toPoint())
        if action is not None and action.isCheckable():
            action.trigger()
        else:
            super().mouseReleaseEvent(event)

    @Slot()
    def _follow(self) -> None:
        for code, switch in self.switches.items():
            switch.setChecked(code in self.session.advice)
        self.reset_action.setEnabled(self.session.advice != DEFAULT_ADVICE)

    @Slot(QAction)
    def _switch(self, action: QAction) -> None:
        if action is self.reset_action:
            self.session.set_advice(DEFAULT_ADVICE)
        else:
            self.session.set_advice(code for code, switch in self.switches.items() if switch.isChecked())
