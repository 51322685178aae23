"""Race our loop against other people's, in one process, on one objective.

    python benchmarks/rivals.py --size 512 --network mini
    python benchmarks/rivals.py --size 512 --network vgg19 --evaluations 0
    python benchmarks/rivals.py --only ours scipy --out rivals.json

All have the same pictures, layers, weights and losses; before anything is timed, each
must agree with the reference objective (float32) about the loss where it starts.

stylize   the loop of `nstlib.stylize`: from small to large, in the precision that it
          chooses; its seconds include compiling, once per scale
ours      `nstlib.lbfgs` at one size, in the precision that we choose
ours32    the same in float32
keras     the loop of the Keras example: content, style and picture go through the
          network as a batch of three at each step; SGD with a decaying rate
tutorial  the loop of TensorFlow's tutorial: Adam(0.02, β₁ 0.99, ε 0.1) on 0–1, clipped
          at each step, the loss scaled up to its order of magnitude
scipy     SciPy's L-BFGS-B around our objective, if it is installed
torch     PyTorch, if it is installed: torch.optim.LBFGS with strong_wolfe

Printed are the seconds per evaluation, optimizer included, and the share of them that
bare convolutions of the same shapes take; then, from noise and from the photo, when
each comes down to the loss that ``--evaluations`` of SciPy reach; the others may take
half as many again. Nobody's own losses count: the reference judges the pictures on the
way afterwards, off the clock. VGG19 without ``--weights`` has random weights: good for
step costs only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from common import Parser, clocked, command, count, fastest, file, number, write_json

if TYPE_CHECKING:
    from race import Rival, Task

NAMES = ("ours", "ours32", "keras", "tutorial", "scipy", "torch", "stylize")
STARTS = ("noise", "photo")
SHOTS = 60
"""Pictures kept of a run, to be judged afterwards."""
Curve = list[tuple[int, float, float]]
"""Evaluation, seconds, and the lowest loss so far."""


def check_agreement(task: Task, rivals: Mapping[str, Rival]) -> None:
    """Raise a RuntimeError unless all mean the same by the loss."""
    x = task.start("noise")
    wanted = float(task.reference.value_and_gradient(x)[0])
    for name, rival in rivals.items():
        if rival.loss is not None:
            tolerance = 0.02 if rival.precision == "bfloat16" else 1e-3
            found = float(rival.loss(x))
            if abs(found / wanted - 1) > tolerance:
                raise RuntimeError(f"the loss is {wanted}; {name} says {found}.")


def step_costs(
    task: Task, rivals: Mapping[str, Rival], evaluations: int, rounds: int
) -> dict[str, float]:
    """Seconds per evaluation, and of bare convolutions; rounds are interleaved."""
    from race import Clock
    from workload import convolutions

    from nstlib.backend import tf

    x0, size = task.start("noise"), task.settings.size

    def cost(rival: Rival, evaluations: int) -> float:
        clock = Clock()
        rival.loop(x0, evaluations, clock)
        return clock.per_evaluation()

    tasks: dict[str, Callable[[], float]] = {}
    for name, rival in rivals.items():
        if name != "stylize":  # its evaluations are of several sizes
            cost(rival, 2)  # compiles
            tasks[name] = partial(cost, rival, evaluations)
    for kind in {rivals[name].precision for name in tasks}:
        bare = convolutions(tf.as_dtype(kind), task.parameters, size)
        bare()  # compiles
        tasks[kind] = clocked(bare)
    return fastest(tasks, rounds)


def show_costs(
    task: Task, rivals: Mapping[str, Rival], best: Mapping[str, float]
) -> None:
    """Print the table of step costs."""
    from workload import operations

    work = operations(task.parameters, task.settings.size**2) / 1e9
    print(f"\n{'':10} s/evaluation   vs ours  bare convolutions")
    for name in (name for name in rivals if name in best):
        kind = rivals[name].precision
        ratio = best[name] / best.get("ours", best[name])
        share = f"{100 * best[kind] / best[name]:5.0f} %"
        rate = f"{work / best[kind]:.0f} GFLOP/s in {kind}"
        print(f"{name:10} {best[name]:12.4f} {ratio:8.2f}×  {share} of it, {rate}")


def race(
    task: Task, rivals: Mapping[str, Rival], evaluations: int, kind: str
) -> dict[str, Curve]:
    """Run everybody from one start; the losses on the way, by the reference."""
    from race import Clock

    from nstlib.backend import tf

    x0, curves = task.start(kind), {}
    judge = task.reference.value_and_gradient
    for name, rival in rivals.items():
        if name not in ("stylize", "tutorial"):
            rival.loop(x0, 2, Clock())  # compiles
        clock = Clock(every=max(1, evaluations // SHOTS))
        allowed = evaluations if name == "scipy" else evaluations * 3 // 2
        rival.loop(x0, allowed, clock)
        losses = [float(judge(tf.constant(x))[0]) for *_, x in clock.shots]
        best = np.minimum.accumulate(losses).tolist()
        curves[name] = [
            (after, seconds, loss)
            for (after, seconds, _), loss in zip(clock.shots, best, strict=True)
        ]
        print(f"  {name} done: {clock.seconds:.1f} s", flush=True)
    return curves


def show_race(curves: Mapping[str, Curve], kind: str) -> float:
    """Print when each comes down to the goal; the goal."""
    goal = curves.get("scipy", next(iter(curves.values())))[-1][2]
    print(
        f"\nfrom {kind}: to the loss {goal:.4g}   evaluations   seconds   lowest loss"
    )
    for name, curve in curves.items():
        there = next((point for point in curve if point[2] <= goal * 1.0001), None)
        when = f"{there[0]:11d} {there[1]:9.1f}" if there else f"{'–':>11} {'–':>9}"
        print(f"{name:34} {when} {curve[-1][2]:13.4g}")
    return goal


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = Parser(__doc__)
    add = parser.add_argument
    add("--size", type=count, default=512, help="longer side")
    add("--network", choices=("mini", "vgg19"), default="mini")
    add("--weights", type=file, help="file of real VGG19 weights")
    add("--evaluations", type=number, default=300, help="of each race; 0: none")
    add("--starts", nargs="+", choices=STARTS, default=STARTS, help="of the races")
    add("--steps", type=count, default=10, help="evaluations timed for the step cost")
    add("--rounds", type=count, default=3)
    add("--only", nargs="+", metavar="NAME", choices=NAMES, default=list(NAMES))
    add("--out", type=Path, metavar="FILE", help="write all figures as JSON, too")
    args = parser.parse_args(argv)
    from peers import contenders
    from race import Task

    task = Task(args.network, args.weights, args.size)
    rivals = contenders(task, args.only)
    check_agreement(task, rivals)
    shape = "×".join(map(str, task.photo.shape[1::-1]))
    print(f"{args.network}, {shape} pixels, {len(task.layers)} layers asked for")
    facts: dict[str, Any] = {"network": args.network, "size": args.size}
    facts["step"] = step_costs(task, rivals, args.steps, args.rounds)
    show_costs(task, rivals, facts["step"])
    for kind in args.starts if args.evaluations else ():
        curves = race(task, rivals, args.evaluations, kind)
        facts[kind] = {"goal": show_race(curves, kind), "curves": curves}
    write_json(args.out, facts)


if __name__ == "__main__":
    main()
