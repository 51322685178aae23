"""Arrays to files: whole or not at all, and never a picture lost at the end."""

import errno
import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from nstlib.errors import FileError, ImageError
from nstlib.files import atomic_write
from nstlib.images import (
    FORMATS,
    check_writable,
    load_alpha,
    load_image,
    read_metadata,
    save_image,
)

RNG = np.random.default_rng(0)
# Every example may write over the file of the one before.
SHARED = [HealthCheck.function_scoped_fixture]
PICTURE = RNG.uniform(0, 255, (24, 32, 3)).astype(np.float32)


def refused(action, *arguments, words=(), **options):
    with pytest.raises(FileError if action is atomic_write else ImageError) as caught:
        action(*arguments, **options)
    message = str(caught.value)
    assert "\n" not in message and "Traceback" not in message and message.endswith(".")
    assert ":" in message or ";" in message
    for word in words:
        assert str(word) in message, f"{word!r} is missing in {message!r}"
    return message


# --- what is written --------------------------------------------------------------


@settings(deadline=None, max_examples=40, suppress_health_check=SHARED)
@given(
    arrays(np.uint8, st.tuples(st.integers(1, 12), st.integers(8, 20), st.just(3))),
    st.sampled_from([".png", ".PNG", ".tif", ".bmp"]),
)
def test_round_trip_is_exact(tmp_path, picture, suffix):
    path = save_image(picture, tmp_path / f"a{suffix}")
    np.testing.assert_array_equal(load_image(path), picture)
    save_image(load_image(path).astype(np.uint8), path)
    np.testing.assert_array_equal(load_image(path), picture)


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_can_be_read_again(tmp_path, suffix):
    y, x = np.mgrid[0:24, 0:32] * 8.0
    smooth = np.stack([x, y, (x + y) / 2], axis=-1)
    path = save_image(smooth, tmp_path / f"a{suffix}")
    with Image.open(path) as image:
        assert image.format == FORMATS[suffix]
    assert np.abs(load_image(path) - smooth).mean() < 6


def test_clipped_and_rounded(tmp_path):
    picture = np.zeros((8, 8, 3))
    picture[0, 0] = -30, 254.5001, 300
    picture[0, 1] = 0.49, 0.51, 99.9
    loaded = load_image(save_image(picture, tmp_path / "a.png"))
    assert loaded[0, 0].tolist() == [0, 255, 255]
    assert loaded[0, 1].tolist() == [0, 1, 100]


@pytest.mark.parametrize(
    "dtype", [np.float64, np.float16, np.int64, np.int16, np.uint16]
)
def test_any_real_dtype(tmp_path, dtype):
    picture = np.rint(PICTURE).astype(dtype)
    loaded = load_image(save_image(picture, tmp_path / "a.png"))
    np.testing.assert_array_equal(loaded, picture)


def test_missing_folders_are_made_and_home_is_expanded(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    path = save_image(PICTURE, "~/some/new/a.png")
    assert path == tmp_path / "some" / "new" / "a.png" and path.is_file()


def test_alpha_is_put_back(tmp_path):
    alpha = np.linspace(0, 1, 24 * 32, dtype=np.float32).reshape(24, 32)
    for suffix in (".png", ".webp", ".tiff"):
        path = save_image(PICTURE, tmp_path / f"a{suffix}", alpha=alpha)
        np.testing.assert_allclose(load_alpha(path), alpha, atol=0.5 / 255 + 1e-6)
    path = save_image(PICTURE, tmp_path / "a.png", alpha=load_alpha(tmp_path / "a.png"))
    with Image.open(path) as image:
        assert image.mode == "RGBA"
        np.testing.assert_array_equal(np.asarray(image)[..., :3], np.rint(PICTURE))
    for suffix in (".jpg", ".bmp", ".gif"):
        path = save_image(PICTURE, tmp_path / f"a{suffix}", alpha=alpha)
        assert load_alpha(path) is None


@pytest.mark.parametrize(
    "alpha", [np.ones((3, 3)), np.ones((24, 32, 1)), np.full((24, 32), np.nan)]
)
def test_wrong_alpha(tmp_path, alpha):
    path = tmp_path / "a.png"
    refused(save_image, PICTURE, path, alpha=alpha, words=[path, "alpha", "(24, 32)"])
    assert not path.exists()


# --- metadata ---------------------------------------------------------------------

METADATA = {
    "nstlib:settings": '{"steps": 100}',
    "seed": 7,
    "loss": 0.125,
    "painter": "Утагава Хиросигэ 歌川広重",
    "café": "x",
}


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".tif"])
def test_metadata_round_trip(tmp_path, suffix):
    metadata = {key: value for key, value in METADATA.items() if key.isascii()}
    path = save_image(PICTURE, tmp_path / f"a{suffix}", metadata)
    assert read_metadata(path) == {key: str(value) for key, value in metadata.items()}
    assert load_image(path).shape == PICTURE.shape
    assert read_metadata(save_image(PICTURE, path)) == {}


@settings(deadline=None, max_examples=40, suppress_health_check=SHARED)
@given(st.dictionaries(st.text("abc:_ -Z9", min_size=1, max_size=79), st.text()))
def test_any_text_survives_in_png(tmp_path, metadata):
    metadata = {f"k{key.strip()}": value for key, value in metadata.items()}
    path = save_image(np.zeros((8, 8, 3)), tmp_path / "a.png", metadata)
    assert read_metadata(path) == metadata


def test_a_long_history_fits_in_png(tmp_path):
    history = "123.456, " * 400_000  # more than Pillow would inflate
    path = save_image(PICTURE, tmp_path / "a.png", {"history": history})
    assert read_metadata(path)["history"] == history
    np.testing.assert_array_equal(load_image(path), np.rint(PICTURE))
    path = tmp_path / "a.jpg"
    refused(
        save_image, PICTURE, path, {"history": history}, words=[path, "save as PNG"]
    )


@pytest.mark.parametrize("key", ["", "x" * 80, "a\0b", "é", "two\nlines"])
def test_names_that_png_does_not_allow(tmp_path, key):
    path = tmp_path / "a.png"
    refused(save_image, PICTURE, path, {key: "x"}, words=[path, "79"])


def test_formats_without_metadata_say_so(tmp_path):
    with pytest.warns(UserWarning, match="save as PNG") as caught:
        path = save_image(PICTURE, tmp_path / "a.bmp", METADATA)
    assert caught[0].filename == __file__
    assert read_metadata(path) == {}


def test_metadata_of_others(tmp_path):
    exif = Image.Exif()
    exif[0x010E] = "A holiday photo"
    Image.new("RGB", (9, 9)).save(tmp_path / "a.jpg", exif=exif)
    assert read_metadata(tmp_path / "a.jpg") == {}
    exif[0x010E] = "[1, 2]"
    Image.new("RGB", (9, 9)).save(tmp_path / "a.jpg", exif=exif)
    assert read_metadata(tmp_path / "a.jpg") == {}
    (tmp_path / "a.jpg").write_text("no picture at all")
    refused(read_metadata, tmp_path / "a.jpg", words=["a.jpg", "text"])
    refused(read_metadata, tmp_path / "b.jpg", words=["b.jpg", "did you mean"])


# --- pictures that are none -------------------------------------------------------


@pytest.mark.parametrize(
    "shape", [(24, 32), (24, 32, 4), (1, 24, 32, 3), (0, 32, 3), (3,), ()]
)
def test_wrong_shape(tmp_path, shape):
    path = tmp_path / "a.png"
    refused(save_image, np.zeros(shape), path, words=[path, shape, "(H, W, 3)"])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_counted(tmp_path, value):
    picture = PICTURE.copy()
    picture[3, 4] = value
    picture[5, 6, 1] = value
    path = tmp_path / "a.png"
    refused(save_image, picture, path, words=[path, "2 of 768", "learning rate"])
    assert not path.exists()


def test_wrong_kind_of_values(tmp_path):
    for wrong in (
        "picture",
        None,
        *(np.full((8, 8, 3), bad) for bad in ("x", None, 1j)),
    ):
        refused(save_image, wrong, tmp_path / "a.png", words=["a.png", "numbers"])


def test_half_precision_of_tensorflow(tmp_path):
    bfloat16 = pytest.importorskip("ml_dtypes").bfloat16
    picture = np.rint(PICTURE / 2).astype(bfloat16)
    loaded = load_image(save_image(picture, tmp_path / "a.png"))
    np.testing.assert_array_equal(loaded, picture.astype(np.float32))


def test_range_zero_to_one_is_suspected(tmp_path):
    with pytest.warns(UserWarning, match=r"a\.png .* multiply by 255") as caught:
        save_image(PICTURE / 255, tmp_path / "a.png")
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        save_image(np.zeros((8, 8, 3)), tmp_path / "a.png")
        save_image(np.ones((8, 8, 3), np.uint8), tmp_path / "a.png")
        save_image(PICTURE / 100, tmp_path / "a.png")


# --- where it cannot be written ---------------------------------------------------


@pytest.mark.parametrize("name", ["a", "a.", "a.txt", "a.heic", "a.png.bak", ".png"])
def test_unknown_suffix(tmp_path, name):
    for action in (lambda path: save_image(PICTURE, path), check_writable):
        refused(action, tmp_path / name, words=[name, ".png", ".webp"])
    assert not list(tmp_path.iterdir())


def both(path, *words):
    """The long run is warned before, and the picture is refused after."""
    refused(check_writable, path, words=words)
    refused(save_image, PICTURE, path, words=words)


def test_names_that_no_file_can_have(tmp_path):
    both("", "(empty)")
    both("a\0.png", "a\\x00.png")
    if os.name != "nt":  # Windows tells only when the file gets its name
        both(tmp_path / ("x" * 300 + ".png"), "xxx", "is too long")


def test_a_folder_in_the_place_of_the_file(tmp_path):
    (tmp_path / "a.png").mkdir()
    both(tmp_path / "a.png", "a.png", "give a file name")
    assert (tmp_path / "a.png").is_dir()
    refused(atomic_write, tmp_path, lambda file: None, words=[tmp_path])


def test_below_a_file(tmp_path):
    (tmp_path / "file").write_text("x")
    both(tmp_path / "file" / "a.png", "a.png", "check the path")
    both(tmp_path / "file" / "deeper" / "a.png", "a.png", "check the path")
    assert (tmp_path / "file").read_text() == "x"


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere"
)
def test_folder_really_not_writable(tmp_path):
    tmp_path.chmod(0o500)
    both(tmp_path / "a.png", "a.png", "not allowed", "another folder")


@pytest.mark.parametrize("code", [errno.EACCES, errno.EPERM, errno.EROFS])
def test_folder_not_writable(tmp_path, monkeypatch, code):
    def denied(self, *args, **options):
        raise OSError(code, os.strerror(code), str(self))

    monkeypatch.setattr("pathlib.Path.open", denied)
    both(tmp_path / "a.png", "a.png", "not allowed", "another folder")


@pytest.mark.parametrize("step", ["fsync", "replace"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_full_disk_leaves_the_old_picture(tmp_path, monkeypatch, step, code):
    path = save_image(PICTURE, tmp_path / "a.png")
    before = path.read_bytes()

    def full(*args):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, step, full)
    refused(save_image, 255 - PICTURE, path, words=[path, "disk is full", "free some"])
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_disk_that_is_full_while_writing(tmp_path, monkeypatch):
    path = save_image(PICTURE, tmp_path / "a.png")
    before = path.read_bytes()
    original = Path.open

    def open_full(self, mode="r", *args, **options):
        if mode == "xb":  # the write itself fails, as the kernel makes it fail
            return original(Path("/dev/full"), "wb")
        return original(self, mode, *args, **options)

    monkeypatch.setattr(Path, "open", open_full)
    refused(save_image, 255 - PICTURE, path, words=[path, "disk is full"])
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_check_writable_leaves_nothing_behind(tmp_path):
    check_writable(tmp_path / "new" / "a.png")
    assert (tmp_path / "new").is_dir() and not list((tmp_path / "new").iterdir())
    path = save_image(PICTURE, tmp_path / "a.png")
    before = path.read_bytes()
    check_writable(path)
    assert path.read_bytes() == before


@pytest.mark.skipif(os.name == "nt", reason="permissions are another matter there")
def test_files_are_as_readable_as_any_other(tmp_path):
    (tmp_path / "plain").write_bytes(b"")
    path = save_image(PICTURE, tmp_path / "a.png")
    assert path.stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_no_tensorflow_is_imported():
    code = "import sys, nstlib.images, nstlib.color; print('tensorflow' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "False"
