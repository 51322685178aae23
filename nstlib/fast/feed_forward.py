"""Repainting with trained networks: one style, or several mixed, in one pass.

Taught in: 13_feed_forward.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from nstlib.errors import NetworkError
from nstlib.fast.one_pass import Painted, photo_of_size
from nstlib.feedforward import EDGE, MULTIPLE, Blend, Parameters, repaint
from nstlib.files import shown
from nstlib.images import Picture, resize_mask, widened
from nstlib.runs.result import Step
from nstlib.settings import Settings
from nstlib.styles import WeightedStyle
from nstlib.transformers import Transformer, network_file, shipped_styles
from nstlib.vgg import computed_in


def paint_mixed(
    photo: Picture,
    networks: Sequence[Transformer],
    styles: Sequence[WeightedStyle],
    settings: Settings,
    callback: Callable[[Step], Any] | None = None,
) -> Painted:
    """Repaint a photo with a trained network, in one style or a mix of several.

    Taught in: 13_feed_forward. `nstlib.stylize` calls this function.

    Args:
        photo: ``(H, W, 3)``, RGB, 0–255.
        networks: from `nstlib.transformers.load_transformer`, all from the same file.
        styles: the weight and the mask of each network. Where no mask is white, the
            photo stays as it is.
        settings: their size, colors, precision, grain and seed are used.
        callback: called once, with a `Step`, when the picture is finished.

    Raises:
        NetworkError: what the network paints is not finite, or the networks are from
            several files.
    """
    began = time.perf_counter()
    check_mixed(networks)
    model = photo_of_size(photo, settings)
    parameters, where = mixed(networks, styles, model)
    precision = computed_in(settings.precision)
    made = repaint(parameters, model, precision, settings.grain, settings.seed)
    if not np.isfinite(made).all():
        raise NetworkError(
            f"{shown(networks[0].path)} gives numbers that are not finite (NaN or Inf) "
            "for this photo: train it again, or use another network."
        )
    if where is not None:
        made = where * made + (1 - where) * model
    if callback is not None:
        callback(Step(1, 1, (made.shape[0], made.shape[1]), {}, lambda: made))
    return Painted(made, 1, time.perf_counter() - began, "one pass")


def check_mixed(networks: Sequence[Transformer]) -> None:
    """Raise a NetworkError if networks cannot be mixed: their kernels differ."""
    files = {network_file(network.path) for network in networks}
    if len(files) > 1:
        names = " and ".join(sorted(path.name for path in files))
        raise NetworkError(
            f"{names} cannot be mixed, because they were trained apart and share no "
            f"kernels: mix the styles that ship, {', '.join(shipped_styles())}."
        )


def mixed(
    networks: Sequence[Transformer], styles: Sequence[WeightedStyle], model: Picture
) -> tuple[Parameters, np.ndarray | None]:
    """Mix networks by the weights and the masks of their styles.

    Args:
        networks: networks that share their kernels.
        styles: the weight and the mask of each.
        model: the photo at the size of the result, ``(H, W, 3)``.

    Returns:
        Parameters for `repaint`; and where it paints, ``(H, W, 1)``, 0–1, or None if it
        paints everywhere.
    """
    weights = np.array([style.weight for style in styles], np.float32)
    every = [network.parameters for network in networks]
    if all(style.mask is None for style in styles):
        if len(every) == 1:
            return every[0], None
        return Blend(every, weights / weights.sum()), None
    height, width, _ = model.shape
    masks = np.stack(
        [
            np.ones((height, width))
            if style.mask is None
            else resize_mask(style.mask, height, width)
            for style in styles
        ],
        axis=-1,
    )
    painted = np.minimum((masks * (weights > 0)).sum(-1, keepdims=True), 1)
    # Where nothing is painted, any mix will do.
    given = weights * masks + 1e-6 * weights
    shares = given / given.sum(-1, keepdims=True)
    return Blend(every, widened(shares, EDGE, MULTIPLE)), painted
