"""How much memory a network may take, asked before it is taken."""

from __future__ import annotations

from core.errors import NetworkError
from core.memory import machine_bytes
from core.text import bytes_text


def memory_limit() -> int:
    """Return the bytes that one network may take: three quarters of the machine's memory."""
    return machine_bytes() * 3 // 4


def beyond_memory(n_bytes: int, what: str) -> str | None:
    """Say in a sentence that something would not fit into memory; None where it fits.

    Parameters
    ----------
    what : str
        What needs it, as the beginning of the sentence.
    """
    limit = memory_limit()
    if n_bytes <= limit:
        return None
    return (
        f"{what} needs about {bytes_text(n_bytes)} of memory, but no more than {bytes_text(limit)} "
        "of this computer's may be taken. Use smaller layers or images, or smaller batches."
    )


def refuse_beyond_memory(n_bytes: int, what: str) -> None:
    """Raise where something would not fit into memory, before it is taken."""
    refusal = beyond_memory(n_bytes, what)
    if refusal:
        raise NetworkError(refusal)
