"""A network for one style: trained once, it repaints any photo in one pass.

Taught in: 13_feed_forward. The transformer of Johnson et al. (2016) at half its width,
with instance normalization (Ulyanov et al. 2016). It doubles the sides by
nearest-neighbor upsampling before a convolution, which avoids checkerboard patterns
(Odena et al. 2016). It is trained to make the loss of `nstlib.objective` small in one
step.
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

from nstlib.archives import Archive, ArrayError, in_float32, write_arrays
from nstlib.backend import tf
from nstlib.data import DATA
from nstlib.errors import NetworkError
from nstlib.files import as_path, shown
from nstlib.images import load_image, shrink, widened
from nstlib.kinds import misplaced
from nstlib.preprocessing import deprocess, preprocess
from nstlib.vgg_weights import random_kernel

WIDTHS = (16, 32, 96)
"""Channels at full, half and quarter resolution."""
BLOCKS = 5
"""Number of residual blocks, all at quarter resolution."""
SCALE = 60.0
"""Gray levels that are 1 in the network: about a photo's standard deviation."""
MULTIPLE = 4
"""The sides of its input are multiples of this, because they are halved twice."""
EDGE = 16
"""Pixels by which a photo is mirrored beyond each side, and later cropped again."""
STYLES = DATA / "styles"
KEPT_SIDE = 256
"""Longer side, in pixels, of the style picture that is stored with a transformer."""

Parameters = Mapping[str, Any]


class Transformer(NamedTuple):
    """A trained network with all that its file holds."""

    parameters: dict[str, np.ndarray]
    """The parameters for `transform`."""
    style: np.ndarray
    """The style picture that it was trained for, ``(H, W, 3)``, 0–255, scaled down."""
    facts: dict[str, Any]
    """Facts about its training: name → value."""
    path: Path


class Layer(NamedTuple):
    """One convolution of the transformer."""

    name: str
    size: int
    """Side of its kernel: 9 or 3."""
    width: int
    """Number of output channels."""
    stride: int = 1
    """1, or 2 to halve the sides."""
    doubled: bool = False
    """Whether the sides are doubled before it."""


def transformer_plan() -> list[Layer]:
    """List the convolutions in order; ``resNa`` and ``resNb`` form a residual block."""
    fine, middle, coarse = WIDTHS
    blocks = [Layer(f"res{n}{half}", 3, coarse) for n in range(BLOCKS) for half in "ab"]
    return [
        Layer("in", 9, fine),
        Layer("down1", 3, middle, stride=2),
        Layer("down2", 3, coarse, stride=2),
        *blocks,
        Layer("up1", 3, middle, doubled=True),
        Layer("up2", 3, fine, doubled=True),
        Layer("out", 9, 3),
    ]


def transformer_shapes() -> dict[str, tuple[int, ...]]:
    """Return name → shape of all parameters of a transformer."""
    shapes: dict[str, tuple[int, ...]] = {}
    channels = 3
    for name, size, width, *_ in transformer_plan():
        shapes[f"{name}/kernel"] = size, size, channels, width
        shapes[f"{name}/offset"] = (width,)
        if name != "out":
            shapes[f"{name}/scale"] = (width,)
        channels = width
    return shapes


def random_transformer(seed: int = 0) -> dict[str, np.ndarray]:
    """Make the parameters of an untrained transformer.

    The filters come from `random_kernel`; those of the last layer are a tenth as large.
    """
    rng, parameters = np.random.default_rng(seed), {}
    for key, shape in transformer_shapes().items():
        if key.endswith("/kernel"):
            size, _, channels, width = shape
            parameters[key] = random_kernel(rng, size, channels, width)
        else:
            fill = np.ones if key.endswith("/scale") else np.zeros
            parameters[key] = fill(shape, np.float32)
    parameters["out/kernel"] *= np.float32(0.1)
    return parameters


def instance_norm(maps: tf.Tensor, scale: Any, offset: Any) -> tf.Tensor:
    """Give every channel of every picture a new mean and standard deviation.

    Taught in: 13_feed_forward. Ulyanov et al. (2016), eq. 4.

    Args:
        maps: ``(batch, h, w, C)``, floating point.
        scale: new standard deviations, ``(C,)``.
        offset: new means, ``(C,)``.

    Returns:
        ``(batch, h, w, C)``, in the dtype of the maps.

    Example:
        The result does not depend on the contrast of the maps:

        >>> maps = tf.constant([[[[1.0], [3.0]], [[5.0], [7.0]]]])
        >>> for contrast in (1, 9):
        ...     new = instance_norm(contrast * maps, scale=[1.0], offset=[0.0])
        ...     print(new.numpy().ravel().round(2))
        [-1.34 -0.45  0.45  1.34]
        [-1.34 -0.45  0.45  1.34]
    """
    mean, variance = tf.nn.moments(maps, axes=[1, 2], keepdims=True)
    factor = tf.cast(scale, maps.dtype) * tf.math.rsqrt(variance + 1e-5)
    return (maps - mean) * factor + tf.cast(offset, maps.dtype)


def transform(
    parameters: Parameters, tensor: tf.Tensor, dtype: Any = "float32"
) -> tf.Tensor:
    """Run pictures through a transformer.

    Taught in: 13_feed_forward. Johnson et al. (2016), section 3.1.

    Args:
        parameters: ``"NAME/kernel"``, ``"NAME/offset"`` and, except in the last layer,
            ``"NAME/scale"`` for each layer of `transformer_plan`.
        tensor: preprocessed pictures, float32 ``(batch, H, W, 3)``; H and W are
            multiples of 4.
        dtype: the precision in which the convolutions compute.

    Returns:
        Preprocessed pictures of the same shape, float32, not clipped.
    """
    x, shortcut = tf.cast(tensor / SCALE, dtype), None
    for name, size, _, stride, doubled in transformer_plan():
        if name.endswith("a"):
            shortcut = x
        if doubled:
            x = tf.repeat(tf.repeat(x, 2, axis=1), 2, axis=2)
        around = [size // 2, size // 2]
        x = tf.pad(x, [[0, 0], around, around, [0, 0]], "REFLECT")
        kernel = tf.cast(parameters[f"{name}/kernel"], dtype)
        x = tf.cast(tf.nn.conv2d(x, kernel, stride, "VALID"), tf.float32)
        if name == "out":
            return SCALE * (x + parameters["out/offset"])
        x = instance_norm(x, parameters[f"{name}/scale"], parameters[f"{name}/offset"])
        x = tf.cast(x, dtype)
        # A block ends by adding its input, without a ReLU.
        x = x + shortcut if name.endswith("b") else tf.nn.relu(x)
    raise AssertionError("the plan ends with 'out'")


def repaint(
    parameters: Parameters, photo: np.ndarray, precision: str = "float32"
) -> np.ndarray:
    """Paint a photo ``(H, W, 3)``, 0–255, in a transformer's style; the same shape."""
    height, width, _ = photo.shape
    tensor = tf.constant(preprocess(widened(photo, EDGE, MULTIPLE)))
    made = transform(parameters, tensor, precision)
    return deprocess(made.numpy())[EDGE : EDGE + height, EDGE : EDGE + width]


def save_transformer(
    parameters: Parameters,
    style: np.ndarray,
    path: str | PathLike[str],
    facts: Mapping[str, Any],
) -> Path:
    """Save a transformer, in float16, with its style picture and its facts.

    Args:
        parameters: the parameters for `transform`.
        style: the style picture that it was trained for, ``(H, W, 3)``, 0–255.
        path: a file name that ends in ``.npz``.
        facts: facts about its training; anything that JSON can hold.

    Returns:
        The path that was written.

    Raises:
        FileError: the file cannot be written.
    """
    arrays: dict[str, Any] = {
        k: np.asarray(v, np.float16) for k, v in parameters.items()
    }
    picture = np.rint(np.clip(shrink(style, KEPT_SIDE), 0, 255)).astype(np.uint8)
    text, jpeg = json.dumps(facts), io.BytesIO()
    Image.fromarray(picture).save(jpeg, "JPEG", quality=85)
    for key, value in (("facts", text.encode()), ("style", jpeg.getvalue())):
        arrays[key] = np.frombuffer(value, np.uint8)
    return write_arrays(path, arrays)


def load_transformer(name: str | PathLike[str]) -> Transformer:
    """Load a transformer with its style picture and its facts.

    Args:
        name: one of `shipped_styles`, or a file written by `save_transformer`.

    Raises:
        NetworkError: there is no such file, it is damaged, or it holds something else.
    """
    path = find_transformer(name)
    if other := misplaced(path, "network"):
        raise NetworkError(f"{shown(path)} {other}")
    try:
        with Archive(path) as file:
            shapes = transformer_shapes()
            if file.headers.keys() - {"facts", "style"} != shapes.keys():
                raise NetworkError(f"{shown(path)} is not a network made by nst train.")
            arrays = {key: file.array(key, shape) for key, shape in shapes.items()}
            parameters = {key: in_float32(key, value) for key, value in arrays.items()}
            extra = [file.data(key) for key in ("style", "facts")]
    except ArrayError as error:
        raise NetworkError(
            f"{shown(path)} cannot be read as a network: {error}; fetch it again, or "
            "train it again."
        ) from error
    return Transformer(parameters, *_style_and_facts(path, *extra), path)


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

    Raises:
        NetworkError: there is no such transformer.
    """
    stem = str(name).removesuffix(".npz")
    if stem in shipped_styles():
        return STYLES / f"{stem}.npz"
    path = as_path(name)
    if not path.is_file():
        raise NetworkError(
            f"There is no trained network {shown(name)}: choose from "
            f"{', '.join(shipped_styles())}, or make one with nst train."
        )
    return path


def shipped_styles() -> list[str]:
    """List the names of the transformers that ship with the package."""
    return sorted(path.stem for path in STYLES.glob("*.npz"))
