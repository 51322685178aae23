"""What several benchmarks run: networks, bare convolutions, and whole paintings."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nstlib.backend import tf
from nstlib.data import known_facts
from nstlib.images import resize, widened
from nstlib.initialization import enlarged, starting_tensor
from nstlib.large.scales import plan_scales
from nstlib.large.tiled_objective import TiledObjective
from nstlib.large.tiles import tile_side
from nstlib.lbfgs import minimize, pairs_kept
from nstlib.objective import Loss, Objective, total_variation, weighted_terms
from nstlib.preprocessing import deprocess, preprocess
from nstlib.settings import Settings
from nstlib.styles import WeightedStyle, sized
from nstlib.targets import Targets, inner
from nstlib.vgg import FeatureExtractor, feature_maps, load_network
from nstlib.vgg_weights import known_picture, random_parameters

Watch = Callable[[int, tf.Tensor, float], Any]
"""Is told the number of an evaluation, its tensor, and its loss."""


def extractor_for(settings: Settings) -> FeatureExtractor:
    """The network that these settings ask for."""
    return load_network(
        settings.network,
        settings.layers,
        settings.pooling,
        settings.precision,
        settings.weights,
        settings.border,
    )


def objective_for(
    extractor: FeatureExtractor,
    content: np.ndarray,
    styles: Sequence[Any],
    settings: Settings,
) -> Objective:
    """The objective that a run would take: in tiles, where the settings want them."""
    height, width, _ = content.shape
    task = extractor, content, styles, settings, settings.margin
    if tile := tile_side(height, width, settings):
        return TiledObjective(*task, tile)
    return Objective(*task)


def noise_of(precision: str) -> float:
    """The relative error of a loss, which L-BFGS is to be told."""
    return 1e-3 if precision == "bfloat16" else 1e-5


def paint(
    extractor: FeatureExtractor,
    photo: np.ndarray,
    style: np.ndarray,
    settings: Settings,
    watch: Watch | None = None,
    nudge: float = 0.0,
) -> tf.Tensor:
    """Do what `nstlib.stylize` does with L-BFGS, and return the tensor, not clipped.

    Args:
        extractor: of these settings, see `extractor_for`.
        photo: RGB picture ``(H, W, 3)``, 0–255.
        style: the same.
        settings: colors are those of the style, and there are no restarts.
        watch: is told every evaluation.
        nudge: gray levels by which the pixels that it starts from are off, at random.
    """
    margin, sides = settings.margin, (photo.shape[0], photo.shape[1])
    tensor: tf.Tensor = None
    for height, width, steps in plan_scales(*sides, settings):
        content = resize(photo, height, width)
        if tensor is None:
            rng = np.random.default_rng(0)
            start = starting_tensor(content, [WeightedStyle(style)], settings)
            start = start + rng.normal(0, nudge, start.shape)
        else:
            coarse = _cut(deprocess(tensor), margin)
            larger = enlarged(coarse, content, settings)
            start = preprocess(widened(larger, margin))
        side = round(max(height, width) * settings.style_scale)
        styles = sized([WeightedStyle(style)], side)
        objective = objective_for(extractor, content, styles, settings)
        tensor = minimize(
            objective.value_and_gradient,
            tf.constant(start, tf.float32),
            steps,
            pairs_kept(height + 2 * margin, width + 2 * margin, settings.history),
            watch,
            noise=noise_of(extractor.precision),
        ).x.numpy()
    return tensor


def _cut(picture: np.ndarray, margin: int) -> np.ndarray:
    height, width, _ = picture.shape
    return picture[margin : height - margin, margin : width - margin]


def scipy_lbfgs(
    function: Callable[[tf.Tensor], tuple[Any, tf.Tensor]],
    x0: tf.Tensor,
    steps: int,
    history: int,
) -> None:
    """SciPy's L-BFGS-B without bounds, from here, for so many evaluations."""
    from scipy import optimize

    def on_flat(flat: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = function(tf.constant(flat.reshape(x0.shape), tf.float32))
        return float(value), gradient.numpy().astype(np.float64).ravel()

    limits = {"maxfun": steps - 1, "maxiter": steps, "ftol": 0, "gtol": 0}
    optimize.minimize(
        on_flat,
        x0.numpy().astype(np.float64).ravel(),
        jac=True,
        method="L-BFGS-B",
        options={"maxcor": history, **limits},
    )


def operations(parameters: Mapping[str, np.ndarray], pixels: int) -> float:
    """Floating-point operations of an evaluation: forward, and back to the picture."""
    return sum(
        2 * 2 * value.size * pixels / 4 ** (int(key[5]) - 1)
        for key, value in parameters.items()
        if key.endswith("kernel")
    )


def convolutions(
    dtype: tf.DType, parameters: Mapping[str, np.ndarray], size: int
) -> Callable[[], np.ndarray]:
    """A network's convolutions, forward and backward, each on its own.

    They show what the processor can do with these shapes when nothing lies between.
    """
    rng, work = np.random.default_rng(0), []
    for key, kernel in parameters.items():
        if key.endswith("kernel") and not key.startswith("block1_conv1/"):
            side = size // 2 ** (int(key[5]) - 1)
            shape = (1, side, side, kernel.shape[2])
            x = tf.constant(rng.normal(size=shape), dtype)
            y = tf.constant(rng.normal(size=(*shape[:3], kernel.shape[3])), dtype)
            work.append((x, y, tf.cast(kernel, dtype)))

    @tf.function
    def run() -> tf.Tensor:
        total = 0.0
        for x, y, kernel in work:
            out = tf.nn.conv2d(x, kernel, 1, "SAME")
            back = tf.nn.conv2d_transpose(y, kernel, x.shape, 1, "SAME")
            total += tf.cast(out[0, 0, 0, 0] + back[0, 0, 0, 0], tf.float32)
        return total

    return lambda: run().numpy()


class ClearLoss(Loss):
    """The loss in the form that the lessons teach, without `nstlib.faster`."""

    def terms(self, tensor: tf.Tensor, targets: Targets) -> tf.Tensor:
        """Compute what `Loss.terms` does, from float32 feature maps."""
        maps = inner(self.extractor(tensor), self.margin)
        content = self.content_loss(maps, targets)
        style = self.style_loss(maps, targets)
        variation = total_variation(tensor, self.settings)
        return weighted_terms(content, style, variation, targets.weights)


def profiled(task: Callable[[], object], runs: int) -> dict[str, float]:
    """Seconds that each kind of operation takes in one run, by TensorFlow's profiler.

    Operations run at the same time on several cores, and each counts in full.
    """
    from tensorflow.tsl.profiler.protobuf import xplane_pb2

    with tempfile.TemporaryDirectory() as folder:
        tf.profiler.experimental.start(folder)
        for _ in range(runs):
            task()
        tf.profiler.experimental.stop()
        (file,) = Path(folder).rglob("*.xplane.pb")
        space = xplane_pb2.XSpace.FromString(file.read_bytes())
    seconds: dict[str, float] = {}
    for plane in space.planes:
        for event in (event for line in plane.lines for event in line.events):
            name = plane.event_metadata[event.metadata_id].name
            if found := re.fullmatch(r"[\w/]+:(_?[A-Z]\w+)", name):  # node:operation
                spent = event.duration_ps / 1e12 / runs
                seconds[found[1]] = seconds.get(found[1], 0.0) + spent
    return dict(sorted(seconds.items(), key=lambda item: -item[1]))


def write_stand_in(path: Path, layers: list[str]) -> Path:
    """Write random weights in VGG19's shapes, which cost the same as the real ones.

    Each layer is scaled until its mean on the known picture is the recorded one, so
    that `nstlib.load_network` takes the file for VGG19.
    """
    parameters = random_parameters("vgg19", layers)
    recorded = known_facts("vgg19")["mean_activations"]
    names = list(dict.fromkeys(key.split("/")[0] for key in parameters))
    picture, before = tf.constant(preprocess(known_picture())), 1.0
    maps = feature_maps(parameters, picture, names)
    for name in names:
        mean = float(tf.reduce_mean(maps[name]))
        factor = recorded.get(name, mean) / mean
        parameters[f"{name}/kernel"] *= np.float32(factor / before)
        before = factor
    arrays: dict[str, Any] = dict(parameters)
    np.savez(path, **arrays)
    return path
