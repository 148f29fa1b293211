"""The kinds of augmentation: add one here."""

from __future__ import annotations

from core.augmentation.augmentation import Augmentation
from core.augmentation.changing import Brightness, Contrast, Cutout, Noise
from core.augmentation.moving import Crop, Flip, Rotate, Shift, Zoom
from core.kinds import table_of

AUGMENTATION: dict[str, type[Augmentation]] = table_of(
    Flip, Shift, Rotate, Zoom, Crop, Noise, Cutout, Brightness, Contrast
)
"""Every kind of augmentation, by the name that documents use."""
