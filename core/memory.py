"""How much memory the machine has."""

from __future__ import annotations

import os

ASSUMED_BYTES = 8 * 2**30
"""What is assumed where the system does not say how much memory it has."""


def machine_bytes() -> int:
    """Return the bytes of memory that the machine has, whoever uses them."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf, others may not know the names
        return ASSUMED_BYTES
