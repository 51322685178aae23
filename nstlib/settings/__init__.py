"""The settings of a style transfer.

`fields` declares the settings, `schema` describes what is known about each of them,
`validation` checks them, `stored` puts them into JSON, and `parsing` reads them from a
command line. `halves` divides those of a run that refines what it painted in one pass.
"""

from nstlib.errors import SettingsError
from nstlib.settings.fields import SCHEMA, STYLE_LAYERS, Settings, make_settings
from nstlib.settings.halves import one_pass_half, optimized_half
from nstlib.settings.parsing import parse_settings, typed_settings
from nstlib.settings.schema import Field

__all__ = [
    "SCHEMA",
    "STYLE_LAYERS",
    "Field",
    "Settings",
    "SettingsError",
    "make_settings",
    "one_pass_half",
    "optimized_half",
    "parse_settings",
    "typed_settings",
]
