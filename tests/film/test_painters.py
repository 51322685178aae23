"""A painting that gets the film's colors gets those of the whole film."""

import numpy as np
import pytest

import nstlib
from nstlib.film.opening import open_film
from nstlib.film.painters import SAMPLE, SAMPLE_SIDE, colors_of, frame_painter
from nstlib.settings import make_settings
from nstlib.store import Store


def film_of(frames, folder):
    for index, frame in enumerate(frames):
        nstlib.save_image(frame, folder / f"{index:04}.png")
    return open_film(folder)


def chosen(colors, method="adain"):
    return make_settings(None, method=method, colors=colors, precision="float32")


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """Two shots: a single black frame, and three of a painting in warm colors."""
    warm = nstlib.paint("tapestry", 48, 64, seed=1)
    frames = [np.zeros_like(warm), warm, warm, warm]
    return film_of(frames, tmp_path_factory.mktemp("film"))


@pytest.mark.parametrize("colors", ["match", "histogram", "luminance"])
def test_a_black_first_frame_does_not_make_the_painting_black(film, colors):
    first, warm, *_ = (frame.astype(np.float32) for frame in film.frames())
    painting = nstlib.paint("starry_night", 64, 64)
    settings = chosen(colors)
    found = colors_of(film, settings)
    _, (style,) = frame_painter(first, painting, settings, Store(), found)
    _, (before,) = frame_painter(first, painting, settings, Store())
    wanted = 0.75 * warm.mean((0, 1))
    if colors == "luminance":
        wanted = np.full(3, wanted @ [0.299, 0.587, 0.114])
    assert before.picture.mean() < 5  # by the first frame alone
    np.testing.assert_allclose(style.picture.mean((0, 1)), wanted, atol=6)


def test_the_sample_is_spread_over_the_film_and_small(tmp_path):
    count = 150
    levels = 10 + np.arange(count, dtype=np.float32)
    film = film_of([np.full((20, 300, 3), n) for n in levels], tmp_path)
    found = colors_of(film, chosen("match"))
    step = -(-300 // SAMPLE_SIDE)
    height, width = -(-20 // step), -(-300 // step)
    assert found.shape[1:] == (width, 3) and found.dtype == np.float32
    seen = found[::height, 0, 0]
    assert SAMPLE <= len(seen) == len(found) / height <= 2 * SAMPLE
    assert len(set(np.diff(seen))) == 1 and seen[0] == 10
    assert seen[-1] > 10 + count - 2 * np.diff(seen)[0]


@pytest.mark.parametrize(
    "settings",
    [chosen("style"), chosen("content"), chosen("match", "feedforward")],
    ids=["style", "content", "network"],
)
def test_a_film_whose_colors_do_not_matter_is_not_read(settings):
    assert colors_of(None, settings) is None
