"""The course's own style pictures: ten paintings, made by code from a seed.

Taught in: 10_creative_control.
"""

from nstlib.painter.paintings import PAINTINGS, paint
from nstlib.painter.pigments import PALETTES

__all__ = ["PAINTINGS", "PALETTES", "paint"]
