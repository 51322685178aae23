"""Every loss against plain loops, and every gradient against differences."""

import numpy as np
import pytest

from nstlib.backend import tf
from nstlib.losses import (
    CONVENTIONS,
    content_loss,
    gram_distance,
    gram_matrix,
    gram_of_rows,
    positions,
    style_loss,
    total_variation_loss,
)

SHAPES = [(3, 5, 4), (6, 2, 3), (4, 7, 1), (2, 3, 5)]  # h, w, C
IMAGE_PIXELS = 77.0
shapes = pytest.mark.parametrize("shape", SHAPES, ids=str)
conventions = pytest.mark.parametrize("convention", CONVENTIONS)


def random(shape, seed=0):
    return np.random.default_rng(seed).normal(0.5, 1.0, shape)


def gram_by_loops(features):
    height, width, channels = features.shape
    gram = np.zeros((channels, channels))
    for i in range(channels):
        for j in range(channels):
            for y in range(height):
                for x in range(width):
                    gram[i, j] += features[y, x, i] * features[y, x, j]
    return gram


def content_by_loops(features, target, convention):
    total = count = power = 0.0
    for f, p in zip(features.ravel(), target.ravel(), strict=True):
        total += (f - p) ** 2
        power += p**2
        count += 1
    return {
        "relative": total / power,
        "gatys": 0.5 * total,
        "johnson": total / count,
        "keras": total,
    }[convention]


def style_by_loops(features, style, convention):
    height, width, channels = features.shape
    n, m = height * width, style.shape[0] * style.shape[1]
    gram, target = gram_by_loops(features) / n, gram_by_loops(style) / m
    total = power = 0.0
    for i in range(channels):
        for j in range(channels):
            total += (gram[i, j] - target[i, j]) ** 2
            power += target[i, j] ** 2
    return {
        "relative": total / power,
        "gatys": total / (4 * channels**2),
        "johnson": total / channels**4,
        "keras": total * n**2 / (4 * 9 * IMAGE_PIXELS**2),
    }[convention]


def variation_by_loops(picture, exponent, reduction):
    height, width, channels = picture.shape
    down, right, both = [], [], []
    for y in range(height):
        for x in range(width):
            for c in range(channels):
                here = picture[y, x, c]
                if y + 1 < height:
                    down.append(picture[y + 1, x, c] - here)
                if x + 1 < width:
                    right.append(picture[y, x + 1, c] - here)
                if y + 1 < height and x + 1 < width:
                    both.append((down[-1] ** 2 + right[-1] ** 2) ** exponent)
    reduce = {"sum": sum, "mean": np.mean}[reduction]
    if exponent in (1, 2):
        return sum(reduce([abs(d) ** exponent for d in ds]) for ds in (down, right))
    return reduce(both)


def check_gradient(function, x, step=1e-6, rtol=1e-6):
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


# --- Gram matrix


@shapes
def test_gram_by_loops(shape):
    features = random(shape)
    wanted = gram_by_loops(features)
    for form in (features, features[None], tf.constant(features)):
        gram = gram_matrix(form)
        assert gram.dtype == tf.float64
        np.testing.assert_allclose(gram, wanted, rtol=1e-12)
    assert gram_matrix(features.astype(np.float32)).dtype == tf.float32


def test_gram_of_numbers_that_fit_in_the_head():
    values = np.array([1.0, 2.0, 3.0, 4.0])
    as_positions = gram_matrix(values.reshape(2, 2, 1))
    assert as_positions.numpy().tolist() == [[30.0]]
    as_channels = gram_matrix(values.reshape(1, 1, 4))
    np.testing.assert_array_equal(as_channels, np.outer(values, values))


@shapes
def test_gram_of_rows_and_its_slope_equal_those_of_gram_matrix(shape):
    rows = tf.constant(random(shape).reshape(-1, shape[-1]))
    slope = np.random.default_rng(2).normal(size=2 * shape[-1:])  # not symmetric
    found = []
    for function in (gram_of_rows, gram_matrix):
        with tf.GradientTape() as tape:
            tape.watch(rows)
            gram = function(rows if function is gram_of_rows else rows[None])
        found.append((gram, tape.gradient(gram, rows, slope)))
    for ours, wanted in zip(*found, strict=True):
        np.testing.assert_allclose(ours, wanted, rtol=1e-12, atol=1e-12)


@shapes
def test_gram_forgets_positions_but_not_channels(shape):
    rng = np.random.default_rng(1)
    features = random(shape)
    vectors = features.reshape(-1, shape[-1])
    shuffled = rng.permutation(vectors).reshape(shape)
    assert not np.array_equal(shuffled, features)
    np.testing.assert_allclose(gram_matrix(shuffled), gram_matrix(features), rtol=1e-12)
    order = np.roll(np.arange(shape[-1]), 1)
    gram = gram_matrix(features).numpy()
    rolled = gram_matrix(features[..., order])
    np.testing.assert_allclose(rolled, gram[np.ix_(order, order)], rtol=1e-12)
    np.testing.assert_allclose(gram, gram.T, atol=1e-12)
    assert np.linalg.eigvalsh(gram).min() > -1e-9


@shapes
def test_positions(shape):
    assert float(positions(random(shape))) == shape[0] * shape[1]
    assert float(positions(random(shape)[None])) == shape[0] * shape[1]


# --- content


@shapes
@conventions
def test_content_by_loops(shape, convention):
    features, target = random(shape), random(shape, 1)
    loss = content_loss(features, target, convention)
    assert loss.dtype == tf.float64 and loss.shape == ()
    wanted = content_by_loops(features, target, convention)
    assert float(loss) == pytest.approx(wanted, rel=1e-9)
    assert float(content_loss(target, target, convention)) == 0


@conventions
def test_content_gradient(convention):
    target = random((3, 2, 4), 1)
    check_gradient(lambda x: content_loss(x, target, convention), random((3, 2, 4)))


def test_content_default_is_relative():
    features, target = random((3, 2, 4)), random((3, 2, 4), 1)
    wanted = content_by_loops(features, target, "relative")
    assert float(content_loss(features, target)) == pytest.approx(wanted, rel=1e-9)
    scaled = content_loss(features * 100, target * 100)
    assert float(scaled) == pytest.approx(wanted, rel=1e-9)


def test_content_of_a_black_target_is_finite():
    assert np.isfinite(content_loss(random((2, 2, 3)), np.zeros((2, 2, 3))))


def test_content_refuses_other_shapes():
    with pytest.raises(ValueError, match="one shape"):
        content_loss(random((2, 3, 4)), random((3, 2, 4)))


# --- style


@shapes
@conventions
def test_style_by_loops(shape, convention):
    features, style = random(shape), random((5, 3, shape[-1]), 1)
    loss = style_loss(features, gram_matrix(style), 15, convention, IMAGE_PIXELS)
    assert loss.dtype == tf.float64 and loss.shape == ()
    wanted = style_by_loops(features, style, convention)
    assert float(loss) == pytest.approx(wanted, rel=1e-9)


@conventions
def test_style_of_equal_sizes_needs_no_positions(convention):
    features, style = random((4, 3, 5)), random((4, 3, 5), 1)
    gram = gram_by_loops(style)
    loss = style_loss(features, gram, None, convention, IMAGE_PIXELS)
    wanted = style_by_loops(features, style, convention)
    assert float(loss) == pytest.approx(wanted, rel=1e-9)
    same = style_loss(style, gram, 12, convention, IMAGE_PIXELS)
    assert float(same) == pytest.approx(0, abs=1e-20)


@conventions
def test_style_does_not_mind_how_large_the_style_is(convention):
    features, style = random((4, 3, 5)), random((2, 3, 5), 1)
    twice = np.concatenate([style, style])  # the same statistics
    arguments = (convention, IMAGE_PIXELS)
    once = style_loss(features, gram_matrix(style), 6, *arguments)
    again = style_loss(features, gram_matrix(twice), 12, *arguments)
    assert float(once) == pytest.approx(float(again), rel=1e-9)


def test_published_forms_at_one_size():
    # With N = M: S/(4C²N²), Gatys et al. 2015, eq. 4; S/(C⁴N²), neural-style.
    features, style = random((4, 3, 5)), random((4, 3, 5), 1)
    gram = gram_by_loops(style)
    s = ((gram_by_loops(features) - gram) ** 2).sum()
    for convention, wanted in [
        ("gatys", s / (4 * 5**2 * 12**2)),
        ("johnson", s / (5**4 * 12**2)),
        ("keras", s / (4 * 3**2 * IMAGE_PIXELS**2)),
    ]:
        loss = style_loss(features, gram, 12, convention, IMAGE_PIXELS)
        assert float(loss) == pytest.approx(wanted, rel=1e-9)


@shapes
@conventions
def test_style_gradient(shape, convention):
    gram = gram_matrix(random((5, 3, shape[-1]), 1))
    check_gradient(
        lambda x: style_loss(x, gram, 15, convention, IMAGE_PIXELS), random(shape)
    )


def test_style_default_is_relative():
    features, style = random((4, 3, 5)), random((2, 3, 5), 1)
    wanted = style_by_loops(features, style, "relative")
    loss = style_loss(features, gram_matrix(style), 6)
    assert float(loss) == pytest.approx(wanted, rel=1e-9)
    assert np.isfinite(style_loss(features, np.zeros((5, 5)), 6))


@shapes
@conventions
def test_gram_distance_of_the_normalized_grams_is_the_style_loss(shape, convention):
    features, style = random(shape), random((5, 3, shape[-1]), 1)
    count = shape[0] * shape[1]
    here, goal = gram_by_loops(features) / count, gram_by_loops(style) / 15
    loss = gram_distance(here, goal, convention, count, IMAGE_PIXELS)
    assert loss.dtype == tf.float64 and loss.shape == ()
    wanted = style_by_loops(features, style, convention)
    assert float(loss) == pytest.approx(wanted, rel=1e-9)
    assert float(gram_distance(goal, goal, convention, count, IMAGE_PIXELS)) == 0


def test_keras_needs_the_pixels():
    for call in (
        lambda: style_loss(random((2, 2, 3)), np.eye(3), 4, "keras"),
        lambda: gram_distance(np.eye(3), np.eye(3), "keras", 4),
        lambda: gram_distance(np.eye(3), np.eye(3), "keras", image_pixels=64),
    ):
        with pytest.raises(ValueError, match="image_pixels"):
            call()


def test_unknown_conventions_are_named():
    for call in (
        lambda: content_loss(random((2, 2, 3)), random((2, 2, 3)), "mean"),
        lambda: style_loss(random((2, 2, 3)), np.eye(3), 4, "mean"),
        lambda: gram_distance(np.eye(3), np.eye(3), "mean"),
    ):
        with pytest.raises(
            ValueError, match=r"'mean'.*relative, gatys, johnson, keras"
        ):
            call()


# --- total variation

reductions = pytest.mark.parametrize("reduction", ["mean", "sum"])
exponents = pytest.mark.parametrize("exponent", [1.0, 2.0, 1.25])


@pytest.mark.parametrize("shape", [(4, 5, 3), (2, 7, 3), (6, 3, 1)], ids=str)
@exponents
@reductions
def test_total_variation_by_loops(shape, exponent, reduction):
    picture = random(shape)
    wanted = variation_by_loops(picture, exponent, reduction)
    for form in (picture, picture[None]):
        loss = total_variation_loss(form, exponent, reduction)
        assert loss.dtype == tf.float64 and loss.shape == ()
        assert float(loss) == pytest.approx(wanted, rel=1e-10)


def variation_by_slices(tensor, exponent, reduction):
    reduce = tf.reduce_mean if reduction == "mean" else tf.reduce_sum
    down = tensor[..., 1:, :, :] - tensor[..., :-1, :, :]
    right = tensor[..., :, 1:, :] - tensor[..., :, :-1, :]
    if exponent in (1, 2):
        return reduce(tf.abs(down) ** exponent) + reduce(tf.abs(right) ** exponent)
    both = down[..., :-1, :] ** 2 + right[..., :-1, :, :] ** 2
    return reduce(both**exponent)


@pytest.mark.parametrize("shape", [(1, 5, 8, 3), (2, 3, 4, 3), (6, 2, 1)], ids=str)
@exponents
@reductions
def test_total_variation_and_its_gradient_are_those_of_slices(
    shape, exponent, reduction
):
    """The package splits instead, so that the gradient runs on all cores."""
    tensor = tf.constant(random(shape), tf.float32)

    def value_and_gradient(function):
        spec = tf.TensorSpec([None] * len(shape), tf.float32)  # of any size

        @tf.function(input_signature=[spec])
        def traced(x):
            with tf.GradientTape() as tape:
                tape.watch(x)
                value = function(x, exponent, reduction)
            return value, tape.gradient(value, x)

        return traced(tensor)

    given = value_and_gradient(total_variation_loss)
    for here, there in zip(given, value_and_gradient(variation_by_slices), strict=True):
        assert here.shape == there.shape
        np.testing.assert_allclose(here, there, rtol=1e-5, atol=1e-6)


def test_total_variation_of_a_step():
    picture = np.zeros((3, 4, 3))
    picture[:, 2:] = 2.0  # one vertical edge: 3 rows of 3 channels
    assert float(total_variation_loss(picture, 1, "sum")) == 18
    assert float(total_variation_loss(picture, 2, "sum")) == 36
    # The last row has no neighbor below.
    assert float(total_variation_loss(picture, 1.25, "sum")) == 6 * 4**1.25
    assert float(total_variation_loss(picture, 2, "mean")) == 36 / 27


@exponents
@reductions
def test_total_variation_gradient(exponent, reduction):
    check_gradient(
        lambda x: total_variation_loss(x, exponent, reduction), random((4, 3, 3))
    )


@exponents
def test_total_variation_of_a_flat_picture(exponent):
    flat = tf.fill((1, 4, 5, 3), 7.0)
    with tf.GradientTape() as tape:
        tape.watch(flat)
        loss = total_variation_loss(flat, exponent)
    assert float(loss) == 0
    np.testing.assert_array_equal(tape.gradient(loss, flat), np.zeros((1, 4, 5, 3)))


def test_total_variation_default_is_the_mean_of_squares():
    picture = random((4, 5, 3))
    wanted = variation_by_loops(picture, 2, "mean")
    assert float(total_variation_loss(picture)) == pytest.approx(wanted, rel=1e-10)


def test_total_variation_like_tensorflow(make_picture):
    picture = make_picture(6, 9)
    theirs = float(tf.image.total_variation(tf.constant(picture)))
    assert float(total_variation_loss(picture, 1, "sum")) == pytest.approx(theirs, 1e-5)


def test_total_variation_refuses_other_reductions():
    with pytest.raises(ValueError, match="'mean' or 'sum'"):
        total_variation_loss(random((3, 3, 3)), 2, "max")
