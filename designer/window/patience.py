"""Work that may take long: beside the window, with a word about it, and to be cancelled."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QProgressDialog, QWidget

T = TypeVar("T")

PATIENCE_MS = 300
"""What takes no longer is not spoken of."""


def patiently(window: QWidget, label: str, do: Callable[[], T], patience_ms: int = PATIENCE_MS) -> T | None:
    """Do something in a thread of its own, and return what comes of it; None where the user cancelled.

    Meanwhile the window is drawn, but takes nothing except Cancel.

    Parameters
    ----------
    label : str
        What a dialog says that appears where it takes longer: "Checking 5,000 layers…".
    """
    work = _Work(do)
    loop = QEventLoop()
    work.done.connect(loop.quit, Qt.ConnectionType.QueuedConnection)
    work.start()
    QTimer.singleShot(patience_ms, loop, loop.quit)
    loop.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
    if not work.is_done:
        _wait(window, label, work, loop)
    return work.result()


def _wait(window: QWidget, label: str, work: _Work[T], loop: QEventLoop) -> None:
    dialog = QProgressDialog(label, "Cancel", 0, 0, window)
    dialog.setWindowTitle("Convograph")
    dialog.setWindowModality(Qt.WindowModality.WindowModal)
    dialog.setMinimumDuration(0)
    dialog.canceled.connect(work.give_up)
    dialog.show()
    while not (work.is_done or work.is_given_up):
        loop.exec()
    dialog.canceled.disconnect(work.give_up)
    dialog.close()
    dialog.deleteLater()


class _Work(QObject, Generic[T]):
    """Something done in a thread of its own, which ends unheard where it is given up."""

    done = Signal()

    def __init__(self, do: Callable[[], T]) -> None:
        super().__init__()
        self._do = do
        self._result: Future[T] = Future()
        self.is_given_up = False

    def start(self) -> None:
        """Begin."""
        executor = ThreadPoolExecutor(1, "patience")
        self._result = executor.submit(self._do)
        self._result.add_done_callback(self._tell)
        executor.shutdown(wait=False)

    def _tell(self, _: Future[T]) -> None:
        self.done.emit()

    @property
    def is_done(self) -> bool:
        """Whether there is a result, or an error."""
        return self._result.done()

    @Slot()
    def give_up(self) -> None:
        """Wait no longer."""
        self.is_given_up = True
        self.done.emit()

    def result(self) -> T | None:
        """Return the result, or raise what went wrong; None where it was given up."""
        return None if self.is_given_up else self._result.result()
