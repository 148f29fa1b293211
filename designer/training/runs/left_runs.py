"""Runs of a document that had no file when the program ended unexpectedly: offered back with their document."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from core.runs.store import RunStore
from core.text import counted
from designer.session.unsaved import Unsaved, folder, take_lock


class LeftRuns(Unsaved):
    """The newest run's document, in whose `place` all runs of it are."""

    __slots__ = ()

    @property
    def name(self) -> str:
        """What the user knows it by."""
        n = len(RunStore(self.place).runs())
        return f"{self.document.name or 'Untitled'} with {counted(n, 'run')}"

    def forget(self) -> None:
        """Delete the runs."""
        shutil.rmtree(self.place, ignore_errors=True)
        with suppress(OSError):
            Path(f"{self.place}.lock").unlink()


def temporary_folder() -> Path:
    """Return the folder in which runs of documents without a file are, in one folder for each window."""
    return folder() / "runs"


def left_runs() -> Iterator[LeftRuns]:
    """Yield what windows that no longer are left behind; where no run can be read, nothing is worth keeping."""
    try:
        places = [place for place in temporary_folder().iterdir() if place.is_dir()]
    except OSError:
        return
    for place in sorted(places):
        lock = take_lock(place)
        if lock is None:
            continue  # its window is open
        records = [run.record for run in RunStore(place).runs() if run.record is not None]
        lock.unlock()
        if not records:
            shutil.rmtree(place, ignore_errors=True)
            continue
        kept = datetime.fromtimestamp(place.stat().st_mtime).astimezone()
        yield LeftRuns(records[-1].trained, None, None, kept, place)
