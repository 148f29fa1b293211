"""A process that runs a script within limits: `python -m core.export.proof.limited SCRIPT BYTES …`."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

from core.own_process import limit_memory


def main() -> None:
    """Run the script that the first argument names; whatever follows the limit is its own."""
    script, n_bytes, *rest = sys.argv[1:]
    limit_memory(int(n_bytes))
    sys.argv = [script, *rest]
    runpy.run_path(str(Path(script)), run_name="__main__")


if __name__ == "__main__":
    main()
