"""Smoothing: less flicker, and where only colors are steadied, strokes stay sharp."""

import numpy as np
import pytest

import nstlib
from nstlib.film.choices import Choices
from nstlib.film.door import paint_film
from nstlib.film.smoothing import Smoother, smoother_for
from nstlib.film.start import blurred
from nstlib.settings import make_settings

SHAPE = (64, 96, 3)
STEADY = 0.8


@pytest.fixture(scope="module")
def frame():
    return nstlib.paint("tapestry", *SHAPE[:2], seed=1)


def smoothed(smoother, frame, film):
    return [smoother(frame, picture) for picture in film]


def test_colors_are_steadied_and_strokes_stay_sharp(frame):
    strokes = np.random.default_rng(0).normal(0, 20, (8, *SHAPE)).astype(np.float32)
    strokes -= np.stack([blurred(s, 5) for s in strokes])
    pulse = 30 * (-1) ** np.arange(8)
    film = [120 + p + s for p, s in zip(pulse, strokes, strict=True)]
    inner = slice(20, -20), slice(20, -20)
    made = smoothed(Smoother(0, STEADY), frame, film)
    means = np.array([m[inner].mean() for m in made])
    assert np.abs(np.diff(means[3:])).max() < 0.4 * 60
    for one, stroke in zip(made, strokes, strict=True):
        rest = (one - one[inner].mean() - stroke)[inner]
        assert np.sqrt(np.mean(rest**2)) < 0.2 * stroke.std()
    blunt = smoothed(Smoother(STEADY), frame, film)
    assert blunt[-1][inner].std() < 0.6 * made[-1][inner].std()


def test_a_larger_share_for_all_counts_for_colors_too(frame):
    rng = np.random.default_rng(1)
    film = rng.uniform(0, 255, (3, *SHAPE)).astype(np.float32)
    both = smoothed(Smoother(0.9, STEADY), frame, film)
    np.testing.assert_array_equal(both, smoothed(Smoother(0.9), frame, film))
    assert Smoother(0.9) and Smoother(0, 0.1) and not Smoother(0)


@pytest.mark.parametrize(
    ("method", "steadied"),
    [
        ("optimize", False),
        ("feedforward", False),
        ("adain", True),
        ("wct", True),
        ("swap", True),
        ("neighbors", True),
    ],
)
def test_only_methods_that_see_a_coarse_grid_are_steadied(method, steadied):
    settings = make_settings(None, method=method)
    assert bool(smoother_for(settings, Choices())) == steadied
    assert not smoother_for(settings, Choices(steady=0))
    assert smoother_for(settings, Choices(smooth=0.3)).share == 0.3
    with pytest.raises(nstlib.SettingsError, match="steady must be from 0"):
        Choices(steady=1)


def test_a_film_by_adain_flickers_less_than_its_frames(clip, tmp_path):
    painting = nstlib.paint("starry_night", 96, 96)
    made = paint_film(
        clip, painting, tmp_path / "film", method="adain", precision="float32"
    )
    assert made.flicker["film"] < 0.9 * made.flicker["unsmoothed"]
