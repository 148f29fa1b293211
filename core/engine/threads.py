"""One thread for matrix products, so that the same seed gives the same bits on any number of cores."""

from __future__ import annotations

from functools import cached_property
from threading import Lock
from types import TracebackType

from threadpoolctl import LibController, ThreadpoolController


class OneThread:
    """Keeps BLAS at one thread while anybody is inside; the last who leaves restores what the first one found.

    How many threads share a matrix product decides the order of its sums, and so its last bits. Their number belongs
    to the whole process: it is held while a step is computed, not between steps. Entering and leaving takes about 5 µs,
    because the libraries are looked for only once.

    >>> with ONE_THREAD:
    ...     set(ONE_THREAD.n_threads) <= {1}
    True
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._inside = 0
        self._found: list[int] = []

    @cached_property
    def _libraries(self) -> list[LibController]:
        import numpy as np  # noqa: F401 - its BLAS is found once it is loaded

        return list(ThreadpoolController().select(user_api="blas").lib_controllers)

    @property
    def n_threads(self) -> list[int]:
        """How many threads each BLAS library of this process uses now."""
        return [library.get_num_threads() for library in self._libraries]

    @property
    def architectures(self) -> list[str]:
        """For which processors the BLAS libraries of this process compute, in their own words."""
        return [getattr(library, "architecture", "") for library in self._libraries]

    def __enter__(self) -> None:
        with self._lock:
            if not self._inside:
                self._found = self.n_threads
                self._set([1] * len(self._found))
            self._inside += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                self._set(self._found)

    def _set(self, numbers: list[int]) -> None:
        if self._found == [1] * len(self._found):
            return  # as they are already, and shall be again
        for library, number in zip(self._libraries, numbers, strict=True):
            # threadpoolctl 3.8 ignores every thread but the first that set a number, while that one lives: the
            # window's thread would decide for those in which runs take place. The lock keeps order here.
            release = getattr(library, "clear_controlling_thread", None)
            if release is not None:
                release(force=True)
            library.set_num_threads(number)


ONE_THREAD = OneThread()
