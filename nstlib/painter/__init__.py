"""The course's own style pictures: ten paintings, made by code from a seed.

Taught in: 10_creative_control.
"""

from nstlib.painter.paintings import (
    PAINTINGS,
    Option,
    check_painting,
    options_of,
    paint,
)
from nstlib.painter.pigments import PALETTES

__all__ = ["PAINTINGS", "PALETTES", "Option", "check_painting", "options_of", "paint"]
