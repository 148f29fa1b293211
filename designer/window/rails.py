"""A panel at a side of a narrow window is folded into a rail: a strip with its name, which opens it."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QEnterEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from designer import theme

RAIL_PX = 40
_ICON_PX, _PAD_PX = 20, 14
_NO_LIMIT = 16_777_215
"""What Qt takes for no limit of a width."""


class RailButton(QAbstractButton):
    """An icon, and below it a name written downwards; the whole strip can be clicked."""

    def __init__(self, icon: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = icon
        self._title = title
        self.setCheckable(True)
        self.setAccessibleName(title)
        self.setToolTip(f"Show or fold {title}")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setFont(theme.font(12, 600))
        theme.changed.connect(self._repaint)

    def sizeHint(self) -> QSize:
        return QSize(RAIL_PX, self.fontMetrics().horizontalAdvance(self._title) + _ICON_PX + 3 * _PAD_PX)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(look.hover if self.underMouse() else look.panel))
        if self.hasFocus():
            painter.setPen(QColor(look.accent))
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        ink = look.text if self.isChecked() or self.underMouse() else look.muted
        at = QRect(QPoint((RAIL_PX - _ICON_PX) // 2, _PAD_PX), QSize(_ICON_PX, _ICON_PX))
        theme.icon(self._icon, ink).paint(painter, at)
        painter.setPen(QColor(ink))
        painter.translate(RAIL_PX, at.bottom() + _PAD_PX)
        painter.rotate(90)
        room = QRectF(0, 0, self.height() - at.bottom() - _PAD_PX, RAIL_PX)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._title)
        painter.end()

    @Slot()
    def _repaint(self) -> None:
        self.update()


class Foldable(QWidget):
    """Holds a panel; in a narrow window its rail stands at the outer edge, and the panel is shown when it is asked for.

    Parameters
    ----------
    panel : QWidget
    title : str
        What the rail says.
    icon : str
        The name of the rail's icon.
    side : {"left", "right"}
        At which edge of the window the panel is.
    parent : QWidget, optional
    """

    opened = Signal(object)
    """The panel has been unfolded, and needs its width; carries this widget."""

    def __init__(
        self, panel: QWidget, title: str, icon: str, side: Literal["left", "right"], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._panel = panel
        self._narrow, self._in_sight = False, True
        self.rail = RailButton(icon, title)
        self.rail.toggled.connect(self._refresh)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for widget in (self.rail, panel) if side == "left" else (panel, self.rail):
            row.addWidget(widget)
        self._refresh()

    @property
    def folded(self) -> bool:
        """Whether there is only the rail."""
        return self._narrow and not self.rail.isChecked()

    def set_narrow(self, narrow: bool) -> None:
        """Fold the panel into its rail, or let it stand without one."""
        if narrow != self._narrow:
            self._narrow = narrow
            self.rail.setChecked(False)
            self._refresh()

    @Slot()
    def unfold(self) -> None:
        """Show the panel, whether it was folded or not."""
        if self._narrow:
            self.rail.setChecked(True)

    def fold(self) -> None:
        """Leave the rail alone, where there is one."""
        self.rail.setChecked(False)

    @Slot(bool)
    def set_in_sight(self, in_sight: bool) -> None:
        """Hide the panel behind another tab: Qt only moves it out of sight, where Tab would still go to its fields."""
        self._in_sight = in_sight
        self._panel.setVisible(in_sight and not self.folded)

    @Slot()
    def _refresh(self) -> None:
        self.rail.setVisible(self._narrow)
        self._panel.setVisible(self._in_sight and not self.folded)
        self.setMaximumWidth(RAIL_PX if self.folded else _NO_LIMIT)
        if self._narrow and not self.folded:
            self.opened.emit(self)


def unfold(widget: QWidget) -> None:
    """Show a panel that may be folded."""
    holder = widget.parentWidget()
    if isinstance(holder, Foldable):
        holder.unfold()
