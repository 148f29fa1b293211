"""What `make run` does without a display: trains in the terminal and draws a picture of the window."""

from __future__ import annotations

import os
import sys
from pathlib import Path

PICTURE = Path("convograph.png")


def main() -> int:
    """Say that there is no display, train the opening network, write a picture of the window."""
    from core.io.templates import OPENING, load_template
    from core.training.reporting import follow
    from core.training.trainer import Trainer
    from designer.guard import missing_for_drawing

    document = load_template(OPENING)
    print(f"There is no display to open a window on, so {document.name} trains here, on the bundled digits.")
    follow(Trainer(document).messages())
    missing = missing_for_drawing()
    if missing:
        print(missing, file=sys.stderr)
        return 1
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from designer.screenshots import picture_of_training

    picture_of_training(PICTURE)
    print(f"This is how the window looks while it trains: {PICTURE.absolute()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
