"""Reading the form: what was asked for, or what is wrong with it, field by field."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nstlib.errors import NstError, shorten
from nstlib.large.scales import check_reach, plan_scales
from nstlib.recipes import RECIPES, settings_for
from nstlib.settings import (
    SCHEMA,
    Settings,
    make_settings,
    optimized_half,
    parse_settings,
)
from nstlib.settings.quality import replaced
from nstlib.settings.schema import LARGEST
from nstlib.settings.validation import plain, problems_of
from nstlib.studio.knobs import WAYS, Knob, offered, used
from nstlib.studio.pictures import Found, Pictures
from nstlib.transformers import shipped_styles

PAINTINGS = 3
"""The most paintings of one picture."""
LONGEST_TEXT = 400
"""The longest text of a setting."""


@dataclass
class Chosen:
    """One painting that was chosen."""

    ref: str
    weight: str = "1"
    mask: str = ""


@dataclass
class Form:
    """What is in the form, as it was typed, and what is wrong with it."""

    photo: str = ""
    paintings: list[Chosen] = field(default_factory=list)
    way: str = "quick"
    values: dict[str, str] = field(default_factory=dict)
    """Name of a setting → what was typed."""
    errors: dict[str, str] = field(default_factory=dict)
    """Name of a field → what is wrong with it."""
    notes: list[str] = field(default_factory=list)

    def wrong(self, name: str, told: str) -> None:
        """Note what is wrong with a field."""
        before = self.errors.get(name)
        self.errors[name] = f"{before} {told}" if before else told

    def chosen(self, ref: str) -> Chosen | None:
        """Return the choice of a painting; None if it is not chosen."""
        return next((one for one in self.paintings if one.ref == ref), None)

    def plain(self) -> dict[str, Any]:
        """Return what JSON can hold, for `restored`."""
        return {
            "photo": self.photo,
            "paintings": [vars(one) for one in self.paintings],
            "way": self.way,
            "values": self.values,
        }


@dataclass(frozen=True)
class Order:
    """A form without errors."""

    form: Form
    photo: Found
    parts: list[tuple[Found, float, Found | None]]
    settings: dict[str, Any]

    @property
    def work(self) -> float:
        """How much there is to do: pixels times evaluations."""
        return work_of(self.settings, *self.photo.size)


def work_of(settings: Mapping[str, Any], height: int, width: int) -> float:
    """Return how much work a run is, in pixels times evaluations."""
    made = make_settings(**settings)
    if half := optimized_half(made):
        return float(sum(h * w * n for h, w, n in plan_scales(height, width, half)))
    return made.size**2 * min(height, width) / max(height, width)


def restored(values: Mapping[str, Any]) -> Form:
    """Return the form that `Form.plain` described."""
    paintings = [Chosen(**one) for one in values["paintings"]]
    return Form(values["photo"], paintings, values["way"], dict(values["values"]))


def typed(data: Mapping[str, Any], styles: Sequence[str], largest: int) -> Form:
    """Keep what was typed, without checking it.

    Args:
        data: name of a field → its text.
        styles: the names of the paintings that were chosen.
        largest: the largest size that is allowed.
    """
    form = Form(str(data.get("photo", "")), way=str(data.get("way", "quick")))
    for ref in list(dict.fromkeys(styles))[: 2 * PAINTINGS]:
        weight = str(data.get(f"weight.{ref}", "1")).strip() or "1"
        form.paintings.append(Chosen(ref, weight, str(data.get(f"mask.{ref}", ""))))
    for name, knob in offered(largest).items():
        text = str(data.get(name, "")).strip()
        if text and not (knob.is_word and text == knob.default):
            form.values[name] = text
    return form


def ordered(form: Form, pictures: Pictures, owner: str, largest: int) -> Order | None:
    """Check a form. If something is wrong, its errors say everything at once.

    Args:
        form: the form, which gets the errors.
        pictures: finds the pictures that it names.
        owner: who typed it.
        largest: the largest size that is allowed.

    Returns:
        The order; None if something is wrong.
    """
    photo = pictures.find(form.photo, owner)
    if photo is None and "photo" not in form.errors:
        form.wrong("photo", "Choose a photo, or upload one.")
    if form.way not in WAYS:
        form.wrong("way", "Choose one of these methods.")
        form.way = "quick"
    parts = _parts(form, pictures, owner)
    settings = _settings(form, largest)
    if photo is not None and settings is not None:
        _check_plan(form, settings, photo, offered(largest))
    if form.errors or photo is None or settings is None:
        return None
    return Order(form, photo, parts, settings)


def _parts(
    form: Form, pictures: Pictures, owner: str
) -> list[tuple[Found, float, Found | None]]:
    if not form.paintings:
        form.wrong("style", "Choose a painting, or upload one.")
    if len(form.paintings) > PAINTINGS:
        form.wrong("style", f"Choose at most {PAINTINGS} paintings.")
    parts, way = [], WAYS.get(form.way)
    for one in form.paintings[:PAINTINGS]:
        found = pictures.find(one.ref, owner)
        mask = pictures.find(one.mask, owner) if one.mask else None
        if found is None or (one.mask and mask is None):
            form.wrong("style", "A painting or a mask was deleted: choose it again.")
            continue
        weight = _weight(one.weight)
        if weight is None:
            form.wrong(
                f"weight.{one.ref}",
                "A weight must be a number above 0 and at most 1000.",
            )
        known = one.ref.removeprefix("course:") in shipped_styles()
        if way and way.method == "feedforward" and not known:
            form.wrong(
                "style",
                f"The trained network does not know {found.title}: choose paintings "
                "of the course, or another method.",
            )
        parts.append((found, weight or 1.0, mask))
    return parts


def _weight(text: str) -> float | None:
    try:
        weight = float(text)
    except ValueError:
        return None
    return weight if math.isfinite(weight) and 0 < weight <= 1000 else None


def _settings(form: Form, largest: int) -> dict[str, Any] | None:
    """Return the settings; None if something is wrong with them."""
    way, knobs = WAYS[form.way], offered(largest)
    chosen: dict[str, Any] = dict(way.settings)
    refines = form.values.get("refine", "0") != "0"
    for name, text in form.values.items():
        if not used(SCHEMA[name], way.method, refines):
            continue  # the form does not show it for this method
        if len(text) > LONGEST_TEXT:
            form.wrong(
                name, f"This text is too long: use at most {LONGEST_TEXT} characters."
            )
            form.values[name] = shorten(text, LONGEST_TEXT)
            continue
        chosen |= parse_settings([f"{name}={text}"])
        if knobs[name].choices and text not in knobs[name].choices:
            form.wrong(name, f"Choose one of {', '.join(knobs[name].choices)}.")
    values = plain(replaced(vars(Settings()), chosen, SCHEMA), SCHEMA)
    here = {**SCHEMA, "size": dataclasses.replace(SCHEMA["size"], high=largest)}
    for problem in problems_of(values, here):
        _attribute(form, problem, knobs)
    return chosen if not any(name in form.errors for name in knobs) else None


def _attribute(form: Form, problem: str, knobs: Mapping[str, Knob]) -> None:
    """Note a problem beside the field that it names first."""
    name = (re.match(r"\w+", problem) or [""])[0]
    if name in knobs and name in form.errors:
        return
    told = f"{problem.rstrip('.')}.".replace(name, _label(name, knobs), 1)
    told = re.sub(r"\w+_\w+", lambda found: _label(found[0], knobs), told)
    told = told.replace(f" to {LARGEST:g}", " upwards").replace(" or None", " or none")
    told = told[0].upper() + told[1:] if told.isascii() else told  # not β to B
    form.wrong(name if name in knobs else "way", told)


def _label(name: str, knobs: Mapping[str, Knob]) -> str:
    """Return the label of a setting; any other word stays as it is."""
    return knobs[name].label if name in knobs else name


def _check_plan(
    form: Form, settings: Mapping[str, Any], photo: Found, knobs: Mapping[str, Knob]
) -> None:
    """Note what is wrong with the sizes at which the picture would be painted."""
    half = optimized_half(make_settings(**settings))
    if half is None:
        return
    try:
        check_reach(plan_scales(*photo.size, half), half)
    except NstError as error:
        told = str(error)
        name = next((n for n in ("steps_per_scale", "tile") if n in told), "size")
        told = _label(name, knobs).join(told.rsplit(name, 1))
        form.wrong(name, f"{told[0].upper()}{told[1:]}")


def take_recipe(form: Form, name: str, largest: int) -> None:
    """Fill in the settings of a published system, and note what differs from it."""
    if name not in RECIPES:
        form.wrong("recipe", "Choose one of these systems.")
        return
    network = form.values.get("network", "mini")
    size = min(largest, int(RECIPES[name].overrides.get("size") or 512))
    settings, notes = settings_for(name, network, size)
    knobs = offered(largest)
    form.way, form.notes = "normal", [f"{name}: {note}" for note in notes]
    form.values = {
        key: SCHEMA[key].typed(value)
        for key, value in settings.items()
        if key in knobs and value != SCHEMA[key].default
    }
