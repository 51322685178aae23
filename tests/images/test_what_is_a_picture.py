"""What counts as a picture: arrays of other ranges and shapes, Pillow, tensors, raw."""

from __future__ import annotations

import io
import struct
import warnings

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from nstlib import report, stylize, vary
from nstlib.errors import ImageError
from nstlib.images import as_picture, load_image, save_gif, save_image
from nstlib.kinds import kind_of, tiff_tags

RNG = np.random.default_rng(5)
BYTES = RNG.integers(0, 256, (24, 32, 3), dtype=np.uint8)
SMALL = {"size": 32, "steps": 2}


# --- ranges


RANGES = {
    "divided by 255": (BYTES / np.float32(255), "from 0 to 1, .* multiply it by 255"),
    "in double": (BYTES / 255.0, "multiply it by 255"),
    "in half": ((BYTES / 255).astype(np.float16), "multiply it by 255"),
    "divided twice": (BYTES / 255.0 / 255.0, "multiply it by 255 twice"),
    "divided twice, float32": (BYTES / np.float32(255) / np.float32(255), "255 twice"),
    "dark, divided": (BYTES // 8 / 255.0, "from 0 to 0.12157, .* multiply it by 255"),
    "resampled": (RNG.uniform(0, 0.9, (9, 8, 3)), "multiply it by 255"),
    "16 bits": (
        BYTES.astype(np.uint16) * 257,
        r"to 6\d+, .*picture \* \(255 / 65535\)",
    ),
    "10 bits": (BYTES.astype(np.int32) * 4, r"to 10\d\d, .*picture \* \(255 / 10"),
    "floats above": (BYTES * 1.5, r"from 0 to 38\d.*picture \* \(255 / 38"),
    "from -1 to 1": (BYTES / 127.5 - 1, r"from -1 to 1, .*\(picture \+ 1\) \* 127.5"),
    "preprocessed": (BYTES - 120.0, r"from -120 to 135, .*nstlib.deprocess"),
    "NaN": (np.full((9, 9, 3), np.nan), "not finite"),
    "booleans": (BYTES > 99, "not True and False: multiply it by 255; a mask comes"),
    "objects": (BYTES.astype(object), "an array of numbers, not of object"),
    "texts": (BYTES.astype(str), "an array of numbers, not of <U"),
    "complex": (BYTES.astype(complex), "an array of numbers, not of complex128"),
}


@pytest.mark.parametrize("name", RANGES)
def test_another_range_is_named_with_what_to_do(name):
    array, words = RANGES[name]
    with pytest.raises(ImageError, match=words):
        as_picture(array)
    for arguments in (
        (array, BYTES),
        (BYTES, array),
        (BYTES, [(BYTES, 1), (array, 2)]),
    ):
        with pytest.raises(ImageError, match=words):
            stylize(*arguments, **SMALL)


SHAPES = {
    (24, 32): r"gray: repeat it, np.stack\(\[picture\] \* 3, axis=-1\)",
    (24, 32, 1): r"np.stack\(\[picture\[..., 0\]\] \* 3",
    (24, 32, 4): r"with opacity: leave that out, picture\[..., :3\]",
    (1, 24, 32, 3): r"a batch: give one picture of it, such as batch\[0\]",
    (3, 24, 32): r"channels first: put them last, np.moveaxis\(picture, 0, -1\)",
    (4, 24, 32): "channels first",
    (24, 32, 2): r"not \(24, 32, 2\)",
    (0, 32, 3): "it is empty",
    (3,): r"not \(3,\)",
}


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_another_shape_is_named_with_what_to_do(shape):
    with pytest.raises(ImageError, match=SHAPES[shape]) as error:
        as_picture(np.full(shape, 99.0))
    assert str(error.value).startswith(
        f"A picture is (H, W, 3), RGB, 0–255, not {shape}"
    )


def test_the_advice_is_right():
    gray, first = np.full((9, 8), 50.0), np.moveaxis(BYTES, -1, 0)
    assert as_picture(np.stack([gray] * 3, axis=-1)).shape == (9, 8, 3)
    np.testing.assert_array_equal(as_picture(np.moveaxis(first, 0, -1)), BYTES)
    deep = BYTES.astype(np.uint16) * 257
    np.testing.assert_allclose(as_picture(deep * (255 / 65535)), BYTES, atol=1e-3)


def test_a_tensor_for_the_network_is_no_picture():
    with pytest.raises(ImageError, match=r"a preprocessed tensor: nstlib\.deprocess"):
        as_picture(BYTES[None] - 120.0)


# --- what is dark, and has every right to be


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64, np.uint16])
def test_black_is_a_picture(dtype):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not as_picture(np.zeros((9, 8, 3), dtype)).any()


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_whole_numbers_0_and_1_are_levels(dtype):
    nearly = (BYTES > 250).astype(dtype)
    with pytest.warns(UserWarning, match="multiply it by 255 if 1 is to be white"):
        np.testing.assert_array_equal(as_picture(nearly), nearly)


def test_tiny_values_are_a_dark_picture():
    dark = RNG.uniform(0, 0.4, (24, 32, 3)).astype(np.float32)
    with pytest.warns(UserWarning, match="nearly black"):
        np.testing.assert_array_equal(as_picture(dark), dark)


@pytest.mark.parametrize("top", [1.01, 2, 17, 255])
def test_dark_pictures_are_not_questioned(top):
    picture = RNG.uniform(0, 1, (24, 32, 3)) * top
    picture[0, 0] = top
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_allclose(as_picture(picture), picture, rtol=1e-6)


def test_a_dark_file_is_loaded_without_a_word(tmp_path):
    path = save_image((BYTES > 250).astype(np.uint8), tmp_path / "dark.png")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert as_picture(path).max() == 1


def test_black_on_black_can_be_measured():
    black = np.zeros((24, 32, 3), np.uint8)
    black[0, 0] = 1
    result = stylize(black, black, **SMALL)
    assert np.isfinite(result.report().variation)


def test_rounding_beyond_the_ends_is_no_fault():
    as_picture(np.array([[[-0.3, 255.4, 9.0]]]))


# --- Pillow and tensors


class Like:
    """Of a library that NumPy can read."""

    def __init__(self, array):
        self.array = array

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.array, dtype)


class Clinging(Like):
    """Of one that does not let NumPy read it, as a tensor on a GPU."""

    def __array__(self, dtype=None, copy=None):
        raise TypeError("can't convert cuda:0 device type tensor to numpy")


FORMS = {
    "Pillow": Image.fromarray(BYTES),
    "TensorFlow": tf.constant(BYTES),
    "floats": tf.constant(BYTES, tf.float32),
    "bfloat16": tf.cast(tf.constant(BYTES // 2 * 2 // 4), tf.bfloat16),
    "variable": tf.Variable(tf.constant(BYTES)),
    "torch-like": Like(BYTES),
}


@pytest.mark.parametrize("name", FORMS)
def test_forms_that_are_welcome_everywhere(name, tmp_path):
    form = FORMS[name]
    picture = as_picture(form)
    assert picture.dtype == np.float32
    if name != "bfloat16":
        np.testing.assert_array_equal(picture, BYTES)
    plain = stylize(picture, [(picture, 2.0)], **SMALL)
    made = stylize(form, [(form, 2.0)], start=form, **SMALL)
    assert made.inputs[0].shape == plain.inputs[0].shape
    assert vary(form, form, {"seed": [1]}, **SMALL)[0].result.image.shape == (24, 32, 3)
    np.testing.assert_array_equal(
        load_image(save_image(form, tmp_path / "a.png")), picture
    )
    save_gif([form, form], tmp_path / "a.gif")
    assert report(form, form, [form]).content == pytest.approx(0, abs=1e-6)
    assert stylize(form, form, method="adain", size=32).image.shape == (24, 32, 3)


def test_every_mode_of_pillow_is_read_as_from_a_file():
    image = Image.fromarray(BYTES)
    for mode in ("L", "1", "P", "RGBA", "LA", "CMYK"):
        other = image.convert(mode)
        file = io.BytesIO()
        other.save(file, "TIFF")
        np.testing.assert_array_equal(as_picture(other), load_image(file.getvalue()))
    deep = Image.fromarray(BYTES[..., 0].astype(np.uint16) * 257)
    np.testing.assert_allclose(as_picture(deep)[..., 1], BYTES[..., 0], atol=1e-3)


def test_pillow_is_turned_upright_by_its_exif_data():
    image, exif = Image.fromarray(BYTES), Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    image.save(file, "PNG", exif=exif)
    opened = Image.open(io.BytesIO(file.getvalue()))
    np.testing.assert_array_equal(as_picture(opened), load_image(file.getvalue()))
    assert as_picture(opened).shape == (32, 24, 3)


def test_broken_files_that_pillow_has_opened():
    file = io.BytesIO()
    Image.fromarray(BYTES).save(file, "JPEG")
    opened = Image.open(io.BytesIO(file.getvalue()[:-200]))
    with pytest.raises(ImageError, match="Pillow has opened cannot be decoded"):
        as_picture(opened)


def test_tensors_that_do_not_let_go():
    with pytest.raises(ImageError, match=r"type Clinging .*detach\(\).cpu\(\)"):
        as_picture(Clinging(BYTES))
    with pytest.raises(ImageError, match="a batch"):
        as_picture(tf.constant(BYTES[None]))


def test_what_is_saved_may_be_16_bits_no_more_than_what_is_loaded(tmp_path):
    with pytest.warns(UserWarning, match="its values go to 65535"):
        save_image(np.full((9, 9, 3), 65535, np.uint16), tmp_path / "a.png")


# --- camera raw, HDR, TIFF


def tiff(tags, order="<"):
    """A TIFF file with no picture: tag → (type, values)."""
    codes = {1: "B", 2: "s", 3: "H", 4: "I"}
    head, entries, rest = b"II*\0" if order == "<" else b"MM\0*", b"", b""
    start = 8 + 2 + 12 * len(tags) + 4
    for tag, (kind, values) in sorted(tags.items()):
        data = (
            values
            if kind == 2
            else struct.pack(f"{order}{len(values)}{codes[kind]}", *values)
        )
        entries += struct.pack(f"{order}HHI", tag, kind, len(values))
        if len(data) > 4:
            entries += struct.pack(f"{order}I", start + len(rest))
            rest += data
        else:
            entries += data.ljust(4, b"\0")
    count = struct.pack(f"{order}H", len(tags))
    return head + struct.pack(f"{order}I", 8) + count + entries + bytes(4) + rest


SIDES = {256: (4, [9]), 257: (4, [9])}
RAW = {
    "CR2": b"II*\0\x10\0\0\0CR\x02\0" + bytes(200),
    "CR3": b"\0\0\0\x18ftypcrx \0\0\0\x01crx isom" + bytes(200),
    "CRW": b"II\x1a\0\0\0HEAPCCDR" + bytes(200),
    "RAF": b"FUJIFILMCCD-RAW 0201FF383501" + bytes(200),
    "ORF": b"IIRO\x08\0\0\0" + bytes(200),
    "RW2": b"IIU\0\x18\0\0\0" + bytes(200),
    "X3F": b"FOVb\x01\0\x02\0" + bytes(200),
    "MRW": b"\0MRM\0\0\0\x08" + bytes(200),
    "NEF": tiff({**SIDES, 254: (4, [1]), 271: (2, b"NIKON\0"), 330: (4, [9, 8])}, ">"),
    "ARW": tiff({**SIDES, 254: (4, [1]), 271: (2, b"SONY\0"), 330: (4, [8])}),
    "DNG": tiff({**SIDES, 50706: (1, [1, 4, 0, 0])}),
    "PEF": tiff({**SIDES, 259: (3, [65535]), 271: (2, b"PENTAX\0")}, ">"),
}  # fmt: skip


@pytest.mark.parametrize("name", RAW)
def test_raw_photos_are_called_so(name, tmp_path):
    path = tmp_path / f"IMG_1.{name}"
    path.write_bytes(RAW[name])
    with pytest.raises(
        ImageError, match="a camera's raw file: export the photo"
    ) as error:
        load_image(path)
    assert "video" not in str(error.value) and path.name in str(error.value)


def test_the_preview_of_a_raw_photo_is_not_taken_for_it():
    file = io.BytesIO()
    tags = {50706: bytes([1, 4, 0, 0]), 271: "Somebody"}
    Image.fromarray(BYTES).save(file, "TIFF", tiffinfo=tags)
    assert Image.open(io.BytesIO(file.getvalue())).size == (32, 24)  # Pillow sees one
    with pytest.raises(ImageError, match="raw file"):
        load_image(file.getvalue())


def test_a_scanned_tiff_is_no_raw_photo():
    file = io.BytesIO()
    Image.fromarray(BYTES).save(
        file, "TIFF", tiffinfo={271: "Epson"}, compression="tiff_lzw"
    )
    np.testing.assert_array_equal(load_image(file.getvalue()), BYTES)
    assert tiff_tags(io.BytesIO(file.getvalue()))[258] == 8


OTHERS = {
    "a Radiance HDR picture": b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 9 +X 9\n",
    "an OpenEXR picture": b"v/1\x01\x02\0\0\0channels\0",
    "a JPEG XL picture": b"\xff\x0a" + bytes(50),
    "a GIMP project": b"gimp xcf v011\0" + bytes(50),
    "a TIFF with floating-point colors": tiff({
        **SIDES, 258: (3, [32, 32, 32]), 262: (3, [2]), 277: (3, [3]),
        339: (3, [3, 3, 3]), 273: (4, [8]), 279: (4, [9]),
    }),
    "a video": b"\0\0\0\x18ftypmp42" + bytes(50),
    "an HEIC photo": b"\0\0\0\x18ftypheic" + bytes(50),
    "text": b"once upon a time",
    "damaged or of an unknown kind": b"\x89PNG\r\n\x1a\n" + bytes(50),
}  # fmt: skip


@pytest.mark.parametrize("what", OTHERS)
def test_other_files_have_their_names(what):
    with pytest.raises(ImageError, match=what):
        load_image(OTHERS[what])


def test_broken_tiff_files_do_not_break_the_reader():
    whole = RAW["NEF"]
    for length in range(len(whole)):
        for data in (whole[:length], whole[:length] + b"\xff" * 20):
            assert kind_of(io.BytesIO(data)).what
