"""A thread that gives way, alone of its process."""

import os
import subprocess
import sys
from threading import Thread, get_native_id

import pytest

from core.priority import COURTESY, give_way

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere all threads of a process have one priority")
PRINTED = "import os; print(os.getpriority(os.PRIO_PROCESS, 0))"


def niceness():
    return os.getpriority(os.PRIO_PROCESS, get_native_id())


def test_it_is_nicer_with_the_processes_that_it_begins_and_others_are_as_they_were():
    found = []

    def work():
        give_way()
        begun = subprocess.run([sys.executable, "-c", PRINTED], capture_output=True, text=True, check=True)
        found.extend([niceness(), int(begun.stdout)])

    before = niceness()
    thread = Thread(target=work)
    thread.start()
    thread.join()
    assert found == [before + COURTESY] * 2
    assert niceness() == before
