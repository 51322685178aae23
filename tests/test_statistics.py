"""Every statistic of style against plain loops, its gradient against differences."""

import numpy as np
import pytest
import scipy.linalg
import scipy.stats

from nstlib.backend import tf
from nstlib.losses import CONVENTIONS, gram_matrix, style_loss
from nstlib.statistics import (
    EPSILON,
    STATISTICS,
    STRENGTHS,
    SUMMED,
    Sums,
    feature_sums,
    gaussian_statistics,
    matrix_root,
    moments_loss,
    sliced_directions,
    sorted_values,
    sums_loss,
    sums_target,
    values_loss,
    wasserstein_loss,
)

SHAPES = [(3, 5, 4), (6, 2, 3), (4, 7, 1), (2, 3, 5)]  # h, w, C
shapes = pytest.mark.parametrize("shape", SHAPES, ids=str)
summed = pytest.mark.parametrize("statistic", SUMMED)


def random(shape, seed=0):
    return np.random.default_rng(seed).normal(0.5, 1.0, shape)


def weights_for(shape, seed=5):
    return np.random.default_rng(seed).uniform(0, 1, shape[:2])


def check_gradient(function, x, step=1e-6, rtol=1e-5):
    """Compare the gradient of a scalar function with central differences."""
    variable = tf.constant(x, tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(variable)
        value = function(variable)
    gradient = tape.gradient(value, variable).numpy()
    wanted = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        moved = np.zeros_like(x)
        moved[index] = step
        wanted[index] = (function(x + moved) - function(x - moved)) / (2 * step)
    assert np.abs(wanted).max() > 0
    np.testing.assert_allclose(gradient, wanted, rtol, atol=rtol * np.abs(wanted).max())


# --- sums


@shapes
@pytest.mark.parametrize("weighted", [False, True])
def test_sums_by_loops(shape, weighted):
    features, weights = random(shape), weights_for(shape)
    height, width, channels = shape
    second, first = np.zeros((channels, channels)), np.zeros(channels)
    count = 0.0
    for y in range(height):
        for x in range(width):
            w = weights[y, x] if weighted else 1.0
            count += w
            for i in range(channels):
                first[i] += w * features[y, x, i]
                for j in range(channels):
                    second[i, j] += w * features[y, x, i] * features[y, x, j]
    for form in (features, features[None]):
        sums = feature_sums(form, weights if weighted else None)
        assert {part.dtype for part in sums} == {tf.float64}
        np.testing.assert_allclose(sums.second, second, rtol=1e-10, atol=1e-10)
        np.testing.assert_allclose(sums.first, first, rtol=1e-10, atol=1e-10)
        assert float(sums.count) == pytest.approx(count)


def test_sums_without_weights_are_the_gram_matrix_to_the_bit():
    features = random((7, 9, 5)).astype(np.float32)
    sums = feature_sums(features)
    assert np.array_equal(sums.second, gram_matrix(features))
    ones = feature_sums(features, np.ones((7, 9)))
    for one, other in zip(sums, ones, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)


def test_sums_of_the_parts_add_up():
    features, weights = random((8, 6, 3)), weights_for((8, 6))
    whole = feature_sums(features, weights)
    parts = [
        feature_sums(features[a:b, c:d], weights[a:b, c:d])
        for a, b in ((0, 3), (3, 8))
        for c, d in ((0, 5), (5, 6))
    ]
    added = Sums(*(sum(part) for part in zip(*parts, strict=True)))
    for one, other in zip(whole, added, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)


def test_nothing_computes_means_that_a_gram_loss_does_not_use():
    style = sums_target("gram", feature_sums(random((4, 4, 3), 1)))

    @tf.function
    def loss(features):
        return sums_loss("gram", feature_sums(features), style)

    concrete = loss.get_concrete_function(tf.TensorSpec((4, 4, 3), tf.float64))
    lean = tf.compat.v1.graph_util.extract_sub_graph(
        concrete.graph.as_graph_def(), [concrete.outputs[0].op.name]
    )
    # Two sums of squares, and none over positions.
    assert sum(node.op == "Sum" for node in lean.node) == 2


# --- functions of sums


def np_statistics(features):
    vectors = features.reshape(-1, features.shape[-1])
    covariance = np.cov(vectors, rowvar=False, bias=True)
    return vectors.mean(axis=0), np.atleast_2d(covariance)


def power(style):
    """Mean square of the style's activations."""
    return np.mean(np.square(style))


def wasserstein(features, style):
    """Divided by C, with the matrix square roots of SciPy."""
    mean, cov = np_statistics(features)
    goal, target = np_statistics(style)
    root = scipy.linalg.sqrtm(target)
    inner = scipy.linalg.sqrtm(root @ cov @ root)
    distance = ((mean - goal) ** 2).sum() + np.trace(cov + target - 2 * inner.real)
    return distance / len(mean)


def moments(features, style):
    total, channels = 0.0, features.shape[-1]
    for c in range(channels):
        here, there = features[..., c], style[..., c]
        deviations = [np.sqrt(x.var() + EPSILON) for x in (here, there)]
        total += (here.mean() - there.mean()) ** 2
        total += (deviations[0] - deviations[1]) ** 2
    return total / channels


@shapes
def test_gaussian_statistics(shape):
    features = random(shape)
    mean, covariance = gaussian_statistics(feature_sums(features))
    np.testing.assert_allclose(mean, np_statistics(features)[0], rtol=1e-10)
    np.testing.assert_allclose(covariance, np_statistics(features)[1], atol=1e-12)


def test_gaussian_statistics_with_weights():
    features, weights = random((5, 4, 3)), weights_for((5, 4))
    mean, covariance = gaussian_statistics(feature_sums(features, weights))
    vectors = features.reshape(-1, 3)
    wanted = np.cov(vectors, rowvar=False, ddof=0, aweights=weights.ravel())
    np.testing.assert_allclose(covariance, wanted, atol=1e-12)
    np.testing.assert_allclose(mean, np.average(vectors, 0, weights.ravel()))


def test_matrix_root():
    covariance = np_statistics(random((6, 5, 4)))[1]
    root = matrix_root(covariance).numpy()
    np.testing.assert_allclose(root, scipy.linalg.sqrtm(covariance), atol=1e-10)
    np.testing.assert_allclose(root, root.T, atol=1e-12)
    almost = np.diag([4.0, -1e-9])  # rounding made an eigenvalue negative
    np.testing.assert_allclose(matrix_root(almost), np.diag([2.0, 0.0]), atol=1e-12)


@shapes
@pytest.mark.parametrize("convention", CONVENTIONS)
def test_gram_is_the_style_loss(shape, convention):
    features, style = random(shape), random((5, 3, shape[-1]), 1)
    target = sums_target("gram", feature_sums(style))
    found = sums_loss("gram", feature_sums(features), target, convention, 77.0)
    wanted = style_loss(features, gram_matrix(style), 15, convention, 77.0)
    assert found.dtype == tf.float64
    assert float(found) == pytest.approx(float(wanted), rel=1e-12)


@shapes
def test_wasserstein_by_scipy(shape):
    features = random((shape[0] + 3, shape[1], shape[2]))  # more positions than C
    style = random((5, 4, shape[-1]), 1) * 2 + 1
    target = sums_target("wasserstein", feature_sums(style))
    sums, wanted = feature_sums(features), wasserstein(features, style)
    loss = wasserstein_loss(sums, *target, convention="johnson", epsilon=0.0)
    assert loss.dtype == tf.float64
    assert float(loss) == pytest.approx(wanted, rel=1e-6)
    loss = wasserstein_loss(sums, *target, epsilon=0.0)
    assert float(loss) == pytest.approx(0.3 * wanted / power(style), rel=1e-6)


def test_wasserstein_of_one_channel():
    features, style = random((4, 5, 1)), 3 * random((2, 7, 1), 1) + 2
    wanted = (features.mean() - style.mean()) ** 2 + (features.std() - style.std()) ** 2
    target = sums_target("wasserstein", feature_sums(style))
    loss = wasserstein_loss(feature_sums(features), *target, "gatys", epsilon=0.0)
    assert float(loss) == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_wasserstein_with_fewer_positions_than_channels(dtype):
    style = random((3, 2, 16), 1).astype(dtype) * 50
    target = sums_target("wasserstein", feature_sums(style))
    features = tf.constant(random((2, 2, 16)).astype(dtype) * 50)

    def loss(x):
        return wasserstein_loss(feature_sums(x), *target, "johnson")

    for x in (features, tf.zeros_like(features), tf.constant(style[:2])):
        with tf.GradientTape() as tape:
            tape.watch(x)
            value = loss(x)
        assert np.isfinite(value) and np.isfinite(tape.gradient(value, x)).all()
        assert float(value) > 1
    # Of 2500, the variance; float32 keeps half its digits of the roots.
    assert abs(float(loss(style))) < (2 if dtype == np.float32 else 0.05)


@shapes
def test_moments_by_loops(shape):
    features, style = random(shape), random((5, 3, shape[-1]), 1) * 2 + 1
    target = sums_target("moments", feature_sums(style))
    sums, wanted = feature_sums(features), moments(features, style)
    loss = moments_loss(sums, *target, "johnson")
    assert float(loss) == pytest.approx(wanted, rel=1e-9)
    loss = sums_loss("moments", sums, target)
    assert float(loss) == pytest.approx(2 * wanted / power(style), rel=1e-3)


@summed
@pytest.mark.parametrize("weighted", [False, True])
def test_gradients(statistic, weighted):
    target = sums_target(statistic, feature_sums(random((5, 4, 3), 1) * 2 + 1))
    weights = weights_for((3, 4)) if weighted else None
    check_gradient(
        lambda x: sums_loss(statistic, feature_sums(x, weights), target),
        random((3, 4, 3)),
    )


@pytest.mark.parametrize("statistic", ["moments", "histogram", "sliced"])
def test_flat_and_dead_channels_have_a_slope(statistic):
    style = random((4, 4, 3), 1)
    x = tf.zeros((5, 5, 3), tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = loss_of(statistic, x, style)
    assert np.isfinite(value) and np.isfinite(tape.gradient(value, x)).all()
    assert np.isfinite(loss_of(statistic, style, np.zeros((4, 4, 3))))


# --- whole distributions


def directions_for(statistic, channels):
    return sliced_directions(channels) if statistic == "sliced" else None


def loss_of(statistic, features, style, convention="relative", weights=None):
    if statistic in SUMMED:
        target = sums_target(statistic, feature_sums(style))
        sums = feature_sums(features, weights)
        return sums_loss(statistic, sums, target, convention)
    directions = directions_for(statistic, style.shape[-1])
    target = sorted_values(style, directions)
    return values_loss(features, target, directions, weights, convention)


def quantile(values, rank):
    """By a loop: the m-th of M sorted values stands at rank (m + ½)/M."""
    values = sorted(values)
    place = min(max(rank * len(values) - 0.5, 0.0), len(values) - 1.0)
    low = int(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (place - low) * (values[high] - values[low])


def values_by_loops(features, style, directions, weights=None):
    total = 0.0
    for k in range(directions.shape[1]):
        here = features.reshape(-1, features.shape[-1]) @ directions[:, k]
        there = style.reshape(-1, style.shape[-1]) @ directions[:, k]
        w = np.ones(len(here)) if weights is None else weights.ravel()
        before = 0.0
        for index in np.argsort(here):
            share = w[index] / w.sum()
            goal = quantile(there, before + share / 2)
            total += share * (here[index] - goal) ** 2
            before += share
    return total / directions.shape[1]


@shapes
@pytest.mark.parametrize("size", [(5, 3), (2, 2), (9, 8), (1, 1)])
@pytest.mark.parametrize("statistic", ["histogram", "sliced"])
@pytest.mark.parametrize("weighted", [False, True])
def test_distributions_by_loops(shape, size, statistic, weighted):
    features, style = random(shape), random((*size, shape[-1]), 1) * 2 + 1
    weights = weights_for(shape) if weighted else None
    directions = directions_for(statistic, shape[-1])
    if directions is None:
        directions = np.eye(shape[-1])
    wanted = values_by_loops(features, style, directions, weights)
    found = loss_of(statistic, features, style, "johnson", weights)
    assert found.dtype == tf.float64
    assert float(found) == pytest.approx(wanted, rel=1e-9)
    found = loss_of(statistic, features, style, "relative", weights)
    wanted *= STRENGTHS[statistic] / power(style)
    assert float(found) == pytest.approx(wanted, rel=1e-9)


def test_histogram_of_one_channel_is_the_wasserstein_distance_of_scipy():
    # SciPy has the first power; where all values are below, that is a mean difference.
    features, style = random((4, 5, 1)), random((4, 5, 1), 1) + 10
    loss = loss_of("histogram", features, style, "johnson")
    first = scipy.stats.wasserstein_distance(features.ravel(), style.ravel())
    assert float(loss) >= first**2
    shifted = loss_of("histogram", features, features + 3, "johnson")
    assert float(shifted) == pytest.approx(9)


@pytest.mark.parametrize("statistic", ["histogram", "sliced"])
@pytest.mark.parametrize("weighted", [False, True])
def test_gradients_of_distributions(statistic, weighted):
    style = random((5, 4, 3), 1) * 2 + 1
    weights = weights_for((3, 4)) if weighted else None
    check_gradient(
        lambda x: loss_of(statistic, x, style, weights=weights), random((3, 4, 3))
    )


def test_directions_are_orthonormal_and_seeded():
    for channels in (1, 2, 33):
        directions = sliced_directions(channels, 3)
        np.testing.assert_allclose(
            directions.T @ directions, np.eye(channels), atol=1e-12
        )
        assert np.array_equal(directions, sliced_directions(channels, 3))
    assert not np.allclose(directions, sliced_directions(33, 4))


# --- all of them


@pytest.mark.parametrize("statistic", STATISTICS)
def test_positions_do_not_matter_and_the_style_itself_costs_nothing(statistic):
    features, style = random((6, 5, 3)), random((4, 7, 3), 1) * 2 + 1
    shuffled = np.random.default_rng(2).permutation(features.reshape(30, 3))
    loss = float(loss_of(statistic, features, style))
    again = float(loss_of(statistic, shuffled.reshape(3, 10, 3), style))
    assert loss > 0.01 and again == pytest.approx(loss, rel=1e-9)
    assert float(loss_of(statistic, style, style)) == pytest.approx(0, abs=1e-3)
    # A style that is repeated is the same style.
    twice = np.concatenate([style, style])
    if statistic in SUMMED:
        assert float(loss_of(statistic, twice, style)) == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize("statistic", STATISTICS)
def test_relative_has_no_unit(statistic):
    features, style = random((6, 5, 3)) * 10, random((4, 7, 3), 1) * 20 + 10
    loss = float(loss_of(statistic, features, style))
    assert float(loss_of(statistic, features * 10, style * 10)) == pytest.approx(
        loss, rel=1e-3
    )


@pytest.mark.parametrize("statistic", STATISTICS)
def test_weights_choose_positions(statistic):
    features, style = random((6, 5, 3)), random((4, 7, 3), 1) * 2 + 1
    weights = np.zeros((6, 5))
    weights[:3] = 1
    found = loss_of(statistic, features, style, weights=weights)
    wanted = loss_of(statistic, features[:3], style)
    assert float(found) == pytest.approx(float(wanted), rel=1e-9)
