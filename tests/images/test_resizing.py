"""Other sizes: nothing is stretched, nothing overshoots."""

import numpy as np
import pytest
from PIL import Image

from nstlib.images import fit_within, resize, resize_mask

RNG = np.random.default_rng(0)
PICTURE = RNG.integers(0, 256, (24, 32, 3), dtype=np.uint8)


def test_fit_within():
    assert fit_within(300, 400, None) == (300, 400)
    assert fit_within(300, 400, 400) == (300, 400)
    assert fit_within(300, 400, 200) == (150, 200)
    assert fit_within(1, 4000, 512) == (1, 512)
    assert fit_within(4000, 1, 3) == (3, 1)
    for side in range(1, 700):
        assert max(fit_within(683, 337, side)) == min(side, 683)
    with pytest.raises(ValueError, match="max_side"):
        fit_within(3, 4, 0)


def test_resize_against_pillow_and_its_contract():
    picture = PICTURE.astype(np.float32)
    assert resize(PICTURE, 24, 32).dtype == np.float32
    np.testing.assert_array_equal(resize(picture, 24, 32), picture)
    expected = Image.fromarray(PICTURE).resize((15, 11), Image.Resampling.LANCZOS)
    np.testing.assert_allclose(resize(picture, 11, 15), expected, atol=3)
    larger = resize(np.where(picture > 127, 255, 0), 60, 70)
    assert larger.shape == (60, 70, 3) and larger.min() >= 0 and larger.max() <= 255
    np.testing.assert_allclose(
        resize(np.full((9, 9, 3), 40.5), 3, 300), 40.5, atol=1e-4
    )
    assert resize(picture[:, ::-1], 1, 1).shape == (1, 1, 3)


@pytest.mark.parametrize("shape", [(4, 4), (4, 4, 4), (1, 4, 4, 3), (0, 4, 3)])
def test_resize_refuses_other_shapes(shape):
    with pytest.raises(ValueError, match="resize needs a picture"):
        resize(np.zeros(shape), 2, 2)


def test_resize_refuses_no_size():
    with pytest.raises(ValueError, match="sides from 1"):
        resize(PICTURE, 0, 5)


def halves(height, width):
    """White on the left."""
    mask = np.zeros((height, width), np.float32)
    mask[:, : width // 2] = 255
    return mask


def test_resized_without_overshoot():
    mask = resize_mask(halves(40, 64), 13, 21)
    assert mask.shape == (13, 21) and mask.min() == 0 and mask.max() == 1
    assert mask.mean() == pytest.approx(0.5, abs=0.01)
    assert np.all(np.diff(mask, axis=1) <= 0)
    assert np.array_equal(resize_mask(np.full((3, 5), 255.0), 7, 9), np.ones((7, 9)))
