"""A data set of pictures in a folder per class: listed at once, decoded one by one or as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from math import prod
from pathlib import Path
from types import TracebackType
from typing import Final

import numpy as np

from core.errors import DataError
from core.io.datasets.fitting import fitting_for
from core.io.datasets.pictures.archives import is_archive, open_place
from core.io.datasets.pictures.arranging import Arrangement, Listed, arrange, holds_pictures
from core.io.datasets.pictures.decoding import Picture, PictureError, decode, measure
from core.io.datasets.pictures.places import Entry, Place
from core.io.datasets.pictures.telling import Told
from core.io.datasets.resize import Resize
from core.io.datasets.room import room, room_bytes
from core.io.datasets.values import DataFacts, Dataset, Labels, Pixels, Refused
from core.io.formats import GZIP
from core.io.regular_files import open_file
from core.shapes import Shape
from core.text import bytes_text, counted, shape_text

FORMAT: Final = "pictures"
"""The name of the format."""
MOST_MEASURED = 512
"""Pictures whose headers tell the most common size."""

_THREADS = 2  # more wait for Python's lock, which decoding alone lets go of
_AT_ONCE = 8  # pictures that a thread takes: handing each over alone would cost a tenth
_FIRST_BLOCK, _BLOCK = 16, 128
_BLOCK_BYTES = 64 << 20
_FIRST_BYTES = 256 << 10  # of a file, in which its sizes nearly always stand
_PACKED_LOOKED_AT = 32 << 20


@dataclass(frozen=True, slots=True, eq=False)
class Progress:
    """How far reading has come.

    Attributes
    ----------
    n_done, n : int
        Files that were tried, and all of them.
    pixels : NDArray
        (M, H, W, C) the pictures read since the message before, as they are kept.
    labels : NDArray
        (M,) their classes.
    dataset : Dataset or None
        All of them, in the last message.
    """

    n_done: int
    n: int
    pixels: Pixels
    labels: Labels
    dataset: Dataset | None = None


class PictureFolder:
    """The pictures of a folder or archive, found but not decoded. It is closed when done with, as files are.

    Parameters
    ----------
    path
        A folder with a folder for each class, or a zip or tar archive of one.

    Attributes
    ----------
    name : str
        That of the folder or archive.
    classes : tuple of str
    training, test : Listed
        Files and labels; the test part may be empty.
    refused : tuple of Refused
        What the listing alone refuses.
    notes : tuple of str
        What was done with the folders.

    Raises
    ------
    DataError
        There are no class folders with pictures, or the archive is damaged.
    OSError
        It cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._place: Place = open_place(path)
        try:
            found: Arrangement = arrange(self._place)
        except BaseException:
            self._place.close()
            raise
        self.name = self._place.name
        self.classes, self.training, self.test = found.classes, found.training, found.test
        self.refused, self.notes = found.refused, found.notes
        self._usual: Shape | None = None

    def __enter__(self) -> PictureFolder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of an archive."""
        self._place.close()

    def __len__(self) -> int:
        """Return the number of files of the training part."""
        return len(self.training.entries)

    @property
    def usual_shape(self) -> Shape:
        """Height and width that most pictures have, and 3 channels if any has colour; judged by up to 512 headers.

        Raises
        ------
        DataError
            None of these can be read.
        """
        if self._usual is None:
            self._usual = self._measured()
        return self._usual

    @property
    def facts(self) -> DataFacts:
        """What training must know, as far as the listing tells: files that turn out to be damaged are counted."""
        labels = self.training.labels
        return DataFacts(
            self.name, self.usual_shape, len(self), len(self.classes), int(labels.min()), refused=self.refused
        )

    def sample(self, number: int, shape: Shape | None = None, resize: Resize = "stretch") -> Pixels:
        """Decode one picture of the training part.

        Parameters
        ----------
        number
            Its place in the listing.
        shape
            (H, W, C) that it is brought to, C 1 or 3; its own without it.

        Returns
        -------
        (H, W, C) uint8, or float32 from 0 to 1 where it has 16 bits.

        Raises
        ------
        DataError
            It cannot be read.
        """
        entry = self.training.entries[number]
        found = self._decoded(entry, shape, resize)
        if isinstance(found, Refused):
            raise DataError(f"{found.file}: {found.what}")
        return found.pixels

    def read(self, shape: Shape | None = None, resize: Resize = "stretch") -> Iterator[Progress]:
        """Decode all pictures, each once; closing the generator stops it.

        Parameters
        ----------
        shape
            That of the network's Input. Where it is (H, W, 1) or (H, W, 3), pictures are brought to it; else to the
            usual size and channels.
        resize
            What is done where height and width have another ratio.

        Yields
        ------
        Progress
            The first after a few pictures; the last with the data set.

        Raises
        ------
        DataError
            None can be read, there is no room for them, or they can't be brought to the shape.
        """
        wanted = self._wanted(shape)
        n, n_done = len(self.training.entries) + len(self.test.entries), 0
        self._require_room(n, wanted)
        told = Told(wanted, resize)
        training, test = _Samples(self.training, wanted), _Samples(self.test, wanted)
        decoded = partial(self._all_decoded, shape=wanted, resize=resize)
        fresh = training.add([], range(0))
        with ThreadPoolExecutor(_THREADS, "pictures") as pool:
            for samples in (training, test):
                for start, stop in _blocks(len(samples.listed.entries), prod(wanted)):
                    entries = samples.listed.entries[start:stop]
                    few = [entries[at : at + _AT_ONCE] for at in range(0, len(entries), _AT_ONCE)]
                    found = [picture for pictures in pool.map(decoded, few) for picture in pictures]
                    n_done += len(found)
                    fresh = samples.add(found, range(start, stop))
                    told.add(entries, found)
                    if n_done < n:
                        yield Progress(n_done, n, *fresh)
        yield Progress(n, n, *fresh, self._dataset(training, test, told))

    def _wanted(self, shape: Shape | None) -> Shape:
        """Return what pictures are brought to for an Input: its shape, or their own if they have to be flattened."""
        if shape is not None and len(shape) == 3 and shape[2] in (1, 3):
            return shape
        if shape is not None:
            fitting_for(self.name, None, self.usual_shape, shape)  # raises where they can't be
        return self.usual_shape

    def _dataset(self, training: _Samples, test: _Samples, told: Told) -> Dataset:
        refused = (*self.refused, *training.refused, *test.refused)
        if not training.sources:
            first = training.refused[0]
            raise DataError(f"{self.name}: none of its pictures can be read. {first.file}: {first.what}")
        notes = (*self.notes, *told.notes)
        tested = None
        if test.sources:
            tested = Dataset(
                f"{self.name}, test part", *test.arrays, self.classes, test.scale, notes, FORMAT, test.sources
            )
        return Dataset(
            self.name, *training.arrays, self.classes, training.scale, notes, FORMAT, training.sources, refused, tested
        )

    def _all_decoded(self, entries: Sequence[Entry], shape: Shape | None, resize: Resize) -> list[Picture | Refused]:
        return [self._decoded(entry, shape, resize) for entry in entries]

    def _decoded(self, entry: Entry, shape: Shape | None, resize: Resize) -> Picture | Refused:
        try:
            return decode(self._place.read(entry), shape, resize)
        except PictureError as error:
            return Refused(entry.path, error.where, error.what_in_folder)

    def _measured(self) -> Shape:
        entries = self.training.entries
        some = [entries[at] for at in np.linspace(0, len(entries) - 1, min(len(entries), MOST_MEASURED)).astype(int)]
        sizes: Counter[tuple[int, int]] = Counter()
        channels, first = 1, ""
        for entry in some:
            try:
                high, wide, own = self._shape(entry)
            except PictureError as error:
                first = first or f"{entry.path}: {error.what_in_folder}"
                continue
            sizes[high, wide] += 1
            channels = max(channels, own)
        if not sizes:
            raise DataError(f"{self.name}: none of its pictures can be read. {first}")
        ((size, _),) = sizes.most_common(1)
        return (*size, channels)

    def _shape(self, entry: Entry) -> Shape:
        try:
            return measure(self._place.read(entry, _FIRST_BYTES))
        except PictureError:
            return measure(self._place.read(entry))  # some formats end with what others begin with

    def _require_room(self, n: int, shape: Shape) -> None:
        n_bytes, limit = n * prod(shape), room_bytes()
        if n_bytes > limit:
            raise DataError(
                f"{self.name} holds {counted(n, 'picture')}. At {shape_text(shape)} they would fill "
                f"{bytes_text(n_bytes)}; there is room for {bytes_text(limit)} in memory and temporary files. Make the "
                "Input smaller, or use fewer pictures."
            )


@dataclass(slots=True, eq=False)
class _Samples:
    """The decoded pictures of one part, one after the other, those that can be used."""

    listed: Listed
    shape: Shape
    scale: float = 255.0
    sources: list[str] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    _pixels: Pixels = field(init=False)
    _places: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._pixels = room((len(self.listed.entries), *self.shape), np.uint8)

    @property
    def arrays(self) -> tuple[Pixels, Labels]:
        """Pixels and labels."""
        return self._pixels[: len(self._places)], self.listed.labels[self._places]

    def add(self, found: list[Picture | Refused], places: range) -> tuple[Pixels, Labels]:
        """Keep a block of pictures; return those of them that can be used, and their labels."""
        begin = len(self._places)
        for place, picture in zip(places, found, strict=True):
            if isinstance(picture, Refused):
                self.refused.append(picture)
                continue
            if picture.pixels.dtype == np.float32 and self.scale != 1:
                self._make_fractions()
            at = len(self._places)
            if self.scale == 1 and picture.pixels.dtype == np.uint8:
                np.divide(picture.pixels, np.float32(255), out=self._pixels[at])
            else:
                self._pixels[at] = picture.pixels
            self._places.append(place)
            self.sources.append(self.listed.entries[place].path)
        return self._pixels[begin : len(self._places)], self.listed.labels[self._places[begin:]]

    def _make_fractions(self) -> None:
        """Turn bytes into fractions: one picture has 16 bits, which bytes cannot keep."""
        fractions: Pixels = room(self._pixels.shape, np.float32)
        for start in range(0, len(self._places), _BLOCK):
            block = slice(start, min(start + _BLOCK, len(self._places)))
            np.divide(self._pixels[block], np.float32(255), out=fractions[block])
        self._pixels, self.scale = fractions, 1.0


def is_picture_folder(path: Path) -> bool:
    """Say whether a path is a folder with pictures, or an archive of one; also where it is damaged, to be told so."""
    if not path.is_dir() and not is_archive(path):
        return False
    try:
        place = open_place(path, glance=True)
    except OSError:
        return False
    except DataError:
        return True
    try:
        return holds_pictures(place)
    except OSError:
        return False
    except DataError:
        return True
    finally:
        place.close()


def read_picture_folder(path: Path, shape: Shape | None = None, resize: Resize = "stretch") -> Dataset:
    """Decode all pictures of a folder or archive.

    Parameters
    ----------
    shape, resize
        As for `PictureFolder.read`.

    Raises
    ------
    DataError
        None can be read, there is no room for them, or they can't be brought to the shape.
    """
    with PictureFolder(path) as folder:
        return next(progress.dataset for progress in folder.read(shape, resize) if progress.dataset is not None)


def look_at_picture_folder(path: Path) -> DataFacts | None:
    """List a folder or archive, and read a few headers; None for a packed archive that is large.

    Raises
    ------
    DataError
        As for `PictureFolder`.
    """
    if not path.is_dir():
        with open_file(path) as file:
            if file.read(2) == GZIP and path.stat().st_size > _PACKED_LOOKED_AT:
                return None
    with PictureFolder(path) as folder:
        return folder.facts


def _blocks(n: int, n_bytes: int) -> Iterator[tuple[int, int]]:
    """Divide pictures into blocks that are decoded at once, the first of them small, so that it is there soon."""
    most = max(1, min(_BLOCK, _BLOCK_BYTES // n_bytes))
    start = 0
    while start < n:
        stop = min(n, start + (min(most, _FIRST_BLOCK) if start == 0 else most))
        yield start, stop
        start = stop
