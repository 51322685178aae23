"""Guided filters, and what they give back of the photo's edges."""

import numpy as np
import pytest

from nstlib import stylize
from nstlib.course.pictures import IMAGES
from nstlib.fast.edges import CONTRAST, guided_filter, with_edges_of
from nstlib.images import load_image


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def random(rng, channels, height=9, width=12):
    return rng.uniform(0, 255, (1, height, width, channels)).astype(np.float32)


def window(y, x, radius, shape):
    rows = slice(max(0, y - radius), min(shape[0], y + radius + 1))
    return rows, slice(max(0, x - radius), min(shape[1], x + radius + 1))


def by_plain_loops(picture, guide, radius):
    """Equations 5, 6 and 8 of He et al., window by window."""
    height, width = guide.shape
    slopes, offsets = np.zeros((2, height, width))
    for y in range(height):
        for x in range(width):
            place = window(y, x, radius, guide.shape)
            g, p = guide[place].astype(float), picture[place].astype(float)
            slope = np.cov(g.ravel(), p.ravel(), bias=True)[0, 1]
            slopes[y, x] = slope / (g.var() + CONTRAST**2)
            offsets[y, x] = p.mean() - slopes[y, x] * g.mean()
    made = np.zeros_like(guide)
    for y in range(height):
        for x in range(width):
            place = window(y, x, radius, guide.shape)
            made[y, x] = slopes[place].mean() * guide[y, x] + offsets[place].mean()
    return made


@pytest.mark.parametrize("radius", [1, 3])
def test_a_guided_filter_is_that_of_the_paper(rng, radius):
    picture, guide = random(rng, 2), random(rng, 1)
    made = guided_filter(picture, guide, radius).numpy()
    for channel in range(2):
        wanted = by_plain_loops(picture[0, ..., channel], guide[0, ..., 0], radius)
        np.testing.assert_allclose(made[0, ..., channel], wanted, rtol=1e-3, atol=0.05)


def test_a_flat_picture_stays_flat(rng):
    flat = np.full((1, 9, 12, 3), 70.0, np.float32)
    np.testing.assert_allclose(guided_filter(flat, random(rng, 1), 2), flat, rtol=1e-4)


def test_a_blurred_edge_becomes_sharp_again_and_strokes_stay(rng):
    photo = np.zeros((1, 32, 64, 3), np.float32)
    photo[:, :, 32:] = 200
    ramp = np.clip((np.arange(64) - 26) / 12, 0, 1).astype(np.float32)
    strokes = 4 * rng.normal(size=(1, 32, 64, 3)).astype(np.float32)
    painted = 30 + 150 * np.broadcast_to(ramp[:, None], (1, 32, 64, 3)) + strokes
    made = with_edges_of(photo, painted, 8, 1.0).numpy()
    mean = [picture[0].mean((0, 2)) for picture in (painted, made)]
    steps = [profile[34] - profile[29] for profile in mean]
    assert steps[1] > 1.5 * steps[0]
    assert made[:, :, :16].std() > 0.7 * painted[:, :, :16].std()
    half = with_edges_of(photo, painted, 8, 0.5).numpy()
    np.testing.assert_allclose(half, (made + painted) / 2, atol=1e-3)
    assert with_edges_of(photo, painted, 8, 0.0) is painted


def test_wct_keeps_more_of_the_photo_by_its_edges():
    photo = load_image(IMAGES / "content" / "photographer.jpg", 96)
    wave = load_image(IMAGES / "style" / "great_wave.jpg", 96)

    def structure(share):
        """Correlation of the brightness with that of the photo."""
        made = stylize(photo, wave, method="wct", size=96, keep_edges=share).image
        pair = made.mean(-1).ravel(), photo.mean(-1).ravel()
        return abs(np.corrcoef(*pair)[0, 1])

    assert structure(1.0) > structure(0.0) + 0.02
