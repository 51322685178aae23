"""What a training shows on its way, and series and stops of one-pass methods."""

from __future__ import annotations

import numpy as np
import pytest

from nstlib import interpolate_styles, stylize
from nstlib.cli import main as cli
from nstlib.cli.progress import Progress
from nstlib.fast.training import preview
from nstlib.feedforward import random_transformer
from nstlib.images import load_image


@pytest.fixture(scope="module")
def night():
    rng = np.random.default_rng(3)
    return rng.uniform(0, 255, (40, 48, 3)).astype(np.float32)


@pytest.mark.parametrize(
    "shapes, side",
    [
        ([(64, 128), (128, 64), (90, 70), (64, 64)], 64),
        ([(200, 400), (300, 193)], 192),
        ([(66, 71), (80, 70)], 64),
        ([(12, 300)], 12),
    ],
)
def test_a_preview_of_photos_of_any_sizes(shapes, side):
    photos = [np.full((*shape, 3), 90, np.uint8) for shape in shapes]
    sheet = preview(random_transformer(), photos, 192)
    assert sheet.shape == (2 * side, len(photos) * side, 3)
    assert (sheet[:side] == 90).all()


@pytest.mark.parametrize("side", ["64", "128"])
def test_small_crops_of_the_courses_own_photos(side, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    words = ["train", "great_wave", "--minutes", "0.001", "--side", side, "-o", "w.npz"]
    assert cli.main(words) == 0, capsys.readouterr().err
    sheet = load_image(tmp_path / "w-progress" / "0000.png")
    assert 2 * int(side) <= sheet.shape[0] <= 2 * 192
    assert sheet.shape[1] == 2 * sheet.shape[0]  # four squares, above four others


@pytest.mark.parametrize("method", ["adain", "wct", "swap", "neighbors"])
def test_from_style_to_style_in_one_pass(night, method):
    first, second = night, 255 - night[:30, :30] / 2
    made = interpolate_styles(night, first, second, (0, 0.5, 1), method=method, size=48)
    alone = stylize(night, second, method=method, size=48)
    assert [result.evaluations for result in made] == [made[0].evaluations] * 3
    np.testing.assert_allclose(made[-1].image, alone.image, atol=0.01)
    assert np.abs(made[0].image - made[1].image).mean() > 1


def test_a_one_pass_run_that_is_stopped(night, tmp_path, monkeypatch, capsys):
    result = stylize(night, night, method="wct", size=48, callback=lambda _: True)
    assert (result.stop_reason, result.evaluations) == ("stopped by callback", 1)
    assert np.isfinite(result.report().content)
    monkeypatch.chdir(tmp_path)

    def stop(self, step):
        self.job.signals.number = 15
        return True

    monkeypatch.setattr(Progress, "__call__", stop)
    words = ["stylize", "--method", "wct", "--size", "48", "--report", "-o", "a.png"]
    assert cli.main(words) == 128 + 15
    assert "Stopped after 1 of 4 levels" in capsys.readouterr().out
