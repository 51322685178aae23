"""Color matching, against scikit-image, SciPy and its own definition."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.linalg import sqrtm
from skimage.color import rgb2yiq, yiq2rgb
from skimage.exposure import match_histograms

from nstlib.color import (
    match_covariance,
    match_histogram,
    rgb_to_yiq,
    transfer_luminance,
    yiq_to_rgb,
)

RNG = np.random.default_rng(0)
BYTES = RNG.integers(0, 256, (24, 32, 3), dtype=np.uint8)


def cloud(mean, spread, shape=(40, 50)):
    """A picture of correlated colors that touch neither 0 nor 255."""
    mixed = RNG.uniform(-1, 1, (*shape, 3)) @ np.asarray(spread, float)
    return np.asarray(mean) + mixed


MILD = cloud([120, 90, 140], [[30, 10, 0], [0, 20, 5], [5, 0, 25]])
WARM = cloud([150, 120, 80], [[20, 15, 5], [-5, 12, 8], [2, 0, 6]], (30, 20))


def statistics(picture):
    flat = np.asarray(picture, np.float64).reshape(-1, 3)
    return flat.mean(axis=0), np.cov(flat, rowvar=False, bias=True)


# --- YIQ --------------------------------------------------------------------------


def test_yiq_is_that_of_scikit_image_and_inverts():
    yiq = rgb_to_yiq(BYTES)
    assert yiq.dtype == np.float32 and yiq.shape == BYTES.shape
    np.testing.assert_allclose(yiq, rgb2yiq(BYTES) * 255, atol=1e-3)
    back = yiq_to_rgb(yiq)
    assert back.dtype == np.float32
    np.testing.assert_allclose(back, BYTES, atol=1e-3)
    np.testing.assert_allclose(back, yiq2rgb(yiq / 255) * 255, atol=1e-3)


def test_yiq_ranges_as_documented():
    corners = np.indices((2, 2, 2)).reshape(3, 1, 8).transpose(1, 2, 0) * 255.0
    yiq = rgb_to_yiq(corners)
    np.testing.assert_allclose(yiq.max(axis=(0, 1)), [255, 151.96, 133.30], atol=0.01)
    np.testing.assert_allclose(yiq.min(axis=(0, 1)), [0, -151.96, -133.30], atol=0.01)


# --- luminance transfer -----------------------------------------------------------


def test_luminance_of_one_and_chroma_of_the_other():
    content = MILD[:30, :20]
    result = transfer_luminance(WARM, content)
    assert result.dtype == np.float32
    inside = (result > 0).all(axis=-1) & (result < 255).all(axis=-1)
    assert inside.mean() > 0.99
    yiq = rgb_to_yiq(result)
    np.testing.assert_allclose(
        yiq[..., 0][inside], rgb_to_yiq(WARM)[..., 0][inside], atol=1e-3
    )
    np.testing.assert_allclose(
        yiq[..., 1:][inside], rgb_to_yiq(content)[..., 1:][inside], atol=1e-3
    )


def test_luminance_matched_in_mean_and_deviation():
    content = MILD[:30, :20]
    result = rgb_to_yiq(transfer_luminance(WARM - 60, content, match=True))[..., 0]
    target = rgb_to_yiq(content)[..., 0]
    assert abs(result.mean() - target.mean()) < 0.5
    assert abs(result.std() - target.std()) < 0.5


def test_luminance_of_a_picture_on_itself_changes_nothing():
    for match in (False, True):
        result = transfer_luminance(BYTES, BYTES, match=match)
        np.testing.assert_allclose(result, BYTES, atol=1e-3)


def test_gray_content_stays_gray():
    gray = np.repeat(BYTES[..., :1], 3, axis=-1)
    result = transfer_luminance(BYTES, gray)
    np.testing.assert_allclose(np.ptp(result, axis=-1), 0, atol=1e-3)


def test_flat_picture_has_no_contrast_to_stretch():
    flat = np.full((24, 32, 3), 77.0)
    result = transfer_luminance(flat, BYTES, match=True)
    assert np.isfinite(result).all()


# --- covariance -------------------------------------------------------------------


def test_mean_and_covariance_match():
    result = match_covariance(MILD, WARM)
    assert result.dtype == np.float32 and result.shape == MILD.shape
    assert result.min() > 0 and result.max() < 255  # else it could not be exact
    for got, wanted in zip(statistics(result), statistics(WARM), strict=True):
        np.testing.assert_allclose(got, wanted, atol=1e-2)


def test_covariance_map_is_the_monge_kantorovich_one():
    (mean_x, cov_x), (mean_y, cov_y) = statistics(MILD), statistics(WARM)
    root = sqrtm(cov_x).real
    inverse = np.linalg.inv(root)
    matrix = inverse @ sqrtm(root @ cov_y @ root).real @ inverse
    expected = (MILD - mean_x) @ matrix.T + mean_y
    np.testing.assert_allclose(match_covariance(MILD, WARM), expected, atol=1e-3)


def test_covariance_on_itself_changes_nothing():
    np.testing.assert_allclose(match_covariance(BYTES, BYTES), BYTES, atol=1e-3)


def test_covariance_of_constant_and_gray_pictures():
    flat = np.full((10, 12, 3), 33.0)
    np.testing.assert_allclose(
        match_covariance(flat, WARM),
        np.tile(WARM.mean(axis=(0, 1)), (10, 12, 1)),
        rtol=1e-5,
    )
    np.testing.assert_allclose(match_covariance(WARM, flat), 33, atol=1e-3)
    gray = np.repeat(MILD[..., :1], 3, axis=-1)
    result = match_covariance(gray, WARM)
    assert np.isfinite(result).all()
    np.testing.assert_allclose(
        result.mean(axis=(0, 1)), WARM.mean(axis=(0, 1)), atol=1e-2
    )
    np.testing.assert_allclose(match_covariance(flat[:1, :1], WARM).shape, (1, 1, 3))


def test_noise_is_not_blown_up_to_color():
    """Gray after JPEG or rounding: one level of chroma must not become a hundred."""
    gray = np.repeat(MILD[..., :1], 3, axis=-1)
    noisy = np.rint(gray + RNG.uniform(-0.4, 0.4, gray.shape))
    result = match_covariance(noisy, BYTES)
    clean = match_covariance(np.rint(gray), BYTES)
    assert np.abs(result - clean).max() < 10


# --- histogram --------------------------------------------------------------------


@pytest.mark.parametrize("reference", [BYTES[:7, :11], WARM, np.rint(WARM)])
@pytest.mark.parametrize("source", [BYTES, MILD, np.rint(MILD)])
def test_histogram_is_that_of_scikit_image(source, reference):
    result = match_histogram(source, reference)
    assert result.dtype == np.float32 and result.shape == source.shape
    expected = match_histograms(
        np.asarray(source, float), np.asarray(reference, float), channel_axis=-1
    )
    np.testing.assert_allclose(result, expected, atol=1e-3)


def test_histogram_gives_the_same_values_where_all_differ():
    source = RNG.permutation(30 * 20 * 3).reshape(30, 20, 3) * 0.1
    result = match_histogram(source, WARM)
    np.testing.assert_allclose(
        np.sort(result, axis=None).reshape(-1),
        np.sort(WARM.astype(np.float32), axis=None),
    )
    order = source[..., 0].ravel().argsort()
    assert (np.diff(result[..., 0].ravel()[order]) >= 0).all()


def test_histogram_on_itself_and_constants():
    np.testing.assert_array_equal(match_histogram(BYTES, BYTES), BYTES)
    flat = np.full((5, 6, 3), 33.0)
    np.testing.assert_array_equal(
        match_histogram(BYTES, flat), np.full(BYTES.shape, 33)
    )
    assert np.isfinite(match_histogram(flat, BYTES)).all()


# --- every function ---------------------------------------------------------------

PAIRS = [match_covariance, match_histogram, transfer_luminance]
pictures = arrays(np.float32, (4, 5, 3), elements=st.floats(0, 255, width=32))


@settings(max_examples=60, deadline=None)
@given(pictures, pictures)
def test_always_a_finite_picture(source, reference):
    for function in PAIRS:
        result = function(source, reference)
        assert result.dtype == np.float32 and result.shape == source.shape
        assert np.isfinite(result).all()
        assert result.min() >= 0 and result.max() <= 255
    assert np.isfinite(transfer_luminance(source, reference, match=True)).all()


@pytest.mark.parametrize("function", PAIRS)
@pytest.mark.parametrize("shape", [(4, 4), (4, 4, 4), (1, 4, 4, 3), (0, 4, 3)])
def test_other_shapes_are_refused(function, shape):
    with pytest.raises(ValueError, match=r"must be a picture \(H, W, 3\)"):
        function(np.zeros(shape), BYTES)
    with pytest.raises(ValueError, match=r"must be a picture \(H, W, 3\)"):
        function(BYTES, np.zeros(shape))


def test_values_that_are_not_finite_are_refused():
    broken = BYTES.astype(float)
    broken[0, 0, 0] = np.nan
    for function in PAIRS:
        with pytest.raises(ValueError, match="not finite"):
            function(broken, BYTES)
    for single in (rgb_to_yiq, yiq_to_rgb):
        with pytest.raises(ValueError, match="not finite"):
            single(broken)
        with pytest.raises(ValueError, match="must be a picture"):
            single(BYTES[0])


def test_different_sizes_for_luminance_name_the_remedy():
    with pytest.raises(ValueError, match="resize"):
        transfer_luminance(BYTES, BYTES[:-1])


@pytest.mark.parametrize("function", PAIRS)
def test_inputs_are_left_alone(function):
    source, reference = BYTES.astype(np.float64), BYTES[::-1].astype(np.float64)
    before = source.copy(), reference.copy()
    function(source, reference)
    np.testing.assert_array_equal(source, before[0])
    np.testing.assert_array_equal(reference, before[1])
