"""The jobs of a gallery: each photo in each style with each choice of settings."""

from __future__ import annotations

import hashlib
import itertools
import json
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nstlib.errors import SettingsError, UsageError, did_you_mean
from nstlib.gallery.sources import Shown, as_network, told_apart
from nstlib.names import STEM_BYTES, safe, shortened, stem_of
from nstlib.runs.facts import UNSEEN, recorded, weights_of
from nstlib.settings import SCHEMA, Settings, make_settings, parse_settings

LISTS = ("integers", "layers")
"""Kinds of settings whose values contain commas."""
OWN = ("size", "method", "quality", "seed", "network", "steps", "alpha", "refine")
"""Settings that have an option of their own in ``nst stylize``."""
DIGITS = 12
"""Length of a key in hexadecimal digits."""

Choice = dict[str, Any]
"""The settings that a job replaces, by name."""


@dataclass(frozen=True)
class Job:
    """One picture that is to be painted."""

    name: str
    """The name of its file, without the suffix. No two jobs share it."""
    photo: Shown
    style: Shown
    chosen: Choice
    """The settings that were chosen. All others have their defaults."""
    label: str
    """How its settings differ from those of other jobs: ``"style_weight 100"``."""
    settings: Settings
    key: str
    """A hash of everything that decides how the picture looks."""

    @property
    def error(self) -> str:
        """Why it cannot be painted, as one sentence; empty if it can."""
        return self.photo.error or self.style.error

    @property
    def pair(self) -> str:
        """A name for its photo and its style, which all of its variants share."""
        both = f"{self.photo.sha256}-{self.style.sha256}"
        return hashlib.sha256(both.encode()).hexdigest()[:DIGITS]

    @property
    def command(self) -> str:
        """The command that paints this picture alone."""
        words = ["nst", "stylize", self.photo.typed, self.style.typed]
        for name, value in self.chosen.items():
            typed = SCHEMA[name].typed(value)
            if name in OWN:
                words += [f"--{name}", typed]
            else:
                words += ["--set", f"{name}={typed}"]
        return shlex.join(words)


def parse_vary(texts: Iterable[str]) -> dict[str, list[Any]]:
    """Read what was typed after ``--vary``.

    Args:
        texts: such as ``"style_weight=100,250,600"``. Values that contain commas are
            separated by semicolons.

    Returns:
        Name of a setting → its values.

    Raises:
        SettingsError: a text makes no sense.

    Example:
        >>> parse_vary(["seed=1,2", "steps_per_scale=40,20;80,40"])
        {'seed': [1, 2], 'steps_per_scale': [(40, 20), (80, 40)]}
    """
    found: dict[str, list[Any]] = {}
    for text in texts:
        name, sign, values = (part.strip() for part in text.partition("="))
        if not sign or not values.strip(",; "):
            raise SettingsError(
                f"--vary {text!r} has no values: write it as in --vary seed=1,2,3."
            )
        check_setting(name)
        if name in found:
            raise SettingsError(f"{name} varies twice: give all values in one --vary.")
        several = SCHEMA[name].kind in LISTS or ";" in values
        parts = [part.strip() for part in values.split(";" if several else ",")]
        typed = [parse_settings([f"{name}={part}"])[name] for part in parts if part]
        found[name] = [v for i, v in enumerate(typed) if v not in typed[:i]]
    return found


def check_setting(name: str) -> None:
    """Raise a `SettingsError` if there is no setting of this name."""
    if name not in SCHEMA:
        raise SettingsError(
            f"there is no setting {name!r}: {did_you_mean(name, SCHEMA)}"
        )


def choices(fixed: Choice, vary: Mapping[str, Sequence[Any]]) -> list[Choice]:
    """Return every combination of the settings that vary, each with the fixed ones.

    If the method varies, each method gets only the settings that it uses.

    Raises:
        SettingsError: some settings make no sense.
    """
    if twice := ", ".join(fixed.keys() & vary.keys()):
        raise SettingsError(
            f"{twice} cannot both vary and have a fixed value: leave out one of the "
            "two."
        )
    found: list[Choice] = []
    for values in itertools.product(*vary.values()):
        chosen = {**fixed, **dict(zip(vary, values, strict=True))}
        if "method" in vary:
            chosen = {n: v for n, v in chosen.items() if _used(n, chosen)}
        if chosen not in found:
            found.append(chosen)
    for chosen in found:
        make_settings(**chosen)
    return found


def _used(name: str, chosen: Choice) -> bool:
    if name not in SCHEMA or chosen["method"] in SCHEMA[name].methods:
        return True
    return bool(chosen.get("refine")) and SCHEMA[name].refines


def plan_jobs(
    photos: Sequence[Shown], styles: Sequence[Shown], every: Sequence[Choice] = ({},)
) -> list[Job]:
    """Make a job for each photo in each style with each choice of settings.

    Args:
        photos, styles: from `nstlib.gallery.sources.find_pictures`.
        every: the choices of settings, from `choices`.

    Raises:
        SettingsError: settings make no sense. The message names all problems at once.
        UsageError: there are no jobs.
    """
    return named_jobs(
        [(p, s, chosen) for p in photos for s in styles for chosen in every]
    )


def named_jobs(rows: Sequence[tuple[Shown, Shown, Choice]]) -> list[Job]:
    """Make jobs of photos, styles and settings, and give each a name of its own.

    It raises the errors of `plan_jobs`.
    """
    if not rows:
        raise UsageError("there is nothing to paint: name photos and styles.")
    differing = _differing([chosen for *_, chosen in rows])
    photos = told_apart(photo for photo, *_ in rows)
    styles = told_apart(style for _, style, _ in rows)
    jobs: dict[str, Job] = {}
    names: set[str] = set()
    for photo, style, chosen in rows:
        settings = make_settings(**chosen)
        photo, style = photos[photo], styles[style]
        if settings.method == "feedforward":
            style = as_network(style)
        key = _key(photo, style, settings)
        if key in jobs:  # the same picture twice
            continue
        shown = {name: chosen[name] for name in differing if name in chosen}
        parts = [f"{name} {SCHEMA[name].typed(value)}" for name, value in shown.items()]
        name = stem_of([photo.name, style.name])
        name = shortened("-".join([name, *map(safe, parts)]), STEM_BYTES)
        if name.casefold() in names:  # not every file system tells letters by case
            name = f"{name}-{key[:6]}"
        names.add(name.casefold())
        label = ", ".join(parts)
        jobs[key] = Job(name, photo, style, chosen, label, settings, key)
    return list(jobs.values())


def _differing(every: Sequence[Choice]) -> list[str]:
    names = dict.fromkeys(name for chosen in every for name in chosen)
    absent = object()
    first = every[0]
    return [
        name
        for name in names
        if any(c.get(name, absent) != first.get(name, absent) for c in every)
    ]


def _key(photo: Shown, style: Shown, settings: Settings) -> str:
    kept = {n: v for n, v in recorded(settings).items() if n not in UNSEEN}
    made_of = [kept, photo.sha256, style.sha256, weights_of(settings)]
    text = json.dumps(made_of, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[: 2 * DIGITS]
