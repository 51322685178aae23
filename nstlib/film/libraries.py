"""The libraries of the extra ``video``, imported when a film needs them."""

from __future__ import annotations

from typing import Any

from nstlib.errors import FilmError

INSTALL = 'pip install "nstlib[video]", or in a clone, pip install -e ".[video]"'


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
