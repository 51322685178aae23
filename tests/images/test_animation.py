"""Films: what is written comes back."""

import numpy as np
import pytest
from PIL import Image

from nstlib.errors import ImageError
from nstlib.images import save_gif


def frames_of(path):
    with Image.open(path) as film:
        found = []
        for number in range(film.n_frames):
            film.seek(number)
            found.append((np.asarray(film.convert("RGB")), film.info["duration"]))
        return found, film.info.get("loop")


def flat(*color, size=(20, 30)):
    return np.full((*size, 3), color, np.float32)


def test_a_film_comes_back(tmp_path):
    pictures = [flat(250, 0, 0, size=(10, 15)), flat(0, 250, 0), flat(0, 0, 250)]
    path = save_gif(pictures, tmp_path / "new" / "film.gif", seconds=0.5)
    found, loop = frames_of(path)
    assert loop == 0 and [duration for _, duration in found] == [500] * 3
    for (frame, _), picture in zip(found, pictures, strict=True):
        assert frame.shape == (20, 30, 3)
        assert np.abs(frame - picture[0, 0]).max() <= 8


def test_a_film_goes_back(tmp_path):
    pictures = [flat(level, level, level) for level in (0, 100, 200)]
    found, _ = frames_of(save_gif(pictures, tmp_path / "a.gif", back_and_forth=True))
    assert [round(float(f.mean()) / 100) for f, _ in found] == [0, 1, 2, 1]


@pytest.mark.parametrize(
    "pictures, name, seconds, text",
    [
        ([], "a.gif", 0.2, "no pictures"),
        ([flat(1, 2, 3)], "a.mp4", 0.2, "end it with .gif"),
        ([flat(1, 2, 3)], "a.gif", 0, "seconds is a number from 0.02"),
        ([flat(1, 2, 3)], "a.gif", float("nan"), "seconds is a number from 0.02"),
    ],
)
def test_what_is_no_film(tmp_path, pictures, name, seconds, text):
    with pytest.raises(ImageError, match=text):
        save_gif(pictures, tmp_path / name, seconds)
    assert not list(tmp_path.iterdir())
