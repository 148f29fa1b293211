"""What a download says while it goes on: Progress and MirrorFailed, as they come, and Downloaded at the end."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Progress:
    """So much is there.

    Attributes
    ----------
    file : str
        The file under way.
    host : str
        Who delivers it.
    n_bytes, total_bytes : int
        Of all files: what is on the disk, and what will be.
    bytes_per_second : float or None
        Over the last seconds; None before anything can be said.
    seconds_left : float or None
        At that rate.
    """

    file: str
    host: str
    n_bytes: int
    total_bytes: int
    bytes_per_second: float | None = None
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class MirrorFailed:
    """An address did not deliver a file; the next one is tried, where there is one.

    Attributes
    ----------
    file : str
    address : str
    why : str
        A sentence.
    """

    file: str
    address: str
    why: str


@dataclass(frozen=True, slots=True)
class Downloaded:
    """All files are in their place, and their checksums are right.

    Attributes
    ----------
    path : Path
        What documents may name as their data set.
    """

    path: Path


DownloadMessage: TypeAlias = Progress | MirrorFailed | Downloaded
"""Whatever a download says."""
