"""Where the program writes what went wrong: one file, with what Python, threads and Qt report."""

from __future__ import annotations

import faulthandler
import logging
import sys
import threading
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import IO

from PySide6.QtCore import QMessageLogContext, QStandardPaths, QtMsgType, qInstallMessageHandler

log = logging.getLogger("convograph")

_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def log_path() -> Path:
    """Return the path of the log."""
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppLocalDataLocation)
    return Path(folder) / "convograph.log"


def open_logbook() -> IO[str] | None:
    """Write everything unexpected to the log; return the file that a crash of the interpreter is written to.

    If the folder can't be written to, the program starts all the same: errors then go to the terminal alone.
    """
    sys.excepthook = _on_exception
    threading.excepthook = _on_thread_exception
    qInstallMessageHandler(_on_qt_message)
    path = log_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(path, maxBytes=1 << 20, backupCount=2, encoding="utf-8")
        crashes = path.with_name("crash.log").open("a", encoding="utf-8")
    except OSError:
        logging.basicConfig(level=logging.INFO)
        return None
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(threadName)s: %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    faulthandler.enable(crashes)
    return crashes


def quiet_offscreen() -> None:
    """Send what Qt says to the log, or nowhere, instead of the terminal."""
    qInstallMessageHandler(_on_qt_message)


def _on_exception(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    log.error("Unexpected", exc_info=(kind, error, trace))
    sys.__excepthook__(kind, error, trace)


def _on_thread_exception(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:
        log.error("Unexpected in a thread", exc_info=(args.exc_type, args.exc_value, args.exc_traceback))


def _on_qt_message(kind: QtMsgType, _: QMessageLogContext, text: str) -> None:
    if text.startswith("This plugin does not support"):
        return  # the offscreen platform says so about every window
    log.log(_LEVELS.get(kind, logging.WARNING), "Qt: %s", text)
