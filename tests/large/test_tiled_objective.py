"""Tiles: they give the loss and the gradient of the whole picture, and no seams."""

import numpy as np
import pytest

from nstlib import transfer
from nstlib.backend import tf
from nstlib.errors import SettingsError
from nstlib.large import tiles
from nstlib.large.tiled_objective import TiledLoss, TiledObjective
from nstlib.large.tiles import spans, tile_side
from nstlib.lbfgs import pairs_kept
from nstlib.losses import CONVENTIONS, total_variation_loss
from nstlib.methods import Stylizer, stylize
from nstlib.objective import Loss, Objective, widened
from nstlib.preprocessing import preprocess
from nstlib.settings import make_settings
from nstlib.statistics import STATISTICS, SUMMED
from nstlib.store import Store
from nstlib.targets import inner

DEEP = {"content": ["block4_conv2"], "style": ["block1_conv1", "block5_conv1"]}
FLAT = {"content": ["block2_conv2"], "style": ["block1_conv2", "block3_conv1"]}


# --- loss and gradient


def both(narrow, make_picture, size, tile, margin=16, layers=DEEP, **overrides):
    """The whole objective, the tiled one, and a tensor to judge."""
    settings = make_settings(
        network="vgg19",
        content_layers=layers["content"],
        style_layers=layers["style"],
        **overrides,
    )
    extractor = narrow(
        layers=[*layers["content"], *layers["style"]],
        pooling=settings.pooling,
        border=settings.border,
    )
    styles = [(make_picture(230, 195, 2), 1.0), (make_picture(40, 300, 3), 3.0)]
    build = extractor, make_picture(*size, 0), styles, settings, margin
    tensor = preprocess(widened(make_picture(*size, 1), margin))
    return Objective(*build), TiledObjective(*build, tile), tf.constant(tensor)


def same(whole, cut, tensor, tolerance=1e-5):
    value, gradient = whole.value_and_gradient(tensor)
    again, parts = cut.value_and_gradient(tensor)
    np.testing.assert_allclose(again, value, rtol=tolerance)
    np.testing.assert_allclose(cut.terms, whole.terms, rtol=tolerance)
    difference = np.abs(parts.numpy() - gradient.numpy()).max()
    assert difference < tolerance * np.abs(gradient).max()
    assert parts.dtype == tf.float32 and parts.shape == tensor.shape


@pytest.mark.parametrize(
    "size, margin, border",
    [
        ((301, 233), 0, "zero"),
        ((301, 233), 16, "replicate"),
        ((97, 389), 16, "zero"),
        ((389, 97), 0, "replicate"),
        ((256, 208), 16, "replicate"),
        ((301, 233), 0, "reflect"),
    ],
)
def test_sizes_margins_and_borders(narrow, make_picture, size, margin, border):
    same(*both(narrow, make_picture, size, 208, margin, border=border))


@pytest.mark.parametrize("pooling", ["max", "avg"])
@pytest.mark.parametrize("convention", CONVENTIONS)
def test_conventions_and_poolings(narrow, make_picture, convention, pooling):
    conventions = {"content_convention": convention, "style_convention": convention}
    pair = both(
        narrow, make_picture, (75, 131), 64, 5, FLAT, pooling=pooling, **conventions
    )
    assert len(pair[1].loss.views.tiles(pair[2])) == 6
    same(*pair)


@pytest.mark.parametrize("statistic", SUMMED)
def test_statistics(narrow, make_picture, statistic):
    pair = both(
        narrow,
        make_picture,
        (75, 131),
        64,
        4,
        FLAT,
        style_statistic=statistic,
    )
    # Roots of eigenvalues near zero multiply the rounding of the sums.
    same(*pair, tolerance=0.03 if statistic == "wasserstein" else 1e-5)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("exponent", [1.0, 1.25, 2.0])
@pytest.mark.parametrize("height", [63, 64, 65, 97, 128])
def test_total_variation_in_strips(narrow, make_picture, height, exponent, reduction):
    picture = make_picture(height, 20)
    tensor = tf.constant(preprocess(picture))
    settings = make_settings(
        content_layers=["conv1_1"],
        style_layers=["conv1_1"],
        content_weight=1.0,
        style_weight=0.0,
        tv_weight=3.0,
        tv_exponent=exponent,
        tv_reduction=reduction,
    )
    # Judged against itself: all that is left is total variation.
    extractor = narrow(layers=settings.layers)
    cut = TiledObjective(extractor, picture, [(picture, 1.0)], settings, tile=32)
    value, found = cut.value_and_gradient(tensor)
    found = found.numpy()
    with tf.GradientTape() as tape:
        tape.watch(tensor)
        whole = 3.0 * total_variation_loss(tensor / 127.5, exponent, reduction)
    np.testing.assert_allclose(value, whole, rtol=1e-5)
    gradient = tape.gradient(whole, tensor).numpy()
    np.testing.assert_allclose(found, gradient, atol=1e-5 * np.abs(gradient).max())


def test_regions(narrow, make_picture):
    whole, cut, tensor = both(narrow, make_picture, (75, 131), 64, 4, FLAT)
    rng = np.random.default_rng(0)
    shapes = {
        name: maps.shape[1:3]
        for name, maps in inner(whole.extractor(tensor), 4).items()
        if name in FLAT["style"]
    }
    guide = {n: rng.uniform(0, 1, s).astype(np.float32) for n, s in shapes.items()}
    for objective in (whole, cut):
        objective.targets = objective.targets._replace(
            guides=[None, guide],
            styles=[
                goal._replace(region=region)
                for region, goal in enumerate(objective.targets.styles)
            ],
        )
    same(whole, cut, tensor)


def test_one_layer_may_serve_both_and_weights_may_be_zero(narrow, make_picture):
    layers = {"content": {"block2_conv1": 0.5}, "style": {"block2_conv1": 2.0}}
    same(*both(narrow, make_picture, (40, 70), 24, 0, layers, content_weight=0.0))
    same(*both(narrow, make_picture, (40, 70), 24, 0, layers, style_weight=0.0))


def test_one_tracing_serves_all_tiles(narrow, make_picture):
    _, cut, tensor = both(narrow, make_picture, (75, 131), 64, 5, FLAT)
    shapes = {str(tile.window) for tile in cut.loss.views.tiles(tensor)}
    assert len(shapes) > 1
    for _ in range(2):
        cut.value_and_gradient(tensor)
    assert cut.loss.views._add_up.experimental_get_tracing_count() == 1
    assert cut.loss._go_back.experimental_get_tracing_count() == 1


def test_a_gradient_is_not_changed_by_the_next_evaluation(narrow, make_picture):
    _, cut, tensor = both(narrow, make_picture, (40, 70), 48, 0, FLAT)
    _, gradient = cut.value_and_gradient(tensor)
    before = gradient.numpy().copy()
    cut.value_and_gradient(tensor * 0.5)
    np.testing.assert_array_equal(gradient, before)


# --- when


@pytest.mark.parametrize("statistic", STATISTICS[len(SUMMED) :])
def test_sorted_statistics_have_no_tiles(narrow, make_picture, statistic):
    with pytest.raises(SettingsError, match=f"tile does not go with {statistic}"):
        make_settings(style_statistic=statistic, tile=512)
    assert tile_side(9000, 9000, make_settings(style_statistic=statistic)) == 0
    with pytest.raises(SettingsError, match=f"{statistic} sorts .* take tile=0, or"):
        both(narrow, make_picture, (40, 70), 48, 0, FLAT, style_statistic=statistic)


def test_the_right_loss_is_made(monkeypatch):
    monkeypatch.setattr(tiles, "WHOLE_PIXELS", 60 * 70)
    store, settings = Store(), make_settings(network="random")
    for height, kind in ((60, Loss), (61, TiledLoss)):
        loss = store.loss(settings, tile_side(height, 70, settings))
        assert type(loss) is kind
        assert loss is store.loss(settings, tile_side(height, 70, settings))


def test_a_tile_that_is_too_small_is_refused_before_any_work(make_picture):
    picture = make_picture(64, 64)
    with pytest.raises(SettingsError, match="a tile of 100 pixels has no core"):
        stylize(picture, picture, size=64, tile=100)


def test_pairs_that_do_not_fit_are_not_kept(monkeypatch, make_picture):
    assert pairs_kept(1056, 1568, 20) == 20
    assert pairs_kept(2192, 3872, 20) == 5  # 204 MB each
    assert pairs_kept(16000, 16000, 20) == 2
    assert pairs_kept(16000, 16000, 2) == 2
    asked = []
    minimize = transfer.lbfgs.minimize
    monkeypatch.setattr(transfer.lbfgs, "PAIRS_BYTES", 7 * 24 * 52 * 42)
    monkeypatch.setattr(
        transfer.lbfgs,
        "minimize",
        lambda f, x, steps, history, *a, **k: (
            asked.append(history) or minimize(f, x, steps, history, *a, **k)
        ),
    )
    picture = make_picture(42, 32)
    stylize(picture, picture, size=42, steps=1, margin=5, network="random")
    assert asked == [7]


# --- pictures


def test_a_picture_painted_in_tiles_is_the_same_and_has_no_seams(make_picture):
    photo, style = make_picture(200, 330, 4), make_picture(210, 340, 5)
    # Rounding differs, and the line searches make more of it with every step.
    options = {"size": 330, "steps": 5, "network": "random", "precision": "float32"}
    options |= {"coarse_to_fine": False, "init": "content"}
    whole = stylize(photo, style, tile=0, **options)
    parts = stylize(photo, style, tile=208, **options)
    first = [run.history[0]["total"] for run in (whole, parts)]
    np.testing.assert_allclose(first[1], first[0], rtol=1e-5)
    assert np.percentile(np.abs(parts.image - whole.image), 99) < 1
    jumps = np.abs(np.diff(parts.image - photo, axis=1)).mean(axis=(0, 2))
    starts = [span.start - 16 for span in spans(330 + 32, 208, 80)[1:]]
    assert len(starts) > 2
    elsewhere = np.delete(jumps, [start - 1 for start in starts])
    for start in starts:
        assert jumps[start - 1] < elsewhere.mean() + 3 * elsewhere.std()


def test_the_tiles_are_what_stylize_takes(monkeypatch, make_picture):
    made = []

    class Watched(TiledLoss):
        def __init__(self, *arguments):
            made.append(arguments[-1])
            super().__init__(*arguments)

    monkeypatch.setattr("nstlib.store.TiledLoss", Watched)
    photo, options = make_picture(120, 240), {"size": 240, "steps": 2, "tile": 176}
    Stylizer(network="random", **options)(photo, photo)
    assert made == [176]  # at 240 pixels, but not at the 120 before them
