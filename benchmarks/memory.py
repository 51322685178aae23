"""Compare what `nstlib.large.cost` predicts with what whole runs really take.

    python benchmarks/memory.py --sizes 256 512 1024
    python benchmarks/memory.py --sizes 256 512 --only 9 10 11 12 13
    python benchmarks/memory.py --fit
    python benchmarks/memory.py --time --steps 100 --sizes 256 512 --only 0 1

Each run is `nstlib.stylize` at one size, or a training with crops of that size, in a
process of its own. For each it is printed how much memory was predicted, how much was
the peak of the process, and by how many per cent the prediction is off; a busy machine
does not change it. ``--time`` compares seconds, too: from the start of the process to
the picture, against a prediction with a trial of its own. They mean something on an
idle machine only, and trainings have none, since one says how long they take. VGG19
has random weights, which cost the same as the real ones. ``--fit`` prints the constants
of the model that suit the optimizations best, and needs SciPy, from the extra
``test``. This does not run on Windows.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from common import (
    InputError,
    Parser,
    add_sizes,
    command,
    count,
    in_a_process,
    number,
    peak_bytes,
    random_pictures,
    write_json,
)

Job = dict[str, Any]
"""The settings of a run, as keywords; of a training, its batch, too."""
RUNS: list[Job] = [
    {"network": "mini", "precision": "float32"},
    {"network": "mini", "precision": "bfloat16"},
    {"network": "mini", "precision": "bfloat16", "history": 4},
    {"network": "mini", "precision": "bfloat16", "optimizer": "adam"},
    {"network": "mini", "precision": "bfloat16", "pooling": "avg"},
    {"network": "vgg19", "precision": "float32"},
    {"network": "vgg19", "precision": "bfloat16"},
]
SHALLOW = {"style_layers": ["conv1_1", "conv2_1"], "content_layers": ["conv2_2"]}
RUNS += [
    {"network": name, "precision": "float32"} | SHALLOW for name in ("mini", "vgg19")
]
RUNS += [
    {"method": name} for name in ("adain", "wct", "swap", "neighbors", "feedforward")
]
RUNS += [{"batch": 4}]
UNITS = ((2**20, "MiB"), (1, "s"))
CONSTANTS = (
    "BASE_BYTES", "WEIGHT_COPIES", "MAP_COPIES", "OTHER_BYTES", "ROUNDED_BYTES"
)  # fmt: skip
"""Of `nstlib.estimate`, those that are fitted."""


def whole_job(size: int, steps: int, chosen: Job) -> Job:
    """A run with its size. The methods of one pass take no steps."""
    if "method" in chosen:
        return {"size": size} | chosen
    return {"size": size, "steps": steps, "coarse_to_fine": False} | chosen


def run(job: Job, began: float) -> list[float]:
    """Do one run in this process: its bytes and seconds."""
    from nstlib.methods import stylize

    if "batch" in job:
        train(job)
        return [peak_bytes()]
    photo, style = random_pictures(job["size"], job["size"])
    trained = job.get("method") == "feedforward"
    stylize(photo, "starry_night" if trained else style, **job)
    return [peak_bytes(), time.time() - began]


def train(job: Job) -> None:
    """Train as ``nst train`` does, which takes a painting of twice the size."""
    from nstlib.fast.training import train_transformer

    (photo, _), (style, _) = (
        random_pictures(n, n) for n in (job["size"], 2 * job["size"])
    )
    how = {"steps": job["steps"], "side": job["size"], "batch": job["batch"]}
    train_transformer(style, [photo.astype(np.uint8)], **how)


def prediction(job: Job) -> list[float]:
    """Bytes and seconds, predicted after a trial in this process."""
    from nstlib.fast.speed import estimate_one_pass
    from nstlib.large.cost import estimate
    from nstlib.settings import Settings

    predict = estimate_one_pass if "method" in job else estimate
    cost = predict(job["size"], job["size"], Settings(**job))
    return [cost.peak_bytes, cost.seconds]


def predicted(job: Job, with_time: bool) -> list[float]:
    """Bytes, or bytes and seconds."""
    from nstlib.fast.training import DEFAULTS
    from nstlib.large.cost import run_memory, training_memory
    from nstlib.settings import Settings

    if "batch" in job:
        return [training_memory(job["size"], job["batch"], Settings(**DEFAULTS))]
    if with_time:
        return in_a_process(prediction, job)
    return [run_memory(job["size"], job["size"], Settings(**job))]


def measured(job: Job, folder: Path) -> list[float]:
    """Bytes and seconds of a run in a process of its own."""
    from workload import write_stand_in

    from nstlib.settings import Settings

    if job.get("network") == "vgg19":
        layers = Settings(**job).layers
        weights = folder / f"vgg19-{max(layers)}.npz"
        if not weights.is_file():
            write_stand_in(weights, layers)
        job = job | {"weights": str(weights)}
    return in_a_process(run, job, time.time())


def parts(job: Job) -> list[float]:
    """What each of CONSTANTS is multiplied by, and what needs none.

    Raises:
        RuntimeError: with today's constants they do not add up to the prediction.
    """
    from nstlib.backend import tf
    from nstlib.large import cost
    from nstlib.lbfgs import pairs_kept
    from nstlib.settings import Settings
    from nstlib.vgg import computed_in
    from nstlib.vgg_plan import stride, used_layers

    settings, side = Settings(**job), job["size"]
    size = tf.as_dtype(computed_in(settings.precision)).size
    pixels, channels = (side + 2 * settings.margin) ** 2, 3
    weights = maps = 0.0
    for name, width in used_layers(settings.network, settings.layers).items():
        weights += 4 * 9 * channels * width
        each = size if channels > 3 or size == 4 else size + 4  # float32 at first
        maps += each * width / stride(name) ** 2
        channels = width
    pairs = 1
    if settings.optimizer == "lbfgs":
        tall = side + 2 * settings.margin
        pairs = min(pairs_kept(tall, tall, settings.history), settings.steps)
    other = [float(pixels), 0.0] if size == 4 else [0.0, float(pixels)]
    found = [24.0 * pairs * pixels, 1.0, weights, maps * pixels, *other]
    total = np.dot([1, *(getattr(cost, name) for name in CONSTANTS)], found)
    said = cost.peak_memory(side, side, settings.steps, settings)
    if abs(total / said - 1) > 1e-6:
        raise RuntimeError(f"nstlib counts {said} bytes, this script {total}.")
    return found


def fit(jobs: list[Job], peaks: list[float]) -> None:
    """Print the constants with the smallest relative errors."""
    from scipy.optimize import nnls

    table = np.array([parts(job) for job in jobs], float)
    rows = table[:, 1:] / np.array(peaks)[:, None]
    largest = rows.max(axis=0)
    scale = np.where(largest, largest, 1)
    constants, _ = nnls(rows / scale, 1 - table[:, 0] / peaks)
    for name, value, used in zip(CONSTANTS, constants / scale, largest, strict=True):
        if used:  # one of the last two is not, if all runs have the same precision
            print(f"{name} = {value:.4g}")
    errors = (rows / scale) @ constants + table[:, 0] / peaks - 1
    print(f"largest error then: {100 * abs(errors).max():.0f} %")


def fit_rows(rows: list[dict[str, Any]]) -> None:
    """`fit` the runs that see their picture as a whole."""
    from nstlib.large.tiles import tile_side
    from nstlib.settings import Settings

    optimized = [row for row in rows if not {"method", "batch"} & set(row["job"])]
    whole = [
        (row["job"], row["measured"][0])
        for row in optimized
        if not tile_side(row["job"]["size"], row["job"]["size"], Settings(**row["job"]))
    ]
    if not whole:
        raise InputError(
            "none of these is an optimization without tiles: fit smaller ones."
        )
    jobs, peaks = map(list, zip(*whole, strict=True))
    fit(jobs, peaks)


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Measure, predict, and print both."""
    parser = Parser(__doc__)
    add_sizes(parser, 256, 512, 1024)
    add, last = parser.add_argument, len(RUNS) - 1
    add("--steps", type=count, default=3, help="evaluations of each run")
    add("--only", nargs="+", type=number, metavar="RUN", help=f"by number, 0 to {last}")
    add("--time", action="store_true", help="compare seconds, too")
    add("--fit", action="store_true", help="print fitting constants")
    add("--out", type=Path, metavar="FILE", help="write the figures as JSON, too")
    args = parser.parse_args(argv)
    if args.only and max(args.only) > last:
        raise InputError(f"there is no run {max(args.only)}, the last is {last}.")
    rows = []
    print(f"{'size and settings':44}  predicted, measured")
    with tempfile.TemporaryDirectory() as folder:
        for size in args.sizes:
            for chosen in args.only or range(len(RUNS)):
                job = whole_job(size, args.steps, RUNS[chosen])
                real = measured(job, Path(folder))
                said = predicted(job, args.time)
                rows.append({"job": job, "measured": real, "predicted": said})
                show(size, RUNS[chosen], said, real)
    if args.fit:
        fit_rows(rows)
    write_json(args.out, rows)


def show(size: int, chosen: Job, said: list[float], real: list[float]) -> None:
    """Print one line of the table."""
    cells = [
        f"{a / unit:6.0f} {b / unit:6.0f} {name} {100 * (a / b - 1):+4.0f} %"
        for a, b, (unit, name) in zip(said, real, UNITS, strict=False)
    ]
    values = [f"training, {n}" if k == "batch" else str(n) for k, n in chosen.items()]
    what = " ".join(values)[:38]
    print(f"{size:5d} {what:38}  {'   '.join(cells)}", flush=True)


if __name__ == "__main__":
    main()
