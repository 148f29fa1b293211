"""How fast bytes come."""

from __future__ import annotations

from collections import deque

WINDOW_S = 5.0
"""The time that a rate is taken over."""

_LEAST_S = 0.5


class Rate:
    """Bytes per second over the last seconds, by any clock that never goes back.

    Examples
    --------
    >>> rate = Rate()
    >>> for second in range(1, 8):
    ...     rate.add(second, 1_000 * second)
    >>> rate.per_second
    1000.0
    """

    def __init__(self) -> None:
        self._points: deque[tuple[float, int]] = deque()

    def add(self, now: float, n_bytes: int) -> None:
        """Note how many bytes are there; fewer than before begin anew, as a server does that sends all of it again."""
        if self._points and n_bytes < self._points[-1][1]:
            self._points.clear()
        self._points.append((now, n_bytes))
        while len(self._points) > 2 and now - self._points[1][0] >= WINDOW_S:
            self._points.popleft()

    @property
    def per_second(self) -> float | None:
        """None before half a second of it is known."""
        if not self._points:
            return None
        (began, first), (now, last) = self._points[0], self._points[-1]
        return (last - first) / (now - began) if now - began >= _LEAST_S and last > first else None
