"""Everything that is there to be chosen does something, by call and by command."""

import json

import numpy as np
import pytest

from nstlib.cli import main as cli
from nstlib.color import RGB_TO_YIQ, match_luminance, rgb_to_yiq
from nstlib.errors import SettingsError
from nstlib.images import load_alpha, load_image, resize, save_image
from nstlib.methods import stylize

SMALL = {
    "size": 48,
    "steps": 6,
    "precision": "float32",
    "style_layers": ("block1_conv1", "block2_conv1"),
    "content_layers": ("block2_conv2",),
    "content_weight": 50.0,
    "coarse_to_fine": False,
}
TYPED = ["--size", "48", "--steps", "6", "--set", "precision=float32", "--quiet"]
TYPED += ["--set", "style_layers=conv1_1,conv2_1", "--set", "content_layers=conv2_2"]
TYPED += ["--set", "coarse_to_fine=false", "--set", "content_weight=50"]

CHOICES = [  # as a call and as it is typed
    ({"style_layers": {"conv1_1": 9.0, "conv2_1": 1.0}},
     ["style_layers=conv1_1:9,conv2_1:1"]),
    ({"style_layers": ["conv3_1"]}, ["style_layers=conv3_1"]),
    ({"style_scale": 0.5}, ["style_scale=0.5"]),
    ({"content_layers": ["conv1_2", "conv3_1"]}, ["content_layers=conv1_2,conv3_1"]),
    ({"pooling": "avg"}, ["pooling=avg"]),
    *(({"colors": name}, [f"colors={name}"]) for name in
      ("content", "luminance", "match", "histogram", "match_after")),
    *(({"style_statistic": name}, [f"style_statistic={name}"]) for name in
      ("moments", "wasserstein", "histogram", "sliced")),
]  # fmt: skip


@pytest.fixture(scope="module")
def files(make_picture, tmp_path_factory):
    """A photo and a style, as files."""
    folder = tmp_path_factory.mktemp("control")
    photo, style = make_picture(36, 48, 0), make_picture(60, 50, 1)
    photo[..., 0] *= 0.5  # bluish
    style[..., 2] *= 0.3  # yellowish
    return [
        save_image(picture, folder / f"{name}.png")
        for name, picture in (("photo", photo), ("style", style))
    ]


@pytest.fixture(scope="module")
def plain(files):
    return stylize(*files, **SMALL).image


@pytest.mark.parametrize("chosen, typed", CHOICES, ids=str)
def test_a_choice_changes_the_picture(files, plain, tmp_path, chosen, typed):
    result = stylize(*files, **{**SMALL, **chosen})
    assert np.isfinite(result.image).all()
    assert np.abs(result.image - plain).mean() > 0.05
    options = [word for pair in typed for word in ("--set", pair)]
    # The same name twice: the last is what counts.
    path = tmp_path / "out.png"
    assert (
        cli.main(["stylize", *map(str, files), "-o", str(path), *TYPED, *options]) == 0
    )
    assert np.abs(load_image(path) - result.image).max() <= 0.51
    facts = json.loads(path.with_suffix(".json").read_text("utf-8"))
    assert facts["settings"] == json.loads(result.settings.to_json())


@pytest.mark.parametrize(
    "pair, text",
    [
        (
            "style_layers=conv1_1:-1,conv2_1:1",
            "weights must be finite and not negative",
        ),
        ("style_layers=conv9_1", "has no block9_conv1"),
        ("content_layers=conv5_4", "has no block5_conv4"),
        ("style_scale=0", "style_scale must be a number from 0.05 to 20"),
        ("pooling=mean", "pooling must be one of max, avg"),
        ("colors=photo", "colors must be one of style, content, luminance, match, "),
        (
            "style_statistic=mean",
            "style_statistic must be one of gram, moments, wasserst",
        ),
    ],
)
def test_a_choice_that_makes_no_sense_is_told(files, capsys, pair, text):
    assert cli.main(["stylize", *map(str, files), "--set", pair]) == 2
    assert text in capsys.readouterr().err
    name, value = pair.split("=")
    if ":" not in value and "scale" not in name:
        with pytest.raises(SettingsError, match=text):
            stylize(*files, **{name: value})


def test_several_styles_with_weights_by_command(files, tmp_path):
    photo, style = map(str, files)
    path = tmp_path / "out.png"
    typed = ["stylize", photo, f"{style}:3", photo, "-o", str(path), *TYPED]
    assert cli.main(typed) == 0
    result = stylize(photo, [(style, 3.0), (photo, 1.0)], **SMALL)
    assert np.abs(load_image(path) - result.image).max() <= 0.51


def test_opacity_comes_back(files, tmp_path):
    alpha = np.tile(np.linspace(0, 1, 48, dtype=np.float32), (36, 1))
    photo = save_image(load_image(files[0]), tmp_path / "glass.png", alpha=alpha)
    path = tmp_path / "out.png"
    assert (
        cli.main(["stylize", str(photo), str(files[1]), "-o", str(path), *TYPED]) == 0
    )
    np.testing.assert_allclose(load_alpha(path), alpha, atol=0.02)


# --- colors


def test_luminance_is_painted_in_gray_and_colored_by_the_photo(files):
    photo = load_image(files[0])
    result = stylize(*files, **SMALL, colors="luminance").image
    inside = ((result > 0) & (result < 255)).all(axis=-1)  # elsewhere it was clipped
    found = rgb_to_yiq(result)[inside]
    np.testing.assert_allclose(found[:, 1:], rgb_to_yiq(photo)[inside][:, 1:], atol=0.1)
    # The style's colors have no say.
    gray = match_luminance(load_image(files[1]))
    same = stylize(files[0], gray, **SMALL, colors="luminance").image
    assert np.abs(same - result).mean() < 1


def test_match_after_has_the_colors_of_the_photo(files, plain):
    photo = load_image(files[0])
    result = stylize(*files, **SMALL, colors="match_after").image
    here, there = (p.reshape(-1, 3) for p in (result, photo))
    np.testing.assert_allclose(here.mean(axis=0), there.mean(axis=0), atol=3)
    away = np.abs(plain.reshape(-1, 3).mean(axis=0) - there.mean(axis=0)).max()
    assert away > 3 * np.abs(here.mean(axis=0) - there.mean(axis=0)).max()


def test_match_luminance_by_hand(make_picture):
    style, content = make_picture(20, 30, 1) / 2, make_picture(9, 7, 2)
    found = match_luminance(style, content)
    assert found.dtype == np.float32 and np.ptp(found, axis=-1).max() == 0
    here, there = style @ RGB_TO_YIQ[0], content @ RGB_TO_YIQ[0]
    wanted = (here - here.mean()) / here.std() * there.std() + there.mean()
    np.testing.assert_allclose(found[..., 0], np.clip(wanted, 0, 255), atol=1e-3)
    plain = match_luminance(style)
    np.testing.assert_allclose(plain[..., 0], here, atol=1e-3)
    flat = match_luminance(np.full((4, 5, 3), 7.0), content)
    np.testing.assert_allclose(flat, there.mean(), atol=1e-3)
    with pytest.raises(ValueError, match="source must be a picture"):
        match_luminance(resize(style, 4, 4)[..., 0])
