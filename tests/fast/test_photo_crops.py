"""A folder of photos, and crops of them."""

import numpy as np
import pytest

from nstlib.errors import ImageError, SettingsError
from nstlib.fast.photo_crops import load_photos, random_batch
from nstlib.images import save_image


def test_photos_of_a_folder(tmp_path, make_picture):
    save_image(make_picture(300, 200), tmp_path / "in" / "a.png")
    save_image(make_picture(20, 30), tmp_path / "b.jpg")
    (tmp_path / "c.jpg").write_bytes(b"nothing")
    (tmp_path / "notes.txt").write_text("no picture")
    with pytest.warns(UserWarning, match="1 of 3"):
        found = load_photos(tmp_path, 64)
    assert [min(photo.shape[:2]) >= 64 for photo in found] == [True, True]
    assert max(max(photo.shape) for photo in found) <= 128
    assert {photo.dtype for photo in found} == {np.dtype(np.uint8)}


def test_a_folder_without_photos(tmp_path):
    with pytest.raises(ImageError, match="no picture that can be read"):
        load_photos(tmp_path, 64)


def test_batches_are_crops(photos):
    rng = np.random.default_rng(0)
    batch = random_batch(photos, 64, 5, rng).numpy()
    assert batch.shape == (5, 64, 64, 3)
    again = random_batch(photos, 64, 5, np.random.default_rng(0))
    np.testing.assert_array_equal(batch, again)
    assert np.abs(batch[0] - batch[1]).mean() > 1


def test_photos_that_are_too_small_for_a_crop(make_picture):
    rng = np.random.default_rng(0)
    photos = [make_picture(90, 80), make_picture(40, 70)]
    with pytest.raises(SettingsError, match="70×40 pixels is smaller than a crop"):
        random_batch(photos, 64, 2, rng)
    with pytest.raises(SettingsError, match="there are no photos"):
        random_batch([], 64, 2, rng)
    assert random_batch(photos, 40, 2, rng).shape == (2, 40, 40, 3)
