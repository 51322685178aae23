"""Trained networks of `nstlib.feedforward` as files: those that ship, and one's own.

Taught in: 13_feed_forward. One file ships. Its styles share their kernels, and each has
a row of its own in the scales and offsets. A file of ``nst train`` holds one style.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from nstlib.archives import (
    Archive,
    ArrayError,
    Headers,
    in_float32,
    read_arrays,
    write_arrays,
)
from nstlib.data import DATA, known_facts
from nstlib.errors import NetworkError
from nstlib.feedforward import Parameters, transformer_shapes
from nstlib.files import as_path, shown
from nstlib.images import load_image, shrink
from nstlib.kinds import misplaced

SHIPPED = DATA / "styles" / "ten_styles.npz"
"""The file that ships. ``SHIPPED / "great_wave"`` stands for one of its styles."""
KEPT_SIDE = 256
"""Longer side, in pixels, of the style picture that is stored with a transformer."""
_ENDS = {"in/kernel", "out/kernel", "facts", "style"}  # in the file of any version


class Transformer(NamedTuple):
    """A trained network, for one style, with all that its file holds."""

    parameters: dict[str, np.ndarray]
    """The parameters for `nstlib.feedforward.transform`."""
    style: np.ndarray
    """The style picture that it was trained for, ``(H, W, 3)``, 0–255, scaled down."""
    facts: dict[str, Any]
    """Facts about its training: name → value."""
    path: Path
    """Its file; for a style that ships, `SHIPPED` and the name of the style."""


def save_transformer(
    parameters: Parameters,
    style: np.ndarray,
    path: str | PathLike[str],
    facts: Mapping[str, Any],
) -> Path:
    """Save a transformer, in float16, with its style picture and its facts.

    Args:
        parameters: the parameters for `nstlib.feedforward.transform`.
        style: the style picture that it was trained for, ``(H, W, 3)``, 0–255.
        path: a file name that ends in ``.npz``.
        facts: facts about its training; anything that JSON can hold.

    Returns:
        The path that was written.

    Raises:
        FileError: the file cannot be written.
    """
    return _save(parameters, {"style": style}, path, facts)


def save_styles(
    parameters: Parameters,
    styles: Mapping[str, np.ndarray],
    path: str | PathLike[str],
    facts: Mapping[str, Any],
) -> Path:
    """Save a transformer with several styles.

    Args:
        parameters: kernels; and scales and offsets with a row for each style.
        styles: name → style picture ``(H, W, 3)``, 0–255, in the order of the rows.
        path, facts: as for `save_transformer`.

    Returns:
        The path that was written.

    Raises:
        FileError: the file cannot be written.
    """
    pictures = {f"style:{name}": picture for name, picture in styles.items()}
    return _save(parameters, pictures, path, {**facts, "styles": list(styles)})


def _save(
    parameters: Parameters,
    pictures: Mapping[str, np.ndarray],
    path: str | PathLike[str],
    facts: Mapping[str, Any],
) -> Path:
    arrays: dict[str, Any] = {
        k: np.asarray(v, np.float16) for k, v in parameters.items()
    }
    for key, picture in pictures.items():
        small = np.rint(np.clip(shrink(picture, KEPT_SIDE), 0, 255)).astype(np.uint8)
        jpeg = io.BytesIO()
        Image.fromarray(small).save(jpeg, "JPEG", quality=85)
        arrays[key] = np.frombuffer(jpeg.getvalue(), np.uint8)
    arrays["facts"] = np.frombuffer(json.dumps(facts).encode(), np.uint8)
    return write_arrays(path, arrays)


def load_transformer(name: str | PathLike[str]) -> Transformer:
    """Load a transformer with its style picture and its facts.

    Args:
        name: one of `shipped_styles`, or a file written by `save_transformer`.

    Raises:
        NetworkError: there is no such file, it is damaged, or it holds something else.
    """
    path = find_transformer(name)
    file, key = network_file(path), "style" if path == network_file(path) else ""
    if other := misplaced(file, "network"):
        raise NetworkError(f"{shown(file)} {other}")
    try:
        with Archive(file) as archive:
            parameters = _own(archive, path) if key else _row(path.name)
            style = archive.data(key or f"style:{path.name}")
            facts = archive.data("facts")
    except ArrayError as error:
        raise NetworkError(
            f"{shown(file)} cannot be read as a network: {error}; fetch it again, or "
            "train it again."
        ) from error
    return Transformer(parameters, *_style_and_facts(file, style, facts), path)


def _own(archive: Archive, path: Path) -> dict[str, np.ndarray]:
    """Read the parameters of a file with one style."""
    shapes, headers = transformer_shapes(), archive.headers
    if any(key.startswith("style:") for key in headers):
        raise NetworkError(
            f"{shown(path)} holds several styles: name one of them, "
            f"{', '.join(shipped_styles())}."
        )
    if _is_earlier(headers):
        raise NetworkError(
            f"{shown(path)} was made by an earlier version of nst train, whose "
            "networks were smaller: train it again."
        )
    if headers.keys() - {"facts", "style"} != shapes.keys():
        raise NetworkError(f"{shown(path)} is not a network made by nst train.")
    arrays = {key: archive.array(key, shape) for key, shape in shapes.items()}
    return {key: in_float32(key, value) for key, value in arrays.items()}


def _is_earlier(headers: Headers) -> bool:
    """Return whether a network has fewer or other blocks than those of today."""
    blocks = {key: h.shape for key, h in headers.items() if key.startswith("res")}
    now = {k: s for k, s in transformer_shapes().items() if k.startswith("res")}
    return headers.keys() >= _ENDS and blocks != now


def _row(name: str) -> dict[str, np.ndarray]:
    """Read the parameters of one style of the file that ships."""
    index = shipped_styles().index(name)
    return {
        key: value if key.endswith("/kernel") else value[index]
        for key, value in shipped_rows().items()
    }


def _style_and_facts(
    path: Path, style: bytes, facts: bytes
) -> tuple[np.ndarray, dict[str, Any]]:
    """Decode what a file holds besides the parameters."""
    try:
        known = json.loads(facts)
        # Any other format could claim more pixels than were ever meant.
        if not isinstance(known, dict) or not style.startswith(b"\xff\xd8"):
            raise ValueError("no facts, or no JPEG")
        return load_image(style, KEPT_SIDE), known
    except (ValueError, RecursionError) as error:
        raise NetworkError(
            f"{shown(path)} is damaged, its style picture or its facts cannot be read: "
            "fetch it again, or train it again."
        ) from error


def is_network(path: Path) -> bool:
    """Return whether a file is a transformer that `save_transformer` wrote."""
    try:
        load_transformer(path)
        return True
    except ValueError:  # an NstError, or no JSON
        return False


def find_transformer(name: str | PathLike[str]) -> Path:
    """Return the file of a transformer, given its name or its path.

    Returns:
        The path; for a style that ships, `SHIPPED` and the name of the style.

    Raises:
        NetworkError: there is no such transformer.
    """
    path, stem = as_path(name), str(name).removesuffix(".npz")
    if path.parent == SHIPPED:
        stem = path.name
    if stem in shipped_styles():
        return SHIPPED / stem
    if not path.is_file():
        raise NetworkError(
            f"There is no trained network {shown(name)}: choose from "
            f"{', '.join(shipped_styles())}, or make one with nst train."
        )
    return path


def network_file(path: Path) -> Path:
    """Return the file on the disk that a path from `find_transformer` stands for.

    Styles from one file share their kernels, so they can be mixed.
    """
    return SHIPPED if path.parent == SHIPPED else path


def shipped_styles() -> list[str]:
    """List the names of the styles that ship with the package, in their order."""
    return list(known_facts("styles")["mean_output"])


def shipped_rows() -> dict[str, np.ndarray]:
    """Read the network that ships: kernels, and rows of scales and offsets ``(S, C)``.

    Raises:
        NetworkError: the file is missing or damaged.
    """
    known, shapes = known_facts("styles")["sha256"], transformer_shapes()
    return read_arrays(SHIPPED, known, lambda _: shapes)


def mean_transformer() -> dict[str, np.ndarray]:
    """Return the network that ships, in the mean of its styles: a training's start.

    Raises:
        NetworkError: the file is missing or damaged.
    """
    return {
        key: value if key.endswith("/kernel") else value.mean(axis=0)
        for key, value in shipped_rows().items()
    }
