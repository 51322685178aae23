"""The settings of the result and of the method, the first of all settings.

Taught in: 09_style_transfer.
"""

from __future__ import annotations

from dataclasses import dataclass

from nstlib.settings.quality import QUALITIES
from nstlib.settings.schema import EVERYONE, setting
from nstlib.universal import METHODS, WCT_MAPS

ONE_PASS = (*METHODS, "feedforward")
ALL_METHODS = ("optimize", *ONE_PASS)
BY_STYLE = ("optimize", *METHODS)
"""The methods that look at a painting. For "feedforward", a network has learned one."""


@dataclass(frozen=True)
class MethodFields:
    """The first fields of `nstlib.settings.Settings`."""

    # A setting that names no methods is used by "optimize" only.
    # fmt: off
    size: int = setting(
        512, "The longer side of the result.",
        group="result", unit="pixels", low=16, high=16384, methods=ALL_METHODS,
        level=EVERYONE)
    steps: int = setting(
        180, "How many times the loss is evaluated, over all scales together. More "
        "steps take longer.",
        group="optimizer", unit="evaluations", low=1, high=1_000_000, level=EVERYONE)
    quality: str = setting(
        "normal", "How much time the picture gets. It chooses steps, and quick also "
        "chooses smallest, scale_step and last_share, unless they are given.",
        group="optimizer", choices=tuple(QUALITIES), level=EVERYONE)

    method: str = setting(
        "optimize", "How the picture is made: its pixels are optimized, or a network "
        "paints it in one pass.",
        group="method", choices=ALL_METHODS, methods=ALL_METHODS, level=EVERYONE)
    alpha: float = setting(
        1.0, "How much of the style comes in: 0 gives the photo, 1 the whole style.",
        group="method", low=0, high=1, methods=METHODS, level=EVERYONE)
    refine: int = setting(
        0, "How many times the loss is evaluated after a one-pass method, to optimize "
        "what it painted. Most settings of optimize then count, too. 0 leaves the "
        "picture as it is.",
        group="method", unit="evaluations", low=0, high=1_000_000, methods=ONE_PASS,
        level=EVERYONE, example="refine=28")
    levels: int = setting(
        4, "How many levels of the network WCT works on, from a coarse one to the "
        "finest.",
        group="method", unit="levels", low=1, high=5, methods=("wct",))
    spread: float = setting(
        0.5, "How evenly neighbors uses the places of the painting: 0 always takes the "
        "most similar place and leaves plain skies plain, 1 takes all places about "
        "equally often.",
        group="method", low=0, high=1, methods=("neighbors",))
    wct_map: str = setting(
        "transport", "How WCT changes features: by the map that moves them least "
        "(transport), or by whitening and coloring, as in the paper (classic).",
        group="method", choices=tuple(WCT_MAPS), methods=("wct",))
    keep_edges: float = setting(
        1.0, "How much WCT moves the edges of its coarsest level back to those of the "
        "photo. 0 leaves halos around them.",
        group="method", low=0, high=1, methods=("wct",))
    grain: float = setting(
        10.0, "How strong the noise is that is added to the photo before a trained "
        "network paints it. The network turns it into strokes in plain skies and "
        "walls. Films get none, because such strokes would stand still.",
        group="method", unit="gray levels", low=0, high=50, methods=("feedforward",),
        example="grain=20")
    # fmt: on
