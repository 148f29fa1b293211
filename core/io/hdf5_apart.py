"""HDF5 read in a process of its own: on damaged bytes it may crash, or go round in circles for ever.

The process is `python -m MODULE BYTES SECONDS FOLDER`, with the file as its input. It leaves its answer in the folder,
as JSON, and whatever arrays it has read beside it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import IO, Any, Final

from core.own_process import limit_memory, limit_seconds, own_command, own_environment, ran_out_of_seconds

MOST_SECONDS: Final = 10.0
"""How long such a process may compute, unless the file is large."""
_WAITED: Final = 6
"""How many times longer it may take on a machine that others keep busy."""
_ANSWER: Final = "answer.json"


def read_apart(module: str, file: IO[bytes], folder: Path, n_bytes: int, seconds: float) -> Any:
    """Let a module of ours read a file, and return its answer.

    Parameters
    ----------
    file
        With a handle of the system, at its beginning.
    folder
        In which the process leaves what it finds.
    n_bytes
        How much memory it may take.
    seconds
        How long it may compute.

    Raises
    ------
    TimeoutError
        It took longer, and was ended; the text says how long it was allowed.
    ChildProcessError
        It crashed; the text is "status" with what the system says of its end.
    """
    command, nowhere = own_command(module, str(n_bytes), str(seconds), str(folder)), subprocess.DEVNULL
    waited = _WAITED * seconds
    try:
        status = subprocess.run(
            command, env=own_environment(), stdin=file, stdout=nowhere, stderr=nowhere, timeout=waited, check=False
        ).returncode
    except subprocess.TimeoutExpired as error:
        raise TimeoutError(f"{waited:.3g} s") from error
    if ran_out_of_seconds(status):
        raise TimeoutError(f"{seconds:.3g} s")
    try:
        return json.loads((folder / _ANSWER).read_bytes())
    except (OSError, ValueError) as error:
        raise ChildProcessError(f"status {status}") from error


def folder_within_limits() -> Path:
    """Take the memory and time that were granted, and no more, and return the folder; for the process itself."""
    n_bytes, seconds, folder = sys.argv[1:]
    limit_memory(int(n_bytes))
    limit_seconds(float(seconds))
    return Path(folder)


def leave(answer: Any, folder: Path) -> None:
    """Leave the answer; for the process itself."""
    (folder / _ANSWER).write_text(json.dumps(answer))
