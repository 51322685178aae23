"""Settings that reproduce published systems, adapted to any network and size.

Taught in: 09_style_transfer. The published numbers are in `nstlib.recipes.published`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nstlib.errors import SettingsError, did_you_mean
from nstlib.large.scales import plan_scales
from nstlib.recipes.calibration import strength
from nstlib.recipes.published import RECIPES
from nstlib.settings import Settings, make_settings
from nstlib.vgg_plan import VGG_WIDTHS, block_widths, layer_names

# MiniVGG has fewer channels C than VGG, with the same mean activation μ at the same N
# positions. An entry of G/N is about μ² for any C, so Σ (G/N − A/M)² has C² terms of
# about the same size. "gatys" divides by C², so nothing has to be corrected. "johnson"
# divides by C⁴: the loss goes with 1/C² and is multiplied by (C / C of VGG)². "keras"
# does not divide by C: the loss goes with C², and the factor is (C / C of VGG)⁻².
# Likewise, Σ (F − P)² has N·C terms; means and Wasserstein / C do not depend on C.
# What the mean activation leaves open is measured: see `nstlib.recipes.calibration`.
STYLE_POWERS = {"relative": 0, "gatys": 0, "johnson": 2, "keras": -2}
CONTENT_POWERS = {"relative": 0, "gatys": -1, "johnson": 0, "keras": -1}
MEASURED = (
    "Weights of layers times measured factors (nstlib.recipes.calibration): the "
    "activations of mini spread around their mean otherwise than those of VGG19."
)
PIXELS = "it is a sum over pixels, and the style is not."
SLOPE = "each pixel's share of the slope shrinks as the number of pixels grows."


def settings_for(
    name: str, network: str = Settings.network, size: int | None = None
) -> tuple[dict[str, Any], list[str]]:
    """Return the settings of a published system, adapted to a network and a size.

    Taught in: 09_style_transfer. On the system's own network, the settings are those
    that were published. On another network, a missing layer is replaced by the nearest
    one of its block, and the weights are corrected for the number of channels. On
    MiniVGG, they are also corrected for the strength of its activations, and sums over
    pixels for their number. So content, style and total variation keep their shares of
    the loss.

    Args:
        name: one of `RECIPES`.
        network: as in `nstlib.load_network`.
        size: longer side in pixels; as published if None. If a recipe has several
            sizes, it keeps the coarser ones that still fit.

    Returns:
        Overrides for `nstlib.stylize` or `nstlib.make_settings`, and notes about what
        was assumed and what differs from the published system.

    Raises:
        SettingsError: there is no such recipe.
        NetworkError: there is no such network.

    Example:
        MiniVGG lacks block5_conv2, so the content is measured one layer lower:

        >>> settings, notes = settings_for("keras", "mini", size=256)
        >>> settings["optimizer"], settings["size"], list(settings["content_layers"])
        ('sgd', 256, ['block5_conv1'])
        >>> [note for note in notes if "block5" in note]
        ['mini has no block5_conv2: content from block5_conv1.']
    """
    if name not in RECIPES:
        hint = did_you_mean(name, RECIPES)
        raise SettingsError(f"there is no recipe {name!r}: {hint}")
    recipe, available = RECIPES[name], layer_names(network)
    settings, notes = dict(recipe.overrides), list(recipe.notes)
    if network != settings["network"]:
        notes.append(f"Made for {settings['network']}, run on {network}.")
    settings["network"] = network
    gram = settings.get("style_statistic", Settings.style_statistic) == "gram"
    for kind, powers in (("content", CONTENT_POWERS), ("style", STYLE_POWERS)):
        layers, moved = _moved(settings[f"{kind}_layers"], available)
        notes += [f"{network} has no {old}: {kind} from {new}." for old, new in moved]
        convention = settings[f"{kind}_convention"]
        power = powers[convention] if gram or kind == "content" else 0
        if convention != "relative":
            degree = 4 if gram and kind == "style" else 2
            layers = _corrected(layers, network, power, degree)
        settings[f"{kind}_layers"] = layers
        if power and block_widths(network) != VGG_WIDTHS:
            notes.append(
                f"Weights of {kind} layers times (channels / VGG's)^{power}: the "
                f"{convention} convention depends on their number."
            )
    if network == "mini":
        notes.append(MEASURED)
    if size is not None:
        if block_widths(network) != VGG_WIDTHS:
            notes += _keep_shares(settings, size)
        _resize(settings, size)
    return settings, notes


def _moved(
    layers: Mapping[str, float], available: list[str]
) -> tuple[dict[str, float], list[tuple[str, str]]]:
    """Replace missing layers by the nearest ones that are not deeper."""
    fitted: dict[str, float] = {}
    moved = []
    for layer, weight in layers.items():
        same = [name for name in available if name[5] == layer[5]]
        new = max((n for n in same if n <= layer), default=same[0])
        if new != layer:
            moved.append((layer, new))
        fitted[new] = fitted.get(new, 0.0) + weight
    return fitted, moved


def _corrected(
    layers: Mapping[str, float], network: str, power: int, degree: int
) -> dict[str, float]:
    """Correct weights for the number of channels and the strength of activations."""
    corrected = {}
    for layer, weight in layers.items():
        block = int(layer[5]) - 1
        ratio = block_widths(network)[block] / VGG_WIDTHS[block]
        corrected[layer] = weight * ratio**power * strength(network, layer, degree)
    return corrected


def _keep_shares(settings: dict[str, Any], size: int) -> list[str]:
    """Correct for the number of pixels. Sums grow with it, and the style does not.

    Only plain gradient descent takes steps that are proportional to the slope, so only
    its learning rate changes.
    """
    factor = (settings.get("size", size) / size) ** 2
    notes = []
    if factor != 1 and CONTENT_POWERS[settings["content_convention"]]:
        settings["content_weight"] *= factor
        notes.append(f"Weight of the content times {factor:.3g}: {PIXELS}")
    if factor != 1 and settings["tv_weight"] and settings["tv_reduction"] == "sum":
        settings["tv_weight"] *= factor
        notes.append(f"Weight of the total variation times {factor:.3g}: {PIXELS}")
    if factor != 1 and settings["optimizer"] == "sgd":
        settings["learning_rate"] /= factor
        notes.append(f"Learning rate times {1 / factor:.3g}: {SLOPE}")
    return notes


def _resize(settings: dict[str, Any], size: int) -> None:
    """Change the size; the scales that still fit keep their evaluations."""
    settings["size"] = size
    shares = settings.pop("steps_per_scale", None)
    if shares is None:
        return
    scales = len(plan_scales(1, 1, make_settings(**settings)))
    # Additional scales get as many evaluations as the last one.
    shares = (shares + shares[-1:] * scales)[:scales]
    settings.update(steps_per_scale=shares, steps=sum(shares))
