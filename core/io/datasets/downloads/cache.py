"""Where what was fetched is kept."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from core.errors import DownloadError

VARIABLE = "CONVOGRAPH_CACHE"
"""The variable of the environment that names another folder."""


def cache_folder() -> Path:
    """Return the folder for what can be fetched again; it may not exist yet.

    That is what `CONVOGRAPH_CACHE` says, or else a folder `convograph` where the system keeps such things:
    `XDG_CACHE_HOME` or `~/.cache`, on macOS `~/Library/Caches`, on Windows `%LOCALAPPDATA%`.

    Raises
    ------
    DownloadError
        The system names no folder.
    """
    chosen = os.environ.get(VARIABLE, "").strip()
    try:
        return Path(chosen).expanduser().absolute() if chosen else _users_caches() / "convograph"
    except RuntimeError as error:  # nobody's home
        raise DownloadError(
            f"There is no folder to keep downloads in: {error}. Set the variable {VARIABLE} to a folder."
        ) from error


def _users_caches() -> Path:
    if sys.platform == "win32":
        return _named("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return _named("XDG_CACHE_HOME") or Path.home() / ".cache"


def _named(variable: str) -> Path | None:
    """Return the folder that a variable names; a relative one is to be ignored (XDG Base Directory Specification)."""
    path = Path(os.environ.get(variable, ""))
    return path if path.is_absolute() else None
