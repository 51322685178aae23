"""The photo and the paintings of a panel: for the worker, and as they are typed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nstlib.course.pictures import IMAGES, find_picture
from nstlib.errors import SettingsError
from nstlib.files import is_url
from nstlib.images import as_picture, shrink
from nstlib.styles import Style, as_entries
from nstlib.transformers import shipped_styles
from nstlib.worker import Part

SMALL = 512
"""The longer side of what an array becomes for a preview, in pixels."""


@dataclass(frozen=True)
class Source:
    """One picture that was given."""

    picture: Any
    """A `Path`, or float32 ``(H, W, 3)``, RGB, 0–255."""
    typed: str
    """The expression that stands for it in a call."""
    name: str
    """The name of its file without the suffix; the variable for an array."""
    of_course: bool = False
    """Whether it belongs to the course, so that a trained network may know it."""

    def small(self) -> Any:
        """Return the picture for a preview."""
        if isinstance(self.picture, Path):
            return self.picture
        return shrink(self.picture, SMALL)


def source(given: Any, kind: str, variable: str) -> Source:
    """Find a picture that was given.

    Args:
        given: the name of a course picture, or what `nstlib.stylize` takes.
        kind: ``"content"`` or ``"style"``.
        variable: its expression if it has no name that can be typed.

    Raises:
        ImageError: it cannot be found or is not a picture.
        SourceError: the name of a course picture is misspelled.
    """
    if not isinstance(given, str | os.PathLike):
        return Source(as_picture(given), variable, variable)
    text = os.fspath(given)
    found = find_picture(text, kind)  # a Path only if it belongs to the course
    if is_url(found):
        return Source(as_picture(found), repr(text), variable)
    path = Path(os.path.abspath(found))  # noqa: PTH100
    typed = repr(text)
    if isinstance(found, Path):  # its name was typed, not a path
        more = "" if kind == "content" else f', "{kind}"'
        typed = f'nstlib.find_picture("{text}"{more})'
    return Source(path, typed, path.stem, path.parent == IMAGES / kind)


class Given:
    """A photo and one or more paintings, with their weights and masks.

    Args:
        photo: what `nstlib.panel.explore` takes.
        style: the same.

    Raises:
        NstError: a picture, a weight or a mask cannot be used.
    """

    def __init__(self, photo: Any, style: Style):
        self.photo = source(photo, "content", "photo")
        many = isinstance(style, list | tuple)
        given, self.styles = list(style) if many else [style], []
        for number, one in enumerate(as_entries(style)):
            entry, place = given[number], f"style[{number}]" if many else "style"
            pair = isinstance(entry, tuple) and len(entry) in (2, 3)
            found = source(one.picture, "style", f"{place}[0]" if pair else place)
            masked = f"{place}[2]" if one.mask is not None else ""
            self.styles.append((found, one.weight, one.mask, masked))

    def parts(self, settings: dict[str, Any], small: bool = False) -> tuple[Part, ...]:
        """Return the paintings for the worker.

        Args:
            settings: those of the run.
            small: whether they are for a preview.

        Raises:
            SettingsError: the trained network does not know a painting.
        """
        trained = settings.get("method") == "feedforward"
        found = []
        for style, weight, mask, _ in self.styles:
            if trained and not (style.of_course and style.name in shipped_styles()):
                raise SettingsError(
                    "the trained network does not know this painting: give the name of "
                    "a painting of the course, or choose another method."
                )
            picture = style.small() if small else style.picture
            part = style.name if trained else picture
            found.append(Part(part, weight, mask, style.name))
        return tuple(found)

    def typed_style(self, settings: dict[str, Any]) -> str:
        """Return the expression for the paintings in a call."""
        trained = settings.get("method") == "feedforward"
        found = []
        for style, weight, _, mask in self.styles:
            text = repr(style.name) if trained else style.typed
            if mask:
                text = f"({text}, {weight:g}, {mask})"
            elif weight != 1:
                text = f"({text}, {weight:g})"
            found.append(text)
        alone = len(found) == 1 and not found[0].startswith("(")
        return found[0] if alone else f"[{', '.join(found)}]"
