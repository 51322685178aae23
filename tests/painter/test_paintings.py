"""The painter and the pictures that the course ships."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nstlib.painter import PAINTINGS, PALETTES, paint
from nstlib.painter.canvas import Canvas
from nstlib.painter.pigments import curve, noise, pigments, points, ramp, trace

IMAGES = Path(__file__).parents[2] / "images"
NAMES = sorted(PAINTINGS)
ROW = re.compile(r"^\| ((?:content|style)/\S+) \|(.*)$", re.MULTILINE)
CREDITS = dict(ROW.findall((IMAGES / "CREDITS.md").read_text(encoding="utf-8")))


def bundled(name: str) -> tuple[int, int, int]:
    """Height, width and seed of a shipped painting, as its credit states them."""
    found = re.search(r"(\d+) × (\d+), seed (\d+)", CREDITS[f"style/{name}.jpg"])
    return tuple(map(int, found.groups()))


@cache
def shipped(name: str) -> np.ndarray:
    return np.asarray(Image.open(IMAGES / "style" / f"{name}.jpg"), dtype=np.float32)


@cache
def small(name: str) -> np.ndarray:
    """The shipped painting painted again, a sixth as large: odd sizes, too."""
    height, width, seed = bundled(name)
    return paint(name, height // 6, width // 6, seed)


def shrunk(picture: np.ndarray, height: int, width: int) -> np.ndarray:
    image = Image.fromarray(np.rint(picture).astype(np.uint8))
    return np.asarray(image.resize((width, height), Image.Resampling.BOX), np.float32)


def likeness(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


@pytest.mark.parametrize("name", NAMES)
def test_shape_dtype_and_range(name):
    height, width, _ = bundled(name)
    picture = small(name)
    assert picture.shape == (height // 6, width // 6, 3)
    assert picture.dtype == np.float32
    assert np.isfinite(picture).all()
    assert picture.min() >= 0
    assert picture.max() <= 255
    assert picture.std() > 20


@pytest.mark.parametrize("name", NAMES)
def test_shipped_picture_is_what_the_painter_paints(name):
    painted = paint(name, *bundled(name))
    assert shipped(name).shape == painted.shape
    # JPEG at quality 92 with halved color resolution loses 2 to 6 gray levels here.
    assert np.abs(painted - shipped(name)).mean() < 8
    assert likeness(painted, shipped(name)) > 0.985


@pytest.mark.parametrize("name", NAMES)
def test_same_look_at_another_size(name):
    picture = small(name)
    reference = shrunk(shipped(name), *picture.shape[:2])
    assert likeness(picture, reference) > 0.985
    np.testing.assert_allclose(
        picture.mean(axis=(0, 1)), reference.mean(axis=(0, 1)), atol=3
    )


# The three slowest are left out: they take their chances from the same generator.
SLOW = {"autumn_birches", "cubist_guitar", "starry_night"}


@pytest.mark.parametrize("name", sorted(set(NAMES) - SLOW))
def test_another_seed_another_picture(name):
    height, width, seed = bundled(name)
    other = paint(name, height // 6, width // 6, seed + 1)
    assert np.abs(other - small(name)).mean() > 2


# One of each way of painting: strokes, planes, fields.
@pytest.mark.parametrize("name", ["great_wave", "circles_and_lines", "engraved_ship"])
def test_same_seed_same_bytes(name):
    height, width, seed = bundled(name)
    again = paint(name, height // 6, width // 6, seed)
    assert again.tobytes() == small(name).tobytes()


@pytest.mark.parametrize(("height", "width"), [(48, 64), (31, 17), (16, 64), (64, 16)])
def test_odd_sizes(height, width):
    for name in ("tapestry", "great_wave"):
        assert paint(name, height, width).shape == (height, width, 3)


def test_unknown_name_lists_the_choices():
    with pytest.raises(ValueError, match=r"No painting 'stary_night'.*starry_night"):
        paint("stary_night")


def test_unknown_option_lists_the_choices():
    with pytest.raises(ValueError, match=r"no option strok; it has: palette, stroke"):
        paint("starry_night", 64, 64, strok=2)


@pytest.mark.parametrize("size", [(0, 64), (8, 8), (64, 1000), (5000, 5000), (-64, 64)])
def test_impossible_sizes(size):
    with pytest.raises(ValueError, match="Cannot paint"):
        paint("tapestry", *size)


@pytest.mark.parametrize("palette", ["nihgt", "#112233", ["red"] * 8, [1] * 8, None])
def test_bad_palette(palette):
    with pytest.raises(ValueError, match="neither one of night, wave"):
        paint("tapestry", 64, 64, palette=palette)


def test_palette_by_name_and_by_colors():
    own = PALETTES["night"].split()
    by_name = paint("tapestry", 64, 64, palette="night")
    np.testing.assert_array_equal(by_name, paint("tapestry", 64, 64, palette=own))
    assert by_name[..., 2].mean() > by_name[..., 0].mean()
    assert all(pigments(name).shape == (8, 3) for name in PALETTES)


def test_options_change_the_picture():
    plain = paint("engraved_ship", 96, 128)
    assert np.abs(paint("engraved_ship", 96, 128, lines=24) - plain).mean() > 10


def test_every_painting_has_the_same_first_arguments_and_its_own_palette():
    used = set()
    for function in PAINTINGS.values():
        names = list(inspect.signature(function).parameters)
        assert names[:4] == ["height", "width", "seed", "palette"]
        used.add(inspect.signature(function).parameters["palette"].default)
        assert "Taught in: 10_creative_control" in function.__doc__
    assert used == set(PALETTES)


def test_package_paint_can_be_called_whatever_was_imported_first():
    code = (
        "import nstlib.painter, nstlib; print(nstlib.paint('tapestry', 16, 16).shape)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stdout == "(16, 16, 3)\n", run.stderr


def test_every_picture_has_its_credit_and_every_credit_its_picture():
    pictures = {
        path.relative_to(IMAGES).as_posix()
        for folder in ("content", "style")
        for path in (IMAGES / folder).iterdir()
    }
    assert pictures == set(CREDITS)
    assert {f"style/{name}.jpg" for name in NAMES} <= pictures
    for line in CREDITS.values():
        what, source, author, license, changes = line.strip().strip("|").split("|")
        assert all(map(str.strip, (what, source, author, changes)))
        assert re.search("public domain|CC0|MIT", license)


def test_pictures_are_small_and_readable():
    for name in CREDITS:
        path = IMAGES / name
        assert path.stat().st_size < 500_000, name
        with Image.open(path) as image:
            image.load()
            assert max(image.size) <= 768, name
            assert min(image.size) >= 300, name
    assert len([name for name in CREDITS if name.startswith("content/")]) >= 6


def test_noise_is_smooth_repeatable_and_bounded():
    x, y = np.meshgrid(np.linspace(0, 9, 300), np.linspace(0, 9, 300))
    field = noise(np.random.default_rng(3))
    values = field(x, y)
    np.testing.assert_array_equal(values, noise(np.random.default_rng(3))(x, y))
    assert -1 <= values.min() < -0.5 < 0.5 < values.max() <= 1
    assert np.abs(np.diff(values)).max() < 0.12
    np.testing.assert_allclose(
        field(x[:1], y[:1]), field(x[:1] + 256, y[:1]), atol=1e-4
    )


def test_ramp_and_curve_pass_through_what_they_are_given():
    colors = pigments("wave")
    np.testing.assert_allclose(ramp(colors, np.linspace(0, 1, 8)), colors, atol=1e-3)
    np.testing.assert_array_equal(ramp(colors, np.array([-3.0, 7.0])), colors[[0, 7]])
    through = points("0 0, 1 2, 3 1, 4 4")
    np.testing.assert_allclose(curve(through, 31)[::10], through, atol=1e-12)


def test_trace_follows_circles():
    starts = np.array([[1.0, 0.0], [0.0, 2.0]])
    paths = trace(
        lambda p: np.arctan2(p[:, 1], p[:, 0]) + np.pi / 2, starts, np.ones(2), 201
    )
    radii = np.linalg.norm(paths, axis=2)
    np.testing.assert_allclose(radii, [[1.0], [2.0]] * np.ones((1, 201)), atol=0.01)
    lengths = np.linalg.norm(np.diff(paths, axis=1), axis=2).sum(axis=1)
    np.testing.assert_allclose(lengths, 1.0)


def test_canvas_measures_in_units_of_area_one():
    canvas = Canvas(90, 160, 0, (0, 0, 0))
    assert canvas.w * canvas.h == pytest.approx(1)
    canvas.disc(canvas.place / 2, 0.2, np.full(3, 255.0))
    picture = canvas.finish(canvas.layers()[0], grain=0)
    assert picture.shape == (90, 160, 3)
    assert picture.mean() / 255 == pytest.approx(np.pi * 0.2**2, rel=0.02)
