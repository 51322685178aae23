"""Optical flow, warping and visibility, against films whose motion is known."""

import numpy as np
import pytest

import nstlib
from nstlib.film.flow import SMALLEST, optical_flow, visible, warp

SHIFT = np.array([3, 2])
"""By so much the second frame shows the scene further to the right and downwards."""


@pytest.fixture(scope="module")
def frames():
    """Two frames of a painted scene, seen by a camera that moves."""
    scene = nstlib.paint("tapestry", 96, 112, seed=1)
    return scene[2:90, 3:107], scene[:88, :104]


def by_loops(picture, flow):
    height, width, _ = picture.shape
    made = np.zeros(picture.shape)
    for y in range(height):
        for x in range(width):
            dx, dy = flow[y, x]
            at_x, at_y = min(max(x + dx, 0), width - 1), min(max(y + dy, 0), height - 1)
            for j in range(height):
                for i in range(width):
                    share = max(0, 1 - abs(at_x - i)) * max(0, 1 - abs(at_y - j))
                    made[y, x] += share * picture[j, i]
    return made


@pytest.mark.parametrize("shape", [(5, 7, 3), (1, 4, 1), (6, 1, 2)], ids=str)
def test_warp_agrees_with_loops(shape):
    rng = np.random.default_rng(0)
    picture, flow = rng.uniform(0, 255, shape), rng.normal(0, 3, (*shape[:2], 2))
    made = warp(picture, flow)
    assert made.dtype == np.float32
    np.testing.assert_allclose(made, by_loops(picture, flow), rtol=1e-5)


def test_the_flow_of_a_moving_camera_is_found(frames):
    before, now = frames
    inner = slice(8, -8), slice(8, -8)
    for here, there, wanted in ((now, before, -SHIFT), (before, now, SHIFT)):
        flow = optical_flow(here, there)
        assert flow.shape == (88, 104, 2) and flow.dtype == np.float32
        assert np.abs(flow[inner] - wanted).mean() < 0.1
    warped = warp(before, optical_flow(now, before))
    assert np.abs(now - warped)[inner].mean() < 0.05 * np.abs(now - before).mean()


def test_pictures_too_small_for_a_flow_are_refused():
    small = np.zeros((SMALLEST - 1, 40, 3), np.float32)
    with pytest.raises(
        nstlib.NstError, match=r"frames of 40×15 pixels.* larger --size"
    ):
        optical_flow(small, small)
    large = np.zeros((SMALLEST, 40, 3), np.float32)
    assert optical_flow(large, large).shape == (SMALLEST, 40, 2)


def test_what_a_camera_newly_shows_is_not_visible_before(frames):
    before, now = frames
    mask = visible(optical_flow(before, now), optical_flow(now, before))
    assert mask.shape == (88, 104, 1) and mask.dtype == np.float32
    assert set(np.unique(mask)) == {0.0, 1.0}
    assert mask[4:, 5:].mean() > 0.95
    # The camera moved to the left and upwards: these two edges are new.
    assert not mask[:1].any() and not mask[:, :2].any()


def square_at(left):
    """A bright textured square of 32 pixels before a painting."""
    texture = np.random.default_rng(3).uniform(150, 255, (8, 8, 3))
    picture = nstlib.paint("ink_mountains", 96, 96, seed=2) / 2
    picture[30:62, left : left + 32] = texture.repeat(4, 0).repeat(4, 1)
    return picture


def test_what_a_square_uncovers_is_not_visible_before():
    """Given the true flow, in which nothing has to be estimated."""
    step = 4
    forward, backward = np.zeros((2, 64, 64, 2), np.float32)
    forward[20:40, 10:30, 0] = step
    backward[20:40, 10 + step : 30 + step, 0] = -step
    mask = visible(forward, backward)[..., 0]
    uncovered = np.zeros((64, 64), bool)
    uncovered[20:40, 10 : 10 + step] = True
    assert not mask[uncovered].any()
    assert mask[22:38, 16 + step : 28].all()  # inside of the square
    assert mask[:18].all() and mask[:, 40:].all()  # far from it
    # Along its edge, one pixel to each side, a flow is not to be trusted.
    assert not mask[20:40, 29 + step : 31 + step].any()


def test_the_flow_of_a_square_is_found_in_both_directions():
    before, now = square_at(20), square_at(28)
    forward, backward = optical_flow(before, now), optical_flow(now, before)
    middle = slice(34, 58)
    assert np.abs(forward[middle, 24:48] - (8, 0)).mean() < 0.5
    assert np.abs(backward[middle, 32:56] - (-8, 0)).mean() < 0.5
    assert np.abs(backward[:20]).mean() < 0.2
    mask = visible(forward, backward)[..., 0]
    assert mask[middle, 28:56].mean() > 0.9
    assert mask[middle, 20:28].mean() < 0.5  # what it has uncovered


def test_without_opencv_one_sentence_says_what_to_install(monkeypatch, frames):
    monkeypatch.setitem(__import__("sys").modules, "cv2", None)
    with pytest.raises(
        nstlib.NstError, match=r'pip install "nstlib\[video\]"'
    ) as error:
        optical_flow(*frames)
    assert str(error.value).count(". ") == 0
