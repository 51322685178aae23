"""Masks: what they may be, what they mean for a layer, what they do to a picture."""

import numpy as np
import pytest

from nstlib.backend import tf
from nstlib.errors import ImageError, SettingsError
from nstlib.images import save_image
from nstlib.masks import as_mask, guidance, style_shares
from nstlib.methods import stylize
from nstlib.objective import Objective, widened
from nstlib.preprocessing import preprocess
from nstlib.settings import make_settings
from nstlib.vgg import load_network
from nstlib.vgg_plan import receptive_field, stride

FIRST = [f"block{block}_conv1" for block in range(1, 6)]


def halves(height, width):
    """White on the left."""
    mask = np.zeros((height, width), np.float32)
    mask[:, : width // 2] = 255
    return mask


# --- what a mask may be


def test_arrays_become_masks():
    mask = halves(6, 8)
    assert as_mask(mask).dtype == np.float32
    assert np.array_equal(as_mask(mask), mask)
    assert np.array_equal(as_mask(mask > 0), mask)
    assert np.array_equal(as_mask(mask.astype(np.uint8)), mask)
    assert np.array_equal(as_mask(np.stack([mask] * 3, axis=-1)), mask)
    assert np.array_equal(as_mask(as_mask(mask)), mask)


@pytest.mark.parametrize(
    "mask, text",
    [
        (np.zeros((4, 5)), "all black"),
        (np.zeros((4, 5), bool), "all black"),
        (np.ones((4, 5)), r"to 1: multiply it by 255"),
        (np.eye(4, dtype=np.uint8), r"to 1: multiply it by 255"),
        (np.full((4, 5), 256.0), "from 0, black, to 255"),
        (np.full((4, 5), -1.0), "from 0, black, to 255"),
        (np.full((4, 5), np.nan), "from 0, black, to 255"),
        (np.full((4, 5, 4), 9.0), r"\(H, W\), not \(4, 5, 4\)"),
        (np.full(4, 9.0), r"\(H, W\), not \(4,\)"),
        (np.full((0, 5), 9.0), r"\(H, W\), not \(0, 5\)"),
    ],
)
def test_what_is_no_mask_is_told(mask, text, make_picture):
    with pytest.raises(SettingsError, match=text):
        as_mask(mask)
    with pytest.raises(SettingsError, match=text):
        stylize(make_picture(20, 20), [(make_picture(20, 20, 1), 1.0, mask)])


def test_files_become_masks(tmp_path):
    mask = halves(6, 8)
    gray = np.stack([mask] * 3, axis=-1)
    path = save_image(gray, tmp_path / "mask.png")
    assert np.array_equal(as_mask(path), mask)
    assert np.array_equal(as_mask(str(path), max_side=4).shape, (3, 4))
    # White paint on glass: what is transparent is black.
    white = np.full_like(gray, 255)
    path = save_image(white, tmp_path / "glass.png", alpha=mask / 255)
    np.testing.assert_allclose(as_mask(path), mask, atol=1)
    with pytest.raises(ImageError, match="gone"):
        as_mask(tmp_path / "gone.png")


# --- what it means for a layer


@pytest.mark.parametrize("margin", [0, 7, 16])
@pytest.mark.parametrize("layer", ["block1_conv1", "block2_conv2", "block4_conv1"])
def test_guidance_fits_the_maps(narrow, make_picture, layer, margin):
    picture = make_picture(37, 50)
    maps = narrow(layers=[layer])(preprocess(widened(picture, margin)))[layer]
    cut = margin // stride(layer)
    shape = (maps.shape[1] - 2 * cut, maps.shape[2] - 2 * cut)
    mask = np.random.default_rng(0).uniform(0, 1, (37, 50)).astype(np.float32)
    assert guidance(mask, layer, "vgg19", margin).shape == shape


@pytest.mark.parametrize("margin", [0, 5, 16])
def test_guidance_is_the_mean_by_loops(margin):
    mask = np.random.default_rng(0).uniform(0, 1, (21, 26)).astype(np.float32)
    found = guidance(mask, "block3_conv1", "vgg19", margin, inside=False).numpy()
    cut = margin // 4
    for i in range(found.shape[0]):
        for j in range(found.shape[1]):
            total = 0.0
            for y in range(4 * (i + cut) - margin, 4 * (i + cut) - margin + 4):
                for x in range(4 * (j + cut) - margin, 4 * (j + cut) - margin + 4):
                    row = -1 - y if y < 0 else min(y, 41 - y)
                    column = -1 - x if x < 0 else min(x, 51 - x)
                    total += mask[row, column]
            assert found[i, j] == pytest.approx(total / 16, rel=1e-5)


@pytest.mark.parametrize("layer", FIRST)
def test_the_edge_moves_inwards_by_the_reach(layer):
    mask = np.zeros((160, 320), np.float32)
    mask[:, :200] = 1
    mask[:, 200:240] = 0.5
    reach = receptive_field(layer) // 4
    found = guidance(mask, layer, "vgg19").numpy()
    step = stride(layer)
    centers = (np.arange(found.shape[1]) + 0.5) * step
    assert np.all(found[:, centers < 200 - reach - step] == 1)
    assert np.all(found[:, centers > 240 - reach + step] == 0)
    if reach < 39:
        gray = (centers > 200 - reach + step) & (centers < 240 - reach - step)
        assert np.all(found[:, gray] == 0.5)
    assert np.all(found == found[:1])  # the picture's own edge is none of the mask


def test_a_small_region_keeps_a_quarter():
    for side in (1, 3, 10, 20, 40):
        mask = np.zeros((96, 96), np.float32)
        mask[40 : 40 + side, 30 : 30 + side] = 1
        for layer in FIRST:
            found = guidance(mask, layer, "vgg19").numpy()
            assert found.sum() * stride(layer) ** 2 >= 0.25 * mask.sum()


def test_white_everywhere_stays_white():
    for layer in FIRST:
        found = guidance(np.ones((50, 40), np.float32), layer, "vgg19", 16).numpy()
        assert np.all(found == 1)


def test_a_region_outside_all_positions_is_told():
    mask = np.zeros((40, 40), np.float32)
    mask[36:] = 1  # 40 pixels are two positions of 16, and 8 pixels left over
    with pytest.raises(SettingsError, match="too small for block5_conv1 at 40 × 40"):
        guidance(mask, "block5_conv1", "vgg19")


def test_shares():
    assert style_shares([1, 3], [1, 1], 1) == [0.25, 0.75]
    assert style_shares([1, 1], [0.5, 0.5], 1) == [0.5, 0.5]
    assert style_shares([5], [0.5], 0.5) == [0.5]
    assert style_shares([2, 1], [0.25, 0.5], 0.75) == [0.375, 0.375]


# --- the objective


SETTINGS = {
    "network": "vgg19",
    "style_layers": {"block1_conv1": 3.0, "block3_conv1": 0.5},
    "content_layers": "block2_conv2",
    "style_weight": 2.0,
}


def style_term(narrow, content, styles, now, margin=16, **overrides):
    settings = make_settings(**{**SETTINGS, **overrides})
    extractor = narrow(layers=[*settings.style_layers, *settings.content_layers])
    objective = Objective(extractor, content, styles, settings, margin)
    return objective.losses(preprocess(widened(now, margin))).numpy()[2], objective


def test_guided_gram_by_loops(narrow, make_picture):
    content, now, style, other = (make_picture(36, 52, seed) for seed in range(4))
    mask = np.random.default_rng(0).uniform(0, 255, (36, 52)).astype(np.float32)
    styles = [(style, 1.0, mask), (other, 3.0, 255 - mask)]
    found, objective = style_term(narrow, content, styles, now, 0)
    wanted = 0.0
    maps = [objective.extractor(preprocess(p)) for p in (now, style, other)]
    means = [mask.mean() / 255, 1 - mask.mean() / 255]
    covered = (np.maximum(mask, 255 - mask) / 255).mean()
    felt = means[0] + 3 * means[1]
    for share, part, there in (
        (means[0] / felt, mask / 255, maps[1]),
        (3 * means[1] / felt, 1 - mask / 255, maps[2]),
    ):
        for name, weight in objective.settings.style_layers.items():
            guide = guidance(part, name, "vgg19").numpy().astype(float)
            here = maps[0][name].numpy()[0].astype(float)
            goal = there[name].numpy()[0].astype(float)
            gram, count = 0.0, 0.0
            for i in range(guide.shape[0]):
                for j in range(guide.shape[1]):
                    gram = gram + guide[i, j] * np.outer(here[i, j], here[i, j])
                    count += guide[i, j]
            target = np.einsum("ijk,ijl->kl", goal, goal) / np.prod(goal.shape[:2])
            distance = np.sum((gram / count - target) ** 2) / np.sum(target**2)
            wanted += 2.0 * weight * covered * share * distance
    assert found == pytest.approx(wanted, rel=1e-3)


@pytest.mark.parametrize("statistic", ["gram", "wasserstein", "sliced"])
def test_white_masks_are_no_masks(narrow, make_picture, statistic):
    content, now, one, two = (make_picture(36, 52, seed) for seed in range(4))
    white = np.full((20, 20), 255, np.uint8)
    options = {"style_statistic": statistic}
    plain = style_term(narrow, content, [(one, 1.0), (two, 3.0)], now, **options)
    masked, objective = style_term(
        narrow, content, [(one, 1.0, white), (two, 3.0, None)], now, **options
    )
    assert masked == plain[0] and objective.targets.guides == [None]


@pytest.mark.parametrize("statistic", ["gram", "moments", "histogram"])
def test_the_black_part_feels_no_style(narrow, make_picture, statistic):
    content, now, style = (make_picture(64, 96, seed) for seed in range(3))
    _, objective = style_term(
        narrow, content, [(style, 1.0, halves(64, 96))], now, style_statistic=statistic
    )
    x = tf.constant(preprocess(widened(now, 16)))
    with tf.GradientTape() as tape:
        tape.watch(x)
        style_loss = objective.losses(x)[2]
    gradient = np.abs(tape.gradient(style_loss, x).numpy()[0, 16:-16, 16:-16])
    assert gradient[:, :48].mean() > 50 * gradient[:, 52:].mean()
    assert np.all(gradient[:, 48 + 12 :] == 0)  # beyond the receptive field


def leak(objective, now):
    """Share of the style's gradient that falls on the black half."""
    x = tf.constant(preprocess(widened(now, 16)))
    with tf.GradientTape() as tape:
        tape.watch(x)
        style_loss = objective.losses(x)[2]
    gradient = np.abs(tape.gradient(style_loss, x).numpy()[0, 16:-16, 16:-16])
    return gradient[:, gradient.shape[1] // 2 :].sum() / gradient.sum()


def test_looking_inside_only_keeps_the_style_in_its_region(make_picture, monkeypatch):
    content, style = make_picture(128, 192, 0), make_picture(96, 96, 1)
    settings = make_settings(style_layers={"block5_conv1": 1.0}, precision="float32")
    layers = ["block4_conv2", "block5_conv1"]
    network = load_network("mini", layers, precision="float32", border="replicate")
    styles = [(style, 1.0, halves(128, 192))]
    inside = leak(Objective(network, content, styles, settings, 16), content)
    monkeypatch.setattr(
        "nstlib.targets.guidance",
        lambda *given: guidance(*given, inside=False),
    )
    across = leak(Objective(network, content, styles, settings, 16), content)
    assert across > 0.05 and inside < 0.3 * across


# --- the picture


SMALL = {
    "size": 64,
    "steps": 30,
    "precision": "float32",
    "style_layers": ("block1_conv1", "block2_conv1"),
    "content_layers": ("block2_conv2",),
    "content_weight": 0.01,
    "coarse_to_fine": False,
}
RED, BLUE = (np.full((48, 48, 3), 0, np.float32) for _ in range(2))
RED[...] = (200, 30, 30)
BLUE[...] = (30, 30, 200)


def test_two_halves_of_two_styles(make_picture):
    left = halves(30, 40)
    styles = [(RED, 1.0, left), (BLUE, 1.0, 255 - left)]
    image = stylize(make_picture(48, 64), styles, **SMALL).image
    red, blue = image[..., 0], image[..., 2]
    assert red[:, :28].mean() > blue[:, :28].mean() + 60
    assert blue[:, 36:].mean() > red[:, 36:].mean() + 60


def test_where_no_mask_is_white_the_photo_stays(make_picture):
    content = make_picture(48, 64)
    styles = [(RED, 1.0, halves(48, 64))]
    image = stylize(content, styles, **{**SMALL, "tv_weight": 0.0}).image
    assert np.abs(image - content)[:, 40:].max() < 5
    assert np.abs(image - content)[:, :28].mean() > 40


def test_all_white_is_no_mask(make_picture):
    content, style = make_picture(48, 64), make_picture(40, 40, 1)
    options = {**SMALL, "steps": 4}
    plain = stylize(content, style, **options)
    masked = stylize(content, [(style, 2.0, np.full((5, 9), True))], **options)
    assert masked.image.tobytes() == plain.image.tobytes()


def test_an_array_for_a_mask_must_come_third(make_picture):
    content, style = make_picture(48, 64), make_picture(40, 40, 1)
    with pytest.raises(SettingsError, match=r"a mask comes third"):
        stylize(content, [(style, halves(48, 64))], **SMALL)
