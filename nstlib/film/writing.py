"""Writing films: H.264 that plays everywhere, WebM, GIF, animated WebP, or frames."""

from __future__ import annotations

import os
import re
import shutil
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from nstlib.errors import FilmError
from nstlib.files import new_file_beside, shown
from nstlib.film.kept import Kept
from nstlib.film.libraries import OWN_FFMPEG, last_words, ran

_EVEN = "crop=trunc(iw/2)*2:trunc(ih/2)*2"  # these formats halve the colors' sides
_BT709 = "scale=out_color_matrix=bt709:out_range=tv"
_TAGS = "-colorspace bt709 -color_primaries bt709 -color_trc bt709 -color_range tv"
_H264 = f"-pix_fmt yuv420p {_TAGS}"


class Format(NamedTuple):
    """A kind of film that can be written."""

    container: str
    """What ffmpeg calls it."""
    encoders: dict[str, str]
    """Encoders, the best first, with their options."""
    sound: tuple[str, ...] = ()
    """The options for sound that cannot be copied; empty if there can be none."""
    filters: str = ""
    options: tuple[str, ...] = ()


_CODECS = {"libx264": f"-crf 17 {_H264}", "libopenh264": f"-b:v 8M {_H264}"}
_MP4 = Format(
    "mp4", _CODECS, ("aac", "-b:a", "192k"), f"{_EVEN},{_BT709}",
    ("-movflags", "+faststart"),
)  # fmt: skip
FORMATS = {
    ".mp4": _MP4,
    ".m4v": _MP4,
    ".mov": _MP4._replace(container="mov"),
    ".mkv": _MP4._replace(container="matroska", options=()),
    ".webm": Format(
        "webm",
        {
            "libvpx-vp9": f"-crf 24 -b:v 0 -row-mt 1 -cpu-used 4 {_H264}",
            "libvpx": f"-crf 8 -b:v 6M {_H264}",
        },
        ("libopus", "-b:a", "128k"),
        f"{_EVEN},{_BT709}",
    ),
    ".gif": Format("gif", {"gif": "-loop 0"}),
    ".webp": Format(
        "webp", {"libwebp_anim": "-loop 0 -quality 80", "libwebp": "-loop 0"}
    ),
}
"""Suffix → format."""


class Sound(NamedTuple):
    """Where the sound of a film comes from."""

    path: Path
    span: list[str]
    """Options of ffmpeg that choose a part of it."""


def check_film(out: Path) -> None:
    """Check, before a film is painted, that it can be written.

    Args:
        out: the file, or a folder for frames, which is a path without a suffix.

    Raises:
        FilmError: the suffix is unknown, the encoder is missing, or the folder has
            other files.
        FileError: the path cannot be written to.
    """
    if not out.suffix:
        if out.is_dir() and any(not _is_frame(path) for path in out.iterdir()):
            raise FilmError(
                f"{shown(out)} contains other files: choose a new or empty folder for "
                "the frames."
            )
        return
    if out.suffix.lower() not in FORMATS:
        raise FilmError(
            f"{shown(out)} does not end like the name of a film: choose a folder for "
            f"the frames, such as frames{os.sep}, or a name that ends in "
            f"{', '.join(FORMATS)}."
        )
    encoder_of(out)
    with new_file_beside(out):
        pass


def _is_frame(path: Path) -> bool:
    return bool(re.fullmatch(r"\d{6}\.png|film\.json|\.nstlib-.*", path.name))


def encoder_of(out: Path) -> tuple[str, str]:
    """Return the encoder for a file, and its options.

    Raises:
        FilmError: this ffmpeg has none.
    """
    wanted = FORMATS[out.suffix.lower()].encoders
    for name, options in wanted.items():
        if name in _encoders():
            return name, options
    raise FilmError(
        f"this ffmpeg has no encoder for {out.suffix}, which needs "
        f"{' or '.join(wanted)}: save as .gif, save the frames in a folder such as "
        f"frames{os.sep}, or {OWN_FFMPEG}."
    )


@lru_cache
def _encoders() -> frozenset[str]:
    listed = ran(["-encoders"]).stdout.decode("utf-8", "replace")
    return frozenset(re.findall(r"^ [VA]\S+ (\S+)", listed, re.MULTILINE))


def write_film(
    frames: Kept,
    count: int,
    rate: Fraction,
    out: Path,
    comment: str,
    sound: Sound | None = None,
) -> Path:
    """Write frames as a film, completely or not at all.

    Metadata about the place and the owner of the original is not copied.

    Args:
        frames: the frames.
        count: the number of frames.
        rate: frames in a second.
        out: the file; a path without a suffix is a folder, which gets the frames.
        comment: a text that the film contains, if its format allows it.
        sound: the sound. It is copied if the format allows that, or else encoded again.

    Raises:
        FilmError: ffmpeg fails.
        FileError: the file cannot be written.
    """
    if not out.suffix:
        out.mkdir(parents=True, exist_ok=True)
        for index in range(count):
            shutil.copyfile(frames.path(index), out / frames.path(index).name)
        return out
    kind = FORMATS[out.suffix.lower()]
    name, options = encoder_of(out)
    read = ["-v", "error", "-y", "-framerate", str(rate), "-i", frames.pattern]
    if kind.container == "gif":
        read += ["-i", str(_palette(frames, read))]
        made = ["-lavfi", "[0:v][1:v]paletteuse=dither=sierra2_4a"]
    else:
        made = ["-map", "0:v", *(["-vf", kind.filters] if kind.filters else [])]
    made += ["-c:v", name, *options.split()]
    made += [*kind.options, "-map_metadata", "-1", "-map_chapters", "-1"]
    made += ["-metadata", f"comment={comment}", "-t", f"{float(count / rate):.6f}"]
    ways: list[list[str]] = [[]]
    if sound and kind.sound:
        read += [*sound.span, "-i", str(sound.path)]
        part = ["-map", "1:a:0", "-map_metadata:s:a", "-1", "-c:a"]
        # A copy begins with a whole packet, so a part of a film has to be encoded.
        copied = [] if sound.span else [[*part, "copy"]]
        ways = [*copied, [*part, *kind.sound], []]
    with new_file_beside(out) as file:
        file.close()
        for way in ways:
            done = ran([*read, *made, *way, "-f", kind.container, file.name])
            if done.returncode == 0:
                break
        if done.returncode:
            raise FilmError(
                f"{shown(out)} cannot be written ({last_words(done.stderr)}): choose "
                "another format or another folder with -o."
            )
        os.replace(file.name, out)  # noqa: PTH105
    return out


def _palette(frames: Kept, read: list[str]) -> Path:
    """Make one palette for a whole film; in one run, ffmpeg would hold all frames."""
    palette = frames.folder / "palette.png"
    done = ran([*read, "-vf", "palettegen=stats_mode=diff", str(palette)])
    if done.returncode:
        raise FilmError(
            f"the colors of the GIF cannot be chosen ({last_words(done.stderr)}): save "
            "as .webp or .mp4."
        )
    return palette
