"""A tooltip with HTML of ours in it: bold letters, a picture."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QToolTip, QWidget

__all__ = ["RichTip"]

_BESIDE_POINTER = QPoint(2, 18)
_ABOVE_POINTER_PX = 6
_MS, _MS_PER_LETTER = 10_000, 40
"""For how long it stays, as Qt's own tooltips do."""
_ENDS = {
    QEvent.Type.Leave,
    QEvent.Type.Hide,
    QEvent.Type.Wheel,
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseButtonDblClick,
    QEvent.Type.WindowDeactivate,
}


class RichTip(QLabel):
    """Shows HTML beside the pointer while it rests on a widget.

    Qt's own tooltips show plain text, always: one label serves them all, so it cannot be plain for one text and rich
    for the next. Whatever a user or a file wrote must be escaped in the HTML.
    """

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner, Qt.WindowType.ToolTip)
        self.setObjectName("rich_tip")
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFont(QToolTip.font())
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.hide)
        owner.installEventFilter(self)

    def show_html(self, pointer: QPoint, html: str) -> None:
        """Show HTML beside the pointer (a place on the screen); nothing where there is none."""
        if not html:
            self.hide()
            return
        QToolTip.hideText()
        self.setText(html)
        self.adjustSize()
        self.move(self._place(pointer))
        self.show()
        self._timer.start(_MS + _MS_PER_LETTER * len(html))

    def _place(self, pointer: QPoint) -> QPoint:
        """Return where the corner comes: right of and below the pointer, as far as the screen has room."""
        screen = QGuiApplication.screenAt(pointer) or self.screen()
        room = screen.availableGeometry()
        place = pointer + _BESIDE_POINTER
        if place.y() + self.height() > room.bottom():
            place.setY(pointer.y() - _ABOVE_POINTER_PX - self.height())
        x = max(room.left(), min(place.x(), room.right() - self.width()))
        return QPoint(x, max(room.top(), place.y()))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _ENDS:
            self.hide()
        return super().eventFilter(watched, event)
