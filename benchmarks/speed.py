"""Measure what an evaluation costs, against the convolution speed of this machine.

    python benchmarks/speed.py --sizes 256 512

For each network and precision it is printed how many seconds one evaluation of the
default objective takes (loss and gradient), which share of the machine's own
convolution speed it reaches, how many times faster than VGG19 it is, and how many times
faster than in the form that the lessons teach, without `nstlib.faster`. All rounds are
interleaved in one run, and the fastest of each counts: a busy machine only ever makes
things slower. VGG19 runs with random weights, which cost the same as the real ones.

    python benchmarks/speed.py --sizes 512 --operations

This prints the operations that take the most time in an evaluation, and the share of
the convolutions in the time of all operations, in both forms.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from common import (
    Parser,
    add_sizes,
    clocked,
    command,
    count,
    fastest,
    random_pictures,
)

Networks = Mapping[str, Mapping[str, np.ndarray]]
Key = tuple[str, str, str]
"""Network, precision, and one of "evaluation", "clear" and "convolutions"."""


def evaluation(
    name: str,
    parameters: Mapping[str, np.ndarray],
    size: int,
    precision: str,
    clear: bool = False,
) -> Callable[[], object]:
    """One evaluation of the default objective; `clear` is the form of the lessons."""
    from workload import ClearLoss

    from nstlib.backend import tf
    from nstlib.objective import Objective
    from nstlib.settings import Settings
    from nstlib.vgg import FeatureExtractor

    settings = Settings(network=name, precision=precision)
    extractor = FeatureExtractor(
        name,
        parameters,
        settings.layers,
        precision=precision,
        border=settings.border,
    )
    photo, style = random_pictures(size, size)
    margin = settings.margin
    loss = ClearLoss(extractor, settings, margin) if clear else None
    objective = Objective(extractor, photo, [(style, 1.0)], settings, margin, loss)
    rng, side = np.random.default_rng(0), size + 2 * margin
    x = tf.constant(rng.normal(size=(1, side, side, 3)) * 50, tf.float32)
    return lambda: objective.value_and_gradient(x)[1].numpy()


def measure(
    networks: Networks, size: int, rounds: int, clock: Callable[[], float]
) -> dict[Key, float]:
    """Seconds of everything, interleaved."""
    from workload import convolutions

    from nstlib.backend import has_native_bfloat16, tf
    from nstlib.settings import Settings

    tasks: dict[Key, Callable[[], float]] = {}
    for precision in ["float32"] + ["bfloat16"] * has_native_bfloat16():
        for name, parameters in networks.items():
            whole = evaluation(name, parameters, size, precision)
            clear = evaluation(name, parameters, size, precision, clear=True)
            side = size + 2 * Settings().margin
            bare = convolutions(tf.as_dtype(precision), parameters, side)
            tasks[name, precision, "evaluation"] = clocked(whole, clock)
            tasks[name, precision, "clear"] = clocked(clear, clock)
            tasks[name, precision, "convolutions"] = clocked(bare, clock)
    for task in tasks.values():
        task()  # compiles
    return fastest(tasks, rounds)


def print_operations(networks: Networks, size: int, runs: int) -> None:
    """Print the ten operations that take the most time, and the convolutions' share."""
    from workload import profiled

    from nstlib.backend import has_native_bfloat16

    for precision in ["float32"] + ["bfloat16"] * has_native_bfloat16():
        for name, parameters in networks.items():
            for form in ("clear", "faster"):
                clear = form == "clear"
                task = evaluation(name, parameters, size, precision, clear)
                task()  # compiles
                seconds = profiled(task, runs)
                total = sum(seconds.values())
                convolving = sum(s for op, s in seconds.items() if "Conv2D" in op)
                share = 100 * convolving / total
                print(f"{name} {precision} {form}, {size} px: {1000 * total:.0f} ms")
                print(f"  {'convolutions':32s} {share:5.1f} %")
                for op, spent in list(seconds.items())[:10]:
                    print(f"  {op:32s} {100 * spent / total:5.1f} %")


def print_speeds(networks: Networks, size: int, best: Mapping[Key, float]) -> None:
    """Print one line for each network and precision."""
    from workload import operations

    from nstlib.settings import Settings

    print(
        f"{size} × {size} px       seconds   GFLOP/s  of own convolutions  "
        "vs VGG19  vs clear form"
    )
    for name, precision, what in best:
        if what == "evaluation":
            seconds = best[name, precision, what]
            alone = best[name, precision, "convolutions"]
            pixels = (size + 2 * Settings().margin) ** 2
            rate = operations(networks[name], pixels) / seconds / 1e9
            ratio = best["vgg19", precision, what] / seconds
            gain = best[name, precision, "clear"] / seconds
            print(
                f"{name:6s} {precision:9s}  {seconds:9.3f} {rate:9.0f} "
                f"{100 * alone / seconds:18.0f} % {ratio:8.2f}× {gain:13.2f}×"
            )


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = Parser(__doc__)
    add_sizes(parser, 256, 512)
    parser.add_argument("--rounds", type=count, default=5)
    parser.add_argument(
        "--operations", action="store_true", help="print what takes how much time"
    )
    parser.add_argument(
        "--processor",
        action="store_true",
        help="count the seconds of all cores, which a busy machine changes less",
    )
    args = parser.parse_args(argv)
    clock = time.process_time if args.processor else time.perf_counter
    from nstlib.settings import STYLE_LAYERS
    from nstlib.vgg_weights import load_weights, random_parameters

    vgg19, mini = random_parameters("vgg19", STYLE_LAYERS), load_weights("mini")
    networks = {"vgg19": vgg19, "mini": mini}
    for size in args.sizes:
        if args.operations:
            print_operations(networks, size, args.rounds)
            continue
        print_speeds(networks, size, measure(networks, size, args.rounds, clock))


if __name__ == "__main__":
    main()
