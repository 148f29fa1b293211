"""Labels that the network has no output for, that begin late, and classes with few samples or none."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.io.datasets.findings.finding import DataFinding
from core.io.datasets.findings.look import Look
from core.problems import Fix, SetConfig, SetTraining
from core.text import counted, listing

RARE = 4
"""A class with fewer samples than an even share divided by this is rare."""
MOST_NAMED = 3
FEW = 10
"""Training samples of a class; with fewer a network can hardly learn what they have in common."""


def label_range(look: Look) -> Iterator[DataFinding]:
    """Find labels that the output has no number for."""
    if look.deciding is None:
        return
    layer, setting, n = look.deciding
    first = look.settings.first_label
    outside = np.flatnonzero((look.labels < 0) | (look.labels >= n))
    if not outside.size:
        return
    one = int(outside[0])
    sample = look.measures.sample(one)
    if not look.dataset.sources:
        sample = sample.capitalize()  # a file keeps its letters
    n_more = outside.size - 1
    more = f" {counted(n_more, 'other sample')} {'is' if n_more == 1 else 'are'} out of range too." if n_more else ""
    what = (
        f"{sample} has the label {_label(look, one)}, but {layer} gives {counted(n, 'number')}, for the labels "
        f"{first} … {first + n - 1}.{more}"
    )
    lowest, highest = int(look.dataset.labels.min()), int(look.dataset.labels.max())
    fixes = []
    if lowest != first and highest - lowest < n:
        fixes.append(Fix(f"Count labels from {lowest}", (SetTraining({"first_label": lowest}),)))
    if lowest >= first:
        units = highest - first + 1
        fixes.append(Fix(f"Set {setting} of {layer} to {units}", (SetConfig(layer, {setting: units}),)))
    them = "them" if n_more else "it"
    why = f"{listing([fix.label for fix in fixes], 'or')}, or leave {them} out." if fixes else f"Leave {them} out."
    yield DataFinding("label_range", "error", what, why, tuple(outside.tolist()), tuple(fixes))


def _label(look: Look, place: int) -> str:
    label = int(look.dataset.labels[place])
    name = look.dataset.classes[label]
    return str(label) if name == str(label) else f"{label} (“{name}”)"


def late_labels(look: Look) -> Iterator[DataFinding]:
    """Find labels that begin with another number than the document says."""
    lowest, first = int(look.dataset.labels.min()), look.settings.first_label
    if lowest <= first or _is_out_of_range(look):
        return
    what = f"The labels of {look.dataset.name} begin with {lowest}: no sample has the label {first}."
    why = f"The output for it learns only never to be right. Count labels from {lowest}."
    fix = Fix(f"Count labels from {lowest}", (SetTraining({"first_label": lowest}),))
    yield DataFinding("late_labels", "advice", what, why, fixes=(fix,))


def _is_out_of_range(look: Look) -> bool:
    return next(label_range(look), None) is not None


def empty_classes(look: Look) -> Iterator[DataFinding]:
    """Find classes below the highest label that have no samples."""
    lowest = max(0, int(look.labels.min()))
    n = max(len(look.classes), 1)
    counts = np.bincount(look.labels[look.labels >= 0], minlength=n)[:n]
    empty = [look.called(int(label)) for label in np.flatnonzero(counts == 0) if label > lowest]
    if not empty:
        return
    part = "" if look.dataset.test is None else " of the training part"
    what = f"No sample{part} is of the {'class' if len(empty) == 1 else 'classes'} {_some(empty)}."
    why = "Are they missing, or are the labels not those that were meant? Their outputs learn only never to be right."
    yield DataFinding("empty_class", "advice", what, why)


def single_class(look: Look) -> Iterator[DataFinding]:
    """Find data sets all of whose samples have one label."""
    label = int(look.labels[0])
    if len(look.labels) < 2 or (look.labels != label).any():
        return
    what = f"All {len(look.labels):,} samples are of the class {look.called(label)}."
    why = "There is nothing to tell apart: always giving that answer is right. Look where the labels come from."
    yield DataFinding("single_class", "advice", what, why)


def rare_classes(look: Look) -> Iterator[DataFinding]:
    """Find classes with less than a quarter of an even share."""
    labels = look.labels
    if look.settings.class_weights is not None:
        return
    present, counts = np.unique(labels, return_counts=True)
    n = len(labels)
    rare = [(int(c), int(label)) for label, c in zip(present, counts, strict=True) if RARE * c * len(present) < n]
    if len(present) < 2 or not rare:
        return
    rare.sort()
    names = [look.called(label) for _, label in rare]
    fewest = rare[0][0]
    is_one = len(rare) == 1
    if is_one:
        what = f"{names[0]} is rare: {fewest:,} of {n:,} samples, {fewest / n:.1%}."
    else:
        counted_names = [f"{name} ({c:,})" for name, (c, _) in zip(names, rare, strict=True)]
        even = n // len(present)
        what = f"{_some(counted_names)} are rare: of {n:,} samples an even share would be {even:,}."
    why = f"Guessing “never {names[0]}” is right {(n - fewest) / n:.1%} of the time. Look at recall, not at accuracy, "
    why += "for this class." if is_one else "for these classes."
    fixes = (Fix("Weigh the loss", (SetTraining({"class_weights": "balanced"}),)),)
    samples = np.flatnonzero(np.isin(labels, [label for _, label in rare]))
    yield DataFinding("rare_class", "advice", what, why, tuple(samples.tolist()), fixes)


def few_samples(look: Look) -> Iterator[DataFinding]:
    """Find data sets with too few samples to learn from."""
    training, validation = look.parts
    n_classes = len(np.unique(look.labels[training]))
    if len(training) >= FEW * n_classes:
        return
    what = (
        f"There are {counted(len(training), 'training sample')} of {counted(n_classes, 'class', 'classes')}, "
        f"fewer than {FEW} for each."
    )
    why = "A network learns so few by heart. Collect more, or draw more from them by augmentation."
    if len(validation) > 1:
        why += f" Each of {len(validation)} validation samples is worth {1 / len(validation):.0%} of accuracy."
    yield DataFinding("few_samples", "note", what, why)


def _some(names: list[str]) -> str:
    rest = len(names) - MOST_NAMED
    return listing([*names[:MOST_NAMED], *([counted(rest, "other")] if rest > 0 else [])])
