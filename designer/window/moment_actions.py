"""What the window's actions do with moments of a run, and why they cannot be done where they cannot."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction

from designer.time_machine import TimeMachine


class MomentActions(QObject):
    """Has the actions say what they would do now, or after their title why there is nothing to do."""

    def __init__(self, machine: TimeMachine, actions: Mapping[str, QAction], parent: QObject) -> None:
        super().__init__(parent)
        self._machine = machine
        self._compare, self._subtract = actions["compare_moments"], actions["subtract_moments"]
        self._titles = (self._compare.text(), self._subtract.text())
        for changed in (machine.course_changed, machine.step_changed, machine.pinned_changed):
            changed.connect(self._refresh)
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        moments = self._machine.moments
        compare, subtract = self._titles
        if moments is None:
            why_not = self._machine.why_not_compared
            _say(self._compare, compare, why_not)
            _say(self._subtract, subtract, why_not or "Compare two moments first.")
        else:
            _say(self._compare, "End comparing", "")
            _say(self._subtract, "Show A and B" if moments.is_difference else subtract, "")


def _say(action: QAction, title: str, why_not: str) -> None:
    reason = why_not.rstrip(".")
    action.setText(f"{title} ({reason[:1].lower()}{reason[1:]})" if reason else title)
    action.setEnabled(not reason)
