"""Style transfer by nearest neighbors: the photo's layout, made of the painting's maps.

Taught in: 12_adain_wct. After Kolkin et al. (2022), "Neural Neighbor Style Transfer":
each position of the photo is described by the feature maps of several layers, and takes
the features of the painting's position whose description is most similar. There the
maps come from VGG16, and the picture is optimized to have them; here the decoders of
`nstlib.decoders` draw it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from nstlib.backend import tf
from nstlib.losses import TINY
from nstlib.vgg_plan import FIRST_CONVS, stride

COLUMN_LAYERS = FIRST_CONVS[1:4]
"""The layers that describe a position, from fine to coarse."""
CHOICE = 2048
"""Largest number of the painting's positions to compare with."""
ROWS = 4096
"""Number of the photo's positions that are compared at once, to limit the memory."""
SOFTNESS = 0.03
"""Differences of cosines below this hardly count when places are spread out."""
ROUNDS = 8
"""Rounds in which the prices of the painting's places are found."""


def standardized(maps: Any) -> tf.Tensor:
    """Center feature maps ``(h, w, C)``, and scale vectors to a mean square of 1.

    Without this, the layer with the largest numbers would decide alone, and all vectors
    would point to where features are positive (Kolkin et al. 2022, section 3.2).
    """
    maps = tf.convert_to_tensor(maps)
    centered = maps - tf.reduce_mean(maps, axis=[0, 1])
    size = tf.reduce_mean(tf.reduce_sum(tf.square(centered), axis=-1))
    return centered / tf.sqrt(size + TINY)


def described(encode: Callable[[str], Any]) -> dict[str, tf.Tensor]:
    """Return the standardized maps that describe a picture, one for each layer.

    Args:
        encode: layer → the maps ``(h, w, C)`` of the picture.
    """
    return {layer: standardized(encode(layer)) for layer in COLUMN_LAYERS}


def hypercolumns(maps: Mapping[str, Any], level: str) -> tf.Tensor:
    """Join the maps of several layers at the resolution of one of them.

    Finer maps are averaged over squares, coarser ones are repeated.

    Args:
        maps: layer → ``(h, w, C)``, where the sides times the stride of the layer are
            the same for all layers.
        level: the layer whose resolution is wanted, one of those of the maps.

    Returns:
        ``(h, w, ΣC)``.

    Example:
        >>> fine, coarse = tf.reshape(tf.range(16.0), (4, 4, 1)), tf.ones((2, 2, 3))
        >>> maps = {"block2_conv1": fine, "block3_conv1": coarse}
        >>> [hypercolumns(maps, level).shape.as_list() for level in maps]
        [[4, 4, 4], [2, 2, 4]]
    """
    joined = []
    for layer, values in maps.items():
        step = stride(layer) / stride(level)
        if step < 1:
            side = round(1 / step)
            values = tf.nn.avg_pool2d(values[None], side, side, "VALID")[0]
        elif step > 1:
            values = tf.repeat(tf.repeat(values, int(step), axis=0), int(step), axis=1)
        joined.append(values)
    return tf.concat(joined, axis=-1)


def nearest_positions(
    content: Mapping[str, Any],
    style: Mapping[str, Any],
    level: str,
    choice: int = CHOICE,
    spread: float = 0.0,
) -> tf.Tensor:
    """Find the painting's most similar position for each position of the photo.

    Similarity is the cosine of the angle between hypercolumns (Kolkin et al. 2022,
    eq. 2).

    Args:
        content: standardized maps of the photo, layer → ``(h, w, C)``.
        style: those of the painting.
        level: the layer at whose resolution positions are compared.
        choice: largest number of positions to choose from. If there are more, only
            every second, third … in each direction is used.
        spread: how evenly they are to be used, 0–1; see `prices`.

    Returns:
        Row and column in the painting's maps, int32 ``(h, w, 2)``.
    """
    columns = hypercolumns(style, level)
    step = max(1, math.ceil(math.sqrt(columns.shape[0] * columns.shape[1] / choice)))
    columns = columns[::step, ::step]
    across, channels = columns.shape[1:]
    directions = tf.math.l2_normalize(tf.reshape(columns, (-1, channels)), axis=1)
    height, width, _ = content[level].shape
    price: Any = 0.0
    if spread:
        each = math.ceil(height * width / choice)
        some = [rows[::each] for rows in _directions(content, level)]
        price = prices(tf.concat(some, axis=0), directions, spread)
    chosen = []
    for rows in _directions(content, level):
        likeness = tf.matmul(rows, directions, transpose_b=True) - price
        chosen.append(tf.argmax(likeness, axis=1, output_type=tf.int32))
    found = tf.reshape(tf.concat(chosen, axis=0), (height, width))
    return step * tf.stack([found // across, found % across], axis=-1)


def prices(photo: Any, painting: Any, spread: float) -> tf.Tensor:
    """Find prices of the painting's positions, so that the photo uses them more evenly.

    All positions of a plain sky look alike, and would all take the same position of the
    painting: the sky would stay plain. A price that rises with the demand sends them to
    others that are nearly as similar. This is optimal transport by Sinkhorn's rounds
    (Cuturi 2013), with a loose constraint on the painting's side (Chizat et al. 2018).

    Args:
        photo: directions of the photo's positions, or of a sample, ``(N, C)``, of
            length 1.
        painting: directions of the painting's positions, ``(M, C)``, of length 1.
        spread: 0 for prices of 0; with 1, all positions are used about equally often.

    Returns:
        ``(M,)``, to be subtracted from the cosines.

    Example:
        Both positions of a photo look like the first of the painting, one of them a
        little more. So the other one takes the second:

        >>> likeness = tf.constant([[0.9, 0.8], [0.9, 0.7]])
        >>> price = prices(likeness, tf.eye(2), spread=1.0)
        >>> tf.argmax(likeness - price, axis=1).numpy().tolist()
        [1, 0]
    """
    likeness = tf.matmul(photo, painting, transpose_b=True)
    found = tf.zeros(likeness.shape[1], likeness.dtype)
    for _ in range(ROUNDS):
        shares = tf.nn.softmax((likeness - found) / SOFTNESS, axis=1)
        # 1 for a position that is used as often as the mean.
        demand = tf.reduce_mean(shares, axis=0) * found.shape[0]
        found = spread * (found + SOFTNESS * tf.math.log(demand + TINY))
    return found


def _directions(maps: Mapping[str, Any], level: str) -> Iterator[tf.Tensor]:
    """Yield hypercolumns of length 1 as rows ``(n, ΣC)``, band by band."""
    for part in _bands(maps, level):
        columns = hypercolumns(part, level)
        rows = tf.reshape(columns, (-1, columns.shape[-1]))
        yield tf.math.l2_normalize(rows, axis=1)


def _bands(maps: Mapping[str, Any], level: str) -> list[dict[str, Any]]:
    """Cut maps into bands of about `ROWS` positions, at rows of the coarsest layer."""
    unit = max(map(stride, maps))
    height, width = maps[level].shape[:2]
    each = max(1, ROWS // (width * unit // stride(level)))
    bands = []
    for first in range(0, height * stride(level) // unit, each):
        low, high = unit * first, unit * (first + each)
        bands.append(
            {
                name: values[low // stride(name) : high // stride(name)]
                for name, values in maps.items()
            }
        )
    return bands


def voted_features(features: Any, positions: Any, size: int = 3) -> tf.Tensor:
    """Let patches around the chosen positions overlap, and average them.

    Each position of the photo takes a patch of the painting, so each position is
    covered by size² patches. A single feature would tear textures apart.

    Args:
        features: maps of the painting, ``(k, l, C)``.
        positions: from `nearest_positions`, ``(h, w, 2)``.
        size: side of a patch, odd.

    Returns:
        ``(h, w, C)``.

    Example:
        Neighbors that are neighbors in the painting, too, give its maps back:

        >>> painting = tf.reshape(tf.range(12.0), (3, 4, 1))
        >>> grid = tf.stack(tf.meshgrid(tf.range(3), tf.range(4), indexing="ij"), -1)
        >>> bool(tf.reduce_all(voted_features(painting, grid) == painting))
        True
    """
    features = tf.convert_to_tensor(features)
    last = tf.constant([features.shape[0] - 1, features.shape[1] - 1])
    height, width, _ = positions.shape
    rows, columns = tf.range(height)[:, None], tf.range(width)[None, :]
    total = tf.zeros((height, width, features.shape[-1]), features.dtype)
    count = tf.zeros((height, width, 1), features.dtype)
    reach = range(-(size // 2), size // 2 + 1)
    for down, right in ((down, right) for down in reach for right in reach):
        # The patch of the position at (-down, -right) covers this one.
        place = tf.roll(positions, [down, right], axis=[0, 1])
        place += tf.constant([down, right])
        there = (rows >= down) & (rows < height + down)
        there &= (columns >= right) & (columns < width + right)
        there &= tf.reduce_all((place >= 0) & (place <= last), axis=-1)
        share = tf.cast(there, features.dtype)[..., None]
        inside = tf.clip_by_value(place, 0, last)
        total += share * tf.gather_nd(features, inside)
        count += share
    return total / count
