"""The report: the same numbers as plain NumPy, and words that are true."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import scipy.linalg
from PIL import Image

import nstlib
from nstlib import load_network, preprocess
from nstlib.cli import main as cli
from nstlib.errors import NetworkError
from nstlib.images import resize
from nstlib.metrics import CONTENT_LAYER, STYLE_LAYERS, Report, color_distance
from nstlib.runs.result import Result
from nstlib.settings import Settings


@pytest.fixture(scope="module")
def pictures(make_picture):
    return make_picture(48, 64, 0), make_picture(60, 80, 1), make_picture(90, 50, 2)


def test_every_number_by_plain_numpy(pictures):
    picture, content, style = pictures
    measured = nstlib.report(picture, content, style)
    photo, painting = resize(content, 48, 64), resize(style, 64, 36)
    layers = [*STYLE_LAYERS, CONTENT_LAYER]
    network = load_network("mini", layers, precision="float32", border="replicate")

    def maps(image):
        found = network(preprocess(image))
        return {k: v.numpy()[0].astype(np.float64) for k, v in found.items()}

    def gram(features):
        vectors = features.reshape(-1, features.shape[-1])
        return vectors.T @ vectors / len(vectors)

    one, base, goal = maps(picture), maps(photo), maps(painting)
    apart = one[CONTENT_LAYER] - base[CONTENT_LAYER]
    wanted = (apart**2).mean() / (base[CONTENT_LAYER] ** 2).mean()
    assert measured.content == pytest.approx(wanted, rel=1e-4)
    for name in STYLE_LAYERS:
        a, target = gram(one[name]), gram(goal[name])
        wanted = ((a - target) ** 2).sum() / (target**2).sum()
        assert measured.style[name] == pytest.approx(wanted, rel=1e-3)
        wanted = ((gram(base[name]) - target) ** 2).sum() / (target**2).sum()
        assert measured.photo_style[name] == pytest.approx(wanted, rel=1e-3)
    for value, image in (
        (measured.variation, picture),
        (measured.photo_variation, photo),
        (measured.style_variation, painting),
    ):
        across, down = (np.abs(np.diff(image, axis=axis)).mean() for axis in (1, 0))
        assert value == pytest.approx(across + down, rel=1e-4)
    for value, a, b in (
        (measured.colors_from_photo, picture, photo),
        (measured.colors_from_style, picture, painting),
        (measured.colors_apart, photo, painting),
    ):
        assert value == pytest.approx(by_scipy(a, b), rel=1e-4)


def by_scipy(one, other):
    a, b = (x.reshape(-1, 3).astype(np.float64) for x in (one, other))
    s, t = np.cov(a.T, bias=True), np.cov(b.T, bias=True)
    root = scipy.linalg.sqrtm(t)
    cross = scipy.linalg.sqrtm(root @ s @ root).real
    squares = np.sum((a.mean(0) - b.mean(0)) ** 2) + np.trace(s + t - 2 * cross)
    return np.sqrt(squares)


def test_distances_of_colors_that_one_knows():
    black, white = np.zeros((4, 5, 3)), np.full((6, 2, 3), 255.0)
    assert color_distance(black, white) == pytest.approx(255 * np.sqrt(3))
    rng = np.random.default_rng(0)
    noise = rng.uniform(50, 100, (20, 20, 3))
    assert color_distance(noise, noise) == pytest.approx(0, abs=1e-4)
    assert color_distance(noise, noise + 30) == pytest.approx(30 * np.sqrt(3))
    assert color_distance(noise, noise[::-1, ::-1]) == pytest.approx(0, abs=1e-4)
    wide = (noise - noise.mean((0, 1))) * 2 + noise.mean((0, 1))
    spread = np.sqrt(np.trace(np.cov(noise.reshape(-1, 3).T, bias=True)))
    assert color_distance(noise, wide) == pytest.approx(spread)
    assert color_distance(wide, noise) == pytest.approx(spread)


def test_the_photo_and_the_style_themselves(pictures):
    _, content, style = pictures
    photo = nstlib.report(content, content, style)
    assert photo.content == 0 and photo.colors_from_photo == pytest.approx(0, abs=1e-4)
    assert photo.style == photo.photo_style and photo.style_left == pytest.approx(1)
    assert photo.colors_from_style == photo.colors_apart
    painted = nstlib.report(style, content, style)
    assert max(painted.style.values()) < 1e-9 and painted.style_left < 1e-6
    assert painted.colors_from_style == pytest.approx(0, abs=1e-4)
    assert painted.content > 0.1
    assert painted.variation == pytest.approx(painted.style_variation)


def test_several_styles_are_averaged(pictures, make_picture):
    picture, content, style = pictures
    other = make_picture(64, 64, 5)
    one, two = (nstlib.report(picture, content, s) for s in (style, other))
    both = nstlib.report(picture, content, [(style, 3), (other, 1)])
    for get in (
        lambda r: r.style["block3_conv1"],
        lambda r: r.photo_style["block1_conv1"],
        lambda r: r.style_variation,
        lambda r: r.colors_from_style,
        lambda r: r.colors_apart,
    ):
        assert get(both) == pytest.approx((3 * get(one) + get(two)) / 4, rel=1e-5)
    assert both.content == one.content


def test_a_style_with_a_mask_is_measured_where_its_mask_is(make_picture):
    one, two = make_picture(160, 160, 1), make_picture(160, 160, 2) / 2
    left = np.zeros((160, 320), bool)
    left[:, :160] = True
    picture, content = np.hstack([one, two]), make_picture(160, 320, 3)
    right_way = nstlib.report(picture, content, [(one, 1, left), (two, 1, ~left)])
    wrong_way = nstlib.report(picture, content, [(two, 1, left), (one, 1, ~left)])
    assert right_way.style_left < 0.1 < 0.5 < wrong_way.style_left
    assert right_way.colors_from_style == pytest.approx(0, abs=1e-3)
    assert wrong_way.colors_from_style > 10
    # What is painted elsewhere has no say.
    half = nstlib.report(picture, content, [(one, 1, left)])
    other = np.hstack([one, make_picture(160, 160, 4)])
    assert nstlib.report(other, content, [(one, 1, left)]).colors_from_style == (
        pytest.approx(half.colors_from_style, abs=1e-6)
    )
    # The mean is by areas, and a mask that is all white is none.
    quarter = left.copy()
    quarter[80:] = False
    parts = [nstlib.report(picture, content, [(p, 1, m)])
             for p, m in ((one, quarter), (two, ~left))]  # fmt: skip
    both = nstlib.report(picture, content, [(one, 2, quarter), (two, 3, ~left)])
    wanted = (2 * 1 * parts[0].colors_apart + 3 * 2 * parts[1].colors_apart) / 8
    assert both.colors_apart == pytest.approx(wanted, rel=1e-5)
    white = nstlib.report(picture, content, [(one, 1, np.ones((9, 9), bool))])
    assert white.style == pytest.approx(nstlib.report(picture, content, one).style)


def test_what_is_no_picture(pictures, make_picture):
    picture, content, style = pictures
    with pytest.raises(ValueError, match=r"\(H, W, 3\)"):
        nstlib.report(picture[..., 0], content, style)
    with pytest.raises(nstlib.ImageError, match="gone"):
        nstlib.report(picture, "gone.jpg", style)
    with pytest.raises(NetworkError, match="too small"):
        nstlib.report(make_picture(9, 64), content, style)


def test_a_result_reports_itself(pictures):
    _, content, style = pictures
    options = {"size": 64, "steps": 15, "network": "random"}
    result = nstlib.stylize(content, [(style, 2)], **options)
    measured = result.report()
    assert isinstance(measured, Report)
    assert measured == nstlib.report(result.image, content, [(style, 2)])
    better = nstlib.stylize(content, style, size=64, steps=15).report()
    assert better.style_left < min(1, measured.style_left)
    alone = Result(result.image, [], {}, 0, 0.0, "", Settings())
    with pytest.raises(ValueError, match=r"call nstlib\.report"):
        alone.report()


def test_the_table():
    style = dict(zip(STYLE_LAYERS, (0.01, 0.02, 0.03, 0.04, 0.05), strict=True))
    photo = {name: 10 * value for name, value in style.items()}
    text = str(Report(0.125, style, photo, 12.0, 8.0, 30.5, 40.0, 5.0, 42.0))
    lines = text.splitlines()
    assert len(lines) == 11 and max(map(len, lines)) <= 120
    cells = [line[25:51].split() for line in lines[:-1]]
    assert cells[0] == ["picture", "photo", "style"]
    assert cells[1] == ["0.125", "0", "–"]
    assert cells[2] == ["0.01", "0.1", "0"] and "conv1_1" in lines[2]
    assert cells[7] == ["12", "8", "30.5"]
    assert cells[8] == ["40", "0", "42"] and cells[9] == ["5", "42", "0"]
    assert lines[-1] == "10.0% of the photo's style distance is left."


def test_the_command(pictures, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name, picture in zip(("b.png", "c.png"), pictures[1:], strict=True):
        Image.fromarray(picture.astype(np.uint8)).save(name)
    line = ["stylize", "b.png", "c.png", "-o", "a.png", "--size", "64", "--steps", "3"]
    assert cli.main([*line, "--report", "--json"]) == 0
    printed = capsys.readouterr()
    measured = json.loads(printed.out)["report"]
    assert "colors from the style" in printed.err
    saved = nstlib.report("a.png", "b.png", "c.png")
    assert measured["content"] == pytest.approx(saved.content, rel=0.02)
    assert measured["style"] == pytest.approx(saved.style, rel=0.02)
    assert measured.keys() == dataclasses.asdict(saved).keys()
    assert Path("a.png").is_file()
