"""The whole objective against NumPy, and its gradient against differences."""

import logging

import numpy as np
import pytest

from nstlib.backend import tf
from nstlib.errors import NetworkError
from nstlib.losses import CONVENTIONS
from nstlib.objective import TERMS, Objective, widened
from nstlib.preprocessing import preprocess
from nstlib.settings import make_settings

SIZE = (35, 52)
LAYERS = {"block4_conv2": 0.7, "block2_conv2": 2.0}
STYLE_LAYERS = {"block1_conv1": 3.0, "block3_conv1": 0.5, "block5_conv1": 1.0}


def gram_over_positions(maps):
    vectors = np.asarray(maps, float).reshape(-1, maps.shape[-1])
    return np.einsum("ki,kj->ij", vectors, vectors) / len(vectors)


def content_by_hand(here, there, convention):
    squares = np.square(np.asarray(here, float) - np.asarray(there, float))
    return {
        "relative": squares.mean() / np.mean(np.square(there)),
        "gatys": squares.sum() / 2,
        "johnson": squares.mean(),
        "keras": squares.sum(),
    }[convention]


def style_by_hand(here, there, convention, pixels):
    gram, goal = gram_over_positions(here), gram_over_positions(there)
    distance, channels = np.sum((gram - goal) ** 2), here.shape[-1]
    count = here.shape[1] * here.shape[2]
    return {
        "relative": distance / np.sum(goal**2),
        "gatys": distance / (4 * channels**2),
        "johnson": distance / channels**4,
        "keras": distance * count**2 / (36 * pixels**2),
    }[convention]


def variation_by_hand(tensor, exponent, reduction):
    x = tensor[0].astype(float) / 127.5
    down, right = np.diff(x, axis=0), np.diff(x, axis=1)
    reduce = np.mean if reduction == "mean" else np.sum
    if exponent in (1, 2):
        return reduce(np.abs(down) ** exponent) + reduce(np.abs(right) ** exponent)
    return reduce((down[:, :-1] ** 2 + right[:-1] ** 2) ** exponent)


@pytest.fixture(scope="module")
def pictures(make_picture):
    return {
        "content": make_picture(*SIZE, 0),
        "now": make_picture(*SIZE, 1),
        "styles": [(make_picture(40, 33, 2), 1.0), (make_picture(20, 70, 3), 3.0)],
    }


def build(narrow, pictures, styles=None, margin=0, **overrides):
    overrides = {
        "network": "vgg19",
        "content_layers": LAYERS,
        "style_layers": STYLE_LAYERS,
        **overrides,
    }
    settings = make_settings(**overrides)
    layers = list(dict.fromkeys([*settings.content_layers, *settings.style_layers]))
    extractor = narrow(layers=layers)
    styles = pictures["styles"] if styles is None else styles
    return Objective(extractor, pictures["content"], styles, settings, margin)


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize(
    "exponent, reduction", [(1.0, "sum"), (2.0, "mean"), (1.25, "sum")]
)
def test_terms_by_hand(narrow, pictures, convention, exponent, reduction):
    objective = build(
        narrow,
        pictures,
        content_convention=convention,
        content_weight=2.5,
        style_convention=convention,
        style_weight=0.3,
        tv_weight=1.7,
        tv_exponent=exponent,
        tv_reduction=reduction,
    )
    maps = narrow()
    now = preprocess(pictures["now"])
    here, there = maps(now), maps(preprocess(pictures["content"]))
    content = 2.5 * sum(
        weight * content_by_hand(here[name].numpy(), there[name].numpy(), convention)
        for name, weight in LAYERS.items()
    )
    style = 0.0
    for picture, share in zip(pictures["styles"], (0.25, 0.75), strict=True):
        goal = maps(preprocess(picture[0]))
        for name, weight in STYLE_LAYERS.items():
            layer = style_by_hand(
                here[name].numpy(), goal[name].numpy(), convention, SIZE[0] * SIZE[1]
            )
            style += 0.3 * weight * share * layer
    variation = 1.7 * variation_by_hand(now, exponent, reduction)
    wanted = [content + style + variation, content, style, variation]
    found = objective.losses(tf.constant(now)).numpy()
    assert TERMS == ("total", "content", "style", "tv")
    assert found.dtype == np.float32 and found.shape == (4,)
    np.testing.assert_allclose(found, wanted, rtol=2e-4)
    assert all(value > 0 for value in wanted)


def test_value_and_gradient_are_the_losses_compiled(narrow, pictures):
    objective = build(narrow, pictures)
    now = tf.constant(preprocess(pictures["now"]))
    assert objective.terms.shape == (4,)
    value, gradient = objective.value_and_gradient(now)
    assert gradient.shape == now.shape and gradient.dtype == tf.float32
    np.testing.assert_allclose(objective.terms, objective.losses(now), rtol=1e-4)
    assert float(value) == float(objective.terms[0])
    assert float(value) == pytest.approx(sum(objective.terms[1:].numpy()), rel=1e-5)
    with tf.GradientTape() as tape:
        tape.watch(now)
        total = objective.losses(now)[0]
    wanted = tape.gradient(total, now).numpy()
    np.testing.assert_allclose(gradient, wanted, atol=1e-3 * np.abs(wanted).max())


@pytest.mark.parametrize(
    "overrides",
    [
        {"style_weight": 0},
        {"content_weight": 0, "tv_weight": 0},
        {"content_weight": 0, "tv_weight": 0, "style_statistic": "wasserstein"},
        {"tv_exponent": 1.25, "style_convention": "johnson", "tv_weight": 500},
    ],
)
def test_gradient_along_random_directions(narrow, pictures, overrides):
    objective = build(narrow, pictures, **overrides)
    x = preprocess(pictures["now"])
    _, gradient = objective.value_and_gradient(tf.constant(x))
    rng = np.random.default_rng(0)
    gradient = gradient.numpy().astype(float)
    for _ in range(3):
        # Half of it downhill, so that the slope does not drown in rounding errors.
        d = rng.normal(size=x.shape)
        d = d / np.linalg.norm(d) + gradient / np.linalg.norm(gradient)
        step = 0.5
        ends = [objective.losses(tf.constant((x + s * d).astype(np.float32)))[0]
                for s in (step, -step)]  # fmt: skip
        slope = (float(ends[0]) - float(ends[1])) / (2 * step)
        assert slope == pytest.approx((gradient * d).sum(), rel=0.03)


def test_the_content_itself_costs_no_content(narrow, pictures):
    objective = build(narrow, pictures)
    terms = objective.losses(tf.constant(preprocess(pictures["content"]))).numpy()
    assert terms[1] == pytest.approx(0, abs=1e-6) and terms[2] > 0


@pytest.mark.parametrize("statistic", ["gram", "wasserstein"])
def test_the_style_itself_costs_no_style(narrow, pictures, statistic):
    styles = [(pictures["now"], 7.0)]
    objective = build(narrow, pictures, styles, style_statistic=statistic)
    same = objective.losses(tf.constant(preprocess(pictures["now"]))).numpy()
    other = objective.losses(tf.constant(preprocess(pictures["content"]))).numpy()
    assert abs(same[2]) < 0.01 * other[2] and same[1] > 0


def test_wasserstein_by_hand(narrow, pictures):
    import scipy.linalg

    styles = pictures["styles"][:1]
    layers = {"block1_conv1": 3.0, "block3_conv1": 0.5}  # more positions than channels
    objective = build(
        narrow,
        pictures,
        styles,
        style_layers=layers,
        style_statistic="wasserstein",
        style_convention="johnson",  # per channel, in the units of the features
        style_weight=2.0,
    )
    maps = narrow()
    here = maps(preprocess(pictures["now"]))
    there = maps(preprocess(styles[0][0]))
    wanted = 0.0
    for name, weight in layers.items():
        (mean, cov), (goal, target) = (
            (v.mean(axis=0), np.cov(v, rowvar=False, bias=True))
            for v in (m[name].numpy().reshape(-1, m[name].shape[-1]).astype(float)
                      for m in (here, there))
        )  # fmt: skip
        values, vectors = np.linalg.eigh(target)  # a dead channel makes it singular
        root = vectors * np.sqrt(np.maximum(values, 0)) @ vectors.T
        inner = scipy.linalg.sqrtm(root @ cov @ root + 1e-4 * np.eye(len(cov))).real
        distance = np.sum((mean - goal) ** 2) + np.trace(cov + target - 2 * inner)
        wanted += 2.0 * weight * distance / len(mean)
    found = objective.losses(tf.constant(preprocess(pictures["now"])))[2]
    assert float(found) == pytest.approx(wanted, rel=1e-3)


def test_shares_of_styles_add_up_to_one(narrow, pictures):
    one, other = (picture for picture, _ in pictures["styles"])
    now = tf.constant(preprocess(pictures["now"]))

    def style(styles):
        return float(build(narrow, pictures, styles).losses(now)[2])

    first, second = style([(one, 1.0)]), style([(other, 5.0)])
    assert style([(one, 1.0), (other, 3.0)]) == pytest.approx(
        0.25 * first + 0.75 * second, rel=1e-4
    )
    assert style([(one, 2.0), (one, 2.0)]) == pytest.approx(first, rel=1e-4)
    assert style([(one, 1.0), (other, 0.0)]) == pytest.approx(first, rel=1e-4)


def test_total_variation_has_no_unit(narrow, pictures):
    # A step of the whole range, 255, is 2 of the units in which it is measured.
    step = np.zeros((32, 32, 3), np.float32)
    step[:, 16:] = 255
    black = {"content": np.zeros((32, 32, 3), np.float32)}
    objective = build(
        narrow,
        black,
        pictures["styles"],
        tv_weight=1.0,
        tv_exponent=2.0,
        tv_reduction="sum",
    )
    found = objective.losses(tf.constant(preprocess(step)))[3]
    assert float(found) == pytest.approx(2.0**2 * 32 * 3, rel=1e-5)


@pytest.mark.parametrize("weight", ["content_weight", "style_weight", "tv_weight"])
def test_weights_are_factors(narrow, pictures, weight):
    now = tf.constant(preprocess(pictures["now"]))
    once = build(narrow, pictures, **{weight: 1.0}).losses(now).numpy()
    thrice = build(narrow, pictures, **{weight: 3.0}).losses(now).numpy()
    factors = np.ones(4)
    factors[["", "content_weight", "style_weight", "tv_weight"].index(weight)] = 3
    np.testing.assert_allclose(thrice[1:], (once * factors)[1:], rtol=1e-4)


def test_the_gradient_does_not_come_near_targets_and_network(narrow, pictures):
    objective = build(narrow, pictures)
    with tf.GradientTape() as tape:
        objective.losses(tf.constant(preprocess(pictures["now"])))
    assert not tape.watched_variables()


def test_relative_losses_carry_over_to_other_sizes(narrow, make_picture):
    # The same pictures at twice the size: the weights mean nearly the same.
    def at(scale):
        def enlarged(seed):
            return np.kron(make_picture(*SIZE, seed), np.ones((scale, scale, 1)))

        settings = make_settings(network="vgg19", style_layers="conv1_1")
        extractor = narrow(layers=["block1_conv1", "block4_conv2"], border="replicate")
        objective = Objective(
            extractor,
            enlarged(0).astype(np.float32),
            [(enlarged(2), 1.0)],
            settings,
        )
        return objective.losses(tf.constant(preprocess(enlarged(1)))).numpy()

    np.testing.assert_allclose(at(1)[2], at(2)[2], rtol=0.5)


# --- the margin


def test_widened_mirrors():
    row = np.arange(3, dtype=np.float32)
    picture = np.repeat(row[None, :, None], 3, axis=2)
    wide = widened(picture, 2)
    assert wide.shape == (5, 7, 3)
    assert wide[0, :, 0].tolist() == [1, 0, 0, 1, 2, 2, 1]
    assert widened(picture, 0).shape == picture.shape


def inner_map(objective, picture, name, margin):
    """One layer of a widened picture, without what the margin covers."""
    maps = objective.extractor(preprocess(widened(picture, margin)))[name]
    cut = margin // 2 ** (int(name[5]) - 1)
    return maps[:, cut : maps.shape[1] - cut, cut : maps.shape[2] - cut]


@pytest.mark.parametrize("margin", [1, 7, 16, 33])
def test_the_margin_is_seen_but_not_judged(narrow, pictures, margin):
    objective = build(narrow, pictures, margin=margin, style_weight=1.0)
    now, content = pictures["now"], pictures["content"]
    found = objective.losses(preprocess(widened(now, margin))).numpy()

    def both(picture, name):
        return (
            inner_map(objective, now, name, margin),
            inner_map(objective, picture, name, margin),
        )

    expected = sum(
        weight * content_by_hand(*both(content, name), "relative")
        for name, weight in objective.settings.content_layers.items()
    )
    assert found[1] == pytest.approx(expected, rel=1e-4)
    expected = sum(
        share / 4 * weight * style_by_hand(*both(picture, name), "relative", 0)
        for picture, share in pictures["styles"]
        for name, weight in objective.settings.style_layers.items()
    )
    assert found[2] == pytest.approx(expected, rel=1e-4)


def test_without_its_border_a_picture_has_no_border(narrow, pictures):
    """A flat picture has flat features: zero padding shows at the border only."""
    flat = np.full((40, 48, 3), 90, np.float32)
    features = {}
    for margin in (0, 64):
        objective = build(narrow, pictures, margin=margin)
        features[margin] = np.asarray(
            inner_map(objective, flat, "block3_conv1", margin)
        )
    assert np.ptp(features[64], axis=(1, 2)).max() < 1e-3 * features[64].max()
    assert np.ptp(features[0], axis=(1, 2)).max() > 1e-2 * features[0].max()


def test_too_small_with_a_margin_is_told(narrow, pictures):
    tiny = [(pictures["now"][:8, :12], 1.0)]
    with pytest.raises(NetworkError, match=r"12 × 8 pixels.*block5_conv1"):
        build(narrow, pictures, tiny, margin=16)


def test_many_objectives_do_not_make_tensorflow_warn(narrow, make_picture):
    """It would print into a lesson that something is retraced too often."""
    said, picture = [], make_picture(32, 32)
    handler = logging.Handler()
    handler.emit = said.append
    tf.get_logger().addHandler(handler)
    settings = make_settings(content_layers=["conv1_1"], style_layers=["conv1_1"])
    try:
        for _ in range(12):
            extractor = narrow(layers=settings.layers)
            objective = Objective(extractor, picture, [(picture, 1.0)], settings)
            objective.value_and_gradient(preprocess(picture))
    finally:
        tf.get_logger().removeHandler(handler)
    assert said == []
