"""Measure what an evaluation costs, against the convolution speed of this machine.

    python benchmarks/speed.py --sizes 256 512

For each network and precision it is printed how many seconds one evaluation of the
default objective takes (loss and gradient), which share of the machine's own
convolution speed it reaches, and how many times faster than VGG19 it is. All rounds are
interleaved in one run, and the fastest of each counts: a busy machine only ever makes
things slower. VGG19 runs with random weights, which cost the same as the real ones.
"""

from __future__ import annotations

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
"""Network, precision, and either "evaluation" or "convolutions"."""


def evaluation(
    name: str, parameters: Mapping[str, np.ndarray], size: int, precision: str
) -> Callable[[], object]:
    """One evaluation of the default objective."""

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
    objective = Objective(extractor, photo, [(style, 1.0)], settings)
    rng = np.random.default_rng(0)
    x = tf.constant(rng.normal(size=(1, size, size, 3)) * 50, tf.float32)
    return lambda: objective.value_and_gradient(x)[0].numpy()


def measure(networks: Networks, size: int, rounds: int) -> dict[Key, float]:
    """Seconds of everything, interleaved."""
    from workload import convolutions

    from nstlib.backend import has_native_bfloat16, tf

    tasks: dict[Key, Callable[[], float]] = {}
    for precision in ["float32"] + ["bfloat16"] * has_native_bfloat16():
        for name, parameters in networks.items():
            whole = evaluation(name, parameters, size, precision)
            bare = convolutions(tf.as_dtype(precision), parameters, size)
            tasks[name, precision, "evaluation"] = clocked(whole)
            tasks[name, precision, "convolutions"] = clocked(bare)
    for task in tasks.values():
        task()  # compiles
    return fastest(tasks, rounds)


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = Parser(__doc__)
    add_sizes(parser, 256, 512)
    parser.add_argument("--rounds", type=count, default=5)
    args = parser.parse_args(argv)
    from workload import operations

    from nstlib.settings import STYLE_LAYERS
    from nstlib.vgg_weights import load_weights, random_parameters

    vgg19, mini = random_parameters("vgg19", STYLE_LAYERS), load_weights("mini")
    networks = {"vgg19": vgg19, "mini": mini}
    for size in args.sizes:
        best = measure(networks, size, args.rounds)
        print(
            f"{size} × {size} px       seconds   GFLOP/s  of own convolutions  vs VGG19"
        )
        for name, precision, what in best:
            if what == "evaluation":
                seconds = best[name, precision, what]
                alone = best[name, precision, "convolutions"]
                rate = operations(networks[name], size**2) / seconds / 1e9
                ratio = best["vgg19", precision, what] / seconds
                print(
                    f"{name:6s} {precision:9s}  {seconds:9.3f} {rate:9.0f} "
                    f"{100 * alone / seconds:18.0f} % {ratio:8.2f}×"
                )


if __name__ == "__main__":
    main()
