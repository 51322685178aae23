"""Everything that can be chosen about a style transfer.

`fields` says what there is, `validation` what makes sense, `parsing` how it is typed.
"""

from nstlib.errors import SettingsError
from nstlib.settings.fields import STYLE_LAYERS, Settings, make_settings
from nstlib.settings.parsing import parse_settings, typed_settings

__all__ = [
    "STYLE_LAYERS",
    "Settings",
    "SettingsError",
    "make_settings",
    "parse_settings",
    "typed_settings",
]
