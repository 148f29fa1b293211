"""A process that runs a script within limits: `python -m core.export.proof.limited SCRIPT BYTES …`."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path


def main() -> None:
    """Run the script that the first argument names; whatever follows the limit is its own."""
    script, n_bytes, *rest = sys.argv[1:]
    if sys.platform != "win32":
        import resource

        _, hardest = resource.getrlimit(resource.RLIMIT_DATA)
        limit = int(n_bytes) if hardest == resource.RLIM_INFINITY else min(int(n_bytes), hardest)
        resource.setrlimit(resource.RLIMIT_DATA, (limit, hardest))
    sys.argv = [script, *rest]
    runpy.run_path(str(Path(script)), run_name="__main__")


if __name__ == "__main__":
    main()
