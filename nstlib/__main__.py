"""``python -m nstlib`` is the same as ``nst``."""

import sys

from nstlib.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
