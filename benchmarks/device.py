"""Is a graphics card right, and how fast is it? Each precision against the processor.

    python benchmarks/device.py --sizes 512 1024 2048
    python benchmarks/device.py --device CPU --sizes 128

For each size and precision it is printed how many seconds an evaluation of the default
objective takes (loss and gradient), and how far loss and gradient are from those that
the processor computes in float32, relative to their own length. The precision that
``precision="auto"`` takes here is marked. The memory is that which TensorFlow used at
most on the card, which it is told to take only as it needs it.

We have had no card with TensorFlow at hand: nobody has run this on one yet.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from common import InputError, Parser, add_sizes, command, count, random_pictures

PRECISIONS = ("float32", "bfloat16")


class Measured(NamedTuple):
    """One evaluation of the default objective."""

    loss: float
    gradient: np.ndarray
    seconds: float


def device_named(kind: str) -> Any:
    """Find the first device of a kind; its memory is taken as it is needed."""
    from nstlib.backend import tf

    found = tf.config.list_physical_devices(kind)
    if not found:
        raise InputError(f"TensorFlow sees no {kind} here; try --device CPU.")
    if kind == "GPU":
        tf.config.experimental.set_memory_growth(found[0], True)
    return tf.device(f"/{kind}:0")


def evaluate(place: Any, size: int, precision: str, rounds: int) -> Measured:
    """Evaluate the default objective of MiniVGG on a device, and keep the best time."""
    from nstlib.backend import tf
    from nstlib.objective import Objective
    from nstlib.settings import Settings
    from nstlib.vgg import load_network

    settings = Settings(precision=precision)
    photo, style = random_pictures(size, size)
    side = size + 2 * settings.margin
    start = np.random.default_rng(0).normal(0, 50, (1, side, side, 3))
    with place:
        network = load_network("mini", settings.layers, precision=precision)
        objective = Objective(network, photo, [(style, 1.0)], settings, settings.margin)
        x = tf.constant(start, tf.float32)
        best = float("inf")
        for _ in range(rounds + 1):  # the first one compiles
            began = time.perf_counter()
            loss, gradient = objective.value_and_gradient(x)
            found = gradient.numpy()
            best = min(best, time.perf_counter() - began)
    return Measured(float(loss), found, best)


def print_row(size: int, precision: str, found: Measured, exact: Measured) -> None:
    """Print one line of the table."""
    from nstlib.vgg import computed_in

    loss = abs(found.loss / exact.loss - 1)
    gradient = np.linalg.norm(found.gradient - exact.gradient)
    gradient /= np.linalg.norm(exact.gradient)
    chosen = "  (auto)" if computed_in("auto") == precision else ""
    print(
        f"{size:5d} {precision:9s} {found.seconds:9.4f} {exact.seconds:10.4f} "
        f"{100 * loss:8.3f} % {100 * gradient:8.3f} %{chosen}",
        flush=True,
    )


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = Parser(__doc__)
    add_sizes(parser, 512, 1024, 2048)
    parser.add_argument("--device", choices=("GPU", "CPU"), default="GPU")
    parser.add_argument("--rounds", type=count, default=5)
    args = parser.parse_args(argv)
    place = device_named(args.device)
    from nstlib.backend import tf

    print(" size precision    seconds  processor     loss   gradient")
    for size in args.sizes:
        exact = evaluate(tf.device("/CPU:0"), size, "float32", rounds=1)
        for precision in PRECISIONS:
            found = evaluate(place, size, precision, args.rounds)
            print_row(size, precision, found, exact)
    if args.device == "GPU":
        peak = tf.config.experimental.get_memory_info("GPU:0")["peak"]
        print(f"{peak / 2**30:.2f} GiB of the card's memory at most")


if __name__ == "__main__":
    main()
