"""What the program remembers from one start to the next: theme, recent files, the window's arrangement."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, cast, get_args

from PySide6.QtCore import QObject, QStandardPaths, Signal

from core.analysis.advice import DEFAULT_ADVICE, SWITCHES
from core.analysis.budget import Budget
from core.errors import SaveError
from core.io.atomic import write_atomically

ThemeChoice = Literal["dark", "light", "contrast", "system"]

MOST_RECENT = 10


@dataclass(frozen=True, slots=True)
class Preferences:
    """The user's choices.

    Attributes
    ----------
    geometry, arrangement : str
        What Qt wrote about the window, in hexadecimal; about its panels once for each shape that it had.
    switched : mapping of str to bool
        The advice that the user turned on or off, by its code; all other advice is as the version at hand has it.
    uses : mapping of str to int
        How often a layer of each kind was added by searching for it.
    limits : mapping
        How much networks may have, as a `Budget` is written.
    welcome : bool
        Whether the start panel is shown at the start.
    code : str
        The format of the code beside the canvas.
    """

    theme: ThemeChoice = "dark"
    recent: tuple[str, ...] = ()
    geometry: str = ""
    arrangement: str = ""
    switched: Mapping[str, bool] = field(default_factory=dict)
    uses: Mapping[str, int] = field(default_factory=dict)
    limits: Mapping[str, Any] = field(default_factory=dict)
    welcome: bool = True
    code: str = "pytorch"

    @property
    def advice(self) -> frozenset[str]:
        """The codes of the advice that is on."""
        return frozenset(advice.code for advice in SWITCHES if self.switched.get(advice.code, advice.on))

    def with_advice(self, codes: frozenset[str]) -> Preferences:
        """Remember which advice is on."""
        differing = codes ^ DEFAULT_ADVICE
        return replace(self, switched={code: code in codes for code in sorted(differing)})

    @property
    def budget(self) -> Budget:
        """How much networks may have."""
        return Budget.read(self.limits)

    def with_use(self, kind: str) -> Preferences:
        """Count that a layer of a kind was added."""
        return replace(self, uses={**self.uses, kind: self.uses.get(kind, 0) + 1})

    def with_recent(self, path: Path) -> Preferences:
        """Put a file at the head of the recent ones."""
        name = str(path.absolute())
        return replace(self, recent=(name, *(other for other in self.recent if other != name))[:MOST_RECENT])


class SharedPreferences(QObject):
    """The preferences as they are now, the same for all windows.

    Attributes
    ----------
    now : Preferences
    """

    changed = Signal(object)
    """Carries the `Preferences` that apply from then on."""

    def __init__(self, preferences: Preferences | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.now = preferences or Preferences()

    def change(self, preferences: Preferences) -> None:
        """Apply other preferences."""
        if preferences != self.now:
            self.now = preferences
            self.changed.emit(preferences)

    def save(self) -> None:
        """Write them for the next start."""
        save_preferences(self.now)


def preferences_path() -> Path:
    """Return the file in which preferences are kept."""
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppConfigLocation)
    return Path(folder) / "preferences.json"


def load_preferences() -> Preferences:
    """Read the preferences; whatever is missing or damaged takes its default."""
    try:
        raw = json.loads(preferences_path().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Preferences()
    return _read(raw) if isinstance(raw, dict) else Preferences()


def _read(raw: Mapping[str, Any]) -> Preferences:
    texts = {key: raw[key] for key in ("geometry", "arrangement", "code") if isinstance(raw.get(key), str)}
    recent = raw.get("recent", [])
    names = tuple(name for name in recent if isinstance(name, str)) if isinstance(recent, list) else ()
    theme = raw.get("theme") if raw.get("theme") in get_args(ThemeChoice) else Preferences().theme
    switched = raw.get("switched", {})
    switches = {key: on for key, on in switched.items() if isinstance(on, bool)} if isinstance(switched, dict) else {}
    counts = raw.get("uses", {})
    uses = {key: n for key, n in counts.items() if type(n) is int and n > 0} if isinstance(counts, dict) else {}
    limits = raw.get("limits", {})
    if not isinstance(limits, dict) or Budget.misreadings(limits):
        limits = {}
    welcome = raw.get("welcome") is not False
    return Preferences(
        welcome=welcome,
        limits=limits,
        uses=uses,
        theme=cast(ThemeChoice, theme),
        recent=names[:MOST_RECENT],
        switched=switches,
        **texts,
    )


def save_preferences(preferences: Preferences) -> None:
    """Write the preferences; if that isn't possible, the next start has the old ones."""
    path = preferences_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, json.dumps(asdict(preferences), indent=2).encode())
    except (OSError, SaveError):
        return
