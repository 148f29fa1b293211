"""Two widgets of the same class that show two moments beside each other: what is chosen in one is chosen in both."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from PySide6.QtWidgets import QWidget


@runtime_checkable
class Twin(Protocol):
    """A view in which one chooses what it shows, or whose colours stand for numbers."""

    def keep_with(self, other: QWidget | None) -> None:
        """Have what is chosen here chosen in another of the same class, and share colours; None: be alone again."""


@runtime_checkable
class Subtracting(Protocol):
    """A view that can show by how much two moments differ, in the place of one of them."""

    def show_difference(self, words: str) -> None:
        """Show what is called so, as soon as it comes: "B − A: …"; an empty text: the moment itself."""


@runtime_checkable
class Headed(Protocol):
    """A view with a heading of its own, in which there is room for the name of its moment."""

    def take_name(self, name: QWidget | None, *, is_twin: bool = False) -> None:
        """Show the name of its moment in the heading, and of a twin nothing that is chosen beside; None: it goes."""
