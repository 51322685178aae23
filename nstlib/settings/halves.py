"""The two halves of a run with `Settings.refine`: one pass, then an optimization.

Taught in: 12_adain_wct.
"""

from __future__ import annotations

from nstlib.settings.fields import SCHEMA, Settings


def one_pass_half(settings: Settings) -> Settings:
    """Return the settings of the pass alone, for a one-pass method."""
    used = (name for name, f in SCHEMA.items() if settings.method in f.methods)
    kept = {name: getattr(settings, name) for name in used}
    return Settings(**(kept | {"refine": 0}))


def optimized_half(settings: Settings) -> Settings | None:
    """Return the settings of the optimization in a run; None if it has none.

    A refinement evaluates the loss at the size of the result only. The style counts in
    it as much as `Settings.alpha` says, so that 0 still gives the photo.

    Args:
        settings: the settings of the run, of any method.

    Example:
        >>> optimized_half(Settings(method="adain")) is None
        True
        >>> half = optimized_half(Settings(method="adain", refine=28, tv_weight=3))
        >>> half.method, half.steps, half.coarse_to_fine, half.tv_weight
        ('optimize', 28, False, 3)
    """
    if settings.method == "optimize":
        return settings
    if not settings.refine:
        return None
    kept = {n: getattr(settings, n) for n, field in SCHEMA.items() if field.refines}
    weight = settings.alpha * settings.style_weight
    special = {"method": "optimize", "coarse_to_fine": False, "style_weight": weight}
    return Settings(**(kept | special), steps=settings.refine)
