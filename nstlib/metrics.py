"""Measuring how good a picture is, in the same way however it was made.

Taught in: 11_high_resolution. The losses of a run depend on its settings, so those of
two runs cannot be compared. Here the network, the layers and the weights are fixed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nstlib.images import Picture, as_picture, resize, resize_mask
from nstlib.limits import about_memory
from nstlib.losses import content_loss, total_variation_loss
from nstlib.masks import guidance, style_shares
from nstlib.preprocessing import preprocess
from nstlib.statistics import feature_sums, sums_loss, sums_target
from nstlib.styles import Style, WeightedStyle, as_styles, sized
from nstlib.vgg import load_network
from nstlib.vgg_plan import FIRST_CONVS, stride

CONTENT_LAYER = "block4_conv2"
STYLE_LAYERS = FIRST_CONVS


@dataclass(frozen=True)
class Report:
    """What `report` measured. A distance of 0 means that two pictures agree."""

    content: float
    """Relative content loss at `CONTENT_LAYER`. It is 0 for the photo itself and 1 for
    feature maps of zeros; there is no upper limit."""
    style: dict[str, float]
    """Relative style loss of the picture at each of `STYLE_LAYERS`."""
    photo_style: dict[str, float]
    """Relative style loss of the photo, from which the picture was made."""
    variation: float
    """Total variation of the picture: `variation`, in levels of 255."""
    photo_variation: float
    """Total variation of the photo."""
    style_variation: float
    """Total variation of the style."""
    colors_from_photo: float
    """`color_distance` between picture and photo, in levels of 255."""
    colors_from_style: float
    """`color_distance` between picture and style."""
    colors_apart: float
    """`color_distance` between photo and style."""

    @property
    def style_left(self) -> float:
        """Share of the photo's style distance that is left, mean over the layers."""
        left = [self.style[n] / max(self.photo_style[n], 1e-12) for n in self.style]
        return float(np.mean(left))

    def __str__(self) -> str:
        """Return all numbers as a table."""
        line = "{:24} {:>8} {:>8} {:>8}  {}".format
        rows = [line("", "picture", "photo", "style", "").rstrip()]

        def add(name: str, *numbers: float | None, meaning: str = "") -> None:
            cells = ["–" if n is None else f"{n:.3g}" for n in numbers]
            rows.append(line(name, *cells, meaning).rstrip())

        add("content distance", self.content, 0, None, meaning=_MEANINGS[0])
        for number, (name, value) in enumerate(self.style.items()):
            layer = f"conv{name[5]}_1"
            meaning = _MEANINGS[1] if number == 0 else ""
            photo = self.photo_style[name]
            add(f"style distance {layer}", value, photo, 0, meaning=meaning)
        variation = self.variation, self.photo_variation, self.style_variation
        add("variation", *variation, meaning=_MEANINGS[2])
        away, near = self.colors_from_photo, self.colors_from_style
        apart = self.colors_apart
        add("colors from the photo", away, 0, apart, meaning=_MEANINGS[3])
        add("colors from the style", near, apart, 0, meaning="the same")
        left = f"{self.style_left:.1%} of the photo's style distance is left."
        return "\n".join([*rows, left])


_MEANINGS = (
    "0: the photo itself; 1: as far as maps of zeros; no limit",
    "0: the style itself; fine patterns first, coarse ones last",
    "levels of 255 between neighbors; high: rough or noisy",
    "levels of 255 between their colors",
)


def report(picture: Picture, content: Picture, style: Style) -> Report:
    """Measure a picture against the photo and the style that it was made from.

    Taught in: 11_high_resolution. The network is always MiniVGG in float32, whichever
    network painted the picture.

    Args:
        picture: ``(H, W, 3)``, RGB, 0–255, or anything that `load_image` reads.
        content: the photo; it is resampled to the size of the picture.
        style: as for `nstlib.stylize`; it is scaled down to the longer side of the
            picture. A style with a mask is compared with the part of the picture inside
            the mask (Gatys et al. 2017, section 4). For several styles, each number is
            an average, weighted by their weights times the areas of their masks.

    Raises:
        ImageError: a picture cannot be read.
        NetworkError: a picture is smaller than 16 pixels.
        SettingsError: a mask is unusable, or too small for a layer.
        OutOfMemoryError: there is too little memory for a picture of this size.
        ValueError: an array is not a picture.
    """
    return measure(as_picture(picture), as_picture(content), as_styles(style))


def measure(
    picture: Picture, content: Picture, styles: Sequence[WeightedStyle]
) -> Report:
    """Measure a picture as `report` does, without checking the arrays."""
    height, width = picture.shape[:2]
    with about_memory(f"the measures of {width}×{height} pixels"):
        return _measured(picture, resize(content, height, width), styles)


def _measured(
    picture: Picture, photo: Picture, styles: Sequence[WeightedStyle]
) -> Report:
    height, width = picture.shape[:2]
    side = max(height, width)
    deepest = max(map(stride, STYLE_LAYERS))
    paintings = [style.picture for style in sized(styles, side, deepest)]
    masks = [
        None if style.mask is None else resize_mask(style.mask, height, width)
        for style in styles
    ]
    network = load_network(
        "mini", [*STYLE_LAYERS, CONTENT_LAYER], precision="float32", border="replicate"
    )
    for each in (picture, *paintings):
        network.check_size(each.shape[:2])
    maps, before = network(preprocess(picture)), network(preprocess(photo))
    now, then = dict.fromkeys(STYLE_LAYERS, 0.0), dict.fromkeys(STYLE_LAYERS, 0.0)
    means = np.zeros(3)  # of the styles: variation, colors from picture, from photo
    shares = _shares([style.weight for style in styles], masks)
    for painting, mask, share in zip(paintings, masks, shares, strict=True):
        goal = network(preprocess(painting))
        for name in STYLE_LAYERS:
            guide = None if mask is None else guidance(mask, name, "mini")
            now[name] += share * _style_distance(maps[name], goal[name], guide)
            then[name] += share * _style_distance(before[name], goal[name], guide)
        near, apart = (color_distance(p, painting, mask) for p in (picture, photo))
        means += share * np.array([variation(painting), near, apart])
    return Report(
        content=float(content_loss(maps[CONTENT_LAYER], before[CONTENT_LAYER])),
        style=now,
        photo_style=then,
        variation=variation(picture),
        photo_variation=variation(photo),
        style_variation=float(means[0]),
        colors_from_photo=color_distance(picture, photo),
        colors_from_style=float(means[1]),
        colors_apart=float(means[2]),
    )


def _shares(weights: list[float], masks: list[np.ndarray | None]) -> list[float]:
    """Return the share of each style in the averages; the shares add up to 1."""
    areas = [1.0 if mask is None else float(mask.mean()) for mask in masks]
    return style_shares(weights, areas, 1.0)


def _style_distance(maps: Any, goal: Any, guide: Any) -> float:
    """Return the relative style loss of one layer, within the guide if there is one."""
    target = sums_target("gram", feature_sums(goal))
    return float(sums_loss("gram", feature_sums(maps, guide), target))


def variation(picture: Picture) -> float:
    """Return the mean difference between neighboring pixels, in levels of 255.

    Taught in: 11_high_resolution. It is the sum of two means: one over horizontal, one
    over vertical neighbors.

    Example:
        >>> stripes = np.zeros((8, 8, 3), np.float32)
        >>> stripes[:, ::2] = 100
        >>> variation(stripes), variation(np.full((8, 8, 3), 100.0))
        (100.0, 0.0)
    """
    return float(total_variation_loss(np.asarray(picture, np.float32), exponent=1.0))


def color_distance(
    one: Picture, other: Picture, mask: np.ndarray | None = None
) -> float:
    """Return the Wasserstein-2 distance of two pictures' colors, taken as Gaussians.

    Taught in: 11_high_resolution. √(|μ − ν|² + tr(Σ + T − 2 (T^½ Σ T^½)^½)), with the
    means μ, ν and the covariances Σ, T of RGB (Givens & Shortt, 1984). This is how far,
    in levels, colors have to be moved until mean and covariance agree.

    Args:
        one: picture ``(H, W, 3)``, 0–255.
        other: picture of any size.
        mask: ``(H, W)``, 0–1: how much each pixel of ``one`` counts; 1 if None.

    Returns:
        A number ≥ 0; 442 for black and white.

    Example:
        >>> black, white = np.zeros((4, 4, 3)), np.full((8, 8, 3), 255.0)
        >>> round(color_distance(black, white))
        442
    """
    (mu, sigma), (nu, tau) = _moments(one, mask), _moments(other)
    values, vectors = np.linalg.eigh(tau)
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    inner = np.linalg.eigvalsh(root @ sigma @ root)
    overlap = np.sqrt(np.maximum(inner, 0)).sum()
    squared = np.sum((mu - nu) ** 2) + np.trace(sigma) + np.trace(tau) - 2 * overlap
    return float(np.sqrt(max(squared, 0.0)))


def _moments(
    picture: Picture, mask: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    colors = np.asarray(picture, np.float64).reshape(-1, 3)
    weights = None if mask is None else np.asarray(mask, np.float64).reshape(-1)
    mean = np.average(colors, axis=0, weights=weights)
    return mean, np.cov(colors.T, bias=True, aweights=weights)
