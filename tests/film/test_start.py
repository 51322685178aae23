"""A frame starts from what earlier frames show, without specks along the seams."""

import numpy as np
import pytest

import nstlib
from nstlib.film.chain import FrameOptimizer, Recent
from nstlib.film.choices import Choices
from nstlib.film.flow import visible
from nstlib.film.start import Seen, blurred, familiar, started
from nstlib.initialization import starting_tensor
from nstlib.preprocessing import deprocess
from nstlib.settings import make_settings
from nstlib.store import Store
from nstlib.styles import as_styles

SIDE, STEP = 64, 4
SQUARE = slice(20, 44)


@pytest.fixture(scope="module")
def scene():
    """Two frames in which a square moves to the right, and the true flows."""
    wall = nstlib.paint("tapestry", SIDE, SIDE, seed=1)
    square = 255 - nstlib.paint("ink_mountains", SIDE, SIDE, seed=2)[SQUARE, :24]
    before, now = wall.copy(), wall.copy()
    before[SQUARE, 10:34], now[SQUARE, 10 + STEP : 34 + STEP] = square, square
    forward, backward = np.zeros((2, SIDE, SIDE, 2), np.float32)
    forward[SQUARE, 10:34, 0] = STEP
    backward[SQUARE, 10 + STEP : 34 + STEP, 0] = -STEP
    return before, now, forward, backward


def test_the_edge_of_a_square_is_familiar_although_its_flow_is_uneven(scene):
    before, now, forward, backward = scene
    found = familiar(now, before, forward, backward)
    assert found.shape == (SIDE, SIDE, 1) and found.dtype == np.float32
    assert set(np.unique(found)) == {0.0, 1.0}
    sure, found = visible(forward, backward)[..., 0], found[..., 0]
    edge = slice(24, 40), 34 + STEP - 2  # just inside of the square
    assert not sure[24:40, 33 + STEP].any() and found[edge].all()
    assert not found[SQUARE, 10 : 10 + STEP].any()  # what it has uncovered
    assert found[2:18, 2:-2].all() and found[2:-2, 44:-2].all()  # far from it


def test_another_color_and_a_place_outside_are_not_familiar(scene):
    before, *_ = scene
    still = np.zeros((SIDE, SIDE, 2), np.float32)
    other = before.copy()
    other[30:50, 30:50] = 255 - other[30:50, 30:50]
    found = familiar(other, before, still, still)[..., 0]
    wrong = np.abs(other - before).mean(-1) > 60
    assert wrong[32:48, 32:48].mean() > 0.5 and not found[wrong].any()
    assert found[2:28, 2:-2].all()
    moved = still - np.array([3, 0], np.float32)
    found = familiar(np.roll(before, 3, 1), before, -moved, moved)[..., 0]
    assert not found[:, :3].any() and found[2:-2, 5:-2].all()


def test_what_is_familiar_has_no_single_pixels(scene):
    before, *_ = scene
    rng = np.random.default_rng(0)
    flow = np.zeros((SIDE, SIDE, 2), np.float32)
    flow[rng.random((SIDE, SIDE)) < 0.03] = 9  # a ragged flow
    found = familiar(before, before, 0 * flow, flow)[..., 0]
    full = np.pad(found, 1)
    near = full[:-2, 1:-1] + full[2:, 1:-1] + full[1:-1, :-2] + full[1:-1, 2:]
    assert 0.5 < found.mean() < 0.99
    assert near[found == 1].min() >= 1 and near[found == 0].max() < 4


def test_a_start_shows_what_was_seen_and_new_things_elsewhere():
    rng = np.random.default_rng(1)
    warped, fresh = rng.uniform(0, 255, (2, 40, 60, 3)).astype(np.float32)
    share = np.zeros((40, 60, 1), np.float32)
    share[:, :30] = 1
    made = started(Seen(warped, share, share), fresh)
    np.testing.assert_allclose(made[:, :25], warped[:, :25], atol=0.1)
    calm = blurred(fresh, 1.5)
    np.testing.assert_allclose(made[:, 45:], calm[:, 45:], atol=0.1)
    steps = np.abs(np.diff(blurred(made, 4), axis=1)).max(axis=(0, 2))
    assert steps[28:33].max() < 8  # no hard seam


def test_holes_of_a_ragged_mask_do_not_become_specks():
    rng = np.random.default_rng(2)
    share = (rng.random((48, 48, 1)) < 0.7).astype(np.float32)
    warped = np.full((48, 48, 3), 60.0, np.float32)
    fresh = np.where(np.indices((48, 48)).sum(0)[..., None] % 2, 255.0, 0.0)
    fresh = np.repeat(fresh, 3, -1).astype(np.float32)
    seen = Seen(share * warped, share, share)
    hard = share * warped + (1 - share) * fresh
    made = started(seen, fresh)
    assert np.abs(hard - warped).max() == 195
    assert np.abs(made - warped).max() < 50
    assert np.sqrt(np.mean((made - warped) ** 2)) < 20


def test_each_pixel_comes_from_the_nearest_frame_that_shows_it(scene, monkeypatch):
    before, now, forward, backward = scene

    def true_flow(here, there):
        if np.array_equal(here, there):
            return 0 * forward
        return backward if here is now else forward

    monkeypatch.setattr("nstlib.film.chain.optical_flow", true_flow)
    recent = Recent((1, 2))
    far, near = np.full(now.shape, 50.0), np.full(now.shape, 90.0)
    recent.add(now, far)
    recent.add(before, near)
    seen = recent.seen(now)
    sure = visible(forward, backward)
    probably = np.maximum(familiar(now, before, forward, backward), sure)
    assert (seen.mask == 1).all()  # the frame before the last is the same picture
    assert (seen.warped[sure[..., 0] == 1] == 90).all()
    assert (seen.warped[sure[..., 0] == 0] == 50).all()
    recent.pairs.popleft()
    seen = recent.seen(now)
    np.testing.assert_array_equal(seen.mask, sure)
    np.testing.assert_array_equal(seen.share, probably)
    assert (seen.warped[probably[..., 0] == 1] == 90).all()
    assert (seen.warped[probably[..., 0] == 0] == 0).all()
    assert (probably - sure).sum() > 0


def test_the_optimizer_starts_there(scene):
    _, now, forward, backward = scene
    settings = make_settings(None, size=SIDE, precision="float32")
    styles = as_styles(nstlib.paint("starry_night", SIDE, SIDE))
    optimizer = FrameOptimizer(styles, settings, Choices(), Store())
    mask = visible(forward, backward)
    seen = Seen(0.5 * now * mask, mask, mask)
    made = optimizer(now, seen, steps=1)  # a single evaluation moves nothing
    fresh = deprocess(starting_tensor(now, optimizer.styles, settings))
    inner = slice(settings.margin, -settings.margin)
    wanted = np.clip(started(seen, fresh[inner, inner]), 0, 255)
    np.testing.assert_allclose(made, wanted, atol=0.01)
