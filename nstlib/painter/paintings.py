"""The ten paintings by name, and the function that paints any of them.

Taught in: 10_creative_control. Each painting has its own palette, texture and
composition, can have any size, and is free to use and to change.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from numbers import Integral, Real
from typing import Any, NamedTuple

import numpy as np

from nstlib.errors import SettingsError, did_you_mean
from nstlib.painter.crafts import rose_window, tapestry
from nstlib.painter.dots import pointillist_river
from nstlib.painter.ink import ink_mountains
from nstlib.painter.oils import autumn_birches, starry_night
from nstlib.painter.pigments import PALETTES, pigments
from nstlib.painter.planes import circles_and_lines, cubist_guitar
from nstlib.painter.prints import engraved_ship, great_wave

__all__ = ["PAINTINGS", "PALETTES", "Option", "check_painting", "options_of", "paint"]

PAINTINGS: dict[str, Callable[..., np.ndarray]] = {
    "starry_night": starry_night,
    "great_wave": great_wave,
    "rose_window": rose_window,
    "pointillist_river": pointillist_river,
    "circles_and_lines": circles_and_lines,
    "cubist_guitar": cubist_guitar,
    "ink_mountains": ink_mountains,
    "tapestry": tapestry,
    "autumn_birches": autumn_birches,
    "engraved_ship": engraved_ship,
}
"""Name → function ``(height, width, seed=0, **options)`` that paints the picture."""


_RANGES: dict[str, dict[str, tuple[float, float]]] = {
    "starry_night": {"stroke": (0.5, 3), "swirl": (-2, 2)},
    "great_wave": {},
    "rose_window": {"petals": (5, 20)},
    "pointillist_river": {"dot": (0.6, 2.5)},
    "circles_and_lines": {"dots": (0, 200)},
    "cubist_guitar": {"stroke": (0.4, 3), "planes": (0, 400)},
    "ink_mountains": {"ranges": (0, 12)},
    "tapestry": {"threads": (64, 200)},
    "autumn_birches": {"stroke": (0.4, 3), "trees": (0, 40)},
    "engraved_ship": {"lines": (20, 120)},
}


class Option(NamedTuple):
    """A number that a painting can be asked for, besides its palette."""

    default: float
    """An int where only whole numbers make sense."""
    low: float
    high: float

    @property
    def takes(self) -> str:
        """What may be given, in words."""
        kind = "whole number" if isinstance(self.default, int) else "number"
        return f"a {kind} from {self.low:g} to {self.high:g}"

    def accepts(self, value: object) -> bool:
        """Whether the painting can be made with this value."""
        kind = Integral if isinstance(self.default, int) else Real
        return (
            isinstance(value, kind)
            and not isinstance(value, bool)
            and bool(self.low <= value <= self.high)  # type: ignore[operator]
        )


def options_of(name: str) -> dict[str, Option]:
    """The options of a painting by name, without ``palette``, which all of them have.

    Taught in: 10_creative_control.

    Example:
        >>> options_of("tapestry")
        {'threads': Option(default=104, low=64, high=200)}
    """
    known = inspect.signature(PAINTINGS[name]).parameters
    return {
        option: Option(known[option].default, low, high)
        for option, (low, high) in _RANGES[name].items()
    }


def paint(
    name: str, height: int = 768, width: int = 768, seed: int = 0, **options: Any
) -> np.ndarray:
    """Paint one of the course's own style pictures.

    Taught in: 10_creative_control. The same arguments give the same picture. Another
    size gives the same picture larger or smaller; another seed gives a variation.

    Args:
        name: one of `PAINTINGS`.
        height, width: in pixels, 16 to 4096; neither is more than four times the other.
        seed: any integer from 0.
        options: options of the painting. All have ``palette``, a name in `PALETTES` or
            eight colors. The docstring of each painting describes the others, such as
            ``stroke`` or ``swirl``.

    Returns:
        float32 ``(height, width, 3)``, RGB, 0–255.

    Raises:
        SettingsError: there is no such painting, option, size, seed or palette, or a
            value is out of its range.

    Example:
        >>> tapestry = paint("tapestry", 32, 48, seed=1, palette="autumn")
        >>> tapestry.shape
        (32, 48, 3)
        >>> bool((tapestry == paint("tapestry", 32, 48, seed=2)).all())
        False
    """
    check_painting(name, height, width, seed, options)
    return PAINTINGS[name](int(height), int(width), int(seed), **options)


def check_painting(
    name: str, height: int, width: int, seed: int, options: Mapping[str, Any]
) -> None:
    """Find out before the work whether `paint` can do it.

    Taught in: 10_creative_control.

    Args:
        name, height, width, seed, options: as in `paint`.

    Raises:
        SettingsError: as `paint`.
    """
    if not isinstance(name, str) or name not in PAINTINGS:
        hint = did_you_mean(name, PAINTINGS)
        raise SettingsError(f"No painting {name!r}: {hint}")
    _check_options(name, options)
    sides = [side for side in (height, width) if _is_whole(side)]
    if len(sides) < 2 or not (
        min(sides) >= 16 and max(sides) <= 4096 and max(sides) <= 4 * min(sides)
    ):
        raise SettingsError(
            f"Cannot paint {width!r} × {height!r} pixels: each side must be a whole "
            "number from 16 to 4096, and neither more than four times the other."
        )
    if not _is_whole(seed) or seed < 0:
        raise SettingsError(f"seed={seed!r}: a seed is a whole number from 0.")


def _check_options(name: str, options: Mapping[str, Any]) -> None:
    known = options_of(name)
    unknown = sorted(set(options) - {"palette", *known})
    if unknown:
        names = ", ".join(["palette", *known])
        raise SettingsError(
            f"{name} has no option {', '.join(unknown)}; it has: {names}."
        )
    if "palette" in options:
        pigments(options["palette"])  # raises, and says why
    wrong = [
        f"as {option} {facts.takes}, not {options[option]!r}"
        for option, facts in known.items()
        if option in options and not facts.accepts(options[option])
    ]
    if wrong:
        raise SettingsError(f"{name} takes {'; '.join(wrong)}.")


def _is_whole(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)
