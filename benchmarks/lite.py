"""Where a TF-Lite network spends its time: convolutions and normalizations alone.

    python benchmarks/lite.py

Converts the network that ships, and networks of ten layers as its blocks have them:
ten convolutions, and ten instance normalizations. Each is timed in float32 and in int8,
as the least of many runs in two threads. Printed are milliseconds, and how many parts
XNNPACK computes, the fast library inside TF-Lite: more than one means that operations
between them are left to TF-Lite's own slower code, since XNNPACK lacks them in int8.
"""

from __future__ import annotations

import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from common import IMAGES, Parser, command, count

STYLE, LAYERS, KINDS = "rose_window", 10, ("float32", "int8")


def convolutions(channels: int) -> Callable[[Any], Any]:
    """Ten convolutions of 3 × 3, each with a ReLU."""
    from nstlib.backend import tf

    rng = np.random.default_rng(0)
    shape = LAYERS, 3, 3, channels, channels
    kernels = rng.normal(0, (2 / 9 / channels) ** 0.5, shape).astype(np.float32)

    def run(maps: Any) -> Any:
        for kernel in kernels:
            maps = tf.nn.relu(tf.nn.conv2d(maps, kernel, 1, "SAME"))
        return maps

    return run


def normalizations(channels: int) -> Callable[[Any], Any]:
    """Ten instance normalizations."""
    from nstlib.feedforward import instance_norm

    one, zero = np.ones(channels, np.float32), np.zeros(channels, np.float32)

    def run(maps: Any) -> Any:
        for _ in range(LAYERS):
            maps = instance_norm(maps, one, zero)
        return maps

    return run


def converted(run: Callable[[Any], Any], maps: np.ndarray, kind: str) -> bytes:
    """Convert a function of maps, whose ranges for int8 are those of these maps."""
    from nstlib.backend import held_back_stderr, tf

    spec = tf.TensorSpec(maps.shape, tf.float32)
    function = tf.function(run, input_signature=[spec]).get_concrete_function()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function])
    if kind == "int8":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: iter([[maps]])
    with held_back_stderr(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return bytes(converter.convert())


def measured(network: Any, maps: np.ndarray, runs: int) -> tuple[float, int]:
    """Return the least milliseconds of some runs, and the parts of XNNPACK."""
    interpreter = network.interpreter
    interpreter.set_tensor(network.inputs[0]["index"], maps)
    seconds = []
    for _ in range(runs + 1):
        began = time.perf_counter()
        interpreter.invoke()
        seconds.append(time.perf_counter() - began)
    names = [operation["op_name"] for operation in interpreter._get_ops_details()]
    return 1000 * min(seconds[1:]), names.count("DELEGATE")


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Print a line for each part and each kind."""
    parser = Parser(__doc__)
    parser.add_argument("--runs", type=count, default=30, help="of each network")
    parser.add_argument("--height", type=count, default=128, help="of the photo")
    args = parser.parse_args(argv)

    from nstlib import load_image
    from nstlib.fast.tflite import LiteNetwork, export_lite
    from nstlib.transformers import load_transformer

    height, width = 4 * (args.height // 4), 4 * (3 * args.height // 8)
    parameters = load_transformer(STYLE).parameters
    channels = parameters["res1a/kernel"].shape[2]
    photo = load_image(IMAGES / "content" / "cat.jpg")[:height, :width]
    rng = np.random.default_rng(1)
    maps = rng.normal(size=(1, height // 4, width // 4, channels)).astype(np.float32)
    parts = {"convolutions": convolutions, "normalizations": normalizations}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.tflite"
        for kind in KINDS:
            export_lite(parameters, path, height, width, kind, [photo, photo[::-1]])
            found = measured(LiteNetwork(path), photo[None], args.runs)
            _say("the network", kind, *found)
            for name, make in parts.items():
                path.write_bytes(converted(make(channels), maps, kind))
                found = measured(LiteNetwork(path), maps, args.runs)
                _say(f"{LAYERS} {name}", kind, *found)


def _say(name: str, kind: str, milliseconds: float, parts: int) -> None:
    print(f"{name:17} {kind:8} {milliseconds:7.1f} ms  parts of XNNPACK: {parts}")


if __name__ == "__main__":
    main()
