"""Files to arrays: every odd file loads right, every bad one is told in a sentence."""

import io
import os
import re
import struct
import sys
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

import nstlib.images
from nstlib.errors import ImageError
from nstlib.images import fit_within, load_alpha, load_image, resize

RNG = np.random.default_rng(0)
PICTURE = RNG.integers(0, 256, (24, 32, 3), dtype=np.uint8)
# Three flat stripes: survives JPEG and palettes nearly unchanged.
STRIPES = np.repeat(
    np.array([[[200, 30, 40], [20, 180, 60], [30, 60, 220]]], np.uint8), 16, axis=1
).repeat(24, axis=0)


def save(path, image, **options):
    if isinstance(image, np.ndarray):
        image = Image.fromarray(image)
    image.save(path, **options)
    return path


def refused(source, *words, **options):
    """Load something bad, and check the one sentence it is told in."""
    with pytest.raises(ImageError) as caught:
        load_image(source, **options)
    return checked(caught.value, *words)


def checked(error, *words):
    message = str(error)
    assert "\n" not in message and "Traceback" not in message
    assert message.endswith(".") and (":" in message or ";" in message)
    assert 20 < len(message) < 500
    for word in words:
        assert str(word) in message, f"{word!r} is missing in {message!r}"
    return message


# --- formats and modes -----------------------------------------------------------


@pytest.mark.parametrize("suffix", ["png", "bmp", "tif", "ppm", "tga", "gif", "webp"])
def test_lossless_formats_load_exactly(tmp_path, suffix):
    options = {"lossless": True} if suffix == "webp" else {}
    picture = STRIPES if suffix == "gif" else PICTURE
    path = save(tmp_path / f"a.{suffix}", picture, **options)
    loaded = load_image(path)
    assert loaded.dtype == np.float32 and loaded.shape == picture.shape
    assert loaded.flags.writeable and loaded.flags.c_contiguous
    np.testing.assert_array_equal(loaded, picture)


def test_jpeg_and_str_path_and_home(tmp_path, monkeypatch):
    path = save(tmp_path / "a.jpg", STRIPES, quality=95, subsampling=0)
    assert np.abs(load_image(str(path)) - STRIPES).max() < 8
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    np.testing.assert_array_equal(load_image("~/a.jpg"), load_image(path))


@pytest.mark.parametrize("kind", ["AVIF", "JPEG2000"])
def test_formats_of_some_pillows(tmp_path, kind):
    try:
        path = save(tmp_path / "a.picture", STRIPES, format=kind)
    except (KeyError, OSError):
        pytest.skip(f"this Pillow writes no {kind}")
    assert np.abs(load_image(path) - STRIPES).mean() < 8


def test_bytes_and_streams(tmp_path):
    path = save(tmp_path / "a.png", PICTURE)
    data = path.read_bytes()
    np.testing.assert_array_equal(load_image(data), PICTURE)
    np.testing.assert_array_equal(load_image(io.BytesIO(data)), PICTURE)
    with path.open("rb") as stream:
        np.testing.assert_array_equal(load_image(stream), PICTURE)
    with path.open(encoding="latin-1") as stream:
        refused(stream, "a.png", "open as text", "'rb'")
    refused(b"", "given as bytes", "empty")
    for wrong in (PICTURE, None, 3):
        with pytest.raises(TypeError, match="loaded from a path"):
            load_image(wrong)


def test_stream_has_a_size_bound(monkeypatch):
    monkeypatch.setattr("nstlib.images.sources.MAX_BYTES", 100)
    refused(io.BytesIO(b"x" * 101), "the picture in the stream", "larger than")


def test_gray_one_bit_and_gray_alpha(tmp_path):
    gray = PICTURE[..., 0]
    loaded = load_image(save(tmp_path / "l.png", gray))
    np.testing.assert_array_equal(loaded, np.stack([gray] * 3, axis=-1))
    bits = Image.fromarray(gray > 127)
    assert bits.mode == "1"
    loaded = load_image(save(tmp_path / "1.png", bits))
    np.testing.assert_array_equal(loaded[..., 1], np.where(gray > 127, 255, 0))
    both = Image.merge(
        "LA", [Image.new("L", (16, 16), 0), Image.new("L", (16, 16), 51)]
    )
    path = save(tmp_path / "la.png", both)
    np.testing.assert_allclose(load_image(path), 204, atol=1)
    np.testing.assert_allclose(load_alpha(path), 0.2, atol=1e-6)


def test_alpha_is_composited_over_white_and_kept(tmp_path):
    alpha = np.tile(np.arange(0, 256, 8, dtype=np.uint8), (24, 1))
    path = save(tmp_path / "a.png", np.dstack([PICTURE, alpha]))
    share = alpha[..., None] / 255
    expected = PICTURE * share + 255 * (1 - share)
    np.testing.assert_allclose(load_image(path), expected, atol=1)
    opacity = load_alpha(path)
    assert opacity.dtype == np.float32 and opacity.shape == (24, 32)
    np.testing.assert_array_equal(opacity, (alpha / 255).astype(np.float32))
    assert load_alpha(path, max_side=16).shape == (12, 16)
    assert load_alpha(save(tmp_path / "b.png", PICTURE)) is None


def test_invisible_colors_do_not_bleed_when_scaled_down(tmp_path):
    picture = np.zeros((64, 64, 4), np.uint8)
    picture[:, :32] = (255, 0, 0, 255)
    picture[:, 32:] = (0, 255, 0, 0)  # transparent green must not be seen
    loaded = load_image(save(tmp_path / "a.png", picture), max_side=15)
    assert (loaded[..., 1] <= loaded[..., 2] + 1).all()


def test_palette_with_and_without_transparency(tmp_path):
    image = Image.fromarray(STRIPES).quantize(4)
    np.testing.assert_allclose(
        load_image(save(tmp_path / "p.png", image)), STRIPES, atol=1
    )
    clear = image.getpixel((0, 0))
    path = save(tmp_path / "t.png", image, transparency=clear)
    loaded = load_image(path)
    np.testing.assert_array_equal(loaded[:, :16], 255)
    np.testing.assert_allclose(loaded[:, 16:], STRIPES[:, 16:], atol=1)
    assert load_alpha(path)[0, 0] == 0 and load_alpha(path)[0, 20] == 1
    entries = bytes([0, 128, 255, 255])
    path = save(tmp_path / "tt.png", image, transparency=entries)
    assert sorted(np.unique(load_alpha(path) * 255)) == sorted(
        {entries[image.getpixel((x, 0))] for x in (0, 20, 40)}
    )


def test_rgb_with_one_transparent_color(tmp_path):
    path = save(
        tmp_path / "a.png", STRIPES, transparency=tuple(map(int, STRIPES[0, 0]))
    )
    assert (load_image(path)[:, :16] == 255).all()


@pytest.mark.parametrize("suffix", ["jpg", "tif"])
def test_cmyk_is_as_pillow_converts_it(tmp_path, suffix):
    cmyk = Image.fromarray(STRIPES).convert("CMYK")
    path = save(tmp_path / f"a.{suffix}", cmyk)
    with Image.open(path) as image:
        assert image.mode == "CMYK"
        expected = np.asarray(image.convert("RGB"))
    np.testing.assert_array_equal(load_image(path), expected)
    assert np.abs(expected.astype(int) - STRIPES).max() < 16


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_16_bits_keep_their_range(tmp_path, suffix):
    deep = np.linspace(0, 65535, 24 * 32).astype(np.uint16).reshape(24, 32)
    loaded = load_image(save(tmp_path / f"a.{suffix}", deep))
    assert loaded.dtype == np.float32 and loaded.flags.writeable
    assert loaded.min() == 0 and loaded.max() == 255
    np.testing.assert_allclose(loaded[..., 2], deep / 257, atol=1e-3)
    edge = np.repeat(np.array([[0, 65535]], np.uint16), 16, 1).repeat(24, 0)
    small = load_image(save(tmp_path / f"e.{suffix}", edge), max_side=16)
    assert small.shape == (12, 16, 3) and small.min() >= 0 and small.max() <= 255


def test_16_bit_big_endian_and_32_bit_whole_numbers(tmp_path):
    deep = np.linspace(0, 65535, 24 * 32).astype(np.int32).reshape(24, 32)
    np.testing.assert_allclose(
        load_image(save(tmp_path / "i.tif", deep))[..., 0], deep / 257, atol=1e-3
    )
    larger = load_image(save(tmp_path / "l.tif", deep * 4000))
    assert larger.max() == 255
    header = b"P5 32 24 65535\n"
    (tmp_path / "b.pgm").write_bytes(header + deep.astype(">u2").tobytes())
    np.testing.assert_allclose(
        load_image(tmp_path / "b.pgm")[..., 0], deep / 257, atol=1e-3
    )


def test_16_bit_rgb_png(tmp_path):
    deep = (PICTURE.astype(">u2") * 257).reshape(24, -1)
    rows = b"".join(b"\0" + row.tobytes() for row in deep)
    (tmp_path / "a.png").write_bytes(png(32, 24, rows, depth=16, color=2))
    np.testing.assert_array_equal(load_image(tmp_path / "a.png"), PICTURE)


@pytest.mark.parametrize("top", [1.0, 255.0, 65535.0, 1e6])
def test_real_numbers_take_the_scale_they_fit(tmp_path, top):
    values = np.linspace(0, top, 24 * 32, dtype=np.float32).reshape(24, 32)
    path = save(tmp_path / "f.tif", values)
    np.testing.assert_allclose(
        load_image(path)[..., 0], values / np.float32(top / 255), rtol=1e-4
    )


def test_real_numbers_that_are_none(tmp_path):
    values = np.full((16, 16), 0.5, np.float32)
    values[0, :3] = np.nan, np.inf, -np.inf
    loaded = load_image(save(tmp_path / "f.tif", values))
    assert np.isfinite(loaded).all() and (loaded[0, :3] == 0).all()
    np.testing.assert_allclose(loaded[1:], 127.5, atol=1e-4)


@pytest.mark.parametrize("suffix", ["gif", "png", "webp", "tif"])
def test_animation_gives_its_first_frame_and_says_so(tmp_path, suffix):
    frames = [Image.new("RGB", (16, 16), color) for color in ("red", "lime", "blue")]
    options = {"lossless": True} if suffix == "webp" else {}
    path = tmp_path / f"a.{suffix}"
    frames[0].save(path, save_all=True, append_images=frames[1:], **options)
    with pytest.warns(UserWarning, match="first is used") as caught:
        loaded = load_image(path)
    assert len(caught) == 1 and caught[0].filename == __file__
    assert path.name in str(caught[0].message)
    np.testing.assert_array_equal(loaded, np.tile([255.0, 0, 0], (16, 16, 1)))


def test_phone_pictures_with_a_second_picture_inside(tmp_path):
    first, second = Image.fromarray(STRIPES), Image.new("RGB", (48, 24))
    path = save(
        tmp_path / "a.jpg", first, format="MPO", save_all=True, append_images=[second]
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # the second one is no frame of anything
        assert np.abs(load_image(path) - STRIPES).mean() < 4


# --- orientation, size, color profile -------------------------------------------

TURNS = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: a[::-1, ::-1].swapaxes(0, 1),
    8: lambda a: np.rot90(a),
}


@pytest.mark.parametrize("orientation", TURNS)
@pytest.mark.parametrize("suffix", ["png", "tif", "webp"])
def test_every_exif_orientation_is_undone(tmp_path, orientation, suffix):
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"lossless": True} if suffix == "webp" else {}
    path = save(tmp_path / f"a.{suffix}", PICTURE, exif=exif, **options)
    np.testing.assert_array_equal(load_image(path), TURNS[orientation](PICTURE))
    clear = np.dstack([PICTURE, PICTURE[..., 0]])
    path = save(tmp_path / f"b.{suffix}", clear, exif=exif, **options)
    alpha = TURNS[orientation](PICTURE[..., 0])
    np.testing.assert_allclose(load_alpha(path) * 255, alpha, atol=1e-4)
    height, width, _ = TURNS[orientation](PICTURE).shape
    assert load_image(path, max_side=16).shape == (height // 2, width // 2, 3)


@pytest.mark.parametrize("orientation", TURNS)
def test_orientation_of_a_jpeg_decoded_small(tmp_path, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    large = STRIPES.repeat(40, axis=0).repeat(40, axis=1)[:901]
    path = save(tmp_path / "a.jpg", large, exif=exif)
    loaded = load_image(path, max_side=48)
    height, width, _ = TURNS[orientation](large).shape
    assert loaded.shape == (*fit_within(height, width, 48), 3)
    expected = TURNS[orientation](STRIPES[: loaded.shape[0] if orientation < 5 else 23])
    middle = (slice(2, 20, 8), slice(8, 48, 16))
    middle = middle if orientation < 5 else middle[::-1]
    np.testing.assert_allclose(loaded[middle], expected[middle], atol=12)


@pytest.mark.parametrize(
    "exif", [b"Exif\0\0rubbish", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff"]
)
def test_broken_exif_is_ignored(tmp_path, exif):
    path = save(tmp_path / "a.jpg", STRIPES, exif=exif)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert load_image(path).shape == STRIPES.shape


def test_max_side_scales_down_only(tmp_path):
    path = save(tmp_path / "a.png", PICTURE)
    np.testing.assert_array_equal(load_image(path, max_side=999), PICTURE)
    assert load_image(path, max_side=16).shape == (12, 16, 3)
    assert load_image(path, max_side=1).shape == (1, 1, 3)
    for wrong in (0, -5):
        with pytest.raises(ValueError, match="max_side"):
            load_image(path, max_side=wrong)


@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_fine_texture_does_not_alias(tmp_path, suffix):
    board = np.indices((512, 512)).sum(axis=0) % 2 * 255
    path = save(tmp_path / f"a.{suffix}", board.astype(np.uint8))
    np.testing.assert_allclose(load_image(path, max_side=100), 127.5, atol=4)


def test_scaled_jpeg_agrees_with_full_decoding(tmp_path):
    y, x = np.mgrid[0:900, 0:1501] / 60
    smooth = 127 + 120 * np.stack([np.sin(x), np.cos(y), np.sin(x + y)], axis=-1)
    path = save(tmp_path / "a.jpg", smooth.astype(np.uint8), quality=95)
    small = load_image(path, max_side=100)
    full = load_image(path)
    np.testing.assert_allclose(small, resize(full, *small.shape[:2]), atol=6)


def test_one_by_four_thousand_loads_as_it_is(tmp_path):
    line = RNG.integers(0, 256, (1, 4000, 3), dtype=np.uint8)
    path = save(tmp_path / "a.png", line)
    np.testing.assert_array_equal(load_image(path), line)
    assert load_image(path, max_side=512).shape == (1, 512, 3)
    np.testing.assert_array_equal(
        load_image(save(tmp_path / "b.png", line.swapaxes(0, 1))), line.swapaxes(0, 1)
    )


def swapped_profile():
    """An sRGB profile that calls its red green: what it changes can be seen."""
    data = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swap = {b"rXYZ": b"gXYZ", b"gXYZ": b"rXYZ"}
    return re.sub(rb"[rg]XYZ", lambda found: swap[found.group()], data)


def test_embedded_profile_is_converted_to_srgb(tmp_path):
    red = np.tile(np.array([255, 0, 0], np.uint8), (16, 16, 1))
    path = save(tmp_path / "a.png", red, icc_profile=swapped_profile())
    np.testing.assert_allclose(load_image(path)[3, 3], [0, 255, 0], atol=2)
    clear = np.dstack([red, np.full((16, 16), 128, np.uint8)])
    path = save(tmp_path / "b.png", clear, icc_profile=swapped_profile())
    np.testing.assert_allclose(load_alpha(path), 128 / 255, atol=1e-6)
    np.testing.assert_allclose(load_image(path)[3, 3], [127, 255, 127], atol=2)
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    path = save(tmp_path / "c.png", PICTURE, icc_profile=srgb)
    np.testing.assert_allclose(load_image(path), PICTURE, atol=1)


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "CMYK", "RGBA"])
def test_broken_or_foreign_profile_is_ignored(tmp_path, mode):
    image = Image.fromarray(STRIPES).convert(mode)
    suffix = "tif" if mode == "CMYK" else "png"
    plain = load_image(save(tmp_path / f"plain.{suffix}", image))
    path = save(tmp_path / f"a.{suffix}", image, icc_profile=b"rubbish" * 30)
    np.testing.assert_array_equal(load_image(path), plain)
    if mode in ("L", "CMYK"):  # a profile for three colors on one or four
        path = save(tmp_path / f"b.{suffix}", image, icc_profile=swapped_profile())
        np.testing.assert_array_equal(load_image(path), plain)


# --- what is refused -------------------------------------------------------------


def png(width, height, rows, depth=8, color=2):
    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("suffix", ["png", "jpg", "gif", "webp", "tif", "bmp"])
@pytest.mark.parametrize("share", [0.3, 0.7, 0.95])
def test_truncated_file(tmp_path, suffix, share):
    path = save(tmp_path / f"cut.{suffix}", PICTURE.repeat(4, 0).repeat(4, 1))
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    refused(path, path, "download or export it again")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty (0 bytes)"),
        (b"Dear all, this is a letter and no picture. " * 20, "text"),
        (b"no", "text"),
        (b"\xef\xbb\xbf<!DOCTYPE html><html><body>404</body></html>", "web page"),
        (b'\n <?xml version="1.0"?><!DOCTYPE html>\n<html>', "web page"),
        (b"<html>", "web page"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
        (b'<?xml version="1.0"?>\n<!-- drawn -->\n<svg width="1"/>', "SVG"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isomavc1", "video"),
        (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "PostScript"),
        (bytes(range(128, 256)) * 4, "unknown kind: download it again"),
        (b"\x89PNG\r\n\x1a\n", "download it again"),
        (b"<!--" * 120, "text"),
    ],
)
def test_no_picture_whatever_its_name_says(tmp_path, content, words):
    path = tmp_path / "photo.jpg"
    path.write_bytes(content)
    refused(path, path, words)


def test_broken_avif_is_refused_whether_pillow_knows_it_or_not(tmp_path):
    path = tmp_path / "a.avif"
    path.write_bytes(b"\0\0\0\x18ftypavif\0\0\0\0mif1avif" + bytes(40))
    refused(path, path, "convert it to PNG or JPEG")


@pytest.mark.parametrize("size", [(1, 1), (7, 7), (1, 7)])
def test_too_small(tmp_path, size):
    path = save(tmp_path / "dot.png", Image.new("RGB", size))
    refused(path, path, f"{size[0]}×{size[1]}", "at least 8")


@pytest.mark.parametrize("side", [14_143, 30_000, 2**31 - 1])
def test_too_large_is_refused_by_its_header(tmp_path, side, monkeypatch):
    path = tmp_path / "bomb.png"
    path.write_bytes(png(side, side, b"\0" * 100))
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("decoded"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        before = Image.MAX_IMAGE_PIXELS
        refused(path, path, "more than 200 megapixels", "scale it down")
        assert before == Image.MAX_IMAGE_PIXELS


def test_large_but_allowed_brings_no_warning_of_pillow(tmp_path):
    path = tmp_path / "large.png"
    path.write_bytes(png(14_000, 14_000, b"\0" * 100))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        refused(path, path, "damaged")  # past the limit of pixels, then truncated


def test_huge_jpeg_with_max_side_is_decoded_small(tmp_path):
    path = save(tmp_path / "a.jpg", Image.new("L", (12_000, 9_000), 90))
    sizes = []
    original = Image.Image.resize

    def resize_noting(self, *args, **options):
        sizes.append(self.size)
        return original(self, *args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Image.Image, "resize", resize_noting)
        loaded = load_image(path, max_side=512)
    assert loaded.shape == (384, 512, 3) and sizes[0] == (1500, 1125)


def test_missing_file_and_what_may_be_meant(tmp_path):
    save(tmp_path / "Sunflowers.JPG", PICTURE)
    meant = tmp_path / "Sunflowers.JPG"
    refused(tmp_path / "sunflower.jpg", "does not exist", f"did you mean {meant}")
    message = refused(tmp_path / "qqqqq.png", "does not exist", "check the path")
    assert "did you mean" not in message
    refused(tmp_path / "no" / "a.png", "does not exist", "cannot be listed")
    refused(meant / "a.png", "does not exist", "check the path")


def test_folder_pipe_and_device(tmp_path):
    refused(tmp_path, tmp_path, "is a folder", "inside it")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        refused(tmp_path / "pipe", "a device or a pipe")
    if Path("/dev/zero").exists():
        refused("/dev/zero", "a device or a pipe")


def test_names_that_no_file_can_have(tmp_path):
    refused("", "(empty)", "check the path")
    refused("a\0b.png", "a\\x00b.png", "check the path")
    refused("a" * 5000 + ".png", "aaaa…aaaa", "is too long")
    refused(str(tmp_path / ("b" * 300)) + ".png", "bbb", "is too long")
    refused("two\nlines.png", "two\\nlines.png", "does not exist")
    refused("~nobody_has_this_name/a.png", "~nobody_has_this_name")
    if sys.platform == "linux":
        refused("a\ud800.png", "\\ud800", "check the path")


def test_permission_denied(tmp_path, monkeypatch):
    path = save(tmp_path / "a.png", PICTURE)

    def denied(self, *args, **options):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr("pathlib.Path.open", denied)
    refused(path, path, "may not be read", "permissions")


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything"
)
def test_permission_really_denied(tmp_path):
    path = save(tmp_path / "a.png", PICTURE)
    path.chmod(0)
    refused(path, path, "may not be read")


def test_disk_error_while_reading(tmp_path, monkeypatch):
    path = save(tmp_path / "a.png", PICTURE)

    def broken(self):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", broken)
    refused(path, path, "Input/output error")


@pytest.mark.parametrize("place", ["PIL.ImageFile.ImageFile.load", "numpy.asarray"])
def test_out_of_memory(tmp_path, monkeypatch, place):
    path = save(tmp_path / "a.png", PICTURE)

    def too_much(*args, **options):
        raise MemoryError

    monkeypatch.setattr(place, too_much)
    refused(path, path, "does not fit in memory", "smaller max_side")


def test_message_of_a_bad_file_leaks_nothing_long(tmp_path):
    path = tmp_path / ("x" * 200 + ".png")
    path.write_bytes(b"")
    message = refused(path, "…", "empty")
    assert len(message) < 300


def test_loading_in_threads_leaves_the_filters_alone(tmp_path):
    from concurrent.futures import ThreadPoolExecutor

    path = save(tmp_path / "a.jpg", STRIPES)
    limit, filters = Image.MAX_IMAGE_PIXELS, list(warnings.filters)
    with ThreadPoolExecutor(4) as pool:
        loaded = list(pool.map(load_image, [path] * 40))
    assert all((picture == loaded[0]).all() for picture in loaded)
    assert limit == Image.MAX_IMAGE_PIXELS and filters == list(warnings.filters)


def test_one_place_to_import_from():
    for name in nstlib.images.__all__:
        assert getattr(nstlib.images, name) is not None
