"""Painting what a camera sees, frame by frame, for as long as it runs."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from nstlib.errors import FilmError
from nstlib.film.clip import read_frame
from nstlib.film.libraries import APART, ffmpeg, last_words
from nstlib.film.painters import frame_painter
from nstlib.settings import Settings
from nstlib.store import Store

SYSTEMS = {"linux": "v4l2", "darwin": "avfoundation", "win32": "dshow"}
"""System → ffmpeg's name for its cameras."""


def device_options(device: str) -> list[str]:
    """Return the options of ffmpeg that open a device.

    Args:
        device: the name of the device, such as ``/dev/video0``, or ``FORMAT:NAME`` with
            the name of an ffmpeg device, such as ``lavfi:testsrc``.
    """
    kind, colon, name = device.partition(":")
    if colon and kind in ("lavfi", "x11grab", "gdigrab", *SYSTEMS.values()):
        return ["-re"] * (kind == "lavfi") + ["-f", kind, "-i", name]
    return ["-f", SYSTEMS.get(sys.platform, "v4l2"), "-i", device]


def camera_frames(device: str, size: int) -> Iterator[np.ndarray]:
    """Read the newest frame each time, and leave out frames that arrive meanwhile.

    Args:
        device: as for `device_options`.
        size: the longer side in pixels.

    Yields:
        uint8 ``(H, W, 3)``, RGB.

    Raises:
        FilmError: there is no such device, or it delivers no frames.
    """
    longer = f"scale='if(gte(iw,ih),{size},-2)':'if(gte(iw,ih),-2,{size})'"
    command = [ffmpeg(), "-hide_banner", "-nostdin", "-v", "error"]
    command += [*device_options(device), "-vf", longer, "-f", "image2pipe"]
    command += ["-c:v", "ppm", "-pix_fmt", "rgb24", "-"]
    with tempfile.TemporaryFile() as words:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=words, **APART
        )
        newest = _Newest(process.stdout)
        try:
            while (frame := newest.take()) is not None:
                yield frame
        finally:
            process.kill()
            process.wait()
        if not newest.count:
            words.seek(0)
            raise FilmError(
                f"{device} delivers no pictures ({last_words(words.read())}): choose "
                "another --device, or leave out --device to use the browser."
            )


class _Newest:
    """The newest frame of a stream, which a thread reads."""

    def __init__(self, stream: Any):
        self.stream, self.count, self.taken = stream, 0, 0
        self.frame: np.ndarray | None = None
        self.ended, self.news = False, threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        frame: np.ndarray | None = None
        while (frame := read_frame(self.stream)) is not None:
            with self.news:
                self.frame, self.count = frame, self.count + 1
                self.news.notify()
        with self.news:
            self.ended = True
            self.news.notify()

    def take(self) -> np.ndarray | None:
        """Wait for a new frame, and return it; return None at the end."""
        with self.news:
            while self.count == self.taken and not self.ended:
                self.news.wait(0.2)  # so that Ctrl-C is noticed on every system
            if self.count == self.taken:
                return None
            self.taken = self.count
            return self.frame


def painted_camera(device: str, network: str | Path, size: int) -> Iterator[np.ndarray]:
    """Paint what a camera sees with a trained network.

    Args:
        device, size: as for `camera_frames`.
        network: the name or the file of a trained network.

    Yields:
        uint8 ``(H, W, 3)``, RGB.

    Raises:
        FilmError: the device cannot be used.
        NetworkError: the network cannot be used.
    """
    settings, paint = Settings(method="feedforward", size=max(size, 16)), None
    for frame in camera_frames(device, size):
        picture = frame.astype(np.float32)
        if paint is None:
            paint, _ = frame_painter(picture, network, settings, Store())
        yield np.rint(np.clip(paint(picture), 0, 255)).astype(np.uint8)
