"""The facts about the run of a picture, stored in the picture and beside it.

Taught in: 11_high_resolution. NAME.json is the file beside NAME.png. It holds the name
and the hash of its picture, so that NAME.bmp and NAME.png are not mixed up. If
NAME.json belongs to another picture or to somebody else, the file is NAME.png.json. A
file that nstlib did not write is never replaced.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from nstlib.errors import FileError, NetworkError, UsageError
from nstlib.files import as_path, atomic_write, file_hash, is_url, shown
from nstlib.images import ImageError, Source, read_metadata
from nstlib.names import beside, is_there
from nstlib.runs.forms import between, fits, texts_of
from nstlib.settings import Settings
from nstlib.vgg_weights import find_weights

PREFIX = "nstlib:"
"""What the names of the texts begin with that nstlib stores in a picture."""
_MAX_JSON = 64 * 2**20
UNSEEN = ("progress_every",)
"""Settings that do not change the result."""

Facts = dict[str, Any]

_MANY = 10**9
_FILE = {"path?": (str, None), "sha256?": (str, None)}
_MASK = {"name?": (str, None), "color?": (str, None), **_FILE}
SOURCES = {
    "content?": (str, None),
    "styles?": [(str, None)],
    "style_weights?": [float],
    "loaded_side?": (between(1, _MANY), None),
    "files?": [_FILE],
    "masks?": [(_MASK, None)],
    "network?": (str, None),
    "vgg?": {"name?": str, "sha256?": str},
    "start?": (str, None),
}
"""The form of the sources, as `nstlib.runs.provenance.record` makes them."""
FACTS = {
    "settings": dict,  # Settings.from_json checks them
    "versions": texts_of,
    "sources?": (SOURCES, None),
    "evaluations?": between(0, _MANY),
    "stop_reason?": str,
    "resumed?": [between(0, _MANY)],
    "picture?": (_FILE | {"name?": (str, None)}, None),
}
"""The form of all facts; see `nstlib.runs.forms`."""


def in_json(facts: Mapping[str, Any]) -> bytes:
    """Convert facts to JSON, even if the name of a file has bytes that are no text.

    Python keeps such bytes as lone surrogates, which UTF-8 cannot hold. The handler
    "backslashreplace" writes them just as JSON escapes them.
    """
    text = json.dumps(facts, indent=2, ensure_ascii=False) + "\n"
    return text.encode("utf-8", "backslashreplace")


def write_facts(picture: Path, facts: Facts) -> Path | None:
    """Write facts beside a saved picture, with its name and its hash.

    Args:
        picture: the file of the picture.
        facts: values that JSON can hold.

    Returns:
        The path of the new file; None, with a warning, if all names are taken by files
        of somebody else.

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
    """Read the facts that `Result.save` stored in a picture, or in NAME.json beside it.

    Taught in: 11_high_resolution.

    Args:
        picture: the picture, as `nstlib.load_image` takes it.
        name: what messages call it; by default, what was given.

    Returns:
        ``"settings"``, ``"sources"``, ``"losses"``, ``"versions"`` and others.

    Raises:
        ImageError: the picture cannot be read.
        UsageError: there are no facts, they are damaged, or they are about another
            picture.
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
        raise UsageError(
            f"what is written in {shown(name or picture)} is damaged: give a picture "
            "as nst stylize saved it."
        )
    if facts or not isinstance(picture, str | Path) or is_url(picture):
        return facts or _nothing(name or picture)
    return facts_beside(as_path(picture)) or _nothing(name or picture)


def _nothing(picture: Source) -> Facts:
    raise UsageError(
        f"{shown(picture)} was not made by nstlib, or what nstlib wrote in it was "
        "removed: give a picture as nst stylize saved it."
    )


def facts_beside(picture: Path) -> Facts | None:
    """Read the facts from the file beside a picture; None if there are none.

    Raises:
        UsageError: there are only facts about another picture.
    """
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
        others.append(
            f"{shown(path.name)} beside it is about {shown(str(about.get('name')))}"
        )
    if others:
        raise UsageError(
            f"{shown(picture)} has no settings of its own, and {others[0]}: give that "
            "picture, or one as nst stylize saved it."
        )
    return None


def same_run(facts: Facts, settings: Facts, sources: Facts) -> bool:
    """Return whether a picture was made from the same inputs with the same settings.

    Args:
        facts: the facts of the picture.
        settings: the settings of the run, from `recorded`.
        sources: the sources of the run, from `nstlib.runs.provenance.record`.
    """
    return _essence(facts.get("settings"), facts.get("sources")) == _essence(
        settings, sources
    )


def _essence(settings: Any, sources: Any) -> Any:
    """Return everything that makes two runs differ, in values that JSON can hold."""
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
    """Return settings in the form in which they are stored.

    Only the name of a file of weights is stored, because people who get the picture
    should not learn where its maker keeps files. Its hash is among the sources.
    """
    found: Facts = json.loads(settings.to_json())
    if weights := weights_of(settings):
        found["weights"] = weights["name"]
    return found


def weights_of(settings: Settings) -> dict[str, str] | None:
    """Return name and hash of the file of weights; None if settings have none."""
    if not settings.weights:
        return None
    path = as_path(settings.weights)
    try:
        file = find_weights(settings.network, path)
        digest = file_hash(file)
    except (NetworkError, OSError):  # it is gone by now
        return {"name": path.name, "sha256": ""}
    return {"name": file.name, "sha256": digest}


def _places(picture: Path) -> list[Path]:
    """Return the paths at which facts can be beside a picture, the usual one first."""
    whole = picture.with_name(f"{picture.name}.json")  # its stem: with the suffix
    return [beside(picture, ".json"), beside(whole, ".json")]


def _may_replace(path: Path, picture: Path) -> bool:
    """Return whether a file is an older one of nstlib about the same picture."""
    facts = _read(path)
    if not _is_ours(facts):
        return False
    about = facts.get("picture")
    return not isinstance(about, dict) or about.get("name") == picture.name


def _read(path: Path) -> Any:
    try:
        # Reading a pipe would block for ever.
        if not path.is_file() or path.stat().st_size > _MAX_JSON:
            return None
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None


def _is_ours(facts: Any) -> bool:
    return fits(facts, FACTS) and _agree(facts.get("sources") or {})


def _agree(sources: Facts) -> bool:
    """Return whether the lists of the sources are equally long, as far as given."""
    styles = len(sources.get("styles", []))
    lengths = {"style_weights": styles, "masks": styles, "files": 1 + styles}
    return all(len(sources.get(name) or range(n)) == n for name, n in lengths.items())


def hash_of(path: Path) -> str | None:
    """Return the SHA-256 of the bytes of a file; None if it cannot be read."""
    try:
        return file_hash(path)
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
        facts = facts_beside(picture)
    except (FileError, UsageError):
        return False
    about = (facts or {}).get("picture")
    # The name alone is not enough: another picture may have come in its place.
    return isinstance(about, dict) and about.get("sha256") == hash_of(picture)
