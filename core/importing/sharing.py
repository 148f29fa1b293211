"""Weights that several layers share in a model, and of which each has a copy here: what the report says of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.io.failures import shown
from core.text import listing


@dataclass(frozen=True, slots=True)
class Shared:
    """A layer of a model, or a whole model in it, that is used in several places.

    Attributes
    ----------
    called : str
        Its name in the file.
    n_places : int
    ids : tuple of str
        The layers of ours that have its weights.
    program : str
        Where they are trained together.
    learns : bool
        Whether training changes them.
    """

    called: str
    n_places: int
    ids: tuple[str, ...]
    program: str = "the original"
    learns: bool = True

    def sentence(self, names: Mapping[str, str], *, weighted: bool = True) -> str:
        r"""Return what the report says.

        Parameters
        ----------
        names : mapping of str to str
            What layers of ours are called by now, where that is something else.
        weighted : bool
            Whether the file has weights.

        Examples
        --------
        >>> shared = Shared("conv1", 2, ("conv1", "conv1_2"), "Keras")
        >>> print(shared.sentence({}).replace(". ", ".\n"))
        conv1 is used in 2 places: each has a copy of its weights (conv1 and conv1_2).
        Training would change them apart, where Keras changes them together.
        """
        own = "a copy of its weights" if weighted else "weights of its own"
        ids = listing(names.get(id, id) for id in self.ids)
        said = f"{shown(self.called)} is used in {self.n_places:,} places: each has {own} ({ids})."
        if not self.learns:
            return said
        return f"{said} Training would change them apart, where {self.program} changes them together."
