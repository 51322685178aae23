"""AdaIN, whitening and coloring, style swap: on rows and maps of random features."""

import numpy as np
import pytest
from scipy import linalg

from nstlib.color import match_covariance
from nstlib.universal import adain, style_swap, transported, whitening_coloring


def correlated(rows, channels, seed):
    """Rows whose channels have different scales and depend on each other."""
    rng = np.random.default_rng(seed)
    turned = np.linalg.qr(rng.normal(size=(channels, channels)))[0]
    spread = rng.normal(size=(rows, channels)) * np.geomspace(0.3, 3, channels)
    return spread @ turned + rng.normal(size=channels)


def covariance(rows):
    return np.cov(np.asarray(rows).T, bias=True).reshape(rows.shape[1], rows.shape[1])


sizes = pytest.mark.parametrize("rows, channels", [(40, 3), (200, 8), (9, 1)])


@sizes
def test_adain_has_the_style_s_means_and_deviations(rows, channels):
    content, style = correlated(rows, channels, 0), correlated(rows + 7, channels, 1)
    found = adain(content, style).numpy()
    np.testing.assert_allclose(found.mean(0), style.mean(0), rtol=1e-9)
    np.testing.assert_allclose(found.std(0), style.std(0), rtol=1e-9)
    by_hand = (content - content.mean(0)) / content.std(0) * style.std(0)
    np.testing.assert_allclose(found, by_hand + style.mean(0), rtol=1e-9, atol=1e-9)


def test_adain_makes_a_dead_channel_the_style_s_mean():
    content, style = correlated(30, 4, 0), correlated(30, 4, 1)
    content[:, 2] = 5.0
    found = adain(content, style).numpy()
    np.testing.assert_allclose(found[:, 2], style[:, 2].mean())
    assert np.isfinite(found).all()


@sizes
def test_wct_has_the_style_s_mean_and_covariance(rows, channels):
    content, style = correlated(rows, channels, 0), correlated(rows + 7, channels, 1)
    found = whitening_coloring(content, style).numpy()
    np.testing.assert_allclose(found.mean(0), style.mean(0), rtol=1e-6, atol=1e-9)
    wanted = covariance(style)
    np.testing.assert_allclose(
        covariance(found), wanted, rtol=1e-6, atol=1e-6 * np.abs(wanted).max()
    )


@sizes
def test_transport_has_the_style_s_mean_and_covariance_by_a_symmetric_map(
    rows, channels
):
    content, style = correlated(rows, channels, 0), correlated(rows + 7, channels, 1)
    found = transported(content, style).numpy()
    np.testing.assert_allclose(found.mean(0), style.mean(0), rtol=1e-6, atol=1e-9)
    wanted = covariance(style)
    np.testing.assert_allclose(
        covariance(found), wanted, rtol=1e-6, atol=1e-6 * np.abs(wanted).max()
    )
    centered = content - content.mean(0)
    matrix = np.linalg.lstsq(centered, found - found.mean(0), rcond=None)[0]
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-6 * np.abs(matrix).max())


def test_transport_moves_features_less_than_whitening_and_coloring():
    content, style = correlated(300, 8, 0), correlated(300, 8, 1)
    moved = [
        np.square(method(content, style).numpy() - content).sum()
        for method in (transported, whitening_coloring)
    ]
    assert moved[0] < moved[1]


def test_transport_is_that_of_the_colors():
    rng = np.random.default_rng(0)
    source = rng.uniform((60, 80, 90), (120, 150, 200), (20, 30, 3))
    goal = rng.uniform((90, 60, 80), (180, 100, 140), (25, 20, 3))
    rows = [picture.reshape(-1, 3) for picture in (source, goal)]
    found = transported(*rows).numpy().reshape(source.shape)
    np.testing.assert_allclose(found, match_covariance(source, goal), atol=1e-3)


@sizes
def test_wct_is_the_product_of_both_roots(rows, channels):
    content, style = correlated(rows, channels, 0), correlated(rows + 7, channels, 1)
    white = linalg.inv(linalg.sqrtm(covariance(content)))
    root = linalg.sqrtm(covariance(style))
    wanted = (content - content.mean(0)) @ np.real(white @ root) + style.mean(0)
    found = whitening_coloring(content, style)
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-5)


def test_wct_does_not_blow_up_directions_in_which_nothing_varies():
    content = correlated(6, 12, 0).astype(np.float32)  # fewer rows than channels
    content[:, 3] = content[:, 4]
    style = correlated(50, 12, 1).astype(np.float32)
    found = whitening_coloring(content, style).numpy()
    assert np.isfinite(found).all()
    assert np.abs(found - style.mean(0)).max() < 10 * style.std(0).max()


def swapped_by_loops(content, style, size=3):
    """Each patch's most similar one, and the mean where they overlap."""
    patches = [
        style[i : i + size, j : j + size]
        for i in range(style.shape[0] - size + 1)
        for j in range(style.shape[1] - size + 1)
    ]
    total, count = np.zeros_like(content), np.zeros((*content.shape[:2], 1))
    for i in range(content.shape[0] - size + 1):
        for j in range(content.shape[1] - size + 1):
            here = content[i : i + size, j : j + size]
            near = max(patches, key=lambda p: np.sum(p * here) / np.linalg.norm(p))
            total[i : i + size, j : j + size] += near
            count[i : i + size, j : j + size] += 1
    return total / count


@pytest.mark.parametrize("shape", [(5, 8, 4), (3, 3, 2), (9, 4, 1)])
def test_style_swap_by_loops(shape):
    rng = np.random.default_rng(0)
    content = np.abs(rng.normal(size=shape)).astype(np.float32)
    style = np.abs(rng.normal(size=(6, 7, shape[-1]))).astype(np.float32)
    found = style_swap(content, style)
    np.testing.assert_allclose(found, swapped_by_loops(content, style), rtol=1e-5)


def test_style_swap_of_a_picture_with_itself_changes_nothing():
    content = np.random.default_rng(0).normal(size=(6, 9, 5)).astype(np.float32)
    np.testing.assert_allclose(style_swap(content, content), content, rtol=1e-5)


def test_style_swap_in_pieces_is_the_same(monkeypatch):
    rng = np.random.default_rng(0)
    content, style = (rng.normal(size=(8, 9, 4)).astype(np.float32) for _ in "ab")
    whole = style_swap(content, style)
    monkeypatch.setattr("nstlib.universal.SWAP_ROWS", 5)
    np.testing.assert_array_equal(style_swap(content, style), whole)
