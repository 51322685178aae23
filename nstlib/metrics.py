"""How good is it? The same yardstick for every picture, however it was made.

Taught in: 11_high_resolution. The losses of a run depend on its settings, so those of
two runs cannot be compared. Here the network, its layers and the weights are fixed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from nstlib.images import Picture, as_picture, resize, resize_mask, shrink
from nstlib.losses import content_loss, total_variation_loss
from nstlib.masks import guidance, style_shares
from nstlib.preprocessing import preprocess
from nstlib.statistics import feature_sums, sums_loss, sums_target
from nstlib.styles import Style, as_styles
from nstlib.vgg import load_network
from nstlib.vgg_plan import FIRST_CONVS

CONTENT_LAYER = "block4_conv2"
STYLE_LAYERS = FIRST_CONVS


@dataclass(frozen=True)
class Report:
    """What `report` measured. Distances are 0 where two pictures agree."""

    content: float
    """Relative content loss at `CONTENT_LAYER`: 0 is the photo itself; maps of zeros
    would have 1, and there is no upper limit."""
    style: dict[str, float]
    """Relative style loss at each of `STYLE_LAYERS`."""
    photo_style: dict[str, float]
    """The same of the photo, before anything was painted."""
    variation: float
    """Total variation: levels of 255 from a pixel to the next, right and down."""
    photo_variation: float
    style_variation: float
    colors_from_photo: float
    """`color_distance` of picture and photo, in levels of 255."""
    colors_from_style: float
    colors_apart: float
    """The same of photo and style."""

    @property
    def style_left(self) -> float:
        """Part of the photo's style distance that is left, mean over the layers."""
        left = [self.style[n] / max(self.photo_style[n], 1e-12) for n in self.style]
        return float(np.mean(left))

    def __str__(self) -> str:
        """A table."""
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
        add("colours from the photo", away, 0, apart, meaning=_MEANINGS[3])
        add("colours from the style", near, apart, 0, meaning="the same")
        left = f"{self.style_left:.1%} of the photo's style distance is left."
        return "\n".join([*rows, left])


_MEANINGS = (
    "0: the photo itself; 1: as far as maps of zeros; no limit",
    "0: the style itself; fine patterns first, coarse ones last",
    "levels of 255 between neighbours; high: rough or noisy",
    "levels of 255 between their colours",
)


def report(picture: Picture, content: Picture, style: Style) -> Report:
    """Measure a picture against the photo and the style that it was made from.

    Taught in: 11_high_resolution. By MiniVGG in float32, whatever painted the picture.

    Args:
        picture: ``(H, W, 3)``, RGB, 0–255, or anything `load_image` reads.
        content: the photo; resampled to the size of the picture.
        style: as for `nstlib.stylize`; scaled down to the longer side of the picture.
            A style with a mask is compared with what is painted inside (Gatys et al.
            2017, section 4), in all that says "style". Of several, each number is the
            mean by their weights, times the areas of their masks.

    Raises:
        ImageError: a picture cannot be read.
        NetworkError: one is smaller than 16 pixels.
        SettingsError: a mask is none, or too small for a layer.
        ValueError: an array is no picture.
    """
    picture, content, styles = (
        as_picture(picture),
        as_picture(content),
        as_styles(style),
    )
    height, width = picture.shape[:2]
    photo, side = resize(content, height, width), max(height, width)
    paintings = [shrink(style.picture, side) for style in styles]
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
    means = np.zeros(3)  # of the styles: variation, colours from picture, from photo
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
    """Of the styles; they add up to 1."""
    areas = [1.0 if mask is None else float(mask.mean()) for mask in masks]
    return style_shares(weights, areas, 1.0)


def _style_distance(maps: Any, goal: Any, guide: Any) -> float:
    """Relative style loss at one layer, where the guide is."""
    target = sums_target("gram", feature_sums(goal))
    return float(sums_loss("gram", feature_sums(maps, guide), target))


def variation(picture: Picture) -> float:
    """Mean difference of neighbours, in levels: across plus down.

    Taught in: 11_high_resolution.
    """
    return float(total_variation_loss(np.asarray(picture, np.float32), exponent=1.0))


def color_distance(
    one: Picture, other: Picture, mask: np.ndarray | None = None
) -> float:
    """Wasserstein-2 distance of the colours of two pictures, taken as Gaussians.

    Taught in: 11_high_resolution. √(|μ − ν|² + tr(Σ + T − 2 (T^½ Σ T^½)^½)), with the
    means μ, ν and covariances Σ, T of RGB (Givens & Shortt, 1984): how far colours have
    to be moved, in levels, so that the mean and the covariance agree.

    Args:
        one: ``(H, W, 3)``, 0–255.
        other: the same, of any size.
        mask: ``(H, W)``, 0–1: how much each pixel of the first counts; all if None.

    Returns:
        0 or more; 442 between black and white.
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
