"""What arrays are for, told by their names: images or labels, of the training part or of the test part."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from core.errors import DataError
from core.io.failures import shown
from core.text import listing

_PARTS = "train(?:ing)?|test(?:ing)?|val(?:id(?:ation)?)?|dev"
_NAME = re.compile(
    rf"(?P<before>{_PARTS})?[-_./ ]?(?:set[-_./ ])?"
    r"(?P<role>x|images?|imgs?|data|pixels|features|y|labels?|targets?|class(?:es)?)"
    rf"[-_./ ]?(?P<after>{_PARTS})?",
    re.IGNORECASE,
)
_IMAGES = {"x", "image", "images", "img", "imgs", "data", "pixels", "features"}
_NAMES_OF_CLASSES = {"class_names", "label_names", "list_classes", "target_names", "classes"}
_IN_ORDER = ("arr_0", "arr_1")  # what numpy.savez calls arrays that are given without a name
_USUAL = "x_train and y_train, with or without x_test and y_test, images and labels, or x and y"


@dataclass(frozen=True, slots=True)
class Pair:
    """The names of an array of images and of their labels."""

    images: str
    labels: str


@dataclass(frozen=True, slots=True)
class Roles:
    """What the arrays of a data set are for.

    Attributes
    ----------
    train : Pair
    test : Pair or None
    classes : str or None
        The array of the names of the classes.
    validation : Pair or None
        A part for validation, which is not used: Convograph draws its own.
    """

    train: Pair
    test: Pair | None = None
    classes: str | None = None
    validation: Pair | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """What a report says of the choice."""
        if self.validation is None:
            return ()
        return (f"{self.validation.images} is not used: the samples for validation are drawn from the training part",)


def roles_of(names: Iterable[str], holder: str, *, texts: Iterable[str] = ()) -> Roles:
    """Say which arrays are the images, the labels and the names of the classes.

    Parameters
    ----------
    names
        Of all arrays.
    holder
        What holds them, as sentences call it: "mnist.npz".
    texts
        Those names whose arrays hold texts, which may be names of classes.

    Raises
    ------
    DataError
        No images, or none with labels, are among them.

    Examples
    --------
    >>> roles_of(["X_train", "y_train", "x_test", "y_test"], "mnist.npz").test
    Pair(images='x_test', labels='y_test')
    >>> roles_of(["images", "labels"], "mine.npz")
    Roles(train=Pair(images='images', labels='labels'), test=None, classes=None, validation=None)
    """
    names, texts = list(names), set(texts)
    classes = next((name for name in names if name in texts and name.lower() in _NAMES_OF_CLASSES), None)
    pairs = pairs_of([name for name in names if name != classes])
    if not pairs and tuple(names) == _IN_ORDER:
        return Roles(Pair(*_IN_ORDER))
    train = pairs.get("train") or pairs.get("")
    test = pairs.get("test")
    if train is None:
        if test is None:
            raise DataError(_missing(names, holder))
        train, test = test, None
    return Roles(train, test, classes, pairs.get("val"))


def pairs_of(names: Iterable[str]) -> dict[str, Pair]:
    """Return the pairs of images and labels by their part: "train", "test", "val", or "" where none is said.

    >>> pairs_of(["x", "y", "notes"])
    {'': Pair(images='x', labels='y')}
    """
    found: dict[tuple[str, bool], str] = {}
    for name in names:
        if role := part_and_role(name):
            found.setdefault(role, name)
    return {
        part: Pair(images, found[part, False])
        for (part, is_images), images in found.items()
        if is_images and (part, False) in found
    }


def part_and_role(name: str) -> tuple[str, bool] | None:
    """Return the part that an array belongs to, and whether it holds the images of it; None for other names.

    >>> part_and_role("y_test"), part_and_role("train/images"), part_and_role("weights")
    (('test', False), ('train', True), None)
    """
    match = _NAME.fullmatch(name.strip("/"))
    if match is None or (match["before"] and match["after"]):
        return None
    part = (match["before"] or match["after"] or "").lower()
    kinds = {"tra": "train", "tes": "test", "val": "val", "dev": "val"}
    return kinds.get(part[:3], ""), match["role"].lower() in _IMAGES


def _missing(names: list[str], holder: str) -> str:
    there = listing(map(shown, names)) or "nothing"
    kinds = [role for role in map(part_and_role, names) if role]
    images = [shown(name) for name in names if (role := part_and_role(name)) and role[1]]
    if images:
        return f"{shown(holder)} holds {images[0]}, but no labels for it; there is {there}. Name the arrays {_USUAL}."
    if kinds:
        return f"{shown(holder)} holds labels, but no images for them; there is {there}. Name the arrays {_USUAL}."
    return f"{shown(holder)} holds {there}: no images and labels among them. Name the arrays {_USUAL}."
