"""What `train_decoder` is made of: the encoder, one step, and previews."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from loop import Training
from PIL import Image

from nstlib.backend import tf
from nstlib.decoders import LEVELS, decode
from nstlib.preprocessing import BGR_MEANS, deprocess, preprocess
from nstlib.vgg import feature_maps, load_network

PIXEL_SCALE = 60.0  # the decoder's output has about unit spread; folded in on export
STYLE_LEVELS = LEVELS[2:4]  # the shallow ones would be matched by a fine grid
PREVIEWS = 6
SAMPLE = 40  # every so-many-th crop shows how much the features vary

Decoder = Mapping[str, Any]


class Encoder:
    """MiniVGG's feature maps at LEVELS, and how much they vary over the crops."""

    def __init__(self, level: str, crops: np.ndarray):
        self.parameters = load_network("mini").parameters
        self.level = level
        self.layers = sorted({*LEVELS[: LEVELS.index(level) + 1], *STYLE_LEVELS})
        batch = np.concatenate([preprocess(crop) for crop in crops[::SAMPLE]])
        maps = self(tf.constant(batch))
        self.spread = {
            name: value.numpy().std((0, 1, 2)) + 1e-3 for name, value in maps.items()
        }
        self.mean = maps[level].numpy().mean((0, 1, 2))

    def __call__(self, tensor: tf.Tensor) -> dict[str, tf.Tensor]:
        """Preprocessed ``(batch, H, W, 3)`` → the maps of `layers`."""
        return feature_maps(
            self.parameters, tensor, self.layers, dtype=tf.bfloat16, border="replicate"
        )

    def error(self, name: str, found: tf.Tensor, wanted: tf.Tensor) -> tf.Tensor:
        """Mean squared difference, in units of the layer's spread."""
        variance = self.spread[name] ** 2
        weights = 1 / (variance + variance.mean() / 4)
        return tf.reduce_mean(weights * tf.square(found - wanted))

    def style_error(
        self, found: Mapping[str, tf.Tensor], wanted: Mapping[str, tf.Tensor]
    ) -> tf.Tensor:
        """How far means and deviations of STYLE_LEVELS are apart."""
        total = tf.constant(0.0)
        for name in STYLE_LEVELS:
            wide = np.mean(self.spread[name] ** 2)
            for one, other in zip(
                moments(found[name]), moments(wanted[name]), strict=True
            ):
                total += tf.reduce_mean(tf.square(one - other)) / wide
        return total


def moments(features: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Mean and deviation of each channel of each picture, (batch, 1, 1, C)."""
    mean, variance = tf.nn.moments(features, [1, 2], keepdims=True)
    return mean, tf.sqrt(variance + 1e-3)


def adain(content: tf.Tensor, style: tf.Tensor) -> tf.Tensor:
    """Content with the style's means and deviations (Huang & Belongie 2017, eq. 8)."""
    (mu, sigma), (nu, tau) = moments(content), moments(style)
    return (content - mu) / sigma * tau + nu


def make_step(
    decoder: Decoder, encoder: Encoder, training: Training, style_weight: float
) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
    """Compile one step: batch, shares of the style → pixel, feature, style error.

    The first half of the batch is decoded as it is, the second half in a style.
    """
    level = encoder.level

    @tf.function
    def step(batch: tf.Tensor, shares: tf.Tensor) -> tf.Tensor:
        plain, maps = batch.shape[0] // 2, encoder(batch)
        content = maps[level][plain:]
        style = {name: tf.roll(value[plain:], 1, 0) for name, value in maps.items()}
        mixed = shares * adain(content, style[level]) + (1 - shares) * content
        target = tf.concat([maps[level][:plain], mixed], 0)
        with tf.GradientTape() as tape:
            picture = decode(decoder, target, level, tf.bfloat16) * PIXEL_SCALE
            found = encoder(picture)
            difference = (picture - batch)[:plain] / PIXEL_SCALE
            pixel = tf.reduce_mean(tf.square(difference))
            feature = encoder.error(level, found[level], target)
            for name in LEVELS[: LEVELS.index(level)]:
                lower = encoder.error(name, found[name][:plain], maps[name][:plain])
                feature += 0.3 * lower
            styled = tf.constant(0.0)
            if style_weight:
                painted = {name: value[plain:] for name, value in found.items()}
                styled = encoder.style_error(painted, style)
            loss = pixel + feature + style_weight * styled
        training.descend(tape, loss)
        return tf.stack([pixel, feature, styled])

    return step


def make_batch(crops: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    """Whole crops, half of them mirrored, preprocessed."""
    chosen = crops[rng.integers(len(crops), size=size)].astype(np.float32)
    mirrored = rng.random(size) < 0.5
    chosen[mirrored] = chosen[mirrored, :, ::-1]
    return (chosen[..., ::-1] - BGR_MEANS).astype(np.float32)


def preview(
    decoder: Decoder, encoder: Encoder, held_out: np.ndarray, path: Path
) -> float:
    """Save held-out crops above what is decoded, plain and in a style; return dB."""
    batch = np.concatenate([preprocess(crop) for crop in held_out[:PREVIEWS]])
    maps = encoder(tf.constant(batch))[encoder.level]
    rows = [batch]
    for features in (maps, adain(maps, tf.roll(maps, 1, 0))):
        rows.append((decode(decoder, features, encoder.level) * PIXEL_SCALE).numpy())
    pictures = [[deprocess(one[None]) for one in row] for row in rows]
    sheet = np.concatenate([np.concatenate(row, axis=1) for row in pictures])
    Image.fromarray(np.clip(sheet + 0.5, 0, 255).astype(np.uint8)).save(path)
    error = np.mean(np.square(np.stack(pictures[0]) - np.stack(pictures[1])))
    return float(10 * np.log10(255**2 / error))
