"""Everything that can be chosen about a style transfer.

`fields` says what there is, `schema` what is known about each, `validation` what makes
sense, and `parsing` how it is typed.
"""

from nstlib.errors import SettingsError
from nstlib.settings.fields import SCHEMA, STYLE_LAYERS, Settings, make_settings
from nstlib.settings.parsing import parse_settings, typed_settings
from nstlib.settings.schema import Field

__all__ = [
    "SCHEMA",
    "STYLE_LAYERS",
    "Field",
    "Settings",
    "SettingsError",
    "make_settings",
    "parse_settings",
    "typed_settings",
]
