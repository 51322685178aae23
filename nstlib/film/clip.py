"""Films in files, as ffmpeg reads them.

ffmpeg obeys the rotation flag, makes pixels square and the frame rate constant,
converts any number of bits, and scales. It delivers frames as PPM or PAM pictures,
each of which begins with its size.
"""

from __future__ import annotations

import math
import re
import subprocess
import tempfile
from collections.abc import Generator
from fractions import Fraction
from pathlib import Path
from typing import IO

import numpy as np

from nstlib.errors import FilmError
from nstlib.files import PART, file_hash, shown
from nstlib.film.libraries import APART, ffmpeg, last_words, ran
from nstlib.film.source import FASTEST, Facts, Wanted, over

_ALPHA = r"rgba|bgra|argb|abgr|yuva|gbrap|ya8|ya16|pal8"
_WITH_ALPHA = {"vp8": "libvpx", "vp9": "libvpx-vp9"}  # ffmpeg's own decoders ignore it


class Clip:
    """A film in a file that ffmpeg reads.

    Args:
        path: the file.
        wanted: which part to read, and in which form.

    Raises:
        FilmError: the file has no frames, or ffmpeg cannot read it.
    """

    def __init__(self, path: Path, wanted: Wanted):
        self.path, self.wanted, self.problem = path, wanted, ""
        told = ran(["-i", str(path)]).stderr.decode("utf-8", "replace")
        video = re.search(r"Stream #.*?: Video: (?!.*attached pic)(.*)", told)
        if not video:
            if "Audio:" in told or "Duration:" in told:
                raise FilmError(
                    f"{shown(path)} contains no moving pictures: choose a film."
                )
            raise FilmError(
                f"{shown(path)} cannot be read as a film "
                f"({last_words(told.encode())}): check that it is a film, or download "
                "it or export it again."
            )
        self.stream = video[1]
        codec = self.stream.split()[0].rstrip(",")
        hidden = codec in _WITH_ALPHA and re.search(r"alpha_mode\s*: 1", told)
        self.alpha = bool(hidden or re.search(rf", ({_ALPHA})", self.stream))
        self.decoder = ["-c:v", _WITH_ALPHA[codec]] if hidden else []
        rate = Fraction(wanted.rate or rate_of(self.stream)).limit_denominator(1001)
        whole = re.search(r"Duration: (\d+):(\d+):([\d.]+)", told)
        self.whole = (
            sum(map(float.__mul__, (3600.0, 60.0, 1.0), map(float, whole.groups())))
            if whole
            else 0.0
        )
        height, width = wanted.sides(*self._first_size())
        self.facts = Facts(
            height, width, rate, round(self._seconds() * rate), "Audio:" in told
        )

    def _seconds(self) -> float:
        end = self.wanted.end or math.inf
        if self.whole:
            end = min(end, self.whole)
        if self.whole and end <= self.wanted.begin:
            raise FilmError(
                f"{shown(self.path)} ends after {self.whole:.4g} seconds: choose an "
                "earlier --from."
            )
        return 0.0 if math.isinf(end) else end - self.wanted.begin

    def span(self) -> list[str]:
        """Return the options of ffmpeg that choose the wanted part of the file."""
        begin, end = self.wanted.begin, self.wanted.end
        found = ["-ss", f"{begin:g}"] if begin else []
        return found + (["-t", f"{end - begin:g}"] if end is not None else [])

    def _first_size(self) -> tuple[int, int]:
        """Return height and width of the first frame, turned and with square pixels."""
        done = self._command(["-frames:v", "1"], "scale=trunc(iw*sar):ih")
        result = ran(done[3:])
        size = re.match(rb"P6\s(\d+) (\d+)\s", result.stdout)
        if not size:
            why = f" ({last_words(result.stderr)})" if result.stderr else ""
            raise FilmError(
                f"no frame of {shown(self.path)} can be read{why}: choose another "
                "film, or another part with --from and --to."
            )
        return int(size[2]), int(size[1])

    def _command(
        self, options: list[str], filters: str, codec: str = "ppm"
    ) -> list[str]:
        read = [*self.decoder, *self.span(), "-i", str(self.path), "-map", "0:V:0"]
        kind = ["-pix_fmt", "rgba" if codec == "pam" else "rgb24"]
        return [
            ffmpeg(), "-hide_banner", "-nostdin", "-v", "error", *read,
            "-vf", filters, *options, "-f", "image2pipe", "-c:v", codec, *kind, "-",
        ]  # fmt: skip

    def frames(self) -> Generator[np.ndarray, None, None]:
        """Read the frames, uint8 ``(height, width, 3)``, RGB."""
        height, width, rate, *_ = self.facts
        filters = f"fps={rate},scale={width}:{height}:flags=lanczos"
        command = self._command([], filters, "pam" if self.alpha else "ppm")
        with tempfile.TemporaryFile() as words:
            process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=words, bufsize=PART, **APART
            )
            assert process.stdout is not None
            try:
                while (frame := read_frame(process.stdout)) is not None:
                    if self.alpha:
                        behind = self.wanted.background
                        frame = over(frame[..., :3], frame[..., 3], behind)
                    yield frame
                process.wait()
                words.seek(0)
                self.problem = last_words(text) if (text := words.read()) else ""
            finally:
                process.kill()
                process.stdout.close()
                process.wait()

    def hash(self) -> str:
        """Return the SHA-256 of the bytes of the file."""
        return file_hash(self.path)


def read_frame(stream: IO[bytes]) -> np.ndarray | None:
    """Read a PPM or PAM picture of 8 bits from a stream.

    Returns:
        uint8 ``(H, W, 3)``, or ``(H, W, 4)`` with opacity; None at the end.
    """
    kind, head = stream.readline(), b""
    # P6, the sides, and 255 on three lines; or P7 and names with values up to ENDHDR.
    while (line := stream.readline()) not in (b"255\n", b"ENDHDR\n", b""):
        head += line
    numbers = [int(number) for number in re.findall(rb"\d+", head)]
    if len(numbers) < 2:
        return None
    width, height = numbers[:2]
    channels = 4 if kind == b"P7\n" else 3
    data = stream.read(height * width * channels)
    if len(data) < height * width * channels:
        return None
    return np.frombuffer(data, np.uint8).reshape(height, width, channels)


def rate_of(stream: str) -> Fraction:
    """Return the frame rate, from what ffmpeg prints about a stream.

    Example:
        >>> rate_of("h264 (High), yuv420p, 640x360, 29.97 fps, 29.97 tbr, 30k tbn")
        Fraction(30000, 1001)
    """
    found = re.search(r"([\d.]+) fps", stream) or re.search(r"([\d.]+) tbr", stream)
    rate = float(found[1]) if found else 25.0
    whole = round(rate)
    if whole and 0 < abs(rate - whole * 1000 / 1001) < 0.006 and whole % 6 == 0:
        return Fraction(whole * 1000, 1001)
    return min(
        max(Fraction(rate).limit_denominator(100), Fraction(1, 10)), Fraction(FASTEST)
    )
