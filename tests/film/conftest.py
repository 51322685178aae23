"""A tiny clip, painted by code, with a tone as its sound."""

import pytest

from nstlib.film.example import write_example
from nstlib.film.libraries import ran

COUNT, HEIGHT, WIDTH, RATE = 6, 48, 64, 12


@pytest.fixture(scope="session")
def clip(tmp_path_factory):
    path = tmp_path_factory.mktemp("film") / "clip.mp4"
    return write_example(path, COUNT, HEIGHT, WIDTH, RATE)


@pytest.fixture(scope="session")
def convert(clip, tmp_path_factory):
    """A function that makes another film of the clip, by options of ffmpeg."""
    folder = tmp_path_factory.mktemp("others")

    def convert(name, *options, before=()):
        path = folder / name
        done = ran(["-v", "error", "-y", *before, "-i", str(clip), *options, str(path)])
        assert done.returncode == 0, done.stderr
        return path

    return convert
