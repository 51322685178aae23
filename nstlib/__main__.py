"""``python -m nstlib`` is the same as ``nst``: both call `start`.

Ctrl-C has to work from the first moment. So this module imports nothing at its top that
takes time: the command itself is imported where a KeyboardInterrupt is caught.
"""

import sys


def start() -> int:
    """Run ``nst`` with the arguments of the process, and return its exit status."""
    try:
        from nstlib.cli.main import main

        return main()
    except KeyboardInterrupt:  # outside of main, which catches its own
        if sys.stderr:
            print("nst: interrupted before anything was done.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(start())
