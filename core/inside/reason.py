"""What an explanation is: what it computes, for what, in which scale, and what it does not show."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from core.inside.subject import Subject
from core.layers.values import Array
from core.work import Work


@dataclass(frozen=True, slots=True, eq=False)
class Heat:
    """A number for each place of the input.

    Attributes
    ----------
    values : array, (H', W') or (C,)
        For images a map, which may have fewer places than the image; for features a number for each.
    signed : bool
        Whether numbers below 0 mean something: that they speak against the class.
    note : str
        What this very map is, in a few words: "conv2, 10×10, enlarged".
    """

    values: Array
    signed: bool
    note: str

    @property
    def largest(self) -> float:
        """The largest magnitude, which the map is scaled to; 0 where the map is empty."""
        return float(np.abs(self.values).max(initial=0.0))

    def scaled(self) -> Array:
        """Return the map divided by its largest magnitude: 0 … 1, or −1 … 1 where it is signed.

        >>> Heat(np.array([0.0, 2.0, 4.0]), signed=False, note="").scaled().tolist()
        [0.0, 0.5, 1.0]
        """
        largest = self.largest
        return self.values / largest if largest > 0 else np.zeros_like(self.values)


class Reason(ABC):
    """A way to explain, and what is said of it wherever it is shown.

    Attributes
    ----------
    name, title : str
        What programs, and people, call it.
    formula : str
        What is computed; s_c is the score of class c before Softmax, p_c its probability, x the input.
    source : str
        Where the definition comes from.
    about : {"class", "filter"}
        What it explains: the score of a class for a sample, or a filter.
    scale : str
        How its numbers are brought to colours.
    not_shown : str
        A sentence: what it does not prove.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    formula: ClassVar[str]
    source: ClassVar[str]
    about: ClassVar[Literal["class", "filter"]]
    scale: ClassVar[str]
    not_shown: ClassVar[str]


class ClassReason(Reason):
    """A way to explain the score of a class as a map over the input."""

    about: ClassVar = "class"

    @abstractmethod
    def work(self, subject: Subject) -> Work[Heat]:
        """Compute the map.

        Raises
        ------
        NetworkError
            The network has nothing that it could be computed from.
        """
