"""Pickles, which are never opened: how they are recognised, and what is said instead."""

from __future__ import annotations

import re
from pathlib import Path

from core.io.failures import shown
from core.io.formats import PICKLE

_ENDINGS = {".pkl", ".pickle", ".joblib", ".pt", ".pth"}
_CIFAR = re.compile(r"data_batch_[1-5]|test_batch|batches\.meta")
_CIFAR_100 = re.compile(r"train|test|meta")


def is_pickle_name(name: str) -> bool:
    """Say whether a file name is one that pickles have.

    >>> is_pickle_name("mnist.pkl.gz"), is_pickle_name("data_batch_1"), is_pickle_name("images.npz")
    (True, True, False)
    """
    return not _ENDINGS.isdisjoint(map(str.lower, Path(name).suffixes)) or bool(_CIFAR.fullmatch(name))


def is_pickled_cifar(name: str) -> bool:
    """Say whether a file name is one of CIFAR's pickles; those of CIFAR-100 have names that others have, too.

    >>> is_pickled_cifar("data_batch_1"), is_pickled_cifar("meta"), is_pickled_cifar("data_batch_1.bin")
    (True, True, False)
    """
    return bool(_CIFAR.fullmatch(name) or _CIFAR_100.fullmatch(name))


def pickle_refusal(path: Path) -> str:
    """Say why a pickle is never opened, and what to use instead."""
    is_100 = path.parent.name.startswith("cifar-100") and _CIFAR_100.fullmatch(path.name)
    if _CIFAR.fullmatch(path.name) or is_100:
        return cifar_refusal(shown(path.name), f"{path.parent.name}/{path.name}")
    return (
        f"{shown(path.name)} is {PICKLE.what}. {PICKLE.today} Where you made it, save the arrays instead: "
        'numpy.savez("data.npz", images=…, labels=…).'
    )


def cifar_refusal(begin: str, place: str) -> str:
    """Say why CIFAR's pickles are never opened, and which archive holds the same as plain bytes.

    Parameters
    ----------
    begin
        What the sentence begins with, before "is".
    place
        The path of the pickle, which tells CIFAR-100 from CIFAR-10.
    """
    number = 100 if "cifar-100" in place or _CIFAR_100.fullmatch(Path(place).name) else 10
    return (
        f"{begin} is {PICKLE.what}. {PICKLE.today} Get cifar-{number}-binary.tar.gz from the same page: it holds the "
        "same images as plain bytes."
    )
