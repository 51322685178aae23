"""Settings as one line of JSON, as pictures and checkpoints store them.

Taught in: 11_high_resolution.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from nstlib.backend import keras
from nstlib.descent import restored_optimizer
from nstlib.errors import SettingsError


def stored_text(values: Mapping[str, Any]) -> str:
    """Return the values of settings as one line of JSON, for `stored_values`."""
    optimizer = values["optimizer"]
    if not isinstance(optimizer, str):
        optimizer = keras.optimizers.serialize(optimizer)
    return json.dumps({**values, "optimizer": optimizer})


def stored_values(text: str) -> dict[str, Any]:
    """Read the values of settings from JSON, without checking them.

    Raises:
        SettingsError: the text is not such JSON, or its optimizer is unknown.
    """
    try:
        values = json.loads(text)
        if not isinstance(values, dict):
            raise ValueError("no names")
    except (RecursionError, TypeError, ValueError) as error:
        raise SettingsError("this is no text that to_json wrote.") from error
    if isinstance(values.get("optimizer"), dict):
        values["optimizer"] = restored_optimizer(values["optimizer"])
    return values
