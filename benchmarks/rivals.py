"""Our loop against other people's, in one process, on one objective.

    python benchmarks/rivals.py --size 512 --network mini
    python benchmarks/rivals.py --size 512 --network vgg19 --evaluations 0
    python benchmarks/rivals.py --only ours scipy --out rivals.json

All have the same pictures, layers, weights and losses; before anything is timed, each
must agree with the reference objective (float32) about the loss where it starts.

stylize   `nstlib.stylize`: from small to large, in the precision that it chooses;
          its seconds include compiling, once per scale
ours      `nstlib.lbfgs` at one size, in the precision that we choose
ours32    the same in float32
keras     the loop of the Keras example: content, style and picture go through the
          network as a batch of three at each step; SGD with a decaying rate
tutorial  the loop of TensorFlow's tutorial: Adam(0.02, β₁ 0.99, ε 0.1) on 0–1, clipped
          at each step, the loss scaled up to its order of magnitude
scipy     SciPy's L-BFGS-B around our objective
torch     PyTorch, if it is installed: torch.optim.LBFGS with strong_wolfe

Printed: seconds per evaluation, optimiser included, and the share of them that bare
convolutions of the same shapes take; then, from noise and from the photo, when each
comes down to the loss that `--evaluations` of SciPy reach. Nobody's own losses count:
the reference judges the pictures on the way afterwards, off the clock.
VGG19 without `--weights` has random weights: good for step costs only.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
from convergence import IMAGES, with_scipy
from nstlib.quiet import tf
from nstlib.trial import computed_in, stand_in
from speed import convolution, operations

from nstlib import descent, lbfgs, load_image, load_network, preprocess, transfer
from nstlib.images import resize
from nstlib.losses import content_loss, gram_matrix, positions, style_loss
from nstlib.losses import total_variation_loss as variation
from nstlib.objective import GREY, Objective
from nstlib.preprocessing import BGR_MEANS
from nstlib.settings import Settings
from nstlib.vgg import FeatureExtractor

LOW = tf.constant(-BGR_MEANS)
TUTORIAL_SCALE = 1e5
"""Its losses are so much larger than ours, and its ε expects that."""
SHOTS = 60
"""Pictures kept of a run, to be judged afterwards."""


class Task:
    """What everybody is to minimise."""

    def __init__(self, network: str, weights: str | None, size: int):
        self.settings = Settings(
            size=size, network=network, weights=weights, border="zero", margin=0
        )
        self.layers = [*self.settings.content_layers, *self.settings.style_layers]
        if network == "vgg19" and weights is None:
            self.parameters = stand_in(network, self.layers)
        else:
            loaded = load_network(network, self.layers, weights=weights)
            self.parameters = {k: v.numpy() for k, v in loaded.parameters.items()}
        self.photo = load_image(IMAGES / "content" / "astronaut.jpg", size)
        style = load_image(IMAGES / "style" / "starry_night.jpg")
        self.style = resize(style, *self.photo.shape[:2])
        self.reference = self.objective("float32")

    def extractor(self, precision: str) -> FeatureExtractor:
        name = self.settings.network
        return FeatureExtractor(name, self.parameters, self.layers, precision=precision)

    def objective(self, precision: str) -> Objective:
        styles = [(self.style, 1.0)]
        return Objective(self.extractor(precision), self.photo, styles, self.settings)

    def start(self, kind: str) -> tf.Tensor:
        """Noise, or the photo."""
        if kind == "photo":
            return tf.constant(preprocess(self.photo))
        shape = (1, *self.photo.shape)
        noise = np.random.default_rng(0).normal(0, self.settings.noise_sigma, shape)
        return tf.constant(noise, tf.float32)


@dataclass
class Clock:
    """Is told every evaluation; stands still while it keeps a picture."""

    every: int = 10**9
    count: int = 0
    seconds: float = 0.0
    shots: list[tuple[int, float, np.ndarray]] = field(default_factory=list)
    resumed: float = field(default_factory=time.perf_counter)

    def __call__(self, *seen: Any) -> None:
        """Takes anything; the last but one, or the only one, is the picture."""
        self.seconds += time.perf_counter() - self.resumed
        self.count += 1
        if self.count % self.every == 0:
            x = seen[-2] if len(seen) > 1 else seen[0]
            kept = np.array(x.numpy() if hasattr(x, "numpy") else x, np.float32)
            self.shots.append((self.count, self.seconds, kept))
        self.resumed = time.perf_counter()


def ours(task: Task, precision: str):
    """Our L-BFGS."""
    objective = task.objective(precision)
    noise = 1e-3 if precision == "bfloat16" else 1e-5

    def loop(x0, evaluations, watch):
        function, history = objective.value_and_gradient, task.settings.history
        lbfgs.minimize(function, x0, evaluations, history, watch, noise=noise)

    return loop, lambda x: objective.value_and_gradient(x)[0]


def as_scipy(task: Task):
    """SciPy's L-BFGS-B."""

    def loop(x0, evaluations, watch):
        def record(x):
            found = task.reference.value_and_gradient(x)
            watch(x)
            return found

        with_scipy(record, x0, evaluations, task.settings.history)

    return loop, lambda x: task.reference.value_and_gradient(x)[0]


def as_keras(task: Task):
    """A batch of three through the network at each step, and SGD."""
    settings, extractor = task.settings, task.extractor("float32")
    photo, style = (tf.constant(preprocess(p)) for p in (task.photo, task.style))
    pixels = float(task.photo.shape[0] * task.photo.shape[1])

    def loss(x):
        maps = extractor(tf.concat([photo, style, x], axis=0))
        total = settings.tv_weight * variation(x / GREY)
        for name, weight in settings.content_layers.items():
            part = content_loss(maps[name][2:], maps[name][:1])
            total += settings.content_weight * weight * part
        for name, weight in settings.style_layers.items():
            goal, theirs = maps[name][1:2], maps[name][2:]
            part = style_loss(theirs, gram_matrix(goal), positions(goal))
            total += settings.style_weight * weight * part
        return total

    @tf.function
    def step(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            total = loss(x)
        return total, tape.gradient(total, x)

    def loop(x0, evaluations, watch):
        optimizer = descent.make_optimizer("sgd", decay=0.96)
        x = tf.Variable(x0)
        for _ in range(evaluations):
            total, gradient = step(tf.convert_to_tensor(x))
            optimizer.apply([gradient * pixels], [x])
            float(total)
            watch(x)

    return loop, loss


def as_tutorial(task: Task):
    """Everything in one compiled step, and Adam."""
    loss = task.reference.losses

    def make_step(optimizer):
        @tf.function
        def step(x):
            with tf.GradientTape() as tape:
                total = loss(x * 255.0 + LOW)[0]
            gradient = tape.gradient(total, x)
            optimizer.apply([gradient * TUTORIAL_SCALE], [x])
            x.assign(tf.clip_by_value(x, 0.0, 1.0))
            return total

        return step

    def loop(x0, evaluations, watch):
        from keras import optimizers

        x = tf.Variable(tf.clip_by_value((x0 - LOW) / 255.0, 0.0, 1.0))
        optimizer = optimizers.Adam(0.02, beta_1=0.99, epsilon=0.1)
        optimizer.build([x])
        step = make_step(optimizer)
        before = x.numpy()
        step(x)  # compiles: off the clock, and undone
        x.assign(before)
        for variable in optimizer.variables[2:]:
            variable.assign(tf.zeros_like(variable))
        watch.resumed = time.perf_counter()
        for _ in range(evaluations):
            float(step(x))
            watch(Lazily(lambda: x * 255.0 + LOW))

    return loop, lambda x: loss(x)[0]


@dataclass
class Lazily:
    """A picture in the reference's units, made only where it is kept."""

    make: Callable[[], Any]

    def numpy(self):
        """As a tensor would do."""
        return np.array(tf.convert_to_tensor(self.make()))


def as_torch(task: Task):
    """PyTorch."""
    import torch

    network = TorchLoss(task)

    def loop(x0, evaluations, watch):
        x = torch.tensor(np.moveaxis(x0.numpy(), 3, 1)).contiguous().requires_grad_()
        optimizer = torch.optim.LBFGS(
            [x],
            max_iter=evaluations,
            max_eval=evaluations,
            tolerance_grad=0,
            tolerance_change=0,
            history_size=task.settings.history,
            line_search_fn="strong_wolfe",
        )

        def closure():
            if watch.count >= evaluations:  # it looks only between its line searches
                raise StopIteration
            optimizer.zero_grad()
            total = network(x)
            total.backward()
            total.item()
            watch(np.moveaxis(x.detach().numpy(), 1, 3))
            return total

        with suppress(StopIteration):
            optimizer.step(closure)

    def loss(x):
        return float(network(torch.tensor(np.moveaxis(x.numpy(), 3, 1))))

    return loop, loss


class TorchLoss:
    """The reference objective in PyTorch, in its own order (1, C, H, W)."""

    def __init__(self, task: Task):
        import torch

        self.settings = task.settings
        self.parameters = {
            key: torch.tensor(np.transpose(v, (3, 2, 0, 1)).copy() if v.ndim > 1 else v)
            for key, v in task.parameters.items()
        }
        pictures = (preprocess(p) for p in (task.photo, task.style))
        with torch.no_grad():
            photo, style = (
                self.maps(torch.tensor(np.moveaxis(p, 3, 1).copy())) for p in pictures
            )
            self.content = {k: photo[k] for k in self.settings.content_layers}
            self.grams = {k: self.gram(style[k]) for k in self.settings.style_layers}

    def maps(self, x):
        """Feature maps down to the deepest layer that is asked for."""
        from torch.nn import functional

        wanted = {*self.settings.content_layers, *self.settings.style_layers}
        found, block = {}, "1"
        for name in sorted({key.split("/")[0] for key in self.parameters}):
            if name[5] != block:
                x, block = functional.max_pool2d(x, 2), name[5]
            kernel, bias = (self.parameters[f"{name}/{k}"] for k in ("kernel", "bias"))
            x = functional.relu(functional.conv2d(x, kernel, bias, padding=1))
            if name in wanted:
                found[name] = x
                if len(found) == len(wanted):
                    break
        return found

    @staticmethod
    def gram(features):
        """Divided by the positions."""
        flat = features.flatten(2)[0]
        return flat @ flat.T / flat.shape[1]

    def __call__(self, x):
        """The loss, a scalar."""
        settings, maps, y = self.settings, self.maps(x), x / GREY
        down, right = y[:, :, 1:] - y[:, :, :-1], y[..., 1:] - y[..., :-1]
        total = settings.tv_weight * (down.square().mean() + right.square().mean())
        for name, weight in settings.content_layers.items():
            goal = self.content[name]
            part = (maps[name] - goal).square().mean() / goal.square().mean()
            total = total + settings.content_weight * weight * part
        for name, weight in settings.style_layers.items():
            goal = self.grams[name]
            part = (self.gram(maps[name]) - goal).square().sum() / goal.square().sum()
            total = total + settings.style_weight * weight * part
        return total


def as_stylize(task: Task):
    """The whole packaged run; pictures of its last scale are kept."""

    def loop(x0, evaluations, watch):
        inner = transfer._Run._watch

        def seen(run, objective, x):
            # A callback gets a clipped picture, and the others' are not clipped.
            if x.shape[1:3] == task.photo.shape[:2]:
                watch(x)
            else:
                watch.seconds += time.perf_counter() - watch.resumed
                watch.resumed = time.perf_counter()
                watch.count += 1
            return inner(run, objective, x)

        kind = "content" if np.allclose(x0, task.start("photo")) else "noise"
        with mock.patch.object(transfer._Run, "_watch", seen):
            overrides = {"steps": evaluations, "init": kind}
            transfer.stylize(task.photo, task.style, task.settings, **overrides)

    return loop, None


def contenders(task: Task, only: list[str] | None) -> dict[str, Any]:
    """Name → (loop, loss)."""
    auto = computed_in(task.settings)
    makers = {
        "ours": lambda: ours(task, auto),
        "ours32": lambda: ours(task, "float32"),
        "keras": lambda: as_keras(task),
        "tutorial": lambda: as_tutorial(task),
        "scipy": lambda: as_scipy(task),
        "torch": lambda: as_torch(task),
        "stylize": lambda: as_stylize(task),
    }
    if not importlib.util.find_spec("torch"):
        print("torch is not installed, and left out")
        del makers["torch"]
    return {k: make() for k, make in makers.items() if not only or k in only}


def check_agreement(task: Task, rivals: dict[str, Any]) -> None:
    """Stop unless all mean the same by the loss."""
    x = task.start("noise")
    wanted = float(task.reference.value_and_gradient(x)[0])
    for name, (_, loss) in rivals.items():
        if loss is not None:
            tolerance = 0.02 if name == "ours" else 1e-3
            found = float(loss(x))
            assert abs(found / wanted - 1) < tolerance, (name, found, wanted)


def step_costs(task: Task, rivals: dict[str, Any], evaluations: int, rounds: int):
    """Seconds per evaluation, and of bare convolutions; rounds are interleaved."""
    x0, size = task.start("noise"), task.settings.size
    precision = {name: "float32" for name in rivals if name != "stylize"}
    if "ours" in precision:
        precision["ours"] = computed_in(task.settings)
    bare = {
        kind: convolution(tf.as_dtype(kind), task.parameters, size)
        for kind in set(precision.values())
    }
    best = dict.fromkeys([*precision, *bare], float("inf"))
    for turn in range(rounds + 1):
        for name in precision:
            clock = Clock()
            rivals[name][0](x0, evaluations if turn else 2, clock)
            if turn:  # the first round compiles
                best[name] = min(best[name], clock.seconds / max(clock.count, 1))
        for kind, run in bare.items():
            began = time.perf_counter()
            run()
            if turn:
                best[kind] = min(best[kind], time.perf_counter() - began)
    speed = operations(task.parameters, size**2) / 1e9
    print(f"\n{'':10} s/evaluation   vs ours  bare convolutions")
    for name, kind in precision.items():
        ratio = best[name] / best.get("ours", best[name])
        share = f"{100 * best[kind] / best[name]:5.0f} %"
        rate = f"{speed / best[kind]:.0f} GFLOP/s in {kind}"
        print(f"{name:10} {best[name]:12.4f} {ratio:8.2f}×  {share} of it, {rate}")
    return best


def races(task: Task, rivals: dict[str, Any], evaluations: int, kind: str):
    """Run everybody from one start; the losses on the way, by the reference."""
    x0, curves = task.start(kind), {}
    judge = task.reference.value_and_gradient
    for name, (loop, _) in rivals.items():
        if name not in ("stylize", "tutorial"):
            loop(x0, 2, Clock())  # compiles
        clock = Clock(every=max(1, evaluations // SHOTS))
        loop(x0, evaluations, clock)
        losses = [float(judge(tf.constant(x))[0]) for *_, x in clock.shots]
        best = np.minimum.accumulate(losses).tolist()
        curves[name] = [
            (count, seconds, loss)
            for (count, seconds, _), loss in zip(clock.shots, best, strict=True)
        ]
        print(f"  {name} done: {clock.seconds:.1f} s", flush=True)
    goal = curves.get("scipy", next(iter(curves.values())))[-1][2]
    print(
        f"\nfrom {kind}: to the loss {goal:.4g}   evaluations   seconds   lowest loss"
    )
    for name, curve in curves.items():
        there = next((point for point in curve if point[2] <= goal * 1.0001), None)
        when = f"{there[0]:11d} {there[1]:9.1f}" if there else f"{'–':>11} {'–':>9}"
        print(f"{name:34} {when} {curve[-1][2]:13.4g}")
    return {"goal": goal, "curves": curves}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--size", type=int, default=512)
    add("--network", choices=("mini", "vgg19"), default="mini")
    add("--weights", help="file of real VGG19 weights")
    add("--evaluations", type=int, default=300, help="of each race; 0: none")
    add("--steps", type=int, default=10, help="evaluations timed for the step cost")
    add("--rounds", type=int, default=3)
    add("--only", nargs="+", metavar="NAME")
    add("--out", type=Path, help="write all figures as JSON, too")
    args = parser.parse_args()
    task = Task(args.network, args.weights, args.size)
    rivals = contenders(task, args.only)
    check_agreement(task, rivals)
    shape = "×".join(map(str, task.photo.shape[1::-1]))
    print(f"{args.network}, {shape} pixels, {len(task.layers)} layers asked for")
    facts: dict[str, Any] = {"network": args.network, "size": args.size}
    facts["step"] = step_costs(task, rivals, args.steps, args.rounds)
    for kind in ("noise", "photo"):
        if args.evaluations:
            facts[kind] = races(task, rivals, args.evaluations, kind)
    if args.out:
        args.out.write_text(json.dumps(facts, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
