"""The libraries of the extra ``video``, found when a film needs them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from typing import Any

from nstlib.errors import FilmError

INSTALL = (
    'install it with pip install "nstlib[video]", or in a clone with '
    'pip install -e ".[video]"'
)
OWN_FFMPEG = (
    "set the environment variable IMAGEIO_FFMPEG_EXE to the path of another ffmpeg"
)

# A process in a group of its own does not get the Ctrl-C that is meant for nst, so it
# can finish what it is writing. The option has another name on Windows.
APART: dict[str, Any] = (
    {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
    if os.name == "nt"
    else {"start_new_session": True}
)
"""Arguments for `subprocess` that keep Ctrl-C from the process."""


def opencv() -> Any:
    """Return the module ``cv2``.

    Raises:
        FilmError: OpenCV is not installed.
    """
    try:
        import cv2
    except ImportError as error:
        raise FilmError(f"optical flow needs OpenCV ({error}): {INSTALL}.") from error
    return cv2


def ffmpeg() -> str:
    """Return the path of ffmpeg.

    The one that ``IMAGEIO_FFMPEG_EXE`` names comes first, then that of the package
    imageio-ffmpeg, then the system's.

    Raises:
        FilmError: there is none.
    """
    try:
        import imageio_ffmpeg

        found: str = imageio_ffmpeg.get_ffmpeg_exe()
        return found
    except (ImportError, RuntimeError) as error:
        system = os.environ.get("IMAGEIO_FFMPEG_EXE") or shutil.which("ffmpeg")
        if system and shutil.which(system):
            return system
        raise FilmError(f"films need ffmpeg: {INSTALL}.") from error


def ran(arguments: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
    """Run ffmpeg to its end, and return its output and its status.

    Raises:
        FilmError: there is no ffmpeg, or it does not start.
    """
    program = ffmpeg()
    try:
        return subprocess.run(
            [program, "-hide_banner", "-nostdin", *arguments],
            capture_output=True,
            check=False,
            **APART,
        )
    except OSError as error:
        raise FilmError(
            f"{program} does not start ({error.strerror}): {OWN_FFMPEG}."
        ) from error


def last_words(stderr: bytes) -> str:
    """Return the last line that ffmpeg printed, without the names of its parts."""
    lines = stderr.decode("utf-8", "replace").strip().splitlines()
    words = [line for line in lines if "Conversion failed" not in line]
    return words[-1].rpartition("] ")[2].strip()[:160] if words else "no reason given"
