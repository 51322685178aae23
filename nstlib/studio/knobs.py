"""What can be chosen in the studio and in `nstlib.panel`, made from the schema."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nstlib.settings import SCHEMA, Field
from nstlib.settings.schema import GROUPS


@dataclass(frozen=True)
class Way:
    """A way to make the picture: a method, and how much time it gets."""

    name: str
    title: str
    meaning: str
    settings: dict[str, Any]

    @property
    def method(self) -> str:
        """The method, as in `Settings.method`."""
        return str(self.settings.get("method", "optimize"))


WAYS = {
    way.name: way
    for way in (
        Way("quick", "Quick", "The pixels are optimized for a short time, so the "
            "painting is looser.", {"quality": "quick"}),
        Way("normal", "Normal", "The pixels are optimized, as the course teaches it.",
            {}),
        Way("best", "Best", "The pixels are optimized more than twice as long, so "
            "details are cleaner.", {"quality": "best"}),
        Way("neighbors", "Neighbors", "Pieces of the painting are put together anew, "
            "which takes seconds.", {"method": "neighbors"}),
        Way("adain", "AdaIN", "The photo gets the painting's colors and contrasts, "
            "which takes a second.", {"method": "adain"}),
        Way("wct", "WCT", "The photo changes more than with AdaIN, which also takes a "
            "second.", {"method": "wct"}),
        Way("swap", "Swap", "Every patch of the photo becomes the most similar patch "
            "of the painting, which takes seconds.", {"method": "swap"}),
        Way("feedforward", "Trained network", "A network paints at once, but it knows "
            "only the ten paintings of the course.", {"method": "feedforward"}),
    )
}  # fmt: skip
"""Name of a way → what it is."""


@dataclass(frozen=True)
class Knob:
    """How a setting appears in the form."""

    field: Field
    label: str
    low: float | None = None
    high: float | None = None
    step: float | None = None
    """The range and the step of the slider; None has no slider."""
    choices: tuple[str, ...] = ()
    hint: str = ""
    """A sentence that replaces the setting's own."""

    @property
    def name(self) -> str:
        """The name of the setting."""
        return self.field.name

    @property
    def is_word(self) -> bool:
        """Whether it is chosen from a list, which always sends a value."""
        return bool(self.choices) or self.field.kind == "boolean"

    @property
    def default(self) -> str:
        """The value if nothing is typed."""
        return self.field.typed(self.field.default)

    @property
    def text(self) -> str:
        """What the setting means."""
        return self.hint or self.field.meaning

    def word(self, choice: str) -> str:
        """Return what people read for a choice; a value that is none stays as it is."""
        if self.field.kind == "boolean":
            return {"true": "yes", "false": "no"}.get(choice, choice)
        return COLOR_WORDS.get(choice, choice) if self.name == "colors" else choice

    @property
    def for_methods(self) -> str:
        """The methods that use it, for scripts and styles."""
        return " ".join(self.field.methods)


COLOR_WORDS = {
    "style": "the painting's",
    "content": "the photo's (only brightness is painted)",
    "luminance": "the photo's (brightness matched first)",
    "match": "the photo's (painting recolored, by mean and spread)",
    "histogram": "the photo's (painting recolored, by histogram)",
    "match_after": "the photo's (result recolored)",
}
"""Choice of colors → what people read."""


def _knob(name: str, label: str, *range_: float, **more: Any) -> Knob:
    low, high, step = range_ or (None, None, None)
    field = SCHEMA[name]
    choices = more.pop("choices", field.choices)
    return Knob(field, label, low, high, step, choices, **more)


def everyones(largest: int) -> list[Knob]:
    """Return the knobs for everyone, given the largest size that is allowed."""
    return [
        _knob("size", "Size", 128, largest, 64,
              hint=f"This is the longer side of the result, at most {largest} pixels."),
        _knob("style_weight", "Style strength", 10, 2000, 10,
              hint="Higher values make the result more like the painting."),
        _knob("alpha", "Style strength", 0, 1, 0.05,
              hint="At 0 the photo stays as it is, and at 1 it gets the whole style."),
        _knob("style_scale", "Size of the strokes", 0.25, 3, 0.05,
              hint="Higher values make larger strokes."),
        _knob("tv_weight", "Smoothness", 0, 20, 0.5,
              hint="Higher values make a smoother picture."),
        _knob("colors", "Colors",
              hint="The result can have the painting's colors or the photo's."),
        _knob("seed", "Seed",
              hint="This number counts only if something is random, such as the noise "
              "at the start or the grain of a trained network."),
    ]  # fmt: skip


def used(field: Field, method: str, refines: bool = False) -> bool:
    """Return whether a method uses a setting, and has to be told about it.

    Args:
        field: the setting.
        method: one of `Settings.method`.
        refines: whether the picture is refined afterwards.
    """
    return method in field.methods or (refines and field.refines)


PREVIEW = {"method": "wct", "size": 256}
"""The method that previews pictures that will be optimized, within two seconds."""

HIDDEN = ("method", "quality", "weights", "progress_every")
"""Settings that are chosen elsewhere, or that name a file of the server."""


def networks() -> tuple[str, ...]:
    """Return the networks that need no download."""
    own = ("vgg16", "vgg19") if os.environ.get("NSTLIB_WEIGHTS") else ()
    return ("mini", "random", *own)


_LETTERS = {
    "beta_1": "β1",
    "beta_2": "β2",
    "tv_exponent": "TV exponent",
    "tv_reduction": "TV reduction",
    "wct_map": "WCT map",
}
"""Name of a setting → its label, if the label is not simply the name."""


def experts(largest: int) -> dict[str, list[Knob]]:
    """Return the knobs for experts, under the headings of their groups."""
    taken = {knob.name for knob in everyones(largest)} | set(HIDDEN)
    found: dict[str, list[Knob]] = {}
    for group, heading in GROUPS.items():
        fields = [
            f for f in SCHEMA.values() if f.group == group and f.name not in taken
        ]
        for field in fields:
            more = {"choices": networks()} if field.name == "network" else {}
            label = _LETTERS.get(field.name, field.name.replace("_", " ").capitalize())
            found.setdefault(heading, []).append(_knob(field.name, label, **more))
    return found


def offered(largest: int) -> dict[str, Knob]:
    """Return all knobs by their names."""
    groups = experts(largest).values()
    return {k.name: k for k in [*everyones(largest), *(k for g in groups for k in g)]}


def as_read(way: Way, values: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return what was typed as the form shows it, without what the way does not use.

    Args:
        way: the way that was chosen.
        values: name of a setting → what was typed.

    Returns:
        Name of a setting → its label and its value in words.
    """
    known, refines = offered(0), values.get("refine", "0") != "0"
    return {
        name: (known[name].label, known[name].word(text))
        for name, text in values.items()
        if used(SCHEMA[name], way.method, refines)
    }


def preview_settings(settings: dict[str, Any]) -> dict[str, Any]:
    """Return settings with which a picture can be painted within two seconds.

    Methods of one pass keep their settings, but paint at 256 pixels at most and without
    a refinement. A trained network paints at up to 512 pixels, because its strokes have
    a fixed width. For an optimized picture, WCT paints the preview, with about as much
    style as the weight asks for.
    """
    method = settings.get("method", "optimize")
    if method != "optimize":
        own = {k: v for k, v in settings.items() if used(SCHEMA[k], method)}
        side = 512 if method == "feedforward" else 256
        return {**own, "refine": 0, "size": min(side, int(settings.get("size", side)))}
    kept = {k: v for k, v in settings.items() if k in ("colors", "style_scale")}
    usual = float(SCHEMA["style_weight"].default)
    strength = float(settings.get("style_weight", usual)) / usual
    return {**kept, **PREVIEW, "alpha": min(1.0, strength**0.5)}
