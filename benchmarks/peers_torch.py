"""PyTorch's L-BFGS around the objective of `race.Task`."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np
import torch
from race import Clock, Rival, Task
from torch.nn import functional

from nstlib.backend import tf
from nstlib.objective import GRAY
from nstlib.preprocessing import preprocess


def to_torch(array: np.ndarray) -> Any:
    """(1, H, W, C) → a PyTorch tensor (1, C, H, W)."""
    return torch.tensor(np.moveaxis(array, 3, 1).copy())


class TorchLoss:
    """The reference objective in PyTorch, in its own order (1, C, H, W)."""

    def __init__(self, task: Task):
        self.settings = task.settings
        self.parameters = {
            key: torch.tensor(np.transpose(v, (3, 2, 0, 1)).copy() if v.ndim > 1 else v)
            for key, v in task.parameters.items()
        }
        with torch.no_grad():
            photo, style = (
                self.maps(to_torch(preprocess(p))) for p in (task.photo, task.style)
            )
            self.content = {k: photo[k] for k in self.settings.content_layers}
            self.grams = {k: self.gram(style[k]) for k in self.settings.style_layers}

    def maps(self, x: Any) -> dict[str, Any]:
        """Feature maps down to the deepest layer that is asked for."""
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
    def gram(features: Any) -> Any:
        """Divided by the positions."""
        flat = features.flatten(2)[0]
        return flat @ flat.T / flat.shape[1]

    def __call__(self, x: Any) -> Any:
        """The loss, a scalar."""
        settings, maps, y = self.settings, self.maps(x), x / GRAY
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


def make_rival(task: Task) -> Rival:
    """torch.optim.LBFGS with strong_wolfe."""
    network = TorchLoss(task)

    def loop(x0: tf.Tensor, evaluations: int, clock: Clock) -> None:
        x = to_torch(x0.numpy()).requires_grad_()
        optimizer = torch.optim.LBFGS(
            [x],
            max_iter=evaluations,
            max_eval=evaluations,
            tolerance_grad=0,
            tolerance_change=0,
            history_size=task.settings.history,
            line_search_fn="strong_wolfe",
        )

        def closure() -> Any:
            if clock.count >= evaluations:  # it looks only between its line searches
                raise StopIteration
            optimizer.zero_grad()
            total = network(x)
            total.backward()
            total.item()
            clock(np.moveaxis(x.detach().numpy(), 1, 3))
            return total

        with suppress(StopIteration):
            optimizer.step(closure)

    return Rival(loop, lambda x: float(network(to_torch(x.numpy()))), "float32")
