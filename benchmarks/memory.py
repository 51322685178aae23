"""What `nstlib.estimate` predicts, against what runs in processes of their own take.

    python benchmarks/memory.py --sizes 256 512 1024
    python benchmarks/memory.py --fit
    python benchmarks/memory.py --time --steps 100 --sizes 256 512 --only 0 1

Each run is `stylize` at one size. Memory is the peak of the whole process (`ru_maxrss`,
so not on Windows); a busy machine does not change it. `--time` compares seconds, too:
from the start of the process to the picture, against a prediction with a trial of its
own. They mean something on an idle machine only. VGG19 has random weights, which cost
the same as the real ones. `--fit` prints the constants that suit these runs best.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

RUNS: list[dict[str, Any]] = [
    {"network": "mini", "precision": "float32"},
    {"network": "mini", "precision": "bfloat16"},
    {"network": "mini", "precision": "bfloat16", "history": 4},
    {"network": "mini", "precision": "bfloat16", "optimizer": "adam"},
    {"network": "mini", "precision": "bfloat16", "pooling": "avg"},
    {"network": "vgg19", "precision": "float32"},
    {"network": "vgg19", "precision": "bfloat16"},
]
UNITS = ("MiB", "s")
SHALLOW = {"style_layers": ["conv1_1", "conv2_1"], "content_layers": ["conv2_2"]}
RUNS += [
    {"network": name, "precision": "float32"} | SHALLOW for name in ("mini", "vgg19")
]


def child(job: dict[str, Any]) -> None:
    """Do one run, or one prediction, and print what it took."""
    from nstlib.estimate import estimate

    from nstlib import transfer
    from nstlib.settings import Settings

    began, side = job.pop("began"), job["size"]
    if job.pop("predict"):
        cost = estimate(side, side, Settings(**job))
        print(json.dumps([cost.peak_bytes, cost.seconds]))
        return
    if job["network"] == "vgg19":
        use_random_weights(transfer)
    rng = np.random.default_rng(0)
    photo, style = rng.uniform(0, 255, (2, side, side, 3)).astype(np.float32)
    transfer.stylize(photo, style, **job)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    unit = 1 if sys.platform == "darwin" else 1024
    print(json.dumps([peak * unit, time.time() - began]))


def use_random_weights(transfer) -> None:
    """Let `stylize` take random weights, without the check that would refuse them."""
    from nstlib.trial import stand_in

    from nstlib.vgg import FeatureExtractor

    def load(name, layers, pooling, precision, weights, border):
        parameters = stand_in(name, layers)
        return FeatureExtractor(name, parameters, layers, pooling, precision, border)

    transfer.load_network = load


def in_a_process(job: dict[str, Any], predict: bool) -> list[float]:
    """[bytes, seconds], measured or predicted."""
    text = json.dumps(job | {"predict": predict, "began": time.time()})
    command = [sys.executable, __file__, "--child", text]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def predicted(job: dict[str, Any], with_time: bool) -> list[float]:
    """[bytes], or [bytes, seconds]."""
    from nstlib.estimate import peak_memory

    from nstlib.settings import Settings

    if with_time:
        return in_a_process(job, True)
    return [peak_memory(job["size"], job["size"], job["steps"], Settings(**job))]


def parts(job: dict[str, Any]) -> list[float]:
    """What each constant of the model is multiplied by, and what needs none."""
    from nstlib import estimate
    from nstlib.settings import Settings

    settings = Settings(**job)
    names = ("BASE_BYTES", "WEIGHT_COPIES", "MAP_COPIES", "OTHER_BYTES")
    before = {name: getattr(estimate, name) for name in names}
    found = []
    for one in (None, *names):
        for name in names:
            setattr(estimate, name, float(name == one))
        side = job["size"]
        found.append(estimate.peak_memory(side, side, settings.steps, settings))
    for name, value in before.items():
        setattr(estimate, name, value)
    return [found[0], *(value - found[0] for value in found[1:])]


def fit(jobs: list[dict[str, Any]], measured: list[float]) -> None:
    """Print the constants with the smallest relative errors."""
    from scipy.optimize import nnls

    table = np.array([parts(job) for job in jobs], float)
    rows = table[:, 1:] / np.array(measured)[:, None]
    scale = rows.max(axis=0)
    constants, _ = nnls(rows / scale, 1 - table[:, 0] / measured)
    names = ("BASE_BYTES", "WEIGHT_COPIES", "MAP_COPIES", "OTHER_BYTES")
    for name, value in zip(names, constants / scale, strict=True):
        print(f"{name} = {value:.4g}")
    errors = (rows / scale) @ constants + table[:, 0] / measured - 1
    print(f"largest error then: {100 * abs(errors).max():.0f} %")


def main() -> None:
    """Measure, predict, and print both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[256, 512, 1024])
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--only", nargs="+", help="runs by number, from 0")
    parser.add_argument("--time", action="store_true", help="compare seconds, too")
    parser.add_argument("--fit", action="store_true", help="print fitting constants")
    parser.add_argument("--out", type=Path, help="write the figures as JSON, too")
    parser.add_argument("--child", type=json.loads, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        return child(args.child)
    runs = [RUNS[int(index)] for index in args.only] if args.only else RUNS
    rows = []
    print(f"{'size and settings':44}  predicted, measured")
    for size in args.sizes:
        for run in runs:
            job = {"size": size, "steps": args.steps, "coarse_to_fine": False} | run
            real, said = in_a_process(job, False), predicted(job, args.time)
            rows.append({"job": job, "measured": real, "predicted": said})
            cells = [
                f"{a / unit:6.0f} {b / unit:6.0f} {name} {100 * (a / b - 1):+4.0f} %"
                for a, b, unit, name in zip(said, real, (2**20, 1), UNITS, strict=False)
            ]
            what = " ".join(str(value) for value in run.values())[:38]
            print(f"{size:5d} {what:38}  {'   '.join(cells)}", flush=True)
    if args.fit:
        fit([row["job"] for row in rows], [row["measured"][0] for row in rows])
    if args.out:
        args.out.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    return None


if __name__ == "__main__":
    main()
