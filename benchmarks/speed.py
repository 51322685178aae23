"""What an evaluation costs, against the convolution speed of this machine.

    python benchmarks/speed.py --sizes 256 512

For each network and precision: seconds for one evaluation of the default objective
(loss and gradient), the share of the machine's own convolution speed that it reaches,
and how many times faster than VGG19 it is. All rounds are interleaved in one run, and
the fastest of each counts: a busy machine only ever makes things slower. VGG19 runs
with random weights, which cost the same as the real ones.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from nstlib.quiet import tf
from nstlib.trial import stand_in

from nstlib.objective import Objective
from nstlib.settings import STYLE_LAYERS, Settings
from nstlib.vgg import FeatureExtractor, has_native_bfloat16


def shipped_mini() -> dict[str, np.ndarray]:
    """MiniVGG as it ships."""
    from nstlib.weights import load_weights

    return load_weights("mini")


def operations(parameters, pixels: int) -> float:
    """Floating-point operations of an evaluation: forward, and back to the picture."""
    return sum(
        2 * 2 * value.size * pixels / 4 ** (int(key[5]) - 1)
        for key, value in parameters.items()
        if key.endswith("kernel")
    )


def convolution(dtype, parameters, size: int):
    """The same network's convolutions, forward and backward, each on its own.

    What the processor can do with these shapes when nothing lies between them.
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
    def run():
        total = 0.0
        for x, y, kernel in work:
            out = tf.nn.conv2d(x, kernel, 1, "SAME")
            back = tf.nn.conv2d_transpose(y, kernel, x.shape, 1, "SAME")
            total += tf.cast(out[0, 0, 0, 0] + back[0, 0, 0, 0], tf.float32)
        return total

    return lambda: run().numpy()


def evaluation(name, parameters, size: int, precision: str):
    """One evaluation of the default objective."""
    settings = Settings(network=name, precision=precision)
    layers = [*settings.style_layers, *settings.content_layers]
    extractor = FeatureExtractor(
        name, parameters, layers, precision=precision, border=settings.border
    )
    rng = np.random.default_rng(0)
    photo, style = rng.uniform(0, 255, (2, size, size, 3)).astype(np.float32)
    objective = Objective(extractor, photo, [(style, 1.0)], settings)
    x = tf.constant(rng.normal(size=(1, size, size, 3)) * 50, tf.float32)
    return lambda: objective.value_and_gradient(x)[0].numpy()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[256, 512])
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    networks = {"vgg19": stand_in("vgg19", STYLE_LAYERS), "mini": shipped_mini()}
    precisions = ["float32"] + ["bfloat16"] * has_native_bfloat16()
    for size in args.sizes:
        tasks = {}
        for precision in precisions:
            for name, parameters in networks.items():
                key = (name, precision)
                tasks[(*key, "evaluation")] = evaluation(
                    name, parameters, size, precision
                )
                dtype = tf.as_dtype(precision)
                tasks[(*key, "convolutions")] = convolution(dtype, parameters, size)
        best = dict.fromkeys(tasks, float("inf"))
        for turn in range(args.rounds + 1):
            for key, task in tasks.items():
                began = time.perf_counter()
                task()
                if turn:  # the first round compiles
                    best[key] = min(best[key], time.perf_counter() - began)
        print(
            f"{size} × {size} px       seconds   GFLOP/s  of own convolutions  vs VGG19"
        )
        for name, precision, what in tasks:
            if what == "evaluation":
                seconds = best[name, precision, what]
                alone = best[name, precision, "convolutions"]
                speed = operations(networks[name], size**2) / seconds / 1e9
                ratio = best["vgg19", precision, what] / seconds
                print(
                    f"{name:6s} {precision:9s}  {seconds:9.3f} {speed:9.0f} "
                    f"{100 * alone / seconds:18.0f} % {ratio:8.2f}×"
                )


if __name__ == "__main__":
    main()
