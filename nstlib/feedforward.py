"""A network that has learned a style: it repaints any photo in one pass.

Taught in: 13_feed_forward. The transformer of Johnson et al. (2016), narrower than
theirs, with instance normalization (Ulyanov et al. 2016). It doubles the sides by
nearest-neighbor upsampling before a convolution, which avoids checkerboard patterns
(Odena et al. 2016). It is trained to make the loss of `nstlib.objective` small in one
step. Several styles can share its kernels: each has scales and offsets of its own, and
these can be mixed (Dumoulin, Shlens & Kudlur 2017).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from nstlib.backend import tf
from nstlib.images import widened
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
OCTAVES = 6
"""Number of layers of `grain`, each with spots twice as large as in the one before."""
GRAIN = 24.0
"""Largest standard deviation, in gray levels, of the grain during a training."""
PAINTING = 2.5
"""Longer side of the painting in a training, as a multiple of the side of a crop. It
decides how wide the strokes are."""

Parameters = Mapping[str, Any]
Norm = Callable[..., Any]  # naming tf.Tensor here would start TensorFlow


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


def exact_norm(maps: tf.Tensor, scale: Any, offset: Any) -> tf.Tensor:
    """Compute `instance_norm` in single precision, whatever the dtype of the maps."""
    made = instance_norm(tf.cast(maps, tf.float32), scale, offset)
    return tf.cast(made, maps.dtype)


def fused_norm(maps: tf.Tensor, scale: Any, offset: Any) -> tf.Tensor:
    """Compute `instance_norm` of one picture, ten times faster.

    The norm over a batch of one picture is that of the picture. TensorFlow has one
    operation for it, which reads the maps twice. For a batch of several, and for
    TensorFlow Lite, there is no such operation.
    """
    width = maps.shape[-1]
    plain = np.ones(width, np.float32), np.zeros(width, np.float32)
    everywhere = scale.shape == (width,)
    made, *_ = tf.compat.v1.nn.fused_batch_norm(
        maps, *((scale, offset) if everywhere else plain), epsilon=1e-5
    )
    if everywhere:
        return made
    return made * tf.cast(scale, made.dtype) + tf.cast(offset, made.dtype)


def mirrored(maps: tf.Tensor, around: int) -> tf.Tensor:
    """Mirror maps ``(batch, h, w, C)`` beyond their sides; ``tf.pad`` is slower."""
    low, high = slice(around, 0, -1), slice(-2, -2 - around, -1)
    maps = tf.concat([maps[:, low], maps, maps[:, high]], 1)
    return tf.concat([maps[:, :, low], maps, maps[:, :, high]], 2)


def grain(height: int, width: int, rng: np.random.Generator) -> np.ndarray:
    """Make noise with spots of 1, 2, 4, … 32 pixels, all equally strong.

    Taught in: 13_feed_forward. A network cannot make strokes in a plain sky, because it
    finds nothing there to begin with. Grain gives it a beginning. Texture networks are
    given noise of several sizes for the same reason (Ulyanov et al. 2016, *Texture
    Networks*).

    Returns:
        Float32 ``(height, width, 3)``. Over a large picture, the mean is about 0 and
        the standard deviation about 1.
    """
    total = rng.standard_normal((height, width, 3), np.float32)
    for octave in range(1, OCTAVES):
        sides = (-(-n // 2**octave) for n in (height, width))
        coarse = rng.standard_normal((*sides, 3), np.float32)
        # Linear interpolation takes a third of the deviation.
        total += 1.5 * tf.image.resize(coarse, (height, width)).numpy()
    return total / np.float32(OCTAVES**0.5)


def transform(
    parameters: Parameters,
    tensor: tf.Tensor,
    dtype: Any = "float32",
    norm: Norm = exact_norm,
) -> tf.Tensor:
    """Run pictures through a transformer.

    Taught in: 13_feed_forward. Johnson et al. (2016), section 3.1.

    Args:
        parameters: ``"NAME/kernel"``, ``"NAME/offset"`` and, except in the last layer,
            ``"NAME/scale"`` for each layer of `transformer_plan`. Offset and scale are
            ``(C,)``, or ``(1, h, w, C)`` if they differ from place to place.
        tensor: preprocessed pictures, float32 ``(batch, H, W, 3)``; H and W are
            multiples of 4.
        dtype: the precision in which the convolutions compute.
        norm: the normalization; for a batch of one picture, `fused_norm` is faster.

    Returns:
        Preprocessed pictures of the same shape, float32, not clipped.
    """
    x, shortcut = tf.cast(tensor / SCALE, dtype), None
    for name, size, _, stride, doubled in transformer_plan():
        if name.endswith("a"):
            shortcut = x
        if doubled:
            x = tf.repeat(tf.repeat(x, 2, axis=1), 2, axis=2)
        kernel = tf.cast(parameters[f"{name}/kernel"], dtype)
        x = tf.nn.conv2d(mirrored(x, size // 2), kernel, stride, "VALID")
        offset = parameters[f"{name}/offset"]
        if name == "out":
            return SCALE * (tf.cast(x, tf.float32) + offset)
        x = norm(x, parameters[f"{name}/scale"], offset)
        # A block ends by adding its input, without a ReLU.
        x = x + shortcut if name.endswith("b") else tf.nn.relu(x)
    raise AssertionError("the plan ends with 'out'")


class Blend(Mapping[str, Any]):
    """The parameters of several styles that share their kernels, mixed.

    Taught in: 13_feed_forward. Dumoulin, Shlens & Kudlur (2017), section 3. Scales and
    offsets are mixed; where masks are given, at each place of the maps.

    Args:
        styles: the parameters of each style.
        shares: the share of each style, ``(S,)``, or of each style at each pixel,
            ``(H, W, S)``, with H and W multiples of 4. They sum to 1.
    """

    def __init__(self, styles: Sequence[Parameters], shares: np.ndarray):
        self.styles, self.shares = styles, {}
        height, width = (*shares.shape, 1)[:2] if shares.ndim == 3 else (1, 1)
        shares = np.asarray(shares, np.float32)
        step = 1
        for layer in transformer_plan():
            step = step // 2 if layer.doubled else step * layer.stride
            self.shares[layer.name] = (
                shares
                if shares.ndim == 1
                else tf.constant(
                    shares.reshape(height // step, step, width // step, step, -1).mean(
                        (1, 3)
                    )[None]
                )
            )

    def __getitem__(self, key: str) -> Any:
        """Return a kernel, or the mixed scales or offsets of a layer."""
        name, kind = key.split("/")
        if kind == "kernel":
            return self.styles[0][key]
        rows = tf.stack([style[key] for style in self.styles])
        return tf.tensordot(self.shares[name], rows, 1)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names of the parameters."""
        return iter(self.styles[0])

    def __len__(self) -> int:
        """Return the number of parameters."""
        return len(self.styles[0])


def repaint(
    parameters: Parameters,
    photo: np.ndarray,
    precision: str = "float32",
    level: float = 0.0,
    seed: int = 0,
) -> np.ndarray:
    """Paint a photo in a transformer's style.

    Args:
        parameters: as for `transform`.
        photo: ``(H, W, 3)``, RGB, 0–255.
        precision: the precision in which the convolutions compute.
        level: standard deviation, in gray levels, of the `grain` on the photo.
        seed: the seed of the grain.

    Returns:
        A picture of the same shape, 0–255.
    """
    height, width, _ = photo.shape
    tensor = preprocess(widened(photo, EDGE, MULTIPLE))
    if level:
        _, tall, wide, _ = tensor.shape
        noise = grain(tall, wide, np.random.default_rng(seed))
        tensor = tensor + np.float32(level) * noise
    made = transform(parameters, tf.constant(tensor), precision, fused_norm)
    return deprocess(made.numpy())[EDGE : EDGE + height, EDGE : EDGE + width]
