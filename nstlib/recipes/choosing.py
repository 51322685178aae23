"""Settings that reproduce published systems, on any network.

Taught in: 09_style_transfer. The numbers themselves are in `nstlib.recipes.published`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nstlib.errors import SettingsError, did_you_mean
from nstlib.large.scales import plan_scales
from nstlib.recipes.published import RECIPES
from nstlib.settings import Settings, make_settings
from nstlib.vgg_plan import VGG_WIDTHS, block_widths, layer_names

# MiniVGG has fewer channels C, of the same mean activation μ, at the same N positions.
# An entry of G/N is about μ², whatever C is, so Σ (G/N − A/M)² has C² terms of about
# one size. "gatys" divides by C²: nothing is left to correct. "johnson" divides by C⁴:
# the loss goes like 1/C² and has to be multiplied by (C / C of VGG)². "keras" divides
# by no C: the loss goes like C², and the factor is (C / C of VGG)⁻². In the same way a
# Σ (F − P)² has N·C terms; means and the Wasserstein distance / C do not depend on C.
STYLE_POWERS = {"relative": 0, "gatys": 0, "johnson": 2, "keras": -2}
CONTENT_POWERS = {"relative": 0, "gatys": -1, "johnson": 0, "keras": -1}


def settings_for(
    name: str, network: str = Settings.network, size: int | None = None
) -> tuple[dict[str, Any], list[str]]:
    """Settings of a published system, to be run on a network of one's choice.

    Taught in: 09_style_transfer. On the system's own network they are as published. On
    another one, a missing layer gives way to the nearest of its block, and weights are
    corrected for the number of channels, so that content, style and total variation
    keep their shares.

    Args:
        name: one of `RECIPES`.
        network: as in `nstlib.load_network`.
        size: longer side in pixels; as published if None. The first sizes of a recipe
            with several are kept, as many as fit.

    Returns:
        Overrides for `stylize` or `make_settings`, and notes: what was assumed, and
        what differs from the published system.

    Raises:
        SettingsError: there is no such recipe.
        NetworkError: there is no such network.
    """
    if name not in RECIPES:
        hint = did_you_mean(name, RECIPES)
        raise SettingsError(f"there is no recipe {name!r}: {hint}")
    recipe, available = RECIPES[name], layer_names(network)
    settings, notes = dict(recipe.overrides), list(recipe.notes)
    if network != settings["network"]:
        notes.append(f"Made for {settings['network']}, run on {network}.")
    settings["network"] = network
    widths = block_widths(network)
    gram = settings.get("style_statistic", Settings.style_statistic) == "gram"
    for kind, powers in (("content", CONTENT_POWERS), ("style", STYLE_POWERS)):
        power = powers.get(settings.get(f"{kind}_convention", ""), 0)
        power = power if gram or kind == "content" else 0
        layers, moved = _fitted(settings[f"{kind}_layers"], available, widths, power)
        settings[f"{kind}_layers"] = layers
        notes += [f"{network} has no {old}: {kind} from {new}." for old, new in moved]
        if power and widths != VGG_WIDTHS:
            notes.append(
                f"Weights of {kind} layers times (channels / VGG's)^{power}: the "
                f"{settings[f'{kind}_convention']} convention depends on their number."
            )
    if size is not None:
        _resize(settings, size)
    return settings, notes


def _fitted(
    layers: Mapping[str, float],
    available: list[str],
    widths: tuple[int, ...],
    power: int,
) -> tuple[dict[str, float], list[tuple[str, str]]]:
    """Move layers to the nearest of their block, and correct weights for channels."""
    fitted: dict[str, float] = {}
    moved = []
    for layer, weight in layers.items():
        block = int(layer[5])
        same = [name for name in available if name[5] == layer[5]]
        # From the wanted one downwards: the deepest that is there.
        new = max((n for n in same if n <= layer), default=same[0])
        if new != layer:
            moved.append((layer, new))
        factor = (widths[block - 1] / VGG_WIDTHS[block - 1]) ** power
        fitted[new] = fitted.get(new, 0.0) + weight * factor
    return fitted, moved


def _resize(settings: dict[str, Any], size: int) -> None:
    """Choose another size, and keep the evaluations of those scales that still fit."""
    settings["size"] = size
    shares = settings.pop("steps_per_scale", None)
    if shares is None:
        return
    scales = len(plan_scales(1, 1, make_settings(**settings)))
    # Larger sizes go on like the last one.
    shares = (shares + shares[-1:] * scales)[:scales]
    settings.update(steps_per_scale=shares, steps=sum(shares))
