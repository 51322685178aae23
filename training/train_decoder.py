"""Train a decoder: from the feature maps of one layer of MiniVGG back to a picture.

    python training/train_decoder.py --data D --run R --level block4_conv1
    python training/train_decoder.py --data D --run S --level block4_conv1 --style 3 \\
        --peak 5e-4 --start R/decoder.npz

Half of each batch is decoded as it is, and must give back the picture: its pixels, and
its feature maps up to the level. The other half gets the means and deviations of
another crop's channels first (AdaIN, Huang & Belongie 2017), as it will be in use, and
must give the same features when it is encoded again. With `--style`, those pictures
must also have the style of the other crop: means and deviations in `STYLE_LEVELS`,
times this weight.

`--start` takes over the layers that have the same name and shape, also from the decoder
of another level.

Run it again with the same folder to go on from the last checkpoint.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from train_minivgg import one_cycle
from PIL import Image
from teachers import load_crops
from tqdm import tqdm

from nstlib.decoders import LEVELS, decode, random_decoder
from nstlib.preprocessing import BGR_MEANS, deprocess, preprocess
from nstlib.vgg import MINI_WIDTHS, feature_maps, load_network

PIXEL_SCALE = 60.0  # the decoder's output has about unit spread; folded in on export
BATCH = 4
PLAIN = BATCH // 2
STYLE_LEVELS = LEVELS[2:4]  # the shallow ones would be matched by a fine grid
PREVIEWS = 6


class Encoder:
    """MiniVGG's feature maps at LEVELS, and how much they vary over the crops."""

    def __init__(self, level: str, crops: np.ndarray):
        self.parameters = load_network("mini").parameters
        self.level = level
        self.layers = sorted({*LEVELS[: LEVELS.index(level) + 1], *STYLE_LEVELS})
        batch = np.concatenate([preprocess(crop) for crop in crops[::40]])
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


def moments(features: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Mean and deviation of each channel of each picture, (batch, 1, 1, C)."""
    mean, variance = tf.nn.moments(features, [1, 2], keepdims=True)
    return mean, tf.sqrt(variance + 1e-3)


def adain(content: tf.Tensor, style: tf.Tensor) -> tf.Tensor:
    """Content with the style's means and deviations (Huang & Belongie 2017, eq. 8)."""
    (mu, sigma), (nu, tau) = moments(content), moments(style)
    return (content - mu) / sigma * tau + nu


def trained(decoder: dict[str, Any]) -> list[tf.Variable]:
    """Kernels and biases; what standardises the features stays as it is."""
    return [value for value in decoder.values() if isinstance(value, tf.Variable)]


def make_step(decoder, encoder, optimizer, style_weight):
    """Compile one step: batch, shares of the style → pixel, feature, style error."""
    variables, level = trained(decoder), encoder.level

    @tf.function
    def step(batch, shares):
        maps = encoder(batch)
        content = maps[level][PLAIN:]
        style = {name: tf.roll(value[PLAIN:], 1, 0) for name, value in maps.items()}
        mixed = shares * adain(content, style[level]) + (1 - shares) * content
        target = tf.concat([maps[level][:PLAIN], mixed], 0)
        with tf.GradientTape() as tape:
            picture = decode(decoder, target, level, tf.bfloat16) * PIXEL_SCALE
            found = encoder(picture)
            difference = (picture - batch)[:PLAIN] / PIXEL_SCALE
            pixel = tf.reduce_mean(tf.square(difference))
            feature = encoder.error(level, found[level], target)
            for name in LEVELS[: LEVELS.index(level)]:
                lower = encoder.error(name, found[name][:PLAIN], maps[name][:PLAIN])
                feature += 0.3 * lower
            styled = tf.constant(0.0)
            if style_weight:
                for name in STYLE_LEVELS:
                    pairs = zip(
                        moments(found[name][PLAIN:]), moments(style[name]), strict=True
                    )
                    wide = np.mean(encoder.spread[name] ** 2)
                    styled += tf.add_n(
                        [tf.reduce_mean(tf.square(a - b)) / wide for a, b in pairs]
                    )
            loss = pixel + feature + style_weight * styled
        gradients = tape.gradient(loss, variables)
        optimizer.apply_gradients(zip(gradients, variables, strict=True))
        return tf.stack([pixel, feature, styled])

    return step


def make_batch(crops: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """BATCH whole crops, half of them mirrored, preprocessed."""
    chosen = crops[rng.integers(len(crops), size=BATCH)].astype(np.float32)
    mirrored = rng.random(BATCH) < 0.5
    chosen[mirrored] = chosen[mirrored, :, ::-1]
    return (chosen[..., ::-1] - BGR_MEANS).astype(np.float32)


def preview(decoder, encoder, held_out: np.ndarray, path: Path) -> float:
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


def train(args: argparse.Namespace) -> None:
    """Train, or go on where the run's last checkpoint stands."""
    run = Path(args.run)
    run.mkdir(parents=True, exist_ok=True)
    crops, held_out = load_crops(Path(args.data))
    encoder = Encoder(args.level, crops)
    channels = MINI_WIDTHS[int(args.level[5]) - 1]
    begin = random_decoder(args.level, channels, args.seed)
    if args.start:
        with np.load(args.start) as file:
            alike = {k for k in begin if k in file and file[k].shape == begin[k].shape}
            begin |= {key: file[key] for key in alike}
    decoder = {
        key: tf.Variable(value, name=key.replace("/", "_"))
        for key, value in begin.items()
        if "/" in key
    }
    decoder |= {"mean": encoder.mean, "spread": encoder.spread[args.level]}
    optimizer = keras.optimizers.AdamW(
        one_cycle(args.peak, args.steps), weight_decay=1e-4, global_clipnorm=5.0
    )
    optimizer.build(trained(decoder))
    done = tf.Variable(0, dtype=tf.int64)
    checkpoint = tf.train.Checkpoint(
        **{v.name.split(":")[0]: v for v in trained(decoder)},
        optimizer=optimizer,
        done=done,
    )
    manager = tf.train.CheckpointManager(checkpoint, str(run / "checkpoint"), 1)
    checkpoint.restore(manager.latest_checkpoint)
    step = make_step(decoder, encoder, optimizer, args.style)
    running = None
    with tqdm(total=args.steps, initial=int(done), unit="step", mininterval=10) as bar:
        while int(done) < args.steps:
            # A generator per step: a resumed run sees what an unbroken one sees.
            rng = np.random.default_rng([args.seed, int(done)])
            shares = rng.uniform(0.3, 1, (BATCH - PLAIN, 1, 1, 1)).astype(np.float32)
            errors = step(tf.constant(make_batch(crops, rng)), tf.constant(shares))
            running = errors if running is None else 0.99 * running + 0.01 * errors
            done.assign_add(1)
            bar.update()
            if int(done) % args.save_every == 0 or int(done) == args.steps:
                manager.save()
                arrays = {key: np.asarray(value) for key, value in decoder.items()}
                np.savez(run / "decoder.npz", **arrays)
                decibels = preview(decoder, encoder, held_out, run / "preview.png")
                numbers = " ".join(f"{error:.4f}" for error in running.numpy())
                tqdm.write(
                    f"{int(done)} pixel feature style {numbers}, {decibels:.2f} dB"
                )


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, help="folder of the crops")
    parser.add_argument("--run", required=True, help="folder for checkpoints")
    parser.add_argument("--level", required=True, choices=LEVELS)
    parser.add_argument("--style", type=float, default=0.0, help="weight of the style")
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--peak", type=float, default=1e-3, help="learning rate")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--start", help="decoder.npz whose layers are taken")
    parser.add_argument("--save-every", type=int, default=200)
    train(parser.parse_args())


if __name__ == "__main__":
    main()
