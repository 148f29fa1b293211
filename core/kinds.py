"""Kinds: settings whose value is one of several declarations, such as a loss, or a list of them.

A kind is written as its name, or as an object with the settings that aren't default: `"hinge"` or
`{"kind": "hinge", "margin": 2}`. A table of declarations by name is all that a new family of kinds needs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar

from pydantic import BeforeValidator, ValidationError

from core.declare import Declared, Form
from core.text import excerpt, listing, nearest_name

MOST_IN_A_LIST = 64
"""A list of kinds is no longer than this."""


class Kind(Declared):
    """A declaration that stands among others in a table, by its name."""

    name: ClassVar[str] = ""
    """What documents call it, where that differs from the class name."""

    @classmethod
    def kind_name(cls) -> str:
        """Return what documents call it."""
        return cls.name or cls.__name__

    @classmethod
    def label(cls) -> str:
        """Return the name that users read."""
        return cls.title or cls.kind_name().replace("_", " ")

    def written(self) -> Any:
        """Return the form that stands in the file."""
        config = self.config()
        return {"kind": self.kind_name(), **config} if config else self.kind_name()


AnyKind = TypeVar("AnyKind", bound=Kind)


def table_of(*kinds: type[AnyKind]) -> dict[str, type[AnyKind]]:
    """Return the kinds by the names that documents use."""
    return {kind.kind_name(): kind for kind in kinds}


def read_kind(table: Mapping[str, type[AnyKind]], value: Any) -> AnyKind:
    """Read a kind from the form that stands in the file.

    Raises
    ------
    ValueError
        With what is wrong with it as a phrase: "must be hinge or mse, but is "hing"".
    """
    if isinstance(value, Kind) and table.get(value.kind_name()) is type(value):
        return value
    name, config = _named(table, value)
    kind = table[name]
    for key in kind.unknown_settings(config):
        meant = nearest_name(key, kind.model_fields)
        raise ValueError(f"{name} has no setting {excerpt(key)}{f'; did you mean {meant}?' if meant else ''}")
    for misread in kind.misreadings(config):
        raise ValueError(misread.what)
    return kind.read(config)


def kind_form(table: Mapping[str, type[AnyKind]]) -> tuple[BeforeValidator, Form]:
    """Return what makes an annotated type of a kind: `Annotated[Loss, *kind_form(LOSSES)]`."""
    expected = listing(table, "or") + ", or an object with its kind and settings"
    return BeforeValidator(_reader(table)), Form("kind", expected, kinds=table, fault=_fault(_reader(table)))


def kinds_form(table: Mapping[str, type[AnyKind]]) -> tuple[BeforeValidator, Form]:
    """Return what makes an annotated type of a list of kinds: `Annotated[tuple[Draw, ...], *kinds_form(DRAWS)]`."""
    read_one = _reader(table)

    def read(value: Any) -> tuple[AnyKind, ...]:
        if not isinstance(value, list | tuple):
            raise ValueError(f"it must be a list of {listing(table, 'or')}, but is {excerpt(value)}")
        if len(value) > MOST_IN_A_LIST:
            raise ValueError(f"it has {len(value):,} entries; the most are {MOST_IN_A_LIST}")
        return tuple(map(read_one, value))

    expected = f"a list of {listing(table, 'or')}, each by its name or as an object with its kind and settings"
    return BeforeValidator(read), Form("kinds", expected, kinds=table, fault=_fault(read))


def _reader(table: Mapping[str, type[AnyKind]]) -> Callable[[Any], AnyKind]:
    return lambda value: read_kind(table, value)


def _fault(read: Callable[[Any], Any]) -> Callable[[Any], str | None]:
    def fault(value: Any) -> str | None:
        try:
            read(value)
        except (ValueError, ValidationError) as error:
            return str(error)
        return None

    return fault


def _named(table: Mapping[str, type[Kind]], value: Any) -> tuple[str, dict[str, Any]]:
    name, config = value, {}
    if isinstance(value, Mapping):
        config = dict(value)
        name = config.pop("kind", next(iter(table)) if len(table) == 1 else None)
    if not isinstance(name, str) or name not in table:
        meant = nearest_name(name, table) if isinstance(name, str) else None
        found = "missing" if name is None and isinstance(value, Mapping) else excerpt(name)
        guess = f"; did you mean {meant}?" if meant else ""
        whose = "its kind " if isinstance(value, Mapping) else ""
        raise ValueError(f"{whose}must be {listing(table, 'or')}, but is {found}{guess}")
    return name, config
