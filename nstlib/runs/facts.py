"""What is written down about a picture, inside it and beside it.

Taught in: 11_high_resolution. Beside NAME.png stands NAME.json. It says which picture
it describes, by name and by hash, so that NAME.bmp and NAME.png are not mixed up. Where
NAME.json is taken, by another picture or by somebody else, it is NAME.png.json. A file
that nstlib did not write is never replaced.
"""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from nstlib.errors import FileError, NetworkError, UsageError
from nstlib.files import as_path, atomic_write, is_url, shown
from nstlib.images import ImageError, Source, read_metadata
from nstlib.names import beside, is_there
from nstlib.settings import Settings
from nstlib.vgg_weights import find_weights

PREFIX = "nstlib:"
"""Begins the names of nstlib's texts in a picture."""
UNSEEN = ("progress_every",)
"""Settings that leave no trace in the result."""

Facts = dict[str, Any]


def in_json(facts: Mapping[str, Any]) -> bytes:
    """Facts as the text of a file; bytes in names that are no text stay what they are.

    Python keeps such bytes as lone surrogates, which UTF-8 cannot hold. The escape that
    "backslashreplace" makes of one is the escape that JSON has for it.
    """
    text = json.dumps(facts, indent=2, ensure_ascii=False) + "\n"
    return text.encode("utf-8", "backslashreplace")


def write_facts(picture: Path, facts: Facts) -> Path | None:
    """Write facts beside a picture that was saved, and into which picture they belong.

    Args:
        picture: its file.
        facts: anything that JSON can hold.

    Returns:
        The file that was written. None, with a warning, if all names are taken by
        files of somebody else.

    Raises:
        FileError: the file cannot be written.
    """
    own = {"picture": {"name": picture.name, "sha256": hash_of(picture)}}
    taken: list[Path] = []
    for path in _places(picture):
        if not is_there(path) or _may_replace(path, picture):
            atomic_write(path, lambda file: file.write(in_json(facts | own)))
            if taken and not _is_ours(_read(taken[0])):
                warnings.warn(
                    f"{shown(taken[0])} is not a file of nstlib and stays as it is: "
                    f"the settings stand in {shown(path.name)}.",
                    stacklevel=3,
                )
            return path
        taken.append(path)
    names = " and ".join(shown(path) for path in taken)
    warnings.warn(
        f"{names} are not files of nstlib and stay as they are: the settings stand in "
        "the picture only, if its format holds them.",
        stacklevel=3,
    )
    return None


def read_facts(picture: Source, name: str | None = None) -> Facts:
    """What `Result.save` wrote into a picture, or beside it.

    Taught in: 11_high_resolution.

    Args:
        picture: anything that `nstlib.load_image` takes.
        name: what to call it in messages; None: by itself.

    Raises:
        ImageError: the picture cannot be read.
        UsageError: nothing is written there, or not by nstlib.
    """
    try:
        facts: Facts = {
            key[len(PREFIX) :]: json.loads(text)
            for key, text in read_metadata(picture).items()
            if key.startswith(PREFIX)
        }
        good = not facts or _is_ours(facts)
    except (ValueError, RecursionError) as error:
        if isinstance(error, ImageError):
            text = str(error).replace(shown(picture), shown(name or picture))
            raise ImageError(text) from error
        good = False
    if not good:
        raise UsageError(f"what is written in {shown(name or picture)} is damaged.")
    if facts or not isinstance(picture, str | Path) or is_url(picture):
        return facts or _nothing(name or picture)
    return _beside(as_path(picture)) or _nothing(name or picture)


def _nothing(picture: Source) -> Facts:
    raise UsageError(
        f"{shown(picture)} was not made by nstlib, or what nstlib wrote in it was "
        "removed: give a picture as nst stylize saved it."
    )


def _beside(picture: Path) -> Facts | None:
    """What stands beside a picture, if it is about this one."""
    others = []
    for path in reversed(_places(picture)):
        facts = _read(path)
        if not _is_ours(facts):
            continue
        about = facts.get("picture")
        if not isinstance(about, dict):  # an earlier version, which did not say it
            return facts
        if about.get("name") == picture.name or about.get("sha256") == hash_of(picture):
            return facts
        others.append(f"{shown(path.name)} beside it is about {about.get('name')}")
    if others:
        raise UsageError(
            f"{shown(picture)} has no settings of its own, and {others[0]}: give that "
            "picture, or one as nst stylize saved it."
        )
    return None


def same_run(facts: Facts, settings: Facts, sources: Facts) -> bool:
    """Return whether a picture was made from the same inputs with the same settings.

    Args:
        facts: of the picture.
        settings: of the run, as `recorded` gives them.
        sources: of the run, see `nstlib.runs.provenance.record`.
    """
    return _essence(facts.get("settings"), facts.get("sources")) == _essence(
        settings, sources
    )


def _essence(settings: Any, sources: Any) -> Any:
    """What makes one run differ from another, in values that JSON can hold."""
    settings, sources = dict(settings or {}), dict(sources or {})
    with suppress(AttributeError, TypeError):
        hashes = [file["sha256"] for file in sources["files"]]
        masks = [mask and mask["sha256"] for mask in sources.get("masks", [])]
        sources = {
            "files": hashes,
            "masks": masks if any(masks) else [],
            "weights": [float(weight) for weight in sources["style_weights"]],
            "network": sources.get("network"),
            "vgg": sources.get("vgg"),
        }
    kept = {name: value for name, value in settings.items() if name not in UNSEEN}
    return json.loads(json.dumps([kept, sources]))


def recorded(settings: Settings) -> Facts:
    """Settings as they are written down: of a file of weights, only the name.

    Whoever gets the picture should not learn where its maker keeps files. The hash of
    the weights is written down with the sources.
    """
    found: Facts = json.loads(settings.to_json())
    if weights := weights_of(settings):
        found["weights"] = weights["name"]
    return found


def weights_of(settings: Settings) -> dict[str, str] | None:
    """Name and hash of the file of weights that settings name; None without one."""
    if not settings.weights:
        return None
    path = as_path(settings.weights)
    try:
        file = find_weights(settings.network, path)
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
    except (NetworkError, OSError):  # it is gone by now
        return {"name": path.name, "sha256": ""}
    return {"name": file.name, "sha256": digest}


def _places(picture: Path) -> list[Path]:
    """Where the facts of a picture may stand, the usual place first."""
    whole = picture.with_name(f"{picture.name}.json")  # its stem: with the suffix
    return [beside(picture, ".json"), beside(whole, ".json")]


def _may_replace(path: Path, picture: Path) -> bool:
    """Whether a file is an older one of ours about the same picture."""
    facts = _read(path)
    if not _is_ours(facts):
        return False
    about = facts.get("picture")
    return not isinstance(about, dict) or about.get("name") == picture.name


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None


def _is_ours(facts: Any) -> bool:
    return isinstance(facts, dict) and all(
        isinstance(facts.get(name), dict) for name in ("settings", "versions")
    )


def hash_of(path: Path) -> str | None:
    """SHA-256 of the bytes of a file; None if it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def is_ours(picture: Path) -> bool:
    """Return whether a picture, or a file in its place, was made by nstlib."""
    try:
        texts = read_metadata(picture)
        if any(key.startswith(PREFIX) for key in texts):
            return True
        if texts.get("Software", "").startswith("nstlib "):  # nst paint
            return True
        facts = _beside(picture)
    except (FileError, UsageError):
        return False
    about = (facts or {}).get("picture")
    # The name alone is not enough: another picture may have come in its place.
    return isinstance(about, dict) and about.get("sha256") == hash_of(picture)
