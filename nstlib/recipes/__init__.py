"""Published systems: their numbers, and how they carry over to another network."""

from nstlib.recipes.choosing import settings_for
from nstlib.recipes.published import RECIPES, Recipe

__all__ = ["RECIPES", "Recipe", "settings_for"]
