"""TensorFlow and Keras, imported at their first use and without start-up messages.

Every module of the package imports ``tf`` and ``keras`` from here. Starting TensorFlow
takes seconds, and many calls do not need it: ``--help``, wrong settings, a photo that
does not exist. So both names are placeholders, which import the real module when one of
its attributes is used for the first time.
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
    """Hold back what C++ code writes to stderr; print it only if the block fails.

    TensorFlow writes some of its messages before it reads `TF_CPP_MIN_LOG_LEVEL`, so
    the stream itself has to be redirected.
    """
    if sys.stderr:  # None in a service
        sys.stderr.flush()
    try:
        stream = os.dup(2)
    except OSError:  # nobody would read it
        yield
        return
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
    """A placeholder that imports its module when one of its attributes is used."""

    def __getattr__(self, name: str) -> Any:
        # Python and its tools look up names such as __path__ in every module. That
        # must not start TensorFlow.
        if name.startswith("__") and name != "__version__":
            raise AttributeError(name)
        return getattr(_started(self), name)

    def __dir__(self) -> list[str]:
        return dir(_started(self))


def _started(later: _Later) -> ModuleType:
    """Return the real module, importing it the first time.

    Its public names are copied into the placeholder, so that finding them again does
    not lead through `__getattr__`.
    """
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
    """Return how many seconds TensorFlow took to start, or 0 if it has not started."""
    return _SECONDS.get("tensorflow", 0.0)


def has_native_bfloat16() -> bool:
    """Return whether convolutions are faster in bfloat16 than in float32 here.

    NVIDIA GPUs are fast in bfloat16 from compute capability 8.0. For a processor, the
    flags that Linux reports decide. Other systems do not report them, and the answer
    there is False, because float32 is always safe.
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
