"""The workspaces: what the window is arranged for, in one table, which the switch, its keys and its menu follow.

A workspace has places, and `designer.window.panels.PANELS` says which panel is at which of them at first: a panel is
added to a place of a workspace by one entry there, and shown in the workspaces that the entry names. A workspace whose
place `centre` has no panel yet is not offered. Another workspace is one line of `WORKSPACES`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

Place: TypeAlias = Literal[
    "left",
    "right",
    "right below",
    "centre",
    "centre right",
    "centre right below",
    "below",
    "below left",
    "below middle",
    "below right",
    "lowest",
]
"""Where a panel is at first; panels at one place share tabs."""

Centre: TypeAlias = Literal["canvas", "strip", "none"]


class Column(NamedTuple):
    """Places one above the other, as wide as their share of the row says."""

    share: int
    places: tuple[Place, ...]


class Row(NamedTuple):
    """Columns side by side, as high as their share of the room between the sides says."""

    share: int
    columns: tuple[Column, ...]


class Form(NamedTuple):
    """How a workspace is arranged in a window of at least a certain size.

    Attributes
    ----------
    version : int
        Permanent: the arrangements that users have saved find the form by it.
    width, height : int
        The least size, in pixels.
    joined : mapping
        Places whose panels go to another place, by their names.
    rails : bool
        Whether panels at the sides are folded into rails.
    only_own : bool
        Whether panels that Design has too are left out at first, but for the one in front.
    left_out : frozenset of str
        Panels that are left out at first, by name: there is no room for their tabs, and what needs them shows them.
    """

    version: int
    width: int
    height: int
    joined: Mapping[Place, Place]
    rails: bool = False
    only_own: bool = False
    left_out: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Workspace:
    """What the window is arranged for.

    Attributes
    ----------
    name : str
        Permanent: preferences and the entries of panels know it by that.
    title, key : str
        What the switch says, and the keys that switch to it.
    centre : {"canvas", "strip", "none"}
        Whether the network is drawn, or shown as a strip, below which panels have the room, or by a panel alone.
    left_width, right_width : int
        How wide the panels at the sides are at first, in pixels.
    rows : tuple of Row
        The places between the sides.
    forms : tuple of Form
        From the largest to the smallest, which fits any window.
    spare : Place
        Where a panel appears that is not shown at first.
    time_machine : bool
        Whether a bar below leads back to earlier moments of a run.
    """

    name: str
    title: str
    key: str
    centre: Centre
    left_width: int
    right_width: int
    rows: tuple[Row, ...]
    forms: tuple[Form, ...]
    spare: Place
    time_machine: bool = False

    @property
    def places(self) -> tuple[Place, ...]:
        """All places, those at the sides first."""
        between = (place for row in self.rows for column in row.columns for place in column.places)
        return (*SIDE_PLACES, *between)

    def form_for(self, width: int, height: int) -> Form:
        """Return the form in which a window of a size is arranged.

        >>> [DESIGN.form_for(*size).version for size in ((1600, 1000), (1400, 1000), (1366, 768), (1024, 640))]
        [0, 1, 2, 5]
        """
        return next(form for form in self.forms if width >= form.width and height >= form.height)


SIDE_PLACES: tuple[Place, ...] = ("left", "right", "right below")

_ONE_BELOW: Mapping[Place, Place] = {"below middle": "below left", "below right": "below left"}
_TWO_BELOW: Mapping[Place, Place] = {"below middle": "below right"}
_ONE_SIDE: Mapping[Place, Place] = {"left": "right"}

DESIGN = Workspace(
    "design",
    "Design",
    "Ctrl+1",
    "canvas",
    left_width=212,
    right_width=300,
    rows=(Row(1, (Column(400, ("below left",)), Column(310, ("below middle",)), Column(370, ("below right",)))),),
    forms=(
        Form(0, 1500, 900, {}),
        Form(1, 1200, 900, _TWO_BELOW),
        Form(2, 1200, 0, _ONE_BELOW),
        Form(4, 0, 900, _TWO_BELOW, rails=True),
        Form(5, 0, 0, _ONE_BELOW, rails=True),
    ),
    spare="below left",
)
_DATA = Workspace(
    "data",
    "Data",
    "Ctrl+2",
    "strip",
    left_width=264,
    right_width=336,
    rows=(
        Row(50, (Column(63, ("centre",)), Column(37, ("centre right", "centre right below")))),
        Row(31, (Column(1, ("below",)),)),
        Row(19, (Column(1, ("lowest",)),)),
    ),
    forms=(
        Form(0, 1500, 900, {}),
        Form(1, 1200, 0, {**_ONE_SIDE, "centre right below": "centre right", "lowest": "below"}),
        Form(
            2,
            0,
            0,
            dict.fromkeys((*SIDE_PLACES, "centre right", "centre right below", "below", "lowest"), "centre"),
            only_own=True,
        ),
    ),
    spare="right",
)
_TRAIN = Workspace(
    "train",
    "Train",
    "Ctrl+3",
    "strip",
    left_width=264,
    right_width=336,
    rows=(
        Row(64, (Column(1, ("centre",)),)),
        Row(36, (Column(56, ("below left",)), Column(44, ("below right",)))),
    ),
    forms=(
        Form(0, 1500, 0, {}),
        Form(1, 1200, 0, {**_ONE_SIDE, "below right": "below left"}, left_out=frozenset({"problems"})),
        Form(
            2,
            0,
            0,
            dict.fromkeys((*SIDE_PLACES, "below left", "below right"), "centre"),
            only_own=True,
            left_out=frozenset({"histograms", "range test", "parallel", "decision"}),
        ),
    ),
    spare="right",
    time_machine=True,
)

_INSIDE = Workspace(
    "inside",
    "Inside",
    "Ctrl+4",
    "none",
    left_width=248,
    right_width=336,
    rows=(Row(58, (Column(1, ("centre",)),)), Row(42, (Column(1, ("below",)),))),
    forms=(
        Form(0, 1200, 0, {"right": "left", "right below": "left"}),
        Form(1, 0, 0, dict.fromkeys((*SIDE_PLACES, "below"), "centre"), only_own=True),
    ),
    spare="below",
    time_machine=True,
)

WORKSPACES: tuple[Workspace, ...] = (DESIGN, _DATA, _TRAIN, _INSIDE)  # add one here
"""In the order of the switch; the window opens with the first."""
