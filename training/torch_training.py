"""What the trainings on a graphics card share: crops, steps, schedule and progress."""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from shared import Parser, add_data, number
from torch.nn import functional as F
from torch_networks import preprocessed, tensors

from nstlib.archives import read_arrays

Step = Callable[[], torch.Tensor]
"""Makes the losses of one batch, weighted: a vector whose sum is minimized."""
LARGEST_ZOOM = 1.8


def add_options(parser: Parser, minutes: float, batch: int, peak: float) -> None:
    """The options of a training, with these defaults."""
    add_data(parser, "the crops")
    add = parser.add_argument
    add("--run", type=Path, required=True, help="folder for what is written")
    add("--minutes", type=float, default=minutes, help=f"by default {minutes:g}")
    add("--batch", type=number, default=batch, help=f"pictures, by default {batch}")
    add("--peak", type=float, default=peak, help=f"learning rate, by default {peak:g}")
    add("--seed", type=number, default=0)
    add("--eager", action="store_true", help="do not record the steps on the card")
    add("--device", default="cuda" if torch.cuda.is_available() else "cpu")


def vgg19(args: argparse.Namespace) -> dict[str, torch.Tensor]:
    """The teacher's blocks 1 to 3 on the device; nothing if the data lacks them."""
    teacher = args.data / "teachers" / "vgg19_blocks1to3.npz"
    return tensors(read_arrays(teacher), args.device) if teacher.is_file() else {}


def start(args: argparse.Namespace) -> None:
    """Seed the generators, and let the card round the inputs of its products."""
    args.run.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    torch.backends.cudnn.benchmark = True


def views(crops: torch.Tensor, count: int, side: int) -> torch.Tensor:
    """Square parts of random crops, half of them mirrored, preprocessed.

    Two in five keep their size; the others are enlarged up to `LARGEST_ZOOM` times.
    """
    device = crops.device
    chosen = crops[torch.randint(len(crops), (count,), device=device)]
    share = torch.rand(count, device=device)
    zoom = 1 + (LARGEST_ZOOM - 1) * (share - 0.4).clamp(min=0) / 0.6
    zoom = zoom * crops.shape[1] / side
    mirror = 1 - 2 * torch.randint(2, (count,), device=device)
    room = (1 - 1 / zoom)[:, None]
    shift = room * (2 * torch.rand(count, 2, device=device) - 1)
    theta = torch.zeros(count, 2, 3, device=device)
    theta[:, 0, 0], theta[:, 1, 1], theta[:, :, 2] = mirror / zoom, 1 / zoom, shift
    return warped(preprocessed(chosen), theta, side)


def warped(
    pictures: torch.Tensor, theta: torch.Tensor, side: int | None = None
) -> torch.Tensor:
    """Pictures seen through affine maps ``(batch, 2, 3)``, interpolated linearly."""
    side = side or pictures.shape[-1]
    grid = F.affine_grid(theta, [len(theta), 3, side, side], align_corners=False)
    return F.grid_sample(pictures, grid, padding_mode="reflection", align_corners=False)


def train(
    args: argparse.Namespace,
    trained: Mapping[str, torch.Tensor],
    phases: Sequence[tuple[float, Step]],
    names: tuple[str, ...],
    keep: Callable[[], None],
) -> None:
    """Take steps of Adam until the time is over; the rate falls along half a cosine.

    Args:
        args: those of `add_options`.
        trained: what is trained, by name.
        phases: up to which share of the time, and the `Step` that is taken.
        names: what the numbers of a step are called.
        keep: writes files; called ten times.
    """
    optimizer = make_optimizer(trained, args)
    losses, running = torch.zeros(len(names), device=args.device), None
    began, steps, told = time.perf_counter(), 0, 0
    for end, step in phases:
        take = recorded(optimizer, step, losses, args)
        while (done := elapsed(began, args)) < end:
            rate = 0.5 * (1 + math.cos(math.pi * done)) * min(1.0, (steps + 1) / 200)
            for group in optimizer.param_groups:
                group["lr"].fill_(args.peak * rate * group["share"])
            take()
            steps += 1
            if running is None:
                running = losses.clone()
            running = running.lerp(losses.where(losses.isfinite(), running), 0.01)
            if int(10 * done) > told:
                told = int(10 * done)
                say(steps, done, names, running.tolist())
                keep()
    if running is None:
        raise SystemExit("no time for a single step: raise --minutes.")
    say(steps, 1.0, names, running.tolist())
    keep()


def elapsed(began: float, args: argparse.Namespace) -> float:
    """The share of the time that is over."""
    if args.device == "cuda":
        torch.cuda.current_stream().synchronize()
    return (time.perf_counter() - began) / (60 * args.minutes)


def make_optimizer(
    trained: Mapping[str, torch.Tensor], args: argparse.Namespace
) -> torch.optim.Adam:
    """Adam, faster for what only one painting uses: it meets few of the pictures."""
    own = {key for key in trained if not key.endswith("/kernel")}
    groups = [
        {
            "params": [value for key, value in trained.items() if (key in own) == few],
            "share": share,
            "lr": torch.tensor(args.peak, device=args.device),
        }
        for few, share in ((False, 1.0), (True, 4.0))
    ]
    return torch.optim.Adam(groups, betas=(0.9, 0.99), capturable=args.device == "cuda")


def recorded(
    optimizer: torch.optim.Adam,
    step: Step,
    losses: torch.Tensor,
    args: argparse.Namespace,
) -> Callable[[], None]:
    """A step that writes into `losses`; on a card it is recorded and played again.

    A step starts thousands of small computations. The processor would need longer to
    start them than the card to do them.
    """
    weights = [w for group in optimizer.param_groups for w in group["params"]]

    def take() -> None:
        optimizer.zero_grad(set_to_none=True)
        found = step()
        found.sum().backward()
        for weight in weights:  # one bad batch must not end a training
            weight.grad.nan_to_num_(0, 0, 0)
        torch.nn.utils.clip_grad_norm_(weights, 5.0)
        optimizer.step()
        losses.copy_(found.detach())

    if args.device != "cuda" or args.eager:
        return take
    for group in optimizer.param_groups:
        group["lr"].fill_(0.0)  # the steps that warm up change nothing
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            take()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        take()
    return graph.replay


def say(steps: int, done: float, names: tuple[str, ...], losses: list[float]) -> None:
    """Print one line of progress."""
    if not np.isfinite(losses).all():
        raise SystemExit("the losses are not finite: lower --peak.")
    numbers = "  ".join(f"{n} {v:.4f}" for n, v in zip(names, losses, strict=True))
    print(f"{done:4.0%} {steps:6} steps  {numbers}", flush=True)
