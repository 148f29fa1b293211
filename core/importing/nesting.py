"""How deep the brackets of a file may be nested."""

from __future__ import annotations

from typing import Any, Final

from core.errors import ModelError
from core.limits import DEEPEST

_DEEPEST: Final = 5 * DEEPEST


def require_shallow(raw: Any) -> None:
    """Raise where what JSON holds is nested deeper than whoever reads it could go.

    Raises
    ------
    ModelError

    Examples
    --------
    >>> require_shallow({"layers": [[1]]})
    """
    level, deep = [[raw]], 0
    while level:
        level = [part for value in level for part in _parts(value)]
        deep += 1
        if deep > _DEEPEST:
            raise ModelError("its brackets are nested deeper than any network needs.")


def _parts(value: Any) -> list[Any]:
    return [part for part in (value.values() if isinstance(value, dict) else value) if isinstance(part, dict | list)]
