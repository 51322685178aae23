"""TensorFlow and Keras, imported at their first use and without start-up messages.

Every module of the package imports ``tf`` and ``keras`` from here. Starting TensorFlow
takes seconds, and many calls do not need it: ``--help``, wrong settings, a photo that
does not exist. So both names are placeholders, which import the real module when one of
its attributes is used for the first time.
"""

from __future__ import annotations

import importlib
import json
import os
import platform
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from nstlib.errors import BackendError
from nstlib.limits import check_start

BACKEND = "KERAS_BACKEND"
"""The environment variable that tells Keras which framework to compute with. It takes
precedence over keras.json."""


@contextmanager
def held_back_stderr() -> Iterator[None]:
    """Hold back what C++ code writes to stderr; print it only if the block fails.

    TensorFlow writes some of its messages before it reads `TF_CPP_MIN_LOG_LEVEL`, so
    the stream itself has to be redirected.
    """
    if sys.stderr:  # None in a service
        sys.stderr.flush()
    try:
        notes = tempfile.TemporaryFile()  # noqa: SIM115
        stream = os.dup(2)
    except OSError:  # no temporary folder can be written to, or nobody would read it
        yield
        return
    with notes:
        os.dup2(notes.fileno(), 2)
        try:
            yield
        except BackendError:
            raise  # which says everything
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
    check_process()
    with _LOCK:
        if later.__name__ not in _SECONDS:
            began = time.perf_counter()
            with held_back_stderr(), _explained():
                check_start()
                choose_tensorflow()
                found = _imported(later.__name__)
            _PROCESS.setdefault("started in", os.getpid())
            _SECONDS[later.__name__] = time.perf_counter() - began
            public = {k: v for k, v in vars(found).items() if not k.startswith("_")}
            vars(later).update(public)
        return sys.modules[later.__name__]


_LOCK = threading.RLock()
_SECONDS: dict[str, float] = {}
_PROCESS: dict[str, int] = {}

if TYPE_CHECKING:
    import keras
    import tensorflow as tf
else:
    tf, keras = _Later("tensorflow"), _Later("keras")


def check_process() -> None:
    """Raise a `BackendError` in a process that was forked after TensorFlow started.

    A fork copies the memory but not the threads, so TensorFlow would wait for them
    forever.
    """
    if _PROCESS.get("started in", os.getpid()) != os.getpid():
        raise BackendError(
            "this process was forked after TensorFlow had started, and would wait "
            'forever: start it with multiprocessing.get_context("spawn"), or fork '
            "before the first picture."
        )


def _forget() -> None:
    """Make the placeholders of a forked process ask again, so that they can refuse."""
    global _LOCK
    _LOCK = threading.RLock()  # another thread may have held the old one
    for later in (tf, keras):
        for name in [name for name in vars(later) if not name.startswith("_")]:
            delattr(later, name)


if hasattr(os, "register_at_fork"):  # Windows does not fork
    os.register_at_fork(after_in_child=_forget)


def choose_tensorflow() -> None:
    """Make Keras compute with TensorFlow, whatever keras.json or the environment says.

    Raises:
        BackendError: Keras has been imported already, with another framework.
    """
    loaded = sys.modules.get("keras")
    if loaded is None:
        os.environ[BACKEND] = "tensorflow"
        return
    other = loaded.config.backend() if hasattr(loaded, "config") else "tensorflow"
    if other != "tensorflow":
        raise BackendError(
            f"Keras was imported before nstlib and computes with {other}, but nstlib "
            f"needs TensorFlow: import nstlib.backend first, or set {BACKEND} to "
            "tensorflow before Python starts."
        )


def _imported(name: str) -> ModuleType:
    """Import TensorFlow or Keras, and keep TensorFlow from importing all of Keras.

    It imports the optimizers so that saved models can name them, and goes on without
    them. With them come all of Keras and Matplotlib, which takes half a second. Keras
    is still imported when it is used for the first time.
    """
    optimizers = "keras.src.optimizers"
    if name != "tensorflow" or "keras" in sys.modules:
        return importlib.import_module(name)
    sys.modules[optimizers] = None  # type: ignore[assignment]
    try:
        return importlib.import_module(name)
    finally:
        del sys.modules[optimizers]


@contextmanager
def _explained() -> Iterator[None]:
    """Say in one sentence why TensorFlow or Keras does not start."""
    try:
        yield
    except BackendError:
        raise
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in ("tensorflow", "keras"):
            raise
        advice = missing_wheel() or "install nstlib again; nst doctor says how"
        raise BackendError(f"{error.name} is not installed: {advice}.") from error
    except Exception as error:
        path, trouble = keras_json(), broken_keras_json()
        if not trouble:
            raise
        raise BackendError(f"{path} {trouble}: correct or delete it.") from error


def keras_json() -> Path:
    """Return the file from which Keras reads its settings when it is imported."""
    home = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
    return home / "keras.json"


def broken_keras_json() -> str:
    """Return what in `keras_json` keeps Keras from being imported; "" if nothing."""
    path = keras_json()
    try:
        facts = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except OSError:
        return "cannot be read"
    except ValueError:
        return ""  # Keras goes on without it
    if not isinstance(facts, dict):
        return "does not hold names and values"
    choices = {
        "floatx": ("float16", "float32", "float64"),
        "image_data_format": ("channels_last", "channels_first"),
    }
    for name, known in choices.items():
        if facts.get(name, known[0]) not in known:
            return f"asks for {name} {facts[name]!r:.40}, which Keras does not know"
    if not isinstance(facts.get("epsilon", 1e-7), float):
        return f"has an epsilon that is no real number ({facts['epsilon']!r:.40})"
    return ""


def missing_wheel() -> str:
    """Return what to do if there is no TensorFlow for this computer; "" if there is."""
    system, machine = platform.system(), platform.machine().lower()
    if system == "Darwin" and machine == "x86_64":
        where = "Macs with an Intel processor"
    elif system == "Windows" and machine in ("arm64", "aarch64"):
        where = "Windows on ARM"
    elif sys.version_info >= (3, 14):
        return "there is no TensorFlow for this Python yet; use Python 3.10 to 3.13"
    else:
        return ""
    return (
        f"there is no TensorFlow for {where}; use Linux, Windows on an Intel or AMD "
        "processor, a Mac with Apple silicon, or a notebook in the cloud"
    )


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
