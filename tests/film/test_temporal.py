"""The temporal loss and the warping error, against plain loops."""

import numpy as np
import pytest

from nstlib.backend import tf
from nstlib.film.flow import warp
from nstlib.film.temporal import temporal_loss, warping_error

SHAPE = (6, 5, 3)


@pytest.fixture
def parts():
    rng = np.random.default_rng(1)
    here, there = rng.uniform(0, 255, (2, *SHAPE)).astype(np.float32)
    flow = rng.normal(0, 1, (*SHAPE[:2], 2)).astype(np.float32)
    mask = (rng.random((*SHAPE[:2], 1)) < 0.6).astype(np.float32)
    return here, there, flow, mask


def squares(one, other, mask):
    """The sum of squared differences where the mask is 1, and their number."""
    total = count = 0
    for index in np.ndindex(SHAPE):
        if mask[index[:2]] == 1:
            total += (float(one[index]) - float(other[index])) ** 2
            count += 1
    return total, count


def test_the_warping_error_is_that_of_plain_loops(parts):
    here, there, flow, mask = parts
    total, count = squares(here, warp(there, flow), mask)
    error = warping_error(here, there, flow, mask)
    assert error == pytest.approx((total / count) ** 0.5, rel=1e-5)


def test_the_warping_error_is_in_gray_levels(parts):
    here, _, flow, mask = parts
    still = np.zeros_like(flow)
    assert warping_error(here, here + 7, still, mask) == pytest.approx(7, rel=1e-4)
    assert warping_error(here, here, still, mask) == 0
    assert np.isnan(warping_error(here, here, still, 0 * mask))


def test_the_temporal_loss_is_that_of_plain_loops(parts):
    here, there, _, mask = parts
    total, _ = squares(here, there, mask)
    loss = temporal_loss(*(tf.constant(part[None]) for part in (here, there, mask)))
    assert float(loss) == pytest.approx(total / here.size, rel=1e-5)


def test_the_gradient_of_the_temporal_loss_leaves_hidden_pixels_alone(parts):
    here, there, _, mask = (part.astype(np.float64)[None] for part in parts)
    picture = tf.constant(here)
    with tf.GradientTape() as tape:
        tape.watch(picture)
        loss = temporal_loss(picture, tf.constant(there), tf.constant(mask))
    gradient = tape.gradient(loss, picture).numpy()
    np.testing.assert_allclose(gradient, 2 * mask * (here - there) / here.size)
    assert not gradient[np.broadcast_to(mask == 0, gradient.shape)].any()
