"""What the setting `quality` stands for: it chooses several other settings at once.

Taught in: 09_style_transfer. `docs/defaults.md` says how these numbers were found.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, TypeVar

from nstlib.settings.schema import Field

QUALITIES: dict[str, dict[str, Any]] = {
    "quick": {"steps": 48, "smallest": 85, "scale_step": 3.0, "last_share": 0.5},
    "normal": {},
    "best": {"steps": 600},
}
"""Quality → the settings that it chooses. Those that are given win."""

_Class = TypeVar("_Class", bound=type)


def chosen_by(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that a quality chooses.

    Args:
        values: settings by name. A quality that does not exist chooses nothing, and
            neither does any quality with a method of one pass.
    """
    if values.get("method", "optimize") != "optimize":
        return {}
    return dict(QUALITIES.get(str(values.get("quality")), {}))


def with_quality(settings_class: _Class) -> _Class:
    """Let the constructor of a settings class take what is not given from the quality.

    Args:
        settings_class: a dataclass with a field `quality`.
    """
    build = settings_class.__init__  # type: ignore[misc]

    @functools.wraps(build)
    def init(self: Any, *args: Any, **given: Any) -> None:
        build(self, *args, **chosen_by(given) | given)

    settings_class.__init__ = init  # type: ignore[misc]
    return settings_class


def replaced(
    base: Mapping[str, Any], overrides: Mapping[str, Any], schema: Mapping[str, Field]
) -> dict[str, Any]:
    """Replace settings. A new quality leaves alone what it did not choose before.

    Args:
        base: all settings by name.
        overrides: those to replace.
        schema: name of a setting → its description.
    """
    values = dict(base)
    if "quality" in overrides:
        before, now = chosen_by(base), chosen_by({**base, **overrides})
        for name in before | now:
            default = schema[name].default
            if values[name] == before.get(name, default):
                values[name] = now.get(name, default)
    return {**values, **overrides}
