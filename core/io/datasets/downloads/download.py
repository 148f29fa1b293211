"""Fetching a data set: resumed where it was left, checked before it counts as there."""

from __future__ import annotations

import hashlib
import shutil
from collections import deque
from collections.abc import Generator
from pathlib import Path
from time import monotonic

from core.errors import DownloadError
from core.io.datasets.downloads.cache import cache_folder
from core.io.datasets.downloads.messages import Downloaded, DownloadMessage, MirrorFailed, Progress
from core.io.datasets.downloads.rate import Rate
from core.io.datasets.downloads.table import Download, RemoteFile
from core.io.datasets.downloads.transfer import TransferError, host_of, transfer
from core.io.failures import reason, shown
from core.io.regular_files import open_file
from core.text import bytes_text

PART = ".part"
"""What the name of an unfinished file ends in."""

TIMEOUT_S = 15.0
"""How long a server may be silent."""

EVERY_S = 0.1
"""How often progress is told at most."""

MOST_ATTEMPTS = 5
"""How often an address that ends too early is asked to continue."""

_SPARE_BYTES = 16 << 20
"""What is left of a disk for others."""


def download(
    wanted: Download, folder: Path | None = None, *, timeout: float = TIMEOUT_S
) -> Generator[DownloadMessage, None, None]:
    """Fetch the files of a data set that are not there yet.

    Each grows as `<name>.part` and gets its name when it is complete and its checksum is right. Closing the generator
    cancels and keeps the part; the next download goes on from there.

    Parameters
    ----------
    wanted
        One of `DOWNLOADS`.
    folder
        Where its own folder is made; by default `datasets` in `cache_folder()`.
    timeout
        Seconds that a server may be silent.

    Yields
    ------
    DownloadMessage
        The last one is `Downloaded`.

    Raises
    ------
    DownloadError
        No address delivers a file, or the disk can't take it. What is there of it is kept.
    """
    folder = default_folder() if folder is None else folder
    place = folder / wanted.name
    try:
        place.mkdir(parents=True, exist_ok=True)
        missing = [file for file in wanted.files if not _is_there(place, file)]
        _require_room(wanted, place, missing)
        done = wanted.n_bytes - sum(file.n_bytes for file in missing)
        rate = Rate()
        for file in missing:
            yield from _fetched(file, place, done, wanted.n_bytes, rate, timeout)
            done += file.n_bytes
    except OSError as error:
        raise DownloadError(
            f"{wanted.title} can't be kept in {shown(place)}: {reason(error)}. Make room there, or set "
            "CONVOGRAPH_CACHE to another folder."
        ) from error
    yield Downloaded(wanted.path_in(folder))


def default_folder() -> Path:
    """Return the folder that holds a folder for each data set.

    Raises
    ------
    DownloadError
        The system names none.
    """
    return cache_folder() / "datasets"


def is_downloaded(wanted: Download, folder: Path | None = None) -> bool:
    """Say whether all files of a data set lie in their place, by their sizes; `download` compares their checksums."""
    place = (default_folder() if folder is None else folder) / wanted.name
    return all(_size(place / file.name) == file.n_bytes for file in wanted.files)


def _fetched(
    file: RemoteFile, place: Path, done: int, total: int, rate: Rate, timeout: float
) -> Generator[DownloadMessage, None, None]:
    """Try one address after the other; one that ended too early is asked again after the others."""
    part = place / (file.name + PART)
    if _size(part) > file.n_bytes:
        part.unlink()
    waiting = deque((address, 1) for address in file.addresses)
    failures: dict[str, str] = {}
    while not _settled(part, file):
        if not waiting:
            kept = " What came of it is kept." if _size(part) else ""
            raise DownloadError(
                f"{file.name} could not be downloaded. {' '.join(failures.values())} Try again later.{kept}"
            )
        address, attempt = waiting.popleft()
        began_with = _size(part)
        failure = None
        try:
            yield from _grown(file, address, part, done, total, rate, timeout)
        except TransferError as error:
            failure = error
        if _settled(part, file):
            return
        if failure is None:
            wrong = f"{host_of(address)} delivers other bytes than those of {file.name}: the checksum is wrong."
            failure = TransferError(wrong, is_final=not began_with)  # what was there before may have been wrong
        failures[address] = str(failure)
        yield MirrorFailed(file.name, address, str(failure))
        if not failure.is_final and attempt < MOST_ATTEMPTS and _size(part) != began_with:
            waiting.append((address, attempt + 1))


def _grown(
    file: RemoteFile, address: str, part: Path, done: int, total: int, rate: Rate, timeout: float
) -> Generator[Progress, None, None]:
    """Fetch from one address, and tell of it before it answers, every now and then, and when all is there."""
    told = monotonic()
    yield _progress(file, address, done + _size(part), total, rate)
    for there in transfer(file, address, part, timeout):
        now = monotonic()
        rate.add(now, done + there)
        if now - told >= EVERY_S or there == file.n_bytes:
            told = now
            yield _progress(file, address, done + there, total, rate)


def _settled(part: Path, file: RemoteFile) -> bool:
    """Give a complete file its name; one of wrong bytes is removed."""
    if _size(part) != file.n_bytes:
        return False
    if _is_right(part, file):
        part.replace(part.with_name(file.name))
        return True
    part.unlink()
    return False


def _progress(file: RemoteFile, address: str, n_bytes: int, total: int, rate: Rate) -> Progress:
    speed = rate.per_second
    left = (total - n_bytes) / speed if speed else None
    return Progress(file.name, host_of(address), n_bytes, total, speed, left)


def _require_room(wanted: Download, place: Path, missing: list[RemoteFile]) -> None:
    needed = sum(max(file.n_bytes - _size(place / (file.name + PART)), 0) for file in missing)
    free = shutil.disk_usage(place).free
    if needed and free < needed + _SPARE_BYTES:
        raise DownloadError(
            f"{wanted.title} needs {bytes_text(needed)}, but {shown(place)} has {bytes_text(free)} left. "
            "Make room there, or set CONVOGRAPH_CACHE to a folder on another disk."
        )


def _is_there(place: Path, file: RemoteFile) -> bool:
    return _size(place / file.name) == file.n_bytes and _is_right(place / file.name, file)


def _is_right(path: Path, file: RemoteFile) -> bool:
    with open_file(path) as content:
        return hashlib.file_digest(content, _md5).hexdigest() == file.md5


def _md5() -> hashlib._Hash:
    return hashlib.md5(usedforsecurity=False)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
