"""MiniVGG's losses in a recipe are about as large as those of the exact VGG19."""

import dataclasses

import numpy as np
import pytest

from nstlib.backend import tf
from nstlib.images import load_image, resize
from nstlib.initialization import starting_tensor
from nstlib.objective import Objective
from nstlib.recipes import RECIPES, settings_for
from nstlib.recipes.calibration import MINI_FACTORS, strength
from nstlib.settings import make_settings
from nstlib.styles import WeightedStyle
from nstlib.vgg import load_network
from nstlib.vgg_plan import MINI_WIDTHS, VGG_WIDTHS, layer_names

SIDE = 160
PAIRS = [
    ("tubingen", "vangogh_starry_night"),
    ("flowers", "munch_scream"),
    ("sailboat", "hokusai_wave"),
]
KEPT = 1.6  # by this factor at most, the mean over pairs misses VGG19's
SINGLE = 3.0  # by this factor at most, a single pair does


def test_every_layer_has_factors_of_one_order():
    assert list(MINI_FACTORS) == layer_names("mini")
    for layer, factors in MINI_FACTORS.items():
        assert all(0.3 < factor < 3.5 for factor in factors), layer


def test_only_mini_is_corrected():
    for network in ("vgg16", "vgg19", "random"):
        for layer in layer_names(network):
            assert strength(network, layer, 2) == strength(network, layer, 4) == 1
    assert strength("mini", "block3_conv3", 2) == MINI_FACTORS["block3_conv3"][0]
    assert strength("mini", "block3_conv3", 4) == MINI_FACTORS["block3_conv3"][1]


def test_factors_multiply_the_published_weights():
    published = RECIPES["jetson-vgg16"].overrides
    fitted, notes = settings_for("jetson-vgg16", "mini")
    ratio = MINI_WIDTHS[1] / VGG_WIDTHS[1]
    content, style = MINI_FACTORS["block2_conv2"]
    assert fitted["content_layers"]["block2_conv2"] == pytest.approx(content / ratio)
    wanted = published["style_layers"]["block2_conv2"] * style / ratio**2
    assert fitted["style_layers"]["block2_conv2"] == pytest.approx(wanted)
    assert any("measured factors" in note for note in notes)
    assert not any("measured factors" in n for n in settings_for("gatys", "vgg16")[1])


def test_sums_over_pixels_keep_their_shares_at_another_size():
    published, _ = settings_for("jetson-vgg16", "mini")
    small, notes = settings_for("jetson-vgg16", "mini", size=256)
    for weight in ("content_weight", "tv_weight"):
        assert small[weight] == pytest.approx(4 * published[weight])
    assert small["style_weight"] == published["style_weight"]
    assert sum("sum over pixels" in note for note in notes) == 2
    same, notes = settings_for("jetson-vgg16", "mini", size=512)
    assert same == published and not any("sum over" in note for note in notes)


@pytest.mark.parametrize("name", ["gatys", "anishathalye", "crowsonkb", "five-layer"])
def test_means_do_not_depend_on_the_size(name):
    published, _ = settings_for(name, "mini")
    small, _ = settings_for(name, "mini", size=200)
    for weight in ("content_weight", "style_weight", "tv_weight"):
        assert small[weight] == published[weight]


def test_on_the_network_of_a_system_its_weights_hold_at_every_size():
    published = RECIPES["jetson-vgg16"].overrides
    for network in ("vgg16", "vgg19"):
        small, _ = settings_for("jetson-vgg16", network, size=256)
        assert all(small[k] == published[k] for k in published if k.endswith("weight"))


def in_three_blocks(name, monkeypatch):
    """The recipe with its layers of blocks 1–3, and block3_conv4 for deeper content."""
    recipe = RECIPES[name]
    layers = {}
    for kind in ("content_layers", "style_layers"):
        found = recipe.overrides[kind]
        layers[kind] = {k: v for k, v in found.items() if k < "block4"}
    if not layers["content_layers"]:
        layers["content_layers"] = {"block3_conv4": 1.0}
    changed = dataclasses.replace(recipe, overrides={**recipe.overrides, **layers})
    monkeypatch.setitem(RECIPES, name, changed)


def terms_at_the_start(name, network, weights, photo, painting):
    """Content and style; content from the painting where a run starts at the photo."""
    settings = make_settings(**settings_for(name, network)[0])
    extractor = load_network(
        network, settings.layers, precision="float32", weights=weights,
        pooling=settings.pooling, border=settings.border,
    )  # fmt: skip
    objective = Objective(extractor, photo, [(painting, 1.0)], settings)
    style = [WeightedStyle(painting, 1.0, None)]
    start = tf.constant(starting_tensor(photo, style, settings))
    _, content, of_style, _ = objective.losses(start).numpy()
    if settings.init == "content":
        other = dataclasses.replace(settings, init="style")
        _, content, _, _ = objective.losses(
            tf.constant(starting_tensor(photo, style, other))
        ).numpy()
    return content, of_style


@pytest.mark.parametrize("name", list(RECIPES))
def test_shares_at_the_start_are_those_of_vgg19(name, exact_vgg19, monkeypatch):
    folder = exact_vgg19.parents[1] / "eval"
    if not folder.is_dir():
        pytest.skip("no photos beside the real VGG19")
    in_three_blocks(name, monkeypatch)
    found = []
    for photo_name, style_name in PAIRS:
        photo = load_image(folder / "content" / f"{photo_name}.jpg", SIDE)
        painting = load_image(folder / "style" / f"{style_name}.jpg")
        pictures = photo, resize(painting, *photo.shape[:2])
        mini = terms_at_the_start(name, "mini", None, *pictures)
        vgg19 = terms_at_the_start(name, "vgg19", exact_vgg19, *pictures)
        found.append(np.log(np.divide(mini, vgg19)))
    assert np.exp(np.abs(found).max()) < SINGLE
    assert np.exp(np.abs(np.mean(found, axis=0)).max()) < KEPT


def test_plain_descent_takes_smaller_steps_if_there_are_fewer_pixels():
    published, _ = settings_for("keras", "mini")
    for size in (300, 1400):
        other, notes = settings_for("keras", "mini", size=size)
        ratio = (size / published["size"]) ** 2
        assert other["learning_rate"] == pytest.approx(100 * ratio)
        assert any(f"Learning rate times {ratio:.3g}" in note for note in notes)
    adam, _ = settings_for("five-layer", "mini", size=100)
    assert adam["learning_rate"] == settings_for("five-layer")[0]["learning_rate"]
