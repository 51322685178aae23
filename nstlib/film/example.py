"""A clip that is painted by code: a ball and a kite before a landscape that drifts."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nstlib.errors import FilmError
from nstlib.film.libraries import last_words, ran
from nstlib.images import Picture, save_image
from nstlib.painter import paint


def moving_shapes(count: int, height: int, width: int, seed: int = 0) -> list[Picture]:
    """Paint the frames of a clip in which shapes move before a background.

    The background drifts to the left, a ball rises and falls before it, and a square
    cloth turns. All of them have a texture, which shows their motion. The shapes hide
    and uncover parts of the clip, and this is what makes films hard.

    Args:
        count: number of frames.
        height, width: of each frame in pixels.
        seed: of the paintings that serve as textures.

    Returns:
        Frames ``(height, width, 3)``, float32, RGB, 0–255.
    """
    drift = width / 300
    wide = width + round(drift * count) + 2
    scene = paint("tapestry", height, wide, seed=seed)
    scene = 40 + 0.7 * scene
    side = max(16, round(0.9 * height))
    cloth = 255 - 0.8 * paint("ink_mountains", side, side, seed=seed + 1)
    ball = paint("starry_night", side, side, seed=seed + 2)
    return [
        _frame(index, scene, cloth, ball, height, width, drift)
        for index in range(count)
    ]


def _frame(
    index: int,
    scene: Picture,
    cloth: Picture,
    ball: Picture,
    height: int,
    width: int,
    drift: float,
) -> Picture:
    y, x = np.mgrid[:height, :width].astype(np.float32)
    frame = _sampled(scene, y, x + drift * index)
    turn = 0.02 * index
    u, v = x - 0.68 * width, y - 0.45 * height
    u, v = u * np.cos(turn) + v * np.sin(turn), v * np.cos(turn) - u * np.sin(turn)
    half = 0.24 * height
    frame = _over(frame, cloth, v, u, half - np.maximum(np.abs(u), np.abs(v)))
    u = x - (0.2 + 0.005 * index) * width
    v = y - (0.55 - 0.2 * np.sin(0.1 * index)) * height
    frame = _over(frame, ball, v, u, 0.2 * height - np.hypot(u, v))
    return np.clip(frame, 0, 255).astype(np.float32)


def _over(
    frame: Picture, texture: Picture, y: np.ndarray, x: np.ndarray, inside: np.ndarray
) -> Picture:
    """Lay a texture over a frame, where ``inside``, in pixels, is above 0."""
    side = len(texture)
    there = _sampled(texture, y + side / 2, x + side / 2)
    share = np.clip(inside + 0.5, 0, 1)[..., None]
    return share * there + (1 - share) * frame


def _sampled(texture: Picture, y: np.ndarray, x: np.ndarray) -> Picture:
    """Look up a texture between its pixels, bilinearly."""
    height, width, _ = texture.shape
    y, x = np.clip(y, 0, height - 1.001), np.clip(x, 0, width - 1.001)
    top, left = y.astype(int), x.astype(int)
    dy, dx = (y - top)[..., None], (x - left)[..., None]
    upper = (1 - dx) * texture[top, left] + dx * texture[top, left + 1]
    lower = (1 - dx) * texture[top + 1, left] + dx * texture[top + 1, left + 1]
    return (1 - dy) * upper + dy * lower


def write_example(
    path: str | Path,
    count: int = 125,
    height: int = 288,
    width: int = 512,
    rate: int = 25,
    sound: bool = True,
) -> Path:
    """Write the clip of `moving_shapes` as a film, with a tone as its sound.

    Args:
        path: the film, such as ``clip.mp4``; frames are kept beside it for a moment.
        count, height, width: as for `moving_shapes`.
        rate: frames in a second.
        sound: whether it has a tone of 440 Hz.

    Raises:
        FilmError: ffmpeg fails.
    """
    import tempfile

    path = Path(path)
    with tempfile.TemporaryDirectory() as folder:
        for index, frame in enumerate(moving_shapes(count, height, width)):
            save_image(frame, Path(folder) / f"{index:06}.png")
        tone = f"sine=frequency=440:duration={count / rate}"
        heard = ["-f", "lavfi", "-i", tone, "-c:a", "aac"] if sound else []
        done = ran([
            "-v", "error", "-y", "-framerate", str(rate), "-i", f"{folder}/%06d.png",
            *heard, "-c:v", "libx264", "-crf", "12", "-pix_fmt", "yuv420p",
            "-vf", "crop=trunc(iw/2)*2:trunc(ih/2)*2", str(path),
        ])  # fmt: skip
    if done.returncode:
        raise FilmError(
            f"{path} cannot be written ({last_words(done.stderr)}): choose another "
            "path."
        )
    return path
