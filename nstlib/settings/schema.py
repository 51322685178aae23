"""The description of a setting, from which everything else about it is derived.

`nstlib.settings.fields` declares each setting with `setting`. Validation, parsing, the
help texts of the commands, ``nst settings`` and docs/settings.md use its description.

Taught in: 09_style_transfer.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

EVERYONE, EXPERT = "everyone", "expert"
LEVELS = (EVERYONE, EXPERT)
"""The levels of settings: for everyone, or for experts only."""

GROUPS = {
    "result": "The result",
    "method": "The method",
    "network": "The network",
    "content": "What the photo gives",
    "style": "What the painting gives",
    "smoothness": "Smoothness",
    "edges": "The edges of the picture",
    "start": "The start",
    "optimizer": "The optimizer",
    "scales": "Scales and tiles",
}
"""Group of settings → its heading, in the order in which they are shown."""

KINDS = {
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "str": "text",
    "tuple[int, ...]": "integers",
}
"""Annotation of a setting → the kind of its values. There are two more kinds: a
"choice" is one of several words, and "layers" are names of layers with weights."""

PLANNING = (
    "steps", "quality", "init", "init_noise", "noise_sigma", "coarse_to_fine",
    "smallest", "scale_step", "last_share", "steps_per_scale",
)  # fmt: skip
"""Settings that plan an optimization from its start. A refinement starts at a finished
picture, at its full size."""

LARGEST = 1e30
"""The largest value of numbers without a limit. Larger ones overflow in float32."""


@dataclass(frozen=True)
class Field:
    """Everything that is known about one setting."""

    name: str
    kind: str
    """One of `KINDS`, "choice" or "layers"."""
    default: Any
    """The value in Python; `typed` converts it to the text for ``--set``."""
    meaning: str
    """What the setting means, in a few plain words with a full stop."""
    group: str
    """One of `GROUPS`."""
    unit: str = ""
    """Unit of a number, in the plural: "pixels"."""
    low: float | None = None
    high: float | None = None
    """The smallest and the largest number, both included."""
    choices: tuple[str, ...] = ()
    optional: bool = False
    """Whether the value can be None."""
    none: str = ""
    """What None means, as a noun phrase or a clause without a full stop."""
    methods: tuple[str, ...] = ("optimize",)
    """The methods that use the setting."""
    level: str = EXPERT
    """One of `LEVELS`."""
    example: str = ""
    """What could be typed after ``--set``. Several settings are separated by spaces."""

    @property
    def refines(self) -> bool:
        """Whether the refinement of a picture made in one pass uses the setting."""
        return "optimize" in self.methods and self.name not in PLANNING

    @property
    def range(self) -> str:
        """The limits in words: ``"from 16 to 16384"``, ``"from 0 upwards"``."""
        if self.low is None or self.high is None:
            return ""
        end = f"to {self.typed(self.high)}" if self.high < LARGEST else "upwards"
        return f"from {self.typed(self.low)} {end}"

    @property
    def values(self) -> str:
        """What can be typed: ``"a whole number of pixels from 16 to 16384"``."""
        of = f" of {self.unit}" if self.unit else ""
        words = {
            "integer": f"a whole number{of} {self.range}",
            "number": f"a number{of} {self.range}",
            "integers": f"whole numbers{of} {self.range}, separated by commas",
            "boolean": "true or false",
            "choice": f"one of {', '.join(self.choices)}",
            "text": "the name of a file",
            "layers": "names of layers, separated by commas; each may have a weight, "
            "as in conv1_1:0.5",
        }
        return words[self.kind] + (", or none" if self.optional else "")

    @property
    def used_by(self) -> str:
        """The methods in words: ``"adain, wct and swap"``."""
        *most, last = self.methods
        return f"{', '.join(most)} and {last}" if most else last

    @property
    def pairs(self) -> list[str]:
        """The example as ``["clamp=true", "optimizer=adam"]``."""
        return (self.example or f"{self.name}={self._other()}").split()

    def typed(self, value: Any) -> str:
        """Spell a value as it is typed after ``NAME=``; `parse_settings` reads it."""
        if value is None or isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, float):
            return f"{value:.12g}"
        if isinstance(value, Mapping):
            return ",".join(f"{k}:{self.typed(v)}" for k, v in value.items())
        if isinstance(value, tuple | list):
            return ",".join(map(self.typed, value))
        return str(value)

    def _other(self) -> str:
        """Return a value other than the default, as it is typed, for an example.

        This is another choice, or twice the default, or half of it if that is too much.
        """
        if self.kind == "boolean":
            return self.typed(not self.default)
        if self.choices:
            return next(word for word in self.choices if word != self.default)
        fits = self.high is None or 2 * self.default <= self.high
        return self.typed(2 * self.default if fits else self.default / 2)


def setting(default: Any, meaning: str, *, group: str, **more: Any) -> Any:
    """Declare a field of a settings class.

    Args:
        default: the default value.
        meaning: what the setting means, see `Field`.
        group: one of `GROUPS`.
        more: other attributes of `Field`: unit, low and high, choices, none, methods,
            level, example. The class gives the name and the kind. A number with `low`
            but without `high` is limited by `LARGEST`.

    Returns:
        A field for a dataclass, from `dataclasses.field`.

    Example:
        >>> @dataclass
        ... class Frame:
        ...     width: int = setting(8, "The width.", group="edges", unit="mm", low=0)
        >>> Frame().width, schema_of(Frame)["width"].values
        (8, 'a whole number of mm from 0 upwards')
    """
    if more.get("low") is not None:
        more.setdefault("high", LARGEST)
    facts = {"default": default, "meaning": meaning, "group": group, **more}
    return dataclasses.field(default=default, metadata=facts)


def schema_of(owner: type) -> dict[str, Field]:
    """Return name → `Field` for all settings of a class, in the order of the class."""
    return {item.name: _field(item) for item in dataclasses.fields(owner)}


def _field(item: dataclasses.Field[Any]) -> Field:
    kind, _, none = str(item.type).partition(" | ")
    facts = dict(item.metadata)
    if "kind" not in facts:
        facts["kind"] = "choice" if facts.get("choices") else KINDS[kind]
    return Field(name=item.name, optional=none == "None", **facts)


def sections(fields: Iterable[Field]) -> dict[str, list[Field]]:
    """Sort settings under headings: those for everyone first, then experts' groups."""
    fields = list(fields)
    found = {"For everyone": [field for field in fields if field.level == EVERYONE]}
    for group, heading in GROUPS.items():
        found[heading] = [
            field for field in fields if (field.group, field.level) == (group, EXPERT)
        ]
    return {heading: members for heading, members in found.items() if members}
