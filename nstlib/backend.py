"""TensorFlow and Keras, started at their first use and without the notes they print.

Every module of the package takes ``tf`` and ``keras`` from here. Starting TensorFlow
takes seconds, and much needs none of it: ``--help``, settings that are wrong, a photo
that is not there. So both names stand for modules that are imported when something of
them is asked for.
"""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any


@contextmanager
def held_back_stderr() -> Iterator[None]:
    """Keep what C++ writes to the error stream; show it only if the block fails.

    Some of those notes come before TensorFlow reads `TF_CPP_MIN_LOG_LEVEL`, so the
    stream itself has to be held back.
    """
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


class _Later(ModuleType):
    """Has all that a module has, and imports it when that is asked for."""

    def __getattr__(self, name: str) -> Any:
        # Python and its tools ask any module for names such as __path__.
        if name.startswith("__") and name != "__version__":
            raise AttributeError(name)
        return getattr(_started(self), name)

    def __dir__(self) -> list[str]:
        return dir(_started(self))


def _started(later: _Later) -> ModuleType:
    """The module itself. What it holds by now can from here on be had without us."""
    with _LOCK:
        if later.__name__ not in _SECONDS:
            began = time.perf_counter()
            with held_back_stderr():
                found = importlib.import_module(later.__name__)
            _SECONDS[later.__name__] = time.perf_counter() - began
            public = {k: v for k, v in vars(found).items() if not k.startswith("_")}
            vars(later).update(public)
        return sys.modules[later.__name__]


_LOCK = threading.RLock()
_SECONDS: dict[str, float] = {}

if TYPE_CHECKING:
    import keras
    import tensorflow as tf
else:
    tf, keras = _Later("tensorflow"), _Later("keras")


def start_seconds() -> float:
    """How long TensorFlow took to start; 0 as long as it has not."""
    return _SECONDS.get("tensorflow", 0.0)


def has_native_bfloat16() -> bool:
    """Whether convolutions in bfloat16 are faster than in float32 here.

    On processors, by the flags that Linux reports (elsewhere float32 is the safe
    answer); on NVIDIA GPUs, from compute capability 8.0.
    """
    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        details = tf.config.experimental.get_device_details(gpus[0])
        capability: tuple[int, int] = details.get("compute_capability", (0, 0))
        return capability >= (8, 0)
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags
