"""TensorFlow, imported without the notes that it prints while it starts.

Every module of the package takes ``tf`` from here. Some of those notes come before
TensorFlow reads `TF_CPP_MIN_LOG_LEVEL`, so the error stream itself is held back; if the
import fails, what was held back is shown.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def held_back_stderr() -> Iterator[None]:
    """Keep what C++ writes to the error stream; show it only if the block fails."""
    sys.stderr.flush()
    stream = os.dup(2)
    with tempfile.TemporaryFile() as notes:
        os.dup2(notes.fileno(), 2)
        try:
            yield
        except Exception:
            notes.seek(0)
            os.write(stream, notes.read())
            raise
        finally:
            os.dup2(stream, 2)
            os.close(stream)


_began = time.perf_counter()
with held_back_stderr():
    import tensorflow as tf
START_SECONDS = time.perf_counter() - _began
"""How long TensorFlow took to start."""

__all__ = ["START_SECONDS", "tf"]
