"""RGB pictures to VGG tensors and back."""

import numpy as np
import pytest

from nstlib.preprocessing import BGR_MEANS, deprocess, preprocess


def test_each_channel_loses_its_own_mean():
    red, green, blue = 200, 100, 50
    tensor = preprocess(np.full((1, 1, 3), [red, green, blue], np.uint8))
    wanted = [blue - 103.939, green - 116.779, red - 123.68]
    np.testing.assert_allclose(tensor[0, 0, 0], wanted, atol=1e-4)


def test_pure_red_is_not_pure_blue():
    # Subtracting the means in the wrong order survives a round trip, but not this.
    red = preprocess(np.full((1, 1, 3), [255, 0, 0]))[0, 0, 0]
    assert red[2] > 131 and red[0] < -103 and red[1] < -116


def test_like_keras(make_picture):
    from keras.applications import vgg19

    picture = make_picture(5, 8)
    theirs = vgg19.preprocess_input(picture.copy()[None])
    np.testing.assert_allclose(preprocess(picture), theirs, atol=1e-4)


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float32, np.float64])
def test_round_trip(dtype):
    picture = np.random.default_rng(0).integers(0, 256, (4, 7, 3)).astype(dtype)
    before = picture.copy()
    tensor = preprocess(picture)
    assert tensor.dtype == np.float32 and tensor.shape == (1, 4, 7, 3)
    back = deprocess(tensor)
    assert back.dtype == np.float32 and back.shape == (4, 7, 3)
    assert np.array_equal(np.rint(back), before) and np.abs(back - before).max() < 1e-4
    assert np.array_equal(picture, before)


def test_range():
    assert preprocess(np.zeros((1, 1, 3))).min() == pytest.approx(-123.68, abs=1e-4)
    assert preprocess(np.full((1, 1, 3), 255)).max() == pytest.approx(151.061, abs=1e-4)
    assert BGR_MEANS.dtype == np.float32


def test_deprocess_clips_after_adding_the_means():
    far = np.array([[[[1e4, -1e4, 0.0]]]], np.float32)  # blue, green, red
    np.testing.assert_allclose(deprocess(far)[0, 0], [123.68, 0, 255], atol=1e-4)


def test_deprocess_takes_a_tensor_with_or_without_batch(make_picture):
    tensor = preprocess(make_picture(3, 4))
    before = tensor.copy()
    assert np.array_equal(deprocess(tensor), deprocess(tensor[0]))
    assert np.array_equal(tensor, before)


@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 4), (4, 5, 1), (1, 4, 5, 3), (3,)])
def test_preprocess_refuses_what_is_no_picture(shape):
    with pytest.raises(ValueError, match=r"\(H, W, 3\)") as caught:
        preprocess(np.zeros(shape))
    assert str(shape) in str(caught.value)


@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 4), (2, 4, 5, 3), (1, 1, 4, 5, 3)])
def test_deprocess_refuses_what_is_no_tensor(shape):
    with pytest.raises(ValueError, match=r"\(1, H, W, 3\)") as caught:
        deprocess(np.zeros(shape))
    assert str(shape) in str(caught.value)
