"""What `train_minivgg` is made of: batches, linear maps to the teachers, one step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from loop import Training
from student import INPUT_SCALE
from teachers import DEEP, SHALLOW, Teachers

from nstlib.backend import tf
from nstlib.preprocessing import BGR_MEANS
from nstlib.vgg import feature_maps

LAYER_WEIGHTS = dict.fromkeys(SHALLOW, 1.0) | dict.fromkeys(DEEP, 0.3)
# The first layers of each block carry the style; conv3_1 is the hardest of them.
LAYER_WEIGHTS |= {"block1_conv1": 1.5, "block2_conv1": 1.5, "block3_conv1": 2.0}


@dataclass
class Batches:
    """Plain crops and crops led astray, as the optimization leads them.

    A quarter each of plain crops, crops with pixel noise, with noise at half the
    resolution, and blends of two with noise; of these, five of twelve are replaced
    by crops of pictures that the student itself has painted, if there are any.
    """

    crops: np.ndarray
    """uint8 ``(n, H, W, 3)``, at least twice as large as `side` each way."""
    painted: np.ndarray | None = None
    """The same, of the student's pictures."""
    side: int = 96
    """Of what is cut out of a crop, in pixels; even."""
    size: int = 12
    """Pieces in a batch."""

    def __call__(self, rng: np.random.Generator, plain: bool = False) -> np.ndarray:
        """One batch, preprocessed: float32 ``(size, side, side, 3)``.

        Args:
            rng: decides about everything.
            plain: without pictures of the student.
        """
        batch = []
        for index in range(self.size):
            if self.painted is not None and not plain and index % 12 >= 7:
                batch.append(self._piece(self.painted, rng))
            else:
                batch.append(self._astray(index % 4, rng))
        return (np.stack(batch)[..., ::-1] - BGR_MEANS).astype(np.float32)

    def _astray(self, kind: int, rng: np.random.Generator) -> np.ndarray:
        """Of a crop, as it is (kind 0), or with noise."""
        piece = self._piece(self.crops, rng)
        sigma = np.exp(rng.uniform(np.log(2), np.log(60)))
        if kind == 3:
            share = rng.uniform(0.2, 0.8)
            piece = share * piece + (1 - share) * self._piece(self.crops, rng)
            sigma /= 2
        if not kind:
            return piece
        every = 2 if kind == 2 else 1
        small = self.side // every
        noise = rng.normal(size=(small, small, 3)).astype(np.float32)
        return piece + sigma * noise.repeat(every, 0).repeat(every, 1)

    def _piece(self, pictures: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Of a random picture, mirrored or at half its size at random."""
        picture, side = pictures[rng.integers(len(pictures))], self.side
        whole = 2 * side if rng.random() < 0.35 else side
        top, left = (rng.integers(n - whole + 1) for n in picture.shape[:2])
        piece = picture[top : top + whole, left : left + whole].astype(np.float32)
        if whole > side:
            piece = piece.reshape(side, 2, side, 2, 3).mean((1, 3))
        return piece[:, ::-1] if rng.random() < 0.5 else piece


def normalizers(teachers: Teachers, batches: Batches) -> dict[str, tf.Tensor]:
    """1 / (a channel's variance + a quarter of its layer's mean variance)."""
    rng = np.random.default_rng(0)
    found = [teachers(batches(rng, plain=True)) for _ in range(8)]
    scales = {}
    for name in found[0]:
        values = np.concatenate([maps[name].numpy() for maps in found])
        variance = values.var((0, 1, 2))
        scales[name] = tf.constant(1 / (variance + variance.mean() / 4), tf.float32)
    return scales


def fit_maps(
    student: Mapping[str, tf.Variable],
    teachers: Teachers,
    scales: Mapping[str, tf.Tensor],
    batches: Batches,
) -> dict[str, tf.Variable]:
    """The linear maps from student to teacher, begun as ridge regressions."""
    rng = np.random.default_rng(1)
    rows: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {name: [] for name in scales}
    for _ in range(12):
        batch = batches(rng, plain=True)
        targets = teachers(batch)
        found = feature_maps(student, batch / INPUT_SCALE, scales, dtype=teachers.dtype)
        for name, scale in scales.items():
            x = found[name].numpy().reshape(-1, found[name].shape[-1])
            y = targets[name].numpy().reshape(len(x), -1) * np.sqrt(scale)
            pick = rng.choice(len(x), min(len(x), 1500), replace=False)
            rows[name].append((np.c_[x, np.ones(len(x))][pick], y[pick]))
    maps = {}
    for name, pairs in rows.items():
        x, y = (
            np.concatenate(side).astype(np.float64) for side in zip(*pairs, strict=True)
        )
        ridge = 1e-3 * len(x) * np.mean(x**2) * np.eye(x.shape[1])
        solution = np.linalg.solve(x.T @ x + ridge, x.T @ y).astype(np.float32)
        maps[f"{name}/map"] = tf.Variable(solution[:-1])
        maps[f"{name}/shift"] = tf.Variable(solution[-1])
    return maps


def layer_error(
    name: str,
    features: tf.Tensor,
    target: tf.Tensor,
    maps: Mapping[str, tf.Variable],
    scale: tf.Tensor,
    dtype: tf.DType,
) -> tf.Tensor:
    """Mean squared error of what the linear map guesses, normalized."""
    # In block 1 neighbors say nearly the same: every fourth will do.
    every = 2 if name.startswith("block1") else 1
    x = tf.cast(features[:, ::every, ::every], dtype)
    kernel = tf.cast(maps[f"{name}/map"], dtype)
    guess = tf.cast(tf.einsum("bhwc,cd->bhwd", x, kernel), tf.float32)
    # Targets are divided by their spread, so that the maps stay O(1).
    wanted = target[:, ::every, ::every] * tf.sqrt(scale)
    return tf.reduce_mean(tf.square(guess + maps[f"{name}/shift"] - wanted))


def make_step(
    student: Mapping[str, tf.Variable],
    maps: Mapping[str, tf.Variable],
    teachers: Teachers,
    scales: Mapping[str, tf.Tensor],
    training: Training,
) -> Callable[[tf.Tensor], tf.Tensor]:
    """Compile one training step: batch → mean normalized error of each layer."""
    names, dtype = [*SHALLOW, *DEEP], teachers.dtype

    @tf.function
    def step(batch: tf.Tensor) -> tf.Tensor:
        targets = teachers(batch)
        with tf.GradientTape() as tape:
            features = feature_maps(student, batch / INPUT_SCALE, names, dtype=dtype)
            errors = {
                name: layer_error(
                    name, features[name], targets[name], maps, scales[name], dtype
                )
                for name in names
            }
            loss = tf.add_n([LAYER_WEIGHTS[name] * errors[name] for name in names])
        training.descend(tape, loss)
        return tf.stack([errors[name] for name in names])

    return step
