"""Recognizing by its content what a file is, so that an error message can say it.

Code that cannot use a file asks here what it is, and where it belongs. Nothing is
unpacked or decoded.
"""

from __future__ import annotations

import json
import os
import re
import struct
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple


class Kind(NamedTuple):
    """A kind of file, in words."""

    name: str
    """One of `OURS`, ``"picture"``, or ``"other"``."""
    what: str
    """``"a trained network"``"""
    advice: str
    """What to do with such a file, to be printed after a colon."""


_AS_WEIGHTS = "name it with --set weights=FILE, and with --network"
_CONVERT = "convert it to PNG or JPEG"
OURS = {
    "picture": Kind(
        "picture",
        "a picture",
        "give it where a photo or a painting is asked for, or make a network of it "
        "with nst train",
    ),
    "network": Kind(
        "network",
        "a trained network",
        "give it in place of the painting, with --method feedforward",
    ),
    "checkpoint": Kind(
        "checkpoint",
        "a checkpoint of nst stylize",
        "nst stylize --resume, with the -o of then, goes on with it",
    ),
    "training": Kind(
        "training",
        "a checkpoint of nst train",
        "nst train --resume, with the -o of then, goes on with it",
    ),
    "weights": Kind("weights", "a file of VGG weights", _AS_WEIGHTS),
    "hdf5": Kind("hdf5", "an HDF5 file, as Keras saves weights", _AS_WEIGHTS),
    "decoder": Kind(
        "decoder",
        "a decoder",
        "the methods adain, wct and swap find it by themselves",
    ),
    "arrays": Kind(
        "arrays",
        "a file of NumPy arrays",
        "save a picture with nstlib.save_image, and give that",
    ),
    "lite": Kind(
        "lite",
        "a network for TensorFlow Lite",
        "give the .npz that it was exported from, with --method feedforward",
    ),
    "result": Kind(
        "result",
        "the JSON of a result",
        "give the picture that lies beside it, which nst reproduce makes again",
    ),
    "notebook": Kind(
        "notebook", "a notebook", "nst lab opens it, and nst lesson runs it"
    ),
}
"""Name → kind, for the files that the commands make or take."""

_RAW = Kind(
    "other",
    "a camera's raw file",
    "export the photo as PNG or JPEG, with the camera's program or another",
)
# First bytes of raw files, apart from those that are TIFF files in all but content.
_RAW_START = (
    rb"II\*\0....CR|....ftypcrx|......HEAPCCDR|FUJIFILMCCD-RAW|FOVb|\0MRM"
    rb"|II(RO|RS|U\0)|MMOR"
)
_SUBFILE, _COMPRESSION, _MAKE, _SUBFILES = 254, 259, 271, 330  # tags of TIFF
_SAMPLE_FORMAT, _DNG_VERSION = 339, 50706
_CAMERAS_OWN = (32767, 32769, 34713, 65535)
# First bytes of pictures that Pillow reads, of which many are seen.
_PICTURES = rb"\x89PNG|\xff\xd8\xff|GIF8|RIFF....WEBP|BM....\0\0|II\*\0|MM\0\*"
# First bytes, in lower case, of what people often give instead of a picture.
_FOREIGN = [
    (rb"(<[?!].*)?<(!doctype )?html", "a web page, not a picture", "save the picture"),
    (rb"(<[?!].*)?<svg", "an SVG drawing", _CONVERT),
    (rb"....ftyp(hei|hev|mif1|msf1)", "an HEIC photo", _CONVERT),
    (rb"....ftypavi[fs]", "an AVIF picture", _CONVERT),
    (
        rb"....ftyp|\x1a\x45\xdf\xa3|riff....avi ",
        "a video",
        "paint it with nst video, or save one frame as PNG or JPEG",
    ),
    (rb"#\?(radiance|rgbe)", "a Radiance HDR picture", _CONVERT),
    (rb"v/1\x01", "an OpenEXR picture", _CONVERT),
    (rb"\xff\x0a|....jxl \r\n", "a JPEG XL picture", _CONVERT),
    (rb"gimp xcf", "a GIMP project", "export it as PNG or JPEG"),
    (rb"%pdf|%!ps", "a PDF or PostScript page", _CONVERT),
    (rb"pk\x03\x04", "a ZIP archive", "unpack it, and give a picture from it"),
    (
        rb"[\t-\r -~]+\Z|[\t-\r -~]{16}",
        "text",
        "give a picture, such as a PNG or JPEG",
    ),
    (
        rb"",
        "damaged or of an unknown kind",
        "download it again, or give a PNG or JPEG",
    ),
]
_MAX_JSON = 64 * 2**20


def kind_of(source: str | os.PathLike[str] | BinaryIO) -> Kind:
    """Return the kind of a file.

    Args:
        source: a path, or a binary stream, which is read from its beginning.

    Raises:
        OSError: the file cannot be read.
    """
    if isinstance(source, str | os.PathLike):
        with Path(source).expanduser().open("rb") as stream:
            return kind_of(stream)
    source.seek(0)
    head = source.read(512)
    if not head:
        return Kind("other", "empty (0 bytes)", "download or export it again")
    if name := _our_kind(source, head):
        return OURS[name]
    if is_camera_raw(source):
        return _RAW
    if re.match(_PICTURES, head, re.DOTALL):
        return OURS["picture"]
    text = head.lstrip(b"\xef\xbb\xbf\t\r\n ").lower()  # a byte order mark, spaces
    what = next(w for start, *w in _FOREIGN if re.match(start, text, re.DOTALL))
    return Kind("other", *what)


def misplaced(source: str | os.PathLike[str], wanted: str) -> str:
    """Describe a file that is one of `OURS`, but not of the kind that is wanted.

    Args:
        source: path of the file.
        wanted: a key of `OURS`.

    Returns:
        ``"is a picture, not a trained network: give it …"``; "" if the file
        is of this kind, or none of ours.
    """
    try:
        kind = kind_of(source)
    except OSError:
        return ""
    # Any arrays may be meant for what is wanted, and whoever reads them says more.
    if kind.name in (wanted, "other", "arrays"):
        return ""
    return f"is {kind.what}, not {OURS[wanted].what}: {kind.advice}."


def _our_kind(stream: BinaryIO, head: bytes) -> str | None:
    if head.startswith(b"PK"):
        return _kind_of_arrays(stream)
    if head.startswith(b"\x93NUMPY"):
        return "arrays"
    if head.startswith(b"\x89HDF\r\n\x1a\n"):
        return "hdf5"
    if head[4:8] == b"TFL3":
        return "lite"
    return _kind_of_json(stream) if head.lstrip()[:1] == b"{" else None


def _kind_of_arrays(stream: BinaryIO) -> str | None:
    """Return the kind of an ``.npz`` file, by the names of its arrays."""
    names: set[str] = set()
    with suppress(Exception):  # zipfile raises any type for a damaged file
        stream.seek(0)
        names = {
            name.removesuffix(".npy") for name in zipfile.ZipFile(stream).namelist()
        }
    if {"facts", "style"} <= {name.partition(":")[0] for name in names}:
        return "network"
    if {"facts", "history"} <= names:
        return "checkpoint"
    if "numbers" in names and any(name.startswith("p:") for name in names):
        return "training"
    if "block1_conv1/kernel" in names:
        return "decoder" if {"mean", "spread"} <= names else "weights"
    return "arrays" if names and "mimetype" not in names else None


def _kind_of_json(stream: BinaryIO) -> str | None:
    stream.seek(0)
    try:
        facts = json.loads(stream.read(_MAX_JSON))
    except (ValueError, RecursionError):
        return None
    if {"cells", "nbformat"} <= facts.keys():
        return "notebook"
    return "result" if {"settings", "versions"} <= facts.keys() else None


def is_camera_raw(stream: BinaryIO) -> bool:
    """Return whether a file is a camera's raw photo, of which Pillow reads a preview.

    Most raw formats (CR2, NEF, ARW, DNG, PEF, SRW) are TIFF files whose first picture
    is a small preview. They are recognized by the version of DNG, or by the name of a
    camera and a first picture that is a reduced one or compressed in a way that only
    cameras use (TIFF 6.0 and TIFF/EP, ISO 12234-2; Adobe, "DNG Specification").
    """
    stream.seek(0)
    head = stream.read(32)
    if re.match(_RAW_START, head, re.DOTALL):
        return True
    tags = tiff_tags(stream)
    if _DNG_VERSION in tags:
        return True
    reduced = tags.get(_SUBFILE, 0) & 1 and _SUBFILES in tags
    return _MAKE in tags and bool(reduced or tags.get(_COMPRESSION) in _CAMERAS_OWN)


def tiff_tags(stream: BinaryIO) -> dict[int, int]:
    """Return the tags of the first directory of a TIFF file.

    Returns:
        Tag → its first number; 0 for texts and other types. Empty if the file is no
        TIFF, or is damaged.
    """
    stream.seek(0)
    head = stream.read(8)
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(head[:4])
    if order is None or len(head) < 8:
        return {}
    stream.seek(struct.unpack(f"{order}I", head[4:])[0])
    (count,) = struct.unpack(f"{order}H", stream.read(2).ljust(2, b"\0"))
    entries, tags = stream.read(12 * count), {}
    for start in range(0, len(entries) - 11, 12):
        tag, kind, values = struct.unpack_from(f"{order}HHI", entries, start)
        code = {1: "B", 3: "H", 4: "I"}.get(kind)
        number = entries[start + 8 : start + 12]
        if code and struct.calcsize(code) * values > 4:  # it is elsewhere
            stream.seek(struct.unpack(f"{order}I", number)[0])
            number = stream.read(4).ljust(4, b"\0")
        tags[tag] = struct.unpack_from(order + code, number)[0] if code else 0
    return tags


def unreadable(stream: BinaryIO) -> Kind:
    """Return the kind of a file that Pillow does not recognize as a picture."""
    kind = kind_of(stream)
    if kind.name != "picture":
        return kind
    tags = tiff_tags(stream)
    if tags.get(_SAMPLE_FORMAT) == 3:
        advice = "export it as PNG, or as TIFF with 8 bits"
        return Kind("other", "a TIFF with floating-point colors", advice)
    what = "a TIFF of a kind that is not read here" if tags else _FOREIGN[-1][1]
    return Kind("other", what, _CONVERT if tags else _FOREIGN[-1][2])
