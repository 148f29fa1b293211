"""Data sets that are fetched from the internet when the user asks for one: how far each is, and what can be done."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from threading import Event, Thread

from PySide6.QtCore import Qt, QTimer, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QToolButton, QVBoxLayout, QWidget

from core.errors import ConvographError
from core.io.datasets.downloads import DOWNLOADS, Download, Downloaded, MirrorFailed, Progress, download, is_downloaded
from core.io.datasets.downloads.download import PART, default_folder
from core.text import bytes_text, rough_duration_text
from designer import theme

log = logging.getLogger(__name__)

POLL_MS = 50
_STEPS = 1000


class _Fetching:
    """One download in a thread. It only leaves word here, for the window to look at.

    The thread does not hold up the end of the program: what has come of a file is kept whenever it ends.
    """

    def __init__(self, wanted: Download, folder: Path) -> None:
        self._wanted, self._folder = wanted, folder
        self.stopping, self.done = Event(), Event()
        self.progress: Progress | None = None
        self.trouble = ""
        self.is_there = False
        Thread(target=self._fetch, name=f"download {wanted.name}", daemon=True).start()

    def _fetch(self) -> None:
        try:
            with closing(download(self._wanted, self._folder)) as messages:
                for message in messages:
                    match message:
                        case Progress():
                            self.progress = message
                        case MirrorFailed():
                            self.trouble = message.why
                        case Downloaded():
                            self.is_there, self.trouble = True, ""
                    if self.stopping.is_set():
                        break
        except ConvographError as error:
            self.trouble = str(error)
        except Exception as error:
            log.exception("%s could not be downloaded.", self._wanted.title)
            self.trouble = f"{self._wanted.title} could not be downloaded: {error}"
        self.done.set()


class DownloadRow(QWidget):
    """One data set: its name and size, how far its download is, and one button for what comes next."""

    use_requested = Signal(str, str)
    """Carries its title, and the path that documents may name."""

    def __init__(self, wanted: Download, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wanted, self._folder, self._used = wanted, folder, ""
        self._fetching: _Fetching | None = None
        self._trouble = ""
        self.setToolTip(f"{wanted.what}, {bytes_text(wanted.n_bytes)}. {wanted.source}\n{wanted.licence}")
        name, size = QLabel(wanted.title), QLabel(f"{max(1, round(wanted.n_bytes / 2**20))} MiB")
        theme.mark(name, "role", "strong")
        theme.mark(size, "role", "muted")
        self.button = QToolButton()
        self.bar = QProgressBar(maximum=_STEPS)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        self.bar.setAccessibleName(f"Download of {wanted.title}")
        self.state = QLabel()
        self.state.setWordWrap(True)
        self.state.setTextFormat(Qt.TextFormat.PlainText)
        theme.mark(self.state, "role", "muted")
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(name)
        row.addWidget(size, 1)
        row.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2, 0, 2)
        column.setSpacing(3)
        column.addLayout(row)
        column.addWidget(self.bar)
        column.addWidget(self.state)
        self._poll = QTimer(self, interval=POLL_MS)
        self._poll.timeout.connect(self._look)
        self.button.clicked.connect(self._press)
        self.refresh()

    @property
    def path(self) -> Path:
        """What documents may name."""
        return self._wanted.path_in(self._folder)

    def show_used(self, dataset: str) -> None:
        """Show whether it is the data set of the document."""
        self._used = dataset
        self.refresh()

    def stop(self) -> None:
        """Fetch no more; what came is kept."""
        if self._fetching is not None:
            self._fetching.stopping.set()

    @Slot()
    def refresh(self) -> None:
        """Show what is on the disk, or how far the download is."""
        fetching = self._fetching
        self.button.setEnabled(True)
        if fetching is not None:
            is_pausing = fetching.stopping.is_set()
            self.button.setText("Pausing …" if is_pausing else "Pause")
            self.button.setEnabled(not is_pausing)
            self._show_progress(fetching.progress)
        elif is_downloaded(self._wanted, self._folder):
            is_used = self._used == str(self.path)
            self.button.setText("In use" if is_used else "Use")
            self.button.setEnabled(not is_used)
            self._say("")
        else:
            n_kept = self._kept_bytes()
            self.button.setText("Resume" if n_kept else "Download")
            kept = f"{bytes_text(n_kept)} of {bytes_text(self._wanted.n_bytes)} are here" if n_kept else ""
            self._say(self._trouble or kept, n_kept)
        self.button.setAccessibleName(f"{self.button.text()}: {self._wanted.title}")

    @Slot()
    def _press(self) -> None:
        if self._fetching is not None:
            self.stop()
        elif is_downloaded(self._wanted, self._folder):
            self.use_requested.emit(self._wanted.title, str(self.path))
        else:
            self._trouble = ""
            self._fetching = _Fetching(self._wanted, self._folder)
            self.destroyed.connect(self._fetching.stopping.set)
            self._poll.start()
        self.refresh()

    @Slot()
    def _look(self) -> None:
        fetching = self._fetching
        if fetching is not None and fetching.done.is_set():
            self._poll.stop()
            self._trouble = "" if fetching.stopping.is_set() else fetching.trouble
            self._fetching = None
        self.refresh()

    def _show_progress(self, progress: Progress | None) -> None:
        if progress is None:
            self._say("Looking at what is here …", 0)
            self.bar.show()
            return
        parts = [f"{bytes_text(progress.n_bytes)} of {bytes_text(progress.total_bytes)}"]
        if progress.bytes_per_second is not None:
            parts.append(f"{bytes_text(round(progress.bytes_per_second))}/s")
        if progress.seconds_left is not None:
            parts.append(f"{rough_duration_text(progress.seconds_left)} left")
        self._say(" · ".join(parts), progress.n_bytes)
        self.bar.show()

    def _say(self, text: str, n_bytes: int = 0) -> None:
        self.state.setText(text)
        self.state.setVisible(bool(text))
        self.bar.setValue(round(_STEPS * n_bytes / self._wanted.n_bytes))
        self.bar.setVisible(n_bytes > 0)

    def _kept_bytes(self) -> int:
        place = self._folder / self._wanted.name
        names = [name for file in self._wanted.files for name in (file.name, file.name + PART)]
        return sum(path.stat().st_size for name in names if (path := place / name).is_file())


class DownloadList(QWidget):
    """The data sets of a table, and the folder that they are kept in."""

    use_requested = Signal(str, str)
    """Carries the title of a data set, and the path that documents may name."""

    def __init__(self, offered: Iterable[Download] = DOWNLOADS.values(), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: dict[str, DownloadRow] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        try:
            self._folder = default_folder()
        except ConvographError as error:
            said = QLabel(str(error))
            said.setWordWrap(True)
            column.addWidget(said)
            return
        for wanted in offered:
            row = DownloadRow(wanted, self._folder)
            row.use_requested.connect(self.use_requested)
            self.rows[wanted.name] = row
            column.addWidget(row)
        self.show_folder = QToolButton()
        self.show_folder.setText("Show folder")
        self.show_folder.setToolTip(f"They are kept in {self._folder}")
        self.show_folder.clicked.connect(self._show_folder)
        column.addWidget(self.show_folder, 0, Qt.AlignmentFlag.AlignLeft)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        for row in self.rows.values():
            row.refresh()

    def show_used(self, dataset: str) -> None:
        """Show which of them is the data set of the document."""
        for row in self.rows.values():
            row.show_used(dataset)

    @Slot()
    def _show_folder(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self.show_folder.setToolTip(f"{self._folder} can't be made: {error.strerror}")
            return
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder)))
