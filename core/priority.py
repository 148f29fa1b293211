"""Who goes first where more threads want to compute than there are cores."""

from __future__ import annotations

import os
import sys
from threading import get_native_id
from typing import Final

COURTESY: Final = 5
"""By so much is a thread nicer that gives way: beside a window it still gets a core whenever the window rests."""


def give_way() -> None:
    """Let other threads of this process go before the one that calls, and before processes that it begins.

    A training takes every core that there is; what answers the user's hands would have to wait for its turn. On Linux
    a thread has a priority of its own (`setpriority(2)`, "C library/kernel differences"); elsewhere the priority is
    the whole process's, and nothing happens.
    """
    if sys.platform == "linux":
        thread = get_native_id()
        os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + COURTESY)
