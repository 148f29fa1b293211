"""What is said of any refused value and any unknown key, wherever in the file it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from core.declare import Misread
from core.problems import Edit, Fix
from core.text import nearest_name, setting_text


def value_fixes(misread: Misread, edit: Callable[[str, Any], Edit]) -> tuple[Fix, ...]:
    """Offer the value that was probably meant, where there is one; `edit` sets a key to it."""
    if misread.cure is None:
        return ()
    value = list(misread.cure) if isinstance(misread.cure, tuple) else misread.cure
    label = f"Set {misread.field.replace('_', ' ')} to {setting_text(misread.cure)}"
    return (Fix(label, (edit(misread.field, value),)),)


def setting_meant(key: str, known: Iterable[str], given: Mapping[str, Any]) -> str | None:
    """Find the setting that is not given yet and was probably meant by an unknown key."""
    return nearest_name(key, [name for name in known if name not in given])


def what_becomes_of(key: str, known: Iterable[str]) -> str:
    """Say what happens with an unknown key; `filters~2` is what opening a file makes of a second `filters`."""
    name, _, number = key.rpartition("~")
    if name in known and number.isdigit():
        return f"The file gives {name} more than once. The last one counts; this one is kept and has no effect."
    return "It is kept in the file and has no effect."
