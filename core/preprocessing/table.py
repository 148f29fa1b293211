"""The kinds of preprocessing: add one here."""

from __future__ import annotations

from core.kinds import table_of
from core.preprocessing.centring import ChannelMean, MeanImage, Standardize
from core.preprocessing.directions import PCA, Whiten
from core.preprocessing.ranging import Invert, Range
from core.preprocessing.step import Preprocessing
from core.preprocessing.turning import Turn

PREPROCESSING: dict[str, type[Preprocessing]] = table_of(
    MeanImage, ChannelMean, Standardize, PCA, Whiten, Range, Turn, Invert
)
"""Every kind of step, by the name that documents use."""
