"""Pickles, which are never opened: how they are recognised, and what is said instead."""

from __future__ import annotations

import re
from pathlib import Path

from core.io.failures import shown
from core.io.formats import PICKLE

_ENDINGS = {".pkl", ".pickle", ".joblib", ".pt", ".pth"}
_CIFAR = re.compile(r"data_batch_[1-5]|test_batch|batches\.meta")


def is_pickle_name(name: str) -> bool:
    """Say whether a file name is one that pickles have.

    >>> is_pickle_name("mnist.pkl.gz"), is_pickle_name("data_batch_1"), is_pickle_name("images.npz")
    (True, True, False)
    """
    return not _ENDINGS.isdisjoint(map(str.lower, Path(name).suffixes)) or bool(_CIFAR.fullmatch(name))


def pickle_refusal(path: Path) -> str:
    """Say why a pickle is never opened, and what to use instead."""
    return (
        f"{shown(path.name)} is {PICKLE.what}. {PICKLE.today} Save the images and labels as a pair of IDX files, such "
        "as train-images-idx3-ubyte.gz and train-labels-idx1-ubyte.gz."
    )
