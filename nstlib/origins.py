"""Where the pictures of a run came from."""

from __future__ import annotations

import hashlib

import numpy as np

from nstlib.inputs import Picture


def fingerprint(picture: Picture) -> str:
    """SHA-256 of a picture's shape and pixels."""
    pixels = np.ascontiguousarray(picture, np.float32)
    return hashlib.sha256(repr(pixels.shape).encode() + pixels.tobytes()).hexdigest()
