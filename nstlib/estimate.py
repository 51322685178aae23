"""What a run will cost, before it is run: memory by a model, time by a short trial.

Taught in: 11_high_resolution. Memory is counted: the weights, the feature maps that the
gradient needs, the curvature pairs of L-BFGS. What TensorFlow takes on top is in
constants, fitted to real runs by `benchmarks/memory.py`, which prints how far off they
are.
"""

from __future__ import annotations

import dataclasses

from nstlib.checks import RANGES
from nstlib.quiet import tf
from nstlib.scales import check_reach, plan_scales
from nstlib.settings import Settings
from nstlib.trial import computed_in, measure, used_layers
from nstlib.vgg import stride

BASE_BYTES = 651_000_000
"""Python, NumPy and TensorFlow, before there is a picture."""
WEIGHT_COPIES = 3.8
"""As arrays, as tensors, and in the order in which the processor wants them."""
MAP_COPIES = 1.36
"""Of all feature maps: some are held twice for a while."""
OTHER_BYTES = 806
"""Per pixel: the picture, its gradient, what is left lying around."""

FORWARD_SHARE = 0.6
"""Of the memory of an evaluation, for one without gradient."""


@dataclasses.dataclass(frozen=True)
class ScaleEstimate:
    """What one scale will cost."""

    height: int
    width: int
    evaluations: int
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
    same = {name: getattr(other, name) for name in ("size", "steps", "steps_per_scale")}
    speed = measure(dataclasses.replace(settings, weights=None, **same).to_json())
    scales = tuple(
        ScaleEstimate(
            h, w, n, peak_memory(h, w, n, settings),
            speed.seconds(_painted(h, w, settings), n),
        )
        for h, w, n in plan
    )  # fmt: skip
    seconds = speed.start + sum(scale.seconds for scale in scales)
    return Estimate(seconds, max(scale.peak_bytes for scale in scales), scales)


def peak_memory(height: int, width: int, evaluations: int, settings: Settings) -> int:
    """Bytes that the process holds at most at one scale, by the model: no trial.

    Args:
        height: of the picture at this scale, in pixels.
        width: of the picture at this scale, in pixels.
        evaluations: at this scale; L-BFGS has no more pairs than these.
        settings: what is to be run.
    """
    size = tf.as_dtype(computed_in(settings)).size
    weights, maps, channels = 0, 0.0, 3
    layers = [*settings.content_layers, *settings.style_layers]
    for name, width_of_layer in used_layers(settings.network, layers).items():
        weights += 4 * 9 * channels * width_of_layer
        # The first layer computes in float32, whatever the others do.
        each = size if channels > 3 or size == 4 else size + 4
        maps += each * width_of_layer / stride(name) ** 2
        channels = width_of_layer
    step = OTHER_BYTES + MAP_COPIES * maps
    pixel = step + 24 * _pairs(evaluations, settings)
    # A style picture that is larger than the result is seen once, without gradient.
    style = FORWARD_SHARE * step * settings.style_scale**2
    pictures = _painted(height, width, settings) * max(pixel, style)
    return int(BASE_BYTES + WEIGHT_COPIES * weights + pictures)


def _pairs(evaluations: int, settings: Settings) -> int:
    """How many times the optimiser keeps two tensors like the picture."""
    if settings.optimizer != "lbfgs":
        return 1  # Adam's moments; the others have fewer
    return min(settings.history, evaluations, settings.restart_every or evaluations)


def _painted(height: int, width: int, settings: Settings) -> int:
    return (height + 2 * settings.margin) * (width + 2 * settings.margin)


def largest_size(height: int, width: int, settings: Settings, free: int) -> int | None:
    """The largest `settings.size` that fits into the memory; None if none does.

    Args:
        height: of the photo, in pixels.
        width: of the photo, in pixels.
        settings: what is to be run.
        free: bytes beyond `BASE_BYTES`, which whoever asks has taken already.
    """
    longer, (low, high) = max(height, width), map(int, RANGES["size"])

    def fits(size: int) -> bool:
        h, w = (max(1, round(side * size / longer)) for side in (height, width))
        return peak_memory(h, w, settings.steps, settings) - BASE_BYTES <= free

    if not fits(low):
        return None
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low
