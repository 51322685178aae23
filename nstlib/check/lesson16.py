"""Exercises of 16_studio."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nstlib.check.exercise import Case, Exercise, OpenExercise

Array = np.ndarray
NAMES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"}


def _texts() -> Iterator[Case]:
    yield ("a < b & c > d",)
    yield ("<img alt=\"cat\" src='x'>",)
    yield ("&lt; is the name of <",)
    yield ("<<script>>",)
    yield ("no sign at all",)


def _named(text: str, characters: str = "&<>\"'") -> str:
    return "".join(NAMES[c] if c in characters else c for c in text)


def _one_by_one(text: str, order: str, most: int = -1) -> str:
    for character in order:
        text = text.replace(character, NAMES[character], most)
    return text


escaped = Exercise(
    oracle=_named,
    cases=_texts,
    mistakes={
        "the & of what you put in is replaced again: & comes first": (
            lambda text: _one_by_one(text, "<>\"'&")
        ),
        "& is left as it is: a visitor who types &lt; would see <": (
            lambda text: _named(text, "<>\"'")
        ),
        "both quotes are left as they are: they can end an attribute such as alt": (
            lambda text: _named(text, "&<>")
        ),
        "the quote ' is left as it is: it can end an attribute, too": (
            lambda text: _named(text, '&<>"')
        ),
        'the quote " is left as it is: it can end an attribute, too': (
            lambda text: _named(text, "&<>'")
        ),
        "> is left as it is: it ends a tag": lambda text: _named(text, "&<\"'"),
        "only the first of each character is replaced: replace all of them": (
            lambda text: _one_by_one(text, "&<>\"'", 1)
        ),
        "the characters are gone: people want to see what they typed": (
            lambda text: "".join(c for c in text if c not in NAMES)
        ),
        "nothing is replaced: texts cannot be changed in place, so keep what replace "
        "returns": lambda text: text,
    },
    praise="whatever somebody types, the page only shows it",
)


def _queues() -> Iterator[Case]:
    yield np.array([4.0, 5.0, 6.0]), 1.0
    yield np.array([4.0, 2.0]), 7.0  # it takes longer than predicted
    yield np.array([8.0]), 3.0
    rng = np.random.default_rng(160)
    yield rng.uniform(2, 9, 6), 1.5


def _alone(seconds: Array, ran: float) -> Array:
    """Return how much is left of each job by itself."""
    begun = np.arange(len(seconds)) == 0
    return np.maximum(seconds - ran * begun, 0)


seconds_left = Exercise(
    oracle=lambda seconds, ran: np.add.accumulate(_alone(seconds, ran)),
    cases=_queues,
    mistakes={
        "the first job has been running already: subtract ran from its seconds": (
            lambda seconds, ran: np.cumsum(seconds)
        ),
        "a job cannot take less than 0 seconds: it was predicted too short": (
            lambda seconds, ran: np.cumsum(seconds) - ran
        ),
        "the extra seconds of the first job make the others shorter: count only the "
        "first job as 0": lambda seconds, ran: np.maximum(np.cumsum(seconds) - ran, 0),
        "this is what is left of each job alone: add up the jobs before it": _alone,
        "these are the jobs before each one: its own seconds count, too": (
            lambda seconds, ran: np.cumsum(_alone(seconds, ran)) - _alone(seconds, ran)
        ),
        "ran is subtracted from every job: only the first one is running": (
            lambda seconds, ran: np.cumsum(np.maximum(seconds - ran, 0))
        ),
        "the queue is reversed: the first job is done first": (
            lambda seconds, ran: np.cumsum(_alone(seconds, ran)[::-1])[::-1]
        ),
    },
    praise="people wait more calmly if they know how long",
)

Guard = Callable[[str], str]


def _guard(label: str, keep: Guard) -> Guard:
    keep.label = label  # type: ignore[attr-defined]
    return keep


def _guards() -> Iterator[Case]:
    yield (_guard("the first guard", lambda n: "" if n.startswith("..") else n),)
    yield (_guard("the second guard", lambda n: "" if ".." in n else n),)
    yield (_guard("the third guard", lambda n: n.replace("../", "").lstrip("/")),)
    yield (_guard("the fourth guard", lambda n: n.rsplit("/", 1)[-1]),)
    yield (_guard("the fifth guard", lambda n: f"{len(n):032x}.jpg"),)


def _outside(stored: str) -> bool:
    path = posixpath.normpath(posixpath.join("/uploads", stored))
    return not f"{path}/".startswith("/uploads/")


TRICKS = ("../evil", "/evil", "a/../../evil", "....//evil", "..")


def _way_out(guard: Guard) -> str:
    """Return the first trick that leads out in spite of the guard; "" if none does."""
    led = [name for name in TRICKS if _outside(guard(name))]
    return led[0] if led else ""


FORM = "return the name as a text, or an empty text if no name leads out"
REFUSED = "this guard refuses your name: it returns an empty text. Try another name"
HELD = "your name does not lead out: print guard(name), and think of another trick"
GIVEN_UP = "a name leads out of this guard: think of more tricks before you give up"
SAFE = "this guard lets nothing out: return an empty text if no trick works"


def _kept_in(answer: Any, guard: Guard) -> str | None:
    """Say why an answer is wrong; None if it leads out, or nothing can."""
    safe = not _way_out(guard)
    if not isinstance(answer, str):
        return FORM
    if not answer:
        return None if safe else GIVEN_UP
    stored = guard(answer)
    if not stored:
        return REFUSED
    return None if _outside(stored) else SAFE if safe else HELD


way_out = OpenExercise(
    oracle=_way_out,
    cases=_guards,
    mistakes={
        FORM: lambda guard: 1,
        REFUSED: lambda guard: "../evil",
        HELD: lambda guard: "evil",
        GIVEN_UP: lambda guard: "/evil" if guard("/evil") == "/evil" else "",
        SAFE: lambda guard: _way_out(guard) or "../evil",
    },
    flaw=_kept_in,
    praise="only a name that was not taken from the visitor is safe",
)
