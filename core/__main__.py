"""`python -m core`: the command line, in a work tree where nothing is installed."""

import sys

from core.commands.main import main

if __name__ == "__main__":
    sys.exit(main())
