"""Predicting what a run will cost: its memory by a model, its time by a short trial.

Taught in: 11_high_resolution. The model counts the bytes of the weights, of the feature
maps that the gradient needs, and of the curvature pairs of L-BFGS. Constants add what
TensorFlow takes on top. `benchmarks/memory.py` fits them to real runs, and prints how
far off they are.
"""

from __future__ import annotations

import dataclasses

from nstlib.backend import tf
from nstlib.errors import SettingsError
from nstlib.feedforward import PAINTING
from nstlib.images import scaled_sides
from nstlib.large.scales import check_reach, plan_scales
from nstlib.large.speed import measure
from nstlib.large.tiles import largest_window, make_tiles, tile_side
from nstlib.lbfgs import pairs_kept
from nstlib.settings import Settings, optimized_half
from nstlib.vgg import computed_in
from nstlib.vgg_plan import stride, used_layers

BASE_BYTES = 604_000_000
"""Memory of Python, NumPy and TensorFlow before a picture is loaded, in bytes."""
WEIGHT_COPIES = 3.8
"""How many times the weights are held: arrays, tensors, a copy ordered for the CPU."""
MAP_COPIES = 1.55
"""How many times the feature maps are held, on average. Some are twice for a while."""
OTHER_BYTES = 700
"""Bytes per pixel for everything else, such as the picture and its gradient."""
ROUNDED_BYTES = 400
"""The same in bfloat16."""

TILE_SHARE = 0.7
"""Share of the memory of an evaluation that one tile takes, per pixel of the tile."""
TILED_BYTES = 233
"""Bytes per pixel of the whole picture, if the network sees it in tiles."""
TILED_PASSES = 1.4
"""Time of an evaluation in tiles, relative to one without: it needs two passes."""

FORWARD_SHARE = 0.6
"""Memory of an evaluation without a gradient, as a share of one with a gradient."""

ONE_PASS = {
    "adain": (1000, 300),
    "wct": (900, 300),
    "swap": (1200, 100),
    "neighbors": (1400, 300),
    "feedforward": (410, 0),
}
"""Method → bytes per pixel of the picture, and of a painting seen larger than it."""
ONE_PASS_BYTES = 40_000_000
"""Bytes that the methods without an optimizer take at any size."""

TRAINED_BYTES, TRAINED_MAPS = 2300, 1.0
"""For a training: bytes per pixel of a batch for the transformer, and how many times
the feature maps of the network are held, relative to an evaluation."""
TRAINING_BYTES = 170_000_000
"""Bytes that the compiled step of a training takes at any size."""


@dataclasses.dataclass(frozen=True)
class ScaleEstimate:
    """The predicted cost of one scale."""

    height: int
    width: int
    evaluations: int
    tile: int
    """Longer side of the tiles in pixels; 0 if the network sees the whole picture."""
    peak_bytes: int
    """The most memory that the process holds at this scale."""
    seconds: float


@dataclasses.dataclass(frozen=True)
class Estimate:
    """The predicted cost of a run."""

    seconds: float
    """Time from the start of the program to the finished picture."""
    peak_bytes: int
    """The most memory that the process holds at any time."""
    scales: tuple[ScaleEstimate, ...]
    """The cost of each scale, from coarse to fine."""


def estimate(height: int, width: int, settings: Settings) -> Estimate:
    """Predict the time and the memory of a run.

    The first call with a network and its layers takes some seconds, because it measures
    their speed on small pictures.

    Args:
        height: height of the photo in pixels; the settings say how it is scaled.
        width: width of the photo in pixels.
        settings: the settings of the run. No weights are loaded or downloaded.

    Raises:
        SettingsError: the photo or the tiles are too small for a layer,
            ``steps_per_scale`` has the wrong number of entries, or the method is not
            "optimize".

    Example:
        >>> layers = {"content_layers": ["conv1_1"], "style_layers": ["conv1_1"]}
        >>> cost = estimate(300, 400, Settings(size=256, steps=64, **layers))
        >>> [(scale.height, scale.width, scale.evaluations) for scale in cost.scales]
        [(96, 128, 32), (192, 256, 32)]
        >>> cost.seconds < 3600, cost.peak_bytes < 2**30
        (True, True)
    """
    if settings.method != "optimize":
        raise SettingsError(
            f"this predicts the optimization, not {settings.method}: use "
            "nstlib.fast.speed.estimate_one_pass."
        )
    plan = plan_scales(height, width, settings)
    check_reach(plan, settings)
    # Without the settings that do not change the speed, one trial serves many runs.
    other = Settings()
    free_scales = ("quality", "smallest", "last_share", "scale_step", "coarse_to_fine")
    free = ("size", "steps", "steps_per_scale", *free_scales, "weights", "tile")
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
    """Predict the most memory that a run holds at any of its scales, in bytes.

    Args:
        height: height of the photo in pixels; the settings say how it is scaled.
        width: width of the photo in pixels.
        settings: the settings of the run, of any method.
    """
    peaks, half = [], optimized_half(settings)
    if settings.method != "optimize":
        peaks.append(one_pass_memory(height, width, settings))
    if half:
        plan = plan_scales(height, width, half)
        peaks += [peak_memory(*scale, half) for scale in plan]
    return max(peaks)


def peak_memory(height: int, width: int, evaluations: int, settings: Settings) -> int:
    """Predict the most memory that the process holds at one scale, in bytes.

    With tiles, the network needs memory for one tile; the rest grows with the picture.

    Args:
        height: height of the picture at this scale, in pixels.
        width: width of the picture at this scale, in pixels.
        evaluations: evaluations at this scale. L-BFGS has no more pairs than these.
        settings: the settings of the run.
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
    # A painting can be larger than the result, but it needs no gradient.
    style = FORWARD_SHARE * step * settings.style_scale**2
    return int(fixed + max(step + pairs, style) * tall * wide)


def one_pass_memory(height: int, width: int, settings: Settings) -> int:
    """Predict the most memory that a method without an optimizer holds, in bytes.

    Most of it goes to the maps of the finest level, including those of the painting.

    Args:
        height: height of the photo in pixels.
        width: width of the photo in pixels.
        settings: settings whose method is not "optimize".
    """
    tall, wide = (side + 64 for side in scaled_sides(height, width, settings.size))
    whole, style = ONE_PASS[settings.method]
    painting = style * (settings.style_scale**2 - 1) * settings.size**2
    return int(BASE_BYTES + ONE_PASS_BYTES + whole * tall * wide + max(0.0, painting))


def training_memory(side: int, batch: int, settings: Settings) -> int:
    """Predict the most memory that the training of a transformer holds, in bytes.

    The photos, which are loaded first, are not counted.

    Args:
        side: side of the square crops in pixels.
        batch: number of crops in a step.
        settings: the settings of the training.
    """
    weights, step = _of_network(settings)
    network = TRAINED_BYTES + TRAINED_MAPS * (step - _other_bytes(settings))
    style = FORWARD_SHARE * step * (PAINTING * side * settings.style_scale) ** 2
    fixed = BASE_BYTES + WEIGHT_COPIES * weights + TRAINING_BYTES
    return int(fixed + max(network * batch * side**2, style))


def _of_network(settings: Settings) -> tuple[int, float]:
    """Return the bytes of the weights, and those of an evaluation for each pixel."""
    size = tf.as_dtype(computed_in(settings.precision)).size
    weights, maps, channels = 0, 0.0, 3
    for name, width_of_layer in used_layers(settings.network, settings.layers).items():
        weights += 4 * 9 * channels * width_of_layer
        # The first layer computes in float32, whatever the others do.
        each = size if channels > 3 or size == 4 else size + 4
        maps += each * width_of_layer / stride(name) ** 2
        channels = width_of_layer
    return weights, _other_bytes(settings) + MAP_COPIES * maps


def _other_bytes(settings: Settings) -> int:
    rounded = computed_in(settings.precision) == "bfloat16"
    return ROUNDED_BYTES if rounded else OTHER_BYTES


def _content_bytes(settings: Settings) -> float:
    """Return the bytes of the content targets for each pixel of the picture."""
    widths = used_layers(settings.network, settings.layers)
    return sum(4 * widths[n] / stride(n) ** 2 for n in settings.content_layers)


def _pairs(height: int, width: int, evaluations: int, settings: Settings) -> int:
    """Return how many pairs of tensors like the picture the optimizer keeps."""
    if settings.optimizer != "lbfgs":
        return 1  # the two moments of Adam; the others keep less
    kept = pairs_kept(height, width, settings.history)
    return min(kept, evaluations, settings.restart_every or evaluations)


def pixels_seen(height: int, width: int, settings: Settings) -> int:
    """Count the pixels that the network sees in an evaluation.

    The margin counts, and so does the halo of every tile.

    Args:
        height: height of the picture at one scale, in pixels.
        width: width of the picture at one scale, in pixels.
        settings: the settings of the run.
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
    """Return the time that an evaluation takes for each pixel that the network sees.

    It is 1 for a picture without tiles. The arguments are those of `pixels_seen`.
    """
    return TILED_PASSES if tile_side(height, width, settings) else 1.0
