"""What ``nst reproduce`` does with a film of ``nst video``."""

from __future__ import annotations

import argparse
import itertools
import json
import sys
from contextlib import suppress
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np

from nstlib.cli.console import Job, Signals, nearest, write
from nstlib.cli.film_progress import FilmProgress
from nstlib.cli.targets import is_one_of
from nstlib.course import pictures
from nstlib.course.pictures import NamedMask
from nstlib.errors import FilmError, SettingsError, UsageError
from nstlib.files import as_path, is_url, shown
from nstlib.film.choices import Choices
from nstlib.film.door import paint_film
from nstlib.film.facts import read_film_facts
from nstlib.film.masks import find_film_masks
from nstlib.film.opening import open_film
from nstlib.film.pictures import read_from, stills_of
from nstlib.film.source import Wanted
from nstlib.film.writing import FORMATS
from nstlib.names import beside, first_free, is_there
from nstlib.settings import Settings


def is_film(text: str) -> bool:
    """Return whether a text names a film that ``nst video`` made."""
    if is_url(text):
        return False
    path = as_path(text)
    if not (path / "film.json").is_file() and not (
        path.is_file() and path.suffix.lower() in FORMATS
    ):
        return False
    return read_film_facts(path) is not None


class ReproduceFilm(Job):
    """The command for a film, step by step."""

    def __init__(self, args: argparse.Namespace, signals: Signals):
        super().__init__(args, signals)
        self.film = as_path(args.picture)
        facts = read_film_facts(self.film)
        assert facts is not None
        self.sources = facts["sources"]
        try:
            self.settings = Settings.from_json(json.dumps(facts["settings"]))
            self.wanted = Wanted(**_tuples(facts["film"]["wanted"]))
            self.choices = Choices(**_tuples(facts["film"]["choices"]))
        except (SettingsError, TypeError) as error:
            raise UsageError(
                f"these settings are not known to this version of nstlib: {error}"
            ) from error
        self.content = self.find(0, args.content)
        names = self.sources["styles"]
        if args.style and len(args.style) != len(names):
            raise UsageError(f"it has {len(names)} styles: name all or none of them.")
        given = args.style or [None] * len(names)
        found = [self.find(1 + i, text) for i, text in enumerate(given)]
        weights = self.sources["style_weights"]
        self.masks = self.find_masks(args.mask)
        self.styles = list(zip(found, weights, self.masks, strict=True))
        again = beside(self.film, f"-again{self.film.suffix}")
        free = first_free(again, lambda path: not is_there(path))
        self.out = as_path(args.out) if args.out else free
        sources = [self.film, self.content, *(m.source for m in self.masks if m)]
        if is_one_of(self.out, itertools.chain(*map(read_from, sources))):
            raise UsageError(f"{self.out} is a film to read: choose another -o.")

    def find(self, index: int, given: str | None) -> str | Path:
        """Find the film, or one of the styles, where it was or where it was typed."""
        kind = "style" if index else "content"
        name = [self.sources["content"], *self.sources["styles"]][index]
        if given is None and name is None:
            raise UsageError(
                f"it was made from an array: name its {kind} with --{kind}."
            )
        by_name = index and self.settings.method == "feedforward"
        if given or by_name:
            text = str(given or name)
            if by_name:
                return pictures.find_network(text).source
            return pictures.find(text, kind).source if index else text
        place = self.place_of(name, self.sources["files"][index]["path"])
        if place is not None:
            return place
        if index:
            return pictures.find(str(name), kind).source
        raise UsageError(f"{shown(name)} is not where it was: name it with --content.")

    def place_of(self, name: str, path: str | None) -> Path | None:
        """Return where a file, a folder or a pattern of pictures is; None if it is not.

        Args:
            name: its name.
            path: its path from the folder of the film, if that is known.
        """
        folder = self.film.absolute().parent
        if path:
            with suppress(FilmError):  # a pattern that no picture matches
                if (folder / path).exists() or stills_of(str(folder / path)):
                    return folder / path
        return next((p for p in (folder / name, Path(name)) if p.exists()), None)

    def find_masks(self, given: list[str]) -> list[NamedMask | None]:
        """Find the masks of the styles where they were, or where they were typed."""
        count = len(self.sources["styles"])
        before = self.sources.get("masks") or [None] * count
        now = find_film_masks(given, count)
        had = ["none" if mask is None else shown(mask["name"] or "MASK")
               for mask in before]  # fmt: skip
        if given and [bool(mask) for mask in now] != [bool(mask) for mask in before]:
            raise UsageError(f"it had other masks: --mask {' --mask '.join(had)}.")
        found: list[NamedMask | None] = []
        for mask, typed, name in zip(before, now, had, strict=True):
            if mask is None:
                found.append(None)
                continue
            place = typed and typed.source
            if place is None and mask["name"] is not None:
                place = self.place_of(mask["name"], mask["path"])
            if place is None:
                raise UsageError(f"{name} is not where it was: name it with --mask.")
            found.append(NamedMask(place, mask.get("color")))
        return found

    def run(self) -> int:
        """Paint the film again, and compare the two."""
        self.say(f"Painting {shown(self.content)} again …")
        with FilmProgress(self) as progress:
            made = paint_film(
                self.content,
                self.styles or None,
                self.out,
                self.settings,
                wanted=self.wanted,
                choices=self.choices,
                callback=progress,
            )
        if made.interrupted:
            raise KeyboardInterrupt
        largest, mean = difference(self.film, made.path)
        same = "The same, frame by frame."
        if largest:
            same = f"Not the same: {mean:.2g} of 255 levels on average, and "
            same += f"{largest:.0f} at most."
        self.say(f"Saved {nearest(made.path)}. {same}")
        if self.args.json:
            facts: dict[str, Any] = {"path": str(made.path), "same": largest == 0}
            write(sys.stdout, json.dumps(facts | {"largest": largest, "mean": mean}))
        return 0


def difference(one: Path, other: Path) -> tuple[float, float]:
    """Return the largest and the mean difference of the frames of two films."""
    largest, means = 0.0, []
    films = (open_film(path).frames() for path in (one, other))
    for first, second in zip_longest(*films):
        if first is None or second is None or first.shape != second.shape:
            return 255.0, 255.0
        off = np.abs(first.astype(np.float32) - second)
        largest = max(largest, float(off.max()))
        means.append(float(off.mean()))
    return largest, float(np.mean(means))


def _tuples(values: dict[str, Any]) -> dict[str, Any]:
    """Turn the lists of JSON back into tuples."""
    return {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
