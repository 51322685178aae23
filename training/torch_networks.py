"""The course's networks in PyTorch, to train them on a graphics card.

They compute what `nstlib.vgg`, `nstlib.feedforward` and `nstlib.decoders` compute; a
test compares them. Pictures are ``(batch, 3, H, W)``, BGR, less the channel means.
Parameters keep the names and the layout of TensorFlow, ``(3, 3, in, out)``.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from nstlib.decoders import decoder_plan
from nstlib.feedforward import SCALE, transformer_plan
from nstlib.preprocessing import BGR_MEANS
from nstlib.vgg_plan import layer_names

Tensors = Mapping[str, torch.Tensor]
PIXEL_SCALE = 60.0  # a decoder's output has about unit spread; folded in on export


def tensors(
    arrays: Mapping[str, np.ndarray], device: str, trained: bool = False
) -> dict[str, torch.Tensor]:
    """Float32 tensors of these arrays; with a gradient if they are trained."""
    return {
        key: torch.tensor(np.asarray(value, np.float32), device=device).requires_grad_(
            trained
        )
        for key, value in arrays.items()
    }


@functools.cache
def means(device: torch.device) -> torch.Tensor:
    """The channel means, ``(3, 1, 1)``; a copy in each step could not be recorded."""
    return torch.tensor(BGR_MEANS[:, None, None], device=device)


def preprocessed(crops: torch.Tensor) -> torch.Tensor:
    """RGB ``(batch, H, W, 3)``, 0–255 → BGR ``(batch, 3, H, W)``, less the means."""
    return crops.permute(0, 3, 1, 2).float().flip(1) - means(crops.device)


def deprocessed(pictures: torch.Tensor) -> np.ndarray:
    """The inverse of `preprocessed`, clipped and rounded to uint8."""
    rgb = (pictures + means(pictures.device)).flip(1).permute(0, 2, 3, 1)
    return rgb.clamp(0, 255).round().byte().cpu().numpy()


def convolved(
    x: torch.Tensor, kernel: torch.Tensor, border: str, stride: int = 1
) -> torch.Tensor:
    """A convolution that keeps the sides; the border: zero, symmetric or reflect."""
    kernel, around = kernel.to(x.dtype).permute(3, 2, 0, 1), kernel.shape[0] // 2
    kernel = kernel.contiguous(memory_format=torch.channels_last)
    if border == "zero":
        return F.conv2d(x, kernel, stride=stride, padding=around)
    x = Mirrored.apply(x, around, 0 if border == "symmetric" else 1)
    return F.conv2d(x, kernel, stride=stride)


class Mirrored(torch.autograd.Function):
    """Maps mirrored beyond their borders; PyTorch's own gradient of this is slow."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, around: int, skip: int) -> torch.Tensor:
        """Mirror the maps by ``around``, from the place number ``skip`` on."""
        ctx.around, ctx.skip = around, skip
        for axis in (2, 3):
            end = x.shape[axis] - around - skip
            before, after = (
                x.narrow(axis, place, around).flip(axis) for place in (skip, end)
            )
            x = torch.cat([before, x, after], axis)
        return x

    @staticmethod
    def backward(ctx: Any, slope: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        """Add the slopes of what was mirrored to those of where it came from."""
        around, skip = ctx.around, ctx.skip
        for axis in (3, 2):
            size = slope.shape[axis] - 2 * around
            inner = slope.narrow(axis, around, size).clone()
            for place, edge in ((skip, 0), (size - around - skip, size + around)):
                mirrored = slope.narrow(axis, edge, around).flip(axis)
                inner.narrow(axis, place, around).add_(mirrored)
            slope = inner
        return slope, None, None


def channels_last(x: torch.Tensor) -> torch.Tensor:
    """The same maps in the order of memory that the matrix units want."""
    return x.contiguous(memory_format=torch.channels_last)


def doubled(x: torch.Tensor) -> torch.Tensor:
    """Nearest-neighbor upsampling to twice the sides."""
    return F.interpolate(x, scale_factor=2, mode="nearest")


def feature_maps(
    parameters: Tensors,
    pictures: torch.Tensor,
    layers: Collection[str],
    border: str = "symmetric",
    dtype: torch.dtype = torch.bfloat16,
) -> dict[str, torch.Tensor]:
    """Layer → maps ``(batch, C, h, w)`` after the ReLU, see `nstlib.vgg`."""
    x, block, found = channels_last(pictures), "1", {}
    for name in (n for n in layer_names("vgg19") if f"{n}/kernel" in parameters):
        if name[5] != block:
            x, block = F.max_pool2d(x, 2), name[5]
        first = name == "block1_conv1"
        x = convolved(x, parameters[f"{name}/kernel"], border if first else "zero")
        x = torch.relu(x + parameters[f"{name}/bias"].to(x.dtype)[:, None, None])
        x = x.to(dtype)
        if name in layers:
            found[name] = x
            if len(found) == len(layers):
                break
    return found


def transform(
    parameters: Tensors,
    pictures: torch.Tensor,
    styles: torch.Tensor,
    dtype: torch.dtype = torch.bfloat16,
) -> torch.Tensor:
    """Paint pictures, see `nstlib.feedforward.transform`.

    Args:
        parameters: kernels, and a row of scales and offsets for each style.
        pictures: ``(batch, 3, H, W)``.
        styles: the row that each picture uses, integers ``(batch,)``.
        dtype: what the convolutions compute in.
    """
    x, shortcut = channels_last((pictures / SCALE).to(dtype)), None
    for name, _, _, stride, up in transformer_plan():
        if name.endswith("a"):
            shortcut = x
        x = convolved(
            doubled(x) if up else x, parameters[f"{name}/kernel"], "reflect", stride
        ).float()
        offset = parameters[f"{name}/offset"][styles][..., None, None]
        if name == "out":
            return SCALE * (x + offset)
        variance, mean = torch.var_mean(x, (2, 3), correction=0, keepdim=True)
        scale = parameters[f"{name}/scale"][styles][..., None, None]
        x = ((x - mean) * (scale * torch.rsqrt(variance + 1e-5)) + offset).to(dtype)
        x = x + shortcut if name.endswith("b") else torch.relu(x)
    raise AssertionError("the plan ends with 'out'")


def decode(
    parameters: Tensors,
    features: torch.Tensor,
    level: str,
    dtype: torch.dtype = torch.bfloat16,
) -> torch.Tensor:
    """Turn maps into pictures whose spread is about 1, see `nstlib.decoders.decode`."""
    mean, spread = (parameters[k][:, None, None] for k in ("mean", "spread"))
    x = channels_last(((features.float() - mean) / spread).to(dtype))
    for name, _, up in decoder_plan(level):
        bias = parameters[f"{name}/bias"].to(dtype)[:, None, None]
        x = convolved(x, parameters[f"{name}/kernel"], "reflect") + bias
        if name != "block1_conv2":
            x = torch.relu(x)
        x = doubled(x) if up else x
    return x.float()


def grams(maps: torch.Tensor) -> torch.Tensor:
    """Gram matrices over the number of positions, float32 ``(batch, C, C)``."""
    batch, channels, height, width = maps.shape
    # Sums over short parts keep the whole card busy, and bfloat16 exact enough.
    parts = math.gcd(height * width, 64)
    rows = maps.permute(0, 2, 3, 1).reshape(batch * parts, -1, channels)
    products = (rows.mT @ rows).float().view(batch, parts, channels, channels)
    return products.sum(1) / (height * width)


def moments(maps: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and deviation of each channel of each picture, ``(batch, C, 1, 1)``."""
    variance, mean = torch.var_mean(maps.float(), (2, 3), correction=0, keepdim=True)
    return mean, torch.sqrt(variance + 1e-3)


def mean_square(values: torch.Tensor) -> torch.Tensor:
    """The mean of the squares."""
    return values.float().square().mean()


def variation(pictures: torch.Tensor) -> torch.Tensor:
    """Total variation of pictures, as in `nstlib.losses` with exponent 2."""
    scaled = pictures / 127.5
    return mean_square(scaled.diff(dim=2)) + mean_square(scaled.diff(dim=3))


def total(values: Iterable[torch.Tensor]) -> torch.Tensor:
    """The sum of scalars."""
    return torch.stack(list(values)).sum()
