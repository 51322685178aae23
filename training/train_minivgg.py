"""Train MiniVGG: a small student that learns the feature maps of VGG19.

    python training/train_minivgg.py --data ../shared/data --run training/runs/mini

Every student layer, through a linear 1×1 map that is thrown away afterwards, predicts
the teacher's map after the ReLU. The map is linear, F_teacher ≈ F_student·A, so a
matched student Gram implies a matched teacher Gram: G_teacher ≈ Aᵀ·G_student·A.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from teachers import DEEP, SHALLOW, Teachers, load_crops
from tqdm import tqdm

from nstlib.preprocessing import BGR_MEANS
from nstlib.vgg import feature_maps, layer_names

WIDTHS = (32, 80, 128, 128, 128)
INPUT_SCALE = 60.0  # pixels/60 have unit spread; folded into block1_conv1 on export
SIDE = 96
BATCH = 12
LAYER_WEIGHTS = dict.fromkeys(SHALLOW, 1.0) | dict.fromkeys(DEEP, 0.3)
# The first layers of each block carry the style; conv3_1 is the hardest of them.
LAYER_WEIGHTS |= {"block1_conv1": 1.5, "block2_conv1": 1.5, "block3_conv1": 2.0}


def new_student(seed: int) -> dict[str, tf.Variable]:
    """He-initialised kernels and zero biases in MiniVGG's plan."""
    rng = np.random.default_rng(seed)
    student, channels = {}, 3
    for name in layer_names("mini"):
        width = WIDTHS[int(name[5]) - 1]
        kernel = rng.normal(size=(3, 3, channels, width)) * np.sqrt(2 / (9 * channels))
        student[f"{name}/kernel"] = tf.Variable(kernel.astype(np.float32))
        student[f"{name}/bias"] = tf.Variable(tf.zeros(width))
        channels = width
    return student


def widened(start: dict[str, np.ndarray], student: dict[str, tf.Variable]) -> None:
    """Begin with a trained network, which may be narrower than the student.

    A channel that the narrower network lacks keeps its random kernel, and the layer
    above does not listen to it yet: at first both networks compute the same (the idea
    of Net2Net, Chen et al. 2016).
    """
    for key, variable in student.items():
        value, old = variable.numpy(), start[key]
        if old.ndim == 4:
            value[:, :, old.shape[2] :, : old.shape[3]] = 0.0
            value[:, :, : old.shape[2], : old.shape[3]] = old
        else:
            value[: len(old)] = old
        variable.assign(value)


def rescaled(
    network: dict[str, np.ndarray], factors: dict[str, float]
) -> dict[str, np.ndarray]:
    """Multiply the feature maps of each layer by a factor.

    ReLU and pooling let a positive factor through, so the next layer can take it back:
    the network computes the same, in other units.
    """
    result, before = {}, 1.0
    for name in layer_names("mini"):
        factor = factors[name]
        result[f"{name}/kernel"] = network[f"{name}/kernel"] * (factor / before)
        result[f"{name}/bias"] = network[f"{name}/bias"] * factor
        before = factor
    return result


def balance(student: dict[str, tf.Variable], crops: np.ndarray) -> None:
    """Give every layer unit mean square: one learning rate then fits all."""
    batch = make_batch(crops, None, np.random.default_rng(2)) / INPUT_SCALE
    found = feature_maps(student, batch, layer_names("mini"))
    factors = {k: float(1 / np.sqrt(np.mean(v**2))) for k, v in found.items()}
    for key, value in rescaled(
        {k: v.numpy() for k, v in student.items()}, factors
    ).items():
        student[key].assign(value)


def fit_maps(student, teachers, scales, crops) -> dict[str, tf.Variable]:
    """The linear maps from student to teacher, begun as ridge regressions."""
    rng, rows = np.random.default_rng(1), {name: [] for name in scales}
    for _ in range(12):
        batch = make_batch(crops, None, rng)
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


def crop(pictures: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One random crop, (SIDE, SIDE, 3) float32, mirrored or halved at random."""
    picture = pictures[rng.integers(len(pictures))]
    side = 2 * SIDE if rng.random() < 0.35 else SIDE
    top, left = (rng.integers(n - side + 1) for n in picture.shape[:2])
    piece = picture[top : top + side, left : left + side].astype(np.float32)
    if side > SIDE:
        piece = piece.reshape(SIDE, 2, SIDE, 2, 3).mean((1, 3))
    return piece[:, ::-1] if rng.random() < 0.5 else piece


def make_batch(
    crops: np.ndarray, on_policy: np.ndarray | None, rng: np.random.Generator
) -> np.ndarray:
    """Plain crops and crops led astray, as the optimisation leads them.

    A quarter each of plain crops, crops with pixel noise, with noise at half the
    resolution, and blends of two with noise; of these, five of twelve are replaced
    by crops of pictures that the student itself has painted.
    """
    batch = []
    for index in range(BATCH):
        if on_policy is not None and index % 12 >= 7:
            batch.append(crop(on_policy, rng))
            continue
        piece, kind = crop(crops, rng), index % 4
        sigma = np.exp(rng.uniform(np.log(2), np.log(60)))
        if kind == 3:
            share = rng.uniform(0.2, 0.8)
            piece = share * piece + (1 - share) * crop(crops, rng)
            sigma /= 2
        side = SIDE // 2 if kind == 2 else SIDE
        if kind:
            noise = rng.normal(size=(side, side, 3)).astype(np.float32)
            piece = piece + sigma * noise.repeat(SIDE // side, 0).repeat(
                SIDE // side, 1
            )
        batch.append(piece)
    return (np.stack(batch)[..., ::-1] - BGR_MEANS).astype(np.float32)


def normalisers(teachers: Teachers, crops: np.ndarray) -> dict[str, tf.Tensor]:
    """1 / (a channel's variance + a quarter of its layer's mean variance)."""
    rng = np.random.default_rng(0)
    batches = [teachers(make_batch(crops, None, rng)) for _ in range(8)]
    scales = {}
    for name in batches[0]:
        values = np.concatenate([b[name].numpy() for b in batches])
        variance = values.var((0, 1, 2))
        scales[name] = tf.constant(1 / (variance + variance.mean() / 4), tf.float32)
    return scales


def make_step(student, maps, teachers, scales, optimizer):
    """Compile one training step: batch → mean normalised error of each layer."""
    variables = [*student.values(), *maps.values()]
    names = [*SHALLOW, *DEEP]

    @tf.function
    def step(batch):
        targets = teachers(batch)
        with tf.GradientTape() as tape:
            features = feature_maps(
                student, batch / INPUT_SCALE, names, dtype=teachers.dtype
            )
            errors = {}
            for name in names:
                # In block 1 neighbours say nearly the same: every fourth will do.
                every = 2 if name.startswith("block1") else 1
                x = tf.cast(features[name][:, ::every, ::every], teachers.dtype)
                kernel = tf.cast(maps[f"{name}/map"], teachers.dtype)
                guess = tf.cast(tf.einsum("bhwc,cd->bhwd", x, kernel), tf.float32)
                # Targets are divided by their spread, so that the maps stay O(1).
                target = targets[name][:, ::every, ::every] * tf.sqrt(scales[name])
                errors[name] = tf.reduce_mean(
                    tf.square(guess + maps[f"{name}/shift"] - target)
                )
            loss = tf.add_n([LAYER_WEIGHTS[name] * errors[name] for name in names])
        optimizer.apply_gradients(
            zip(tape.gradient(loss, variables), variables, strict=True)
        )
        return tf.stack([errors[name] for name in names])

    return step


def one_cycle(
    peak: float, steps: int
) -> keras.optimizers.schedules.LearningRateSchedule:
    """Warm up over a twentieth of the steps, then fall to nothing along a cosine."""
    warm = max(steps // 20, 1)
    return keras.optimizers.schedules.CosineDecay(
        peak / 25, steps - warm, alpha=1e-3, warmup_target=peak, warmup_steps=warm
    )


def train(args: argparse.Namespace) -> None:
    """Train, or go on where the run's last checkpoint stands."""
    run = Path(args.run)
    run.mkdir(parents=True, exist_ok=True)
    teachers = Teachers(Path(args.data) / "teachers", tf.as_dtype(args.precision))
    crops, _ = load_crops(Path(args.data))
    on_policy = np.load(args.on_policy, mmap_mode="r") if args.on_policy else None
    student = new_student(args.seed)
    if args.start:
        with np.load(args.start) as file:
            widened(dict(file), student)
    balance(student, crops)
    scales = normalisers(teachers, crops)
    maps = fit_maps(student, teachers, scales, crops)
    optimizer = keras.optimizers.AdamW(
        one_cycle(args.peak, args.steps), weight_decay=1e-4, global_clipnorm=5.0
    )
    optimizer.build([*student.values(), *maps.values()])
    done = tf.Variable(0, dtype=tf.int64)
    checkpoint = tf.train.Checkpoint(
        **{k.replace("/", "_"): v for k, v in (student | maps).items()},
        optimizer=optimizer,
        done=done,
    )
    manager = tf.train.CheckpointManager(checkpoint, str(run / "checkpoint"), 1)
    checkpoint.restore(manager.latest_checkpoint)
    step = make_step(student, maps, teachers, scales, optimizer)
    running = None
    with tqdm(total=args.steps, initial=int(done), unit="step", mininterval=10) as bar:
        while int(done) < args.steps:
            # A generator per step: a resumed run sees what an unbroken one sees.
            rng = np.random.default_rng([args.seed, int(done)])
            errors = step(tf.constant(make_batch(crops, on_policy, rng)))
            running = errors if running is None else 0.99 * running + 0.01 * errors
            done.assign_add(1)
            bar.update()
            if int(done) % args.save_every == 0 or int(done) == args.steps:
                manager.save()
                np.savez(
                    run / "student.npz",
                    **{k: v.numpy() for k, v in (student | maps).items()},
                )
                tqdm.write(
                    f"{int(done)} 1-error: "
                    + " ".join(f"{1 - e:.3f}" for e in running.numpy())
                )


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, help="folder of teachers and crops")
    parser.add_argument("--run", required=True, help="folder for checkpoints")
    parser.add_argument("--steps", type=int, default=20000)
    parser.add_argument("--peak", type=float, default=2e-3, help="learning rate")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--start", help="network to start from: kernels and biases by layer"
    )
    parser.add_argument("--on-policy", help=".npy of pictures made by paint_on_policy.py")
    parser.add_argument("--precision", default="bfloat16")
    parser.add_argument("--save-every", type=int, default=500)
    train(parser.parse_args())


if __name__ == "__main__":
    main()
