"""How an exporter says that what it writes can be run and compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

AnySubject = TypeVar("AnySubject")


@dataclass(frozen=True, slots=True)
class Proof(Generic[AnySubject]):
    """How files of a format are run by the library that reads them.

    Attributes
    ----------
    libraries : tuple of str
        The modules that must be there to run them, the one that computes first.
    install : str
        What pip is told to install them.
    script : callable
        Returns lines of Python that define `LIBRARY`, the library's name and version, and `compute(samples)`. That
        takes arrays by the ids of the Inputs, (N, H, W, C) or (N, C), and returns arrays by the ids of layers, as many
        of these as the format lets one see, but all outputs, in the same layout. `HERE` is the folder of the files.
    prepares : bool
        Whether what was written prepares samples by itself: then `compute` gets them as they are in the data set.
    tolerance : float
        The largest difference that passes, relative to the largest value of a layer where that is above 1.
    """

    libraries: tuple[str, ...]
    install: str
    script: Callable[[AnySubject], str]
    prepares: bool = False
    tolerance: float = 1e-4
