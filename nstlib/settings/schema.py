"""What there is to know about one setting, so that it is said in one place only.

`nstlib.settings.fields` declares each setting with `setting`. From that follow what is
accepted, how it is typed, the help of the commands, ``nst settings``, and
docs/settings.md.

Taught in: 09_style_transfer.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

EVERYONE, EXPERT = "everyone", "expert"
LEVELS = (EVERYONE, EXPERT)
"""Whom a setting is for."""

GROUPS = {
    "result": "The result",
    "method": "The method",
    "network": "The network",
    "content": "What the photo gives",
    "style": "What the painting gives",
    "smoothness": "Smoothness",
    "edges": "The edges of the picture",
    "start": "The start",
    "optimiser": "The optimiser",
    "scales": "Scales and tiles",
}
"""The groups of settings, in the order in which they are shown, with their headings."""

KINDS = {
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "str": "text",
    "tuple[int, ...]": "integers",
}
"""What kind of value a setting takes, by its annotation. There are two more kinds: a
"choice" is one of several words, and "layers" are names of layers with weights."""

LARGEST = 1e30
"""The limit of numbers that have no other. Beyond it float32 overflows."""


@dataclass(frozen=True)
class Field:
    """One setting, and what there is to know about it."""

    name: str
    kind: str
    """One of `KINDS`, "choice" or "layers"."""
    default: Any
    """In Python; `typed` gives the text for ``--set``."""
    meaning: str
    """A few plain words for people: a noun phrase or sentences, with a full stop."""
    group: str
    """One of `GROUPS`."""
    unit: str = ""
    """Of a number, in the plural: "pixels"."""
    low: float | None = None
    high: float | None = None
    """The smallest and the largest number, both included."""
    choices: tuple[str, ...] = ()
    optional: bool = False
    """Whether None is a value."""
    none: str = ""
    """What None stands for, as a noun phrase or clause without a full stop."""
    methods: tuple[str, ...] = ("optimize",)
    """The methods that use it."""
    level: str = EXPERT
    """One of `LEVELS`."""
    example: str = ""
    """What to type after ``--set``; several settings are separated by spaces."""

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
        """A value other than the default: the next choice, or twice or half as much."""
        if self.kind == "boolean":
            return self.typed(not self.default)
        if self.choices:
            return next(word for word in self.choices if word != self.default)
        fits = self.high is None or 2 * self.default <= self.high
        return self.typed(2 * self.default if fits else self.default / 2)


def setting(default: Any, meaning: str, *, group: str, **more: Any) -> Any:
    """Declare a field of a settings class.

    Args:
        default: the value where nobody says anything.
        meaning: see `Field`.
        group: one of `GROUPS`.
        more: other attributes of `Field`: unit, low and high, choices, none, methods,
            level, example. Name and kind come from the class. A number without a
            `high` ends at `LARGEST`.

    Returns:
        What `dataclasses.field` returns.

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
    """All settings that a class declares, by name, in the order of the class."""
    return {item.name: _field(item) for item in dataclasses.fields(owner)}


def _field(item: dataclasses.Field[Any]) -> Field:
    kind, _, none = str(item.type).partition(" | ")
    facts = dict(item.metadata)
    if "kind" not in facts:
        facts["kind"] = "choice" if facts.get("choices") else KINDS[kind]
    return Field(name=item.name, optional=none == "None", **facts)


def sections(fields: Iterable[Field]) -> dict[str, list[Field]]:
    """Settings under headings: first those for everyone, then experts' by groups."""
    fields = list(fields)
    found = {"For everyone": [field for field in fields if field.level == EVERYONE]}
    for group, heading in GROUPS.items():
        found[heading] = [
            field for field in fields if (field.group, field.level) == (group, EXPERT)
        ]
    return {heading: members for heading, members in found.items() if members}
