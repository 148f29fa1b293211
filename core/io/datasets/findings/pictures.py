"""Pictures that are not as they should be seen: inverted, on their side, with channels or bytes swapped, too small."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from core.io.datasets.findings.finding import DataFinding
from core.io.datasets.findings.look import Look
from core.text import shape_text

FEWEST = 20
"""Pictures; of fewer nothing is said that goes by averages."""
NEARLY_ALL = 0.9
BRIGHT, NEAR = 0.75, 0.1
"""The median of a white ground, and how near to it half of the ground has to be."""
DARKER = 0.3
"""So much darker than its ground is what is drawn on it."""
FRAME = 8
"""The ground is looked at in a frame: a part in so many of each side, and a pixel at least."""
SPARSE = 0.5
"""Writing leaves more than that of its ground free."""
WIDER = 1.15
"""Writing is taller than wide; so much wider than tall it lies on its side."""
SWAPPED = 0.03
"""Blue is darker than red in most photographs; so much brighter on average, they may be swapped."""
ROUGH, SMOOTH = 0.5, 0.8
"""Correlations of neighbouring pixels: below the first is noise, above the second a picture."""
TIMES = 4
"""Enlarged or reduced so many times, pictures become blurred or lose what is small."""


def inverted(look: Look) -> Iterator[DataFinding]:
    """Find dark writing on white ground, where networks are used to the opposite."""
    pictures = _grey(look, look.pictures())
    if pictures is None:
        return
    ground, inside = _frame_and_inside(pictures)
    median = np.median(ground, axis=1)
    is_even = (np.abs(ground - median[:, None]) < NEAR).mean(axis=1) > 0.5
    is_drawn_on = inside.min(axis=1) < median - DARKER
    share = float(((median > BRIGHT) & is_even & is_drawn_on).mean())
    if share < NEARLY_ALL:
        return
    what = (
        f"The ground is white: along the border of {share:.0%} of {len(pictures):,} pictures looked at it is "
        f"{np.median(median):.2f}, where 1 is white, and what is drawn on it is dark."
    )
    why = (
        "Convolutions pad with zeros, black: on white ground that looks like an edge all around. Invert the pictures, "
        "as MNIST has them."
    )
    yield DataFinding("inverted", "advice", what, why, fixes=look.with_step("Invert the pictures", "Invert"))


def on_their_side(look: Look) -> Iterator[DataFinding]:
    """Find writing that lies on its side, as that of EMNIST: suspected from how wide it is."""
    pictures = _grey(look, look.pictures())
    if pictures is None or pictures.shape[1] != pictures.shape[2] or not _is_writing(look):
        return
    ground, _ = _frame_and_inside(pictures)
    if ground.mean() > 0.5:
        pictures = 1 - pictures
    if pictures.mean() > SPARSE:
        return
    tall, wide = _spread(pictures)
    ratio = float(np.mean(wide / np.maximum(tall, 1e-6)))
    share = float((wide > tall).mean())
    if ratio < WIDER or share < 0.7:
        return
    what = (
        f"The pictures may lie on their side: {share:.0%} of {len(pictures):,} looked at show something wider "
        f"than tall, {ratio:.2f} times on average, though digits and letters are taller than wide."
    )
    why = "EMNIST is stored with rows and columns swapped. Look at some samples first."
    fixes = look.with_step("Swap rows and columns", {"kind": "Turn", "transpose": True})
    yield DataFinding("on_side", "note", what, why, fixes=fixes)


def swapped_channels(look: Look) -> Iterator[DataFinding]:
    """Find photographs whose blue is brighter than their red: suspected to be blue, green, red, as OpenCV has them."""
    if len(look.dataset.shape) != 3 or look.dataset.shape[2] != 3 or len(look.measures.looked_at) < FEWEST:
        return
    pixels = look.measures.pixels
    means = pixels.mean(axis=(1, 2))  # (N, 3)
    rises = (means[:, 2] - means[:, 0]) > 0
    first, second, third = means.mean(axis=0).tolist()
    share = float(rises.mean())
    if not (third - first > SWAPPED and first < second < third and share > 0.65 and _is_photographic(pixels)):
        return
    what = (
        f"Red and blue may be swapped: the third channel is brighter than the first in {share:.0%} of the pictures "
        f"looked at, {third:.3f} against {first:.3f} on average; in most photographs it is darker."
    )
    why = (
        "Programs that use OpenCV write blue, green, red. Look at some samples: is skin blue, and the sky brown? Then "
        "write the files anew with red first; of arrays, images[..., ::-1] is that."
    )
    yield DataFinding("channels_swapped", "note", what, why)


def byte_order(look: Look) -> Iterator[DataFinding]:
    """Find 16-bit pictures whose two bytes are swapped: noise that becomes smooth when they are swapped again."""
    pixels = look.measures.pixels
    if pixels.ndim != 4 or min(pixels.shape[1:3]) < 4 or look.dataset.images.dtype.kind != "f":
        return
    with np.errstate(all="ignore"):
        levels = np.rint(pixels.astype(np.float64) * 65535)
        is_16_bit = np.isfinite(levels).all() and levels.min() >= 0 and levels.max() <= 65535
        if not is_16_bit or np.abs(levels - pixels.astype(np.float64) * 65535).max() > 0.01:
            return
    stored = levels.astype(np.uint16)
    as_read, as_meant = _smoothness(stored), _smoothness(stored.byteswap())
    if not (as_read < ROUGH and as_meant > SMOOTH):
        return
    what = (
        f"The bytes of these 16-bit pictures are swapped: neighbouring pixels have a correlation of {as_read:.2f}, as "
        f"noise has, and of {as_meant:.2f}, as pictures have, once the two bytes of each value are swapped."
    )
    why = (
        "They were written with the low byte first and read with the high byte first, or the other way round. Write "
        "the file anew."
    )
    yield DataFinding("byte_order", "advice", what, why)


def far_from_input(look: Look) -> Iterator[DataFinding]:
    """Find pictures much smaller or larger than the Input that they are resized to."""
    shape = look.input_shape
    if shape is None or len(shape) != 3 or len(look.dataset.shape) != 3:
        return
    (high, wide), (new_high, new_wide) = look.dataset.shape[:2], shape[:2]
    larger, smaller = min(new_high / high, new_wide / wide), min(high / new_high, wide / new_wide)
    if max(larger, smaller) < TIMES:
        return
    sizes = f"{shape_text((high, wide))} → {shape_text((new_high, new_wide))}"
    if larger >= TIMES:
        what = f"Pictures are enlarged {larger:g} times to the size of the Input, {sizes}."
        why = "That costs time and shows nothing new. Make the Input smaller, or use larger pictures."
    else:
        what = f"Pictures are reduced {smaller:g} times to the size of the Input, {sizes}."
        why = "What is smaller than that many pixels is lost. Make the Input larger, or cut the pictures."
    yield DataFinding("far_from_input", "note", what, why)


def _grey(look: Look, pixels: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """Return pictures (N, H, W), where there are enough, and of one colour."""
    if pixels.ndim != 4 or len(pixels) < FEWEST or min(pixels.shape[1:3]) < 4:
        return None
    if pixels.shape[3] == 3 and np.array_equal(pixels[..., 0], pixels[..., 1]):
        return pixels[..., 0]
    return pixels[..., 0] if pixels.shape[3] == 1 else None


def _frame_and_inside(pictures: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the values in a frame along the border, (N, k), and those inside."""
    _, high, wide = pictures.shape
    top, left = max(1, high // FRAME), max(1, wide // FRAME)
    framed = np.ones((high, wide), bool)
    framed[top : high - top, left : wide - left] = False
    return pictures[:, framed], pictures[:, ~framed]


def _spread(pictures: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the standard deviation of the ink along rows and along columns: how tall and how wide it is."""
    deviations = []
    for axis in (2, 1):
        ink = pictures.sum(axis=axis)  # (N, places along the other axis)
        places = np.arange(ink.shape[1], dtype=np.float32)
        total = np.maximum(ink.sum(axis=1), 1e-6)
        mean = (ink * places).sum(axis=1) / total
        deviations.append(np.sqrt(np.maximum((ink * np.square(places - mean[:, None])).sum(axis=1) / total, 0)))
    return deviations[0], deviations[1]


def _is_writing(look: Look) -> bool:
    """Tell whether the classes may be digits or letters: called so, or only numbered."""
    if "emnist" in look.dataset.name.lower():
        return True
    return all(name.isdigit() or (len(name) == 1 and name.isalpha()) for name in look.dataset.classes)


def _is_photographic(pixels: NDArray[np.float32]) -> bool:
    """Tell whether pictures are smooth and have many colours, as photographs do."""
    grey = pixels.mean(axis=3)
    n_levels = len(np.unique(np.rint(pixels[: min(len(pixels), 50)] * 255)))
    return _smoothness(grey[..., None]) > SMOOTH and n_levels > 100


def _smoothness(pixels: NDArray[np.generic]) -> float:
    """Return the correlation of pixels with their right neighbours."""
    values = pixels.astype(np.float64)
    left, right = values[:, :, :-1].ravel(), values[:, :, 1:].ravel()
    if left.std() == 0 or right.std() == 0:
        return 1.0
    return float(np.corrcoef(left, right)[0, 1])
