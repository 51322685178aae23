"""What a run will cost, before it is run: memory by a model, time by a short trial.

Taught in: 11_high_resolution. Memory is counted: the weights, the feature maps that the
gradient needs, the curvature pairs of L-BFGS. What TensorFlow takes on top is in
constants, fitted to real runs by `benchmarks/memory.py`, which prints how far off they
are.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from nstlib.backend import tf
from nstlib.errors import SettingsError, UsageError
from nstlib.large.free_memory import gigabytes, usable_memory
from nstlib.large.scales import check_reach, plan_scales
from nstlib.large.speed import measure
from nstlib.large.tiles import TILE, largest_window, make_tiles, tile_side
from nstlib.lbfgs import pairs_kept
from nstlib.settings import SCHEMA, Settings
from nstlib.statistics import SUMMED
from nstlib.vgg import computed_in
from nstlib.vgg_plan import stride, used_layers

BASE_BYTES = 651_000_000
"""Python, NumPy and TensorFlow, before there is a picture."""
WEIGHT_COPIES = 3.8
"""As arrays, as tensors, and in the order in which the processor wants them."""
MAP_COPIES = 1.36
"""Of all feature maps: some are held twice for a while."""
OTHER_BYTES = 806
"""Per pixel: the picture, its gradient, what is left lying around."""

TILE_SHARE = 0.7
"""Of that memory, for the part of the network alone: one tile."""
TILED_BYTES = 233
"""Per pixel of a picture that is seen in tiles: what is as large as the picture."""
TILES = (TILE, 512, 256)
"""Those that are suggested."""
TILED_PASSES = 1.4
"""The first pass over the tiles, without gradient, and the second, with."""

FORWARD_SHARE = 0.6
"""Of the memory of an evaluation, for one without gradient."""


@dataclasses.dataclass(frozen=True)
class ScaleEstimate:
    """What one scale will cost."""

    height: int
    width: int
    evaluations: int
    tile: int
    """Longer side of the tiles in which it is seen; 0: as a whole."""
    peak_bytes: int
    """Of the whole process."""
    seconds: float


@dataclasses.dataclass(frozen=True)
class Estimate:
    """What a run will cost."""

    seconds: float
    """From the start of the program to the picture."""
    peak_bytes: int
    """The most memory that the process holds at any time."""
    scales: tuple[ScaleEstimate, ...]
    """Coarse to fine."""


def estimate(height: int, width: int, settings: Settings) -> Estimate:
    """Predict time and memory of a run.

    The first call for a network and its layers takes seconds: it tries them out.

    Args:
        height: of the photo, in pixels; the settings say how it is scaled.
        width: of the photo, in pixels.
        settings: what is to be run. Weights are neither read nor fetched.

    Raises:
        SettingsError: as in `nstlib.stylize`.
    """
    plan = plan_scales(height, width, settings)
    check_reach(plan, settings)
    # What has no say in the speed is left out, so that one trial serves many runs.
    other = Settings()
    free = ("size", "steps", "steps_per_scale", "weights", "tile")
    same = {name: getattr(other, name) for name in free}
    speed = measure(dataclasses.replace(settings, **same).to_json())
    scales = tuple(
        ScaleEstimate(
            h, w, n, tile_side(h, w, settings), peak_memory(h, w, n, settings),
            speed.seconds(pixels_seen(h, w, settings), n, passes(h, w, settings)),
        )
        for h, w, n in plan
    )  # fmt: skip
    seconds = speed.start + sum(scale.seconds for scale in scales)
    return Estimate(seconds, max(scale.peak_bytes for scale in scales), scales)


def run_memory(height: int, width: int, settings: Settings) -> int:
    """Bytes that a run holds at most, at whichever scale that is: no trial.

    Args:
        height: of the photo, in pixels; the settings say how it is scaled.
        width: of the photo, in pixels.
        settings: what is to be run.
    """
    plan = plan_scales(height, width, settings)
    return max(peak_memory(*scale, settings) for scale in plan)


def peak_memory(height: int, width: int, evaluations: int, settings: Settings) -> int:
    """Bytes that the process holds at most at one scale, by the model: no trial.

    In tiles, the network's part is that of one tile; the rest grows with the picture.

    Args:
        height: of the picture at this scale, in pixels.
        width: of the picture at this scale, in pixels.
        evaluations: at this scale; L-BFGS has no more pairs than these.
        settings: what is to be run.
    """
    tall, wide = height + 2 * settings.margin, width + 2 * settings.margin
    pairs = 24 * _pairs(tall, wide, evaluations, settings)
    weights, step = _of_network(settings)
    fixed = BASE_BYTES + WEIGHT_COPIES * weights
    if tile := tile_side(height, width, settings):
        layers, name = settings.layers, settings.network
        network = TILE_SHARE * step * largest_window(tall, wide, tile, layers, name)
        picture = TILED_BYTES + _content_bytes(settings) + pairs
        return int(fixed + network + picture * tall * wide)
    # A style picture that is larger than the result is seen once, without gradient.
    style = FORWARD_SHARE * step * settings.style_scale**2
    return int(fixed + max(step + pairs, style) * tall * wide)


def _of_network(settings: Settings) -> tuple[int, float]:
    """Bytes of the weights; bytes of an evaluation for each pixel that is seen."""
    size = tf.as_dtype(computed_in(settings.precision)).size
    weights, maps, channels = 0, 0.0, 3
    for name, width_of_layer in used_layers(settings.network, settings.layers).items():
        weights += 4 * 9 * channels * width_of_layer
        # The first layer computes in float32, whatever the others do.
        each = size if channels > 3 or size == 4 else size + 4
        maps += each * width_of_layer / stride(name) ** 2
        channels = width_of_layer
    return weights, OTHER_BYTES + MAP_COPIES * maps


def _content_bytes(settings: Settings) -> float:
    """Of the targets of the content, per pixel."""
    widths = used_layers(settings.network, settings.layers)
    return sum(4 * widths[n] / stride(n) ** 2 for n in settings.content_layers)


def _pairs(height: int, width: int, evaluations: int, settings: Settings) -> int:
    """How many times the optimiser keeps two tensors like the picture."""
    if settings.optimizer != "lbfgs":
        return 1  # Adam's moments; the others have fewer
    kept = pairs_kept(height, width, settings.history)
    return min(kept, evaluations, settings.restart_every or evaluations)


def pixels_seen(height: int, width: int, settings: Settings) -> int:
    """How many pixels the network is shown: the margin too, and halos over and over.

    Args:
        height: of the picture at one scale, in pixels.
        width: of the picture at one scale, in pixels.
        settings: what is to be run.
    """
    tall, wide = height + 2 * settings.margin, width + 2 * settings.margin
    tile = tile_side(height, width, settings)
    if not tile:
        return tall * wide
    tiles = make_tiles(
        tall, wide, tile, settings.layers, settings.network, settings.margin
    )
    return sum(
        (rows.stop - rows.start) * (columns.stop - columns.start)
        for rows, columns in (tile.window for tile in tiles)
    )


def passes(height: int, width: int, settings: Settings) -> float:
    """How dear an evaluation is for a pixel that is seen; 1 where there are no tiles.

    Args: as for `pixels_seen`.
    """
    return TILED_PASSES if tile_side(height, width, settings) else 1.0


def largest_size(
    height: int, width: int, settings: Settings, free: int, limit: int | None = None
) -> int | None:
    """The largest `settings.size` that fits into the memory; None if none does.

    Where tiles begin, more may fit than just below.

    Args:
        height: of the photo, in pixels.
        width: of the photo, in pixels.
        settings: what is to be run.
        free: bytes beyond `BASE_BYTES`, which whoever asks has taken already.
        limit: nothing larger is looked for.
    """
    low, high = (int(end or 0) for end in (SCHEMA["size"].low, SCHEMA["size"].high))
    settings = dataclasses.replace(settings, steps_per_scale=None)

    def fits(size: int) -> bool:
        run = dataclasses.replace(settings, size=size)
        return run_memory(height, width, run) - BASE_BYTES <= free

    high, step = min(high, limit or high), 32
    for size in range(high, low - step, -step):
        if fits(max(low, size)):
            finer = range(min(high, size + step - 1), size, -1)
            return next((larger for larger in finer if fits(larger)), max(low, size))
    return None


def tile_that_fits(
    height: int, width: int, settings: Settings, free: int
) -> int | None:
    """The largest tile of some with which a run fits into the memory, if any.

    Args: as for `largest_size`.
    """
    if settings.style_statistic not in SUMMED:
        return None
    for tile in TILES:
        try:
            run = dataclasses.replace(settings, tile=tile)
            check_reach(plan_scales(height, width, run), run)
        except SettingsError:
            return None
        if run_memory(height, width, run) - BASE_BYTES <= free:
            return tile
    return None


def loaded_bytes(pictures: Sequence[Any]) -> int:
    """Bytes of pictures that have been loaded, so they lack in what is free."""
    return sum(picture.nbytes for picture in pictures)


def expected_memory(pictures: Sequence[Any], settings: Any) -> int:
    """Bytes that a run will hold at most, the photo being the first of the pictures.

    Raises:
        UsageError: more than there are; names the size, or the tiles, that fit.
    """

    height, width = pictures[0].shape[:2]
    peak, free = run_memory(height, width, settings), usable_memory()
    if free is None or peak - BASE_BYTES <= free:
        return peak + loaded_bytes(pictures)
    size = largest_size(height, width, settings, free, settings.size)
    tile = tile_that_fits(height, width, settings, free)
    ways = [f"try --size {size}"] if size else []
    if tile:
        ways.append(f"look at it in tiles, which takes longer: --set tile={tile}")
    advice = ", or ".join(ways) or "close other programs"
    raise UsageError(
        f"{settings.size} pixels with network {settings.network} need about "
        f"{gigabytes(peak - BASE_BYTES)} of memory, but only {gigabytes(free)} can be "
        f"used: {advice}."
    )
