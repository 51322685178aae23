"""The functions that a student builds in 16_studio."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from nstlib.check.build16_files import allowed, check_header
from nstlib.check.building import Built
from nstlib.check.exercise import Case

__all__ = ["check_header", "check_room", "same_origin", "title_of"]


def _names() -> Iterator[Case]:
    yield ("my cat.jpg",)
    yield ("../../evil",)
    yield (r"C:\photos\cat.final.png",)
    yield ("ab\x07\u202ec.gif",)
    yield ("/",)
    yield ("x" * 60 + ".jpg",)
    yield ("a/b.c/ d .png",)


def _titled(
    name: str,
    *,
    slashes: str = "/\\",
    suffix: bool = False,
    dot: int = -1,
    hidden: bool = False,
    most: int = 40,
    empty: str = "upload",
    blanks: str | None = None,
) -> str:
    """Build the title character by character; each keyword is one step."""
    for character in slashes:
        name = name[name.rfind(character) + 1 :]
    place = name.rfind(".") if dot < 0 else name.find(".")
    if place >= 0 and not suffix:
        name = name[:place]
    kept = "".join(c for c in name if hidden or c.isprintable()).strip(blanks)
    if len(kept) > most:
        end = (most - 1) // 2
        kept = f"{kept[: most - 1 - end]}…{kept[-end:]}"
    return kept or empty


def _with(**steps: Any) -> Callable[[str], str]:
    return lambda name: _titled(name, **steps)


title_of = Built(
    of="nstlib.studio.rules.title_of",
    oracle=lambda name: _titled(name),
    cases=_names,
    mistakes={
        "the folders are still there: take what stands after the last slash": (
            _with(slashes="")
        ),
        "only / is a slash here: Windows sends names with \\": _with(slashes="/"),
        "only \\ is a slash here: most names come with /": _with(slashes="\\"),
        "the suffix is still there: cut at the last dot": _with(suffix=True),
        "the name is cut at the first dot: take the last one": _with(dot=0),
        "invisible characters are still there: ask isprintable": (_with(hidden=True)),
        "long names stay long: shorten them to 40 characters": _with(most=9999),
        "the title may be empty: return 'upload' instead": _with(empty=""),
        "there are spaces at the ends: strip them": _with(blanks="\0"),
    },
    praise="words for people, and no path for the computer",
)

HOST = "127.0.0.1:8500"


def _forms() -> Iterator[Case]:
    ours = f"http://{HOST}"
    yield {"Origin": ours}, HOST
    yield {"Origin": ours, "Sec-Fetch-Site": "same-origin"}, HOST
    yield {"Origin": ours, "Sec-Fetch-Site": "none"}, HOST
    yield {"Origin": ours, "Sec-Fetch-Site": "cross-site"}, HOST
    yield {"Referer": f"{ours}/jobs/1"}, HOST
    yield {"Referer": f"http://evil.example/?{HOST}"}, HOST
    yield {"Origin": "http://evil.example", "Referer": ours}, HOST
    yield {"Origin": f"{ours}.evil.example"}, HOST
    yield {"Origin": "http://127.0.0.1:1"}, HOST
    yield {"Origin": "null"}, HOST
    yield {}, HOST
    yield {}, ""
    yield {"Origin": "HTTP://LocalHost:80"}, "localhost:80"
    yield {"Origin": "http://["}, HOST


def _address(text: str) -> str:
    """Return name and port of an address; nothing where it makes no sense."""
    _, found, rest = text.partition("//")
    place = rest.split("/")[0].split("?")[0].lower()
    return place if found and "[" not in place else ""


def _ours(
    headers: Mapping[str, str],
    host: str,
    *,
    sites: Sequence[str] = ("same-origin", "none"),
    names: Sequence[str] = ("Origin", "Referer"),
    silent: bool = False,
    equal: Callable[[str, str], bool] = lambda a, b: a == b != "",
) -> bool:
    """Judge the sender of a form; each keyword is one step."""
    if sites and headers.get("Sec-Fetch-Site", "same-origin") not in sites:
        return False
    said = [headers[name] for name in names if name in headers]
    if not said:
        return silent
    return bool(equal(_address(said[0]), host.lower()))


def _judge(**steps: Any) -> Callable[..., bool]:
    return lambda headers, host: _ours(headers, host, **steps)


same_origin = Built(
    of="nstlib.studio.rules.same_origin",
    oracle=lambda headers, host: _ours(headers, host),
    cases=_forms,
    use=lambda function, headers, host: function(dict(headers), host),
    mistakes={
        "a form that says nothing about itself gets in: refuse it": _judge(silent=True),
        "Sec-Fetch-Site is not used: the browser itself says cross-site": (
            _judge(sites=())
        ),
        "none is refused: it means that a person loads the page again": (
            _judge(sites=("same-origin",))
        ),
        "Referer is not used: take it if there is no Origin": (
            _judge(names=("Origin",))
        ),
        "Origin is not used: take Referer only if there is no Origin": (
            _judge(names=("Referer",))
        ),
        "only the beginning is compared: 127.0.0.1:8500.evil.example is another site": (
            _judge(equal=lambda a, b: b != "" and a.startswith(b))
        ),
        "the port is not compared: another program of this computer listens there": (
            _judge(equal=lambda a, b: a.split(":")[0] == b.split(":")[0] != "")
        ),
        "this is true for strangers: swap True and False": (
            lambda headers, host: not _ours(headers, host)
        ),
        "everything gets in: return False for other sites": lambda headers, host: True,
        "everything is refused: compare name and port, without http://": (
            lambda headers, host: False
        ),
    },
    praise="only the forms of your own pages get in",
)


def _crowds() -> Iterator[Case]:
    for owners, owner in (
        ([], "Ada"),
        (["Ada"], "Ada"),
        (["Ada", "Bob", "Ada"], "Ada"),
        (["Ada", "Bob", "Ada"], "Cleo"),
        (["Ada", "Bob", "Cleo", "Dan", "Ada"], "Eve"),
        (["Ada", "Bob", "Cleo", "Dan"], "Eve"),
        (["Ada"] * 5, "Bob"),
        (["Bob", "Cleo", "Ada"], "Ada"),
        (["Ada"] * 4, "Ada"),
        (["Ada", "Ada", "Bob", "Bob", "Cleo", "Dan"], "Eve"),
        (["Ada", "Bob", "Cleo", "Dan", "Fay", "Gus", "Ida"], "Eve"),
    ):
        yield owners, owner, 2, 5


def _own(owners: Sequence[str], owner: str) -> int:
    return sum(one == owner for one in owners)


def _fits(
    owners: Sequence[str],
    owner: str,
    each: int,
    total: int,
    own: Callable[[Sequence[str], str], int] = _own,
    every: Callable[[Sequence[str]], int] = len,
) -> int:
    """Return 1 if one more fits in; each callable is one of the two counts."""
    return int(own(owners, owner) < each and every(owners) < total)


def _others(owners: Sequence[str], owner: str) -> int:
    return sum(one != owner for one in owners)


check_room = Built(
    of="nstlib.studio.rules.check_room",
    oracle=lambda owners, owner, each, total: _fits(owners, owner, each, total),
    cases=_crowds,
    use=allowed,
    mistakes={
        "a visitor gets one job too many: the new job counts, too, so take >=": (
            lambda owners, owner, each, total: _fits(owners, owner, each + 1, total)
        ),
        "all visitors get one job too many: the new job counts, too, so take >=": (
            lambda owners, owner, each, total: _fits(owners, owner, each, total + 1)
        ),
        "both limits let in one job too many: take >= twice": (
            lambda owners, owner, each, total: _fits(owners, owner, each + 1, total + 1)
        ),
        "the visitor's own limit is missing: compare the visitor's jobs with each": (
            lambda owners, owner, each, total: int(len(owners) < total)
        ),
        "the limit of all together is missing: compare len(owners) with total": (
            lambda owners, owner, each, total: int(owners.count(owner) < each)
        ),
        "the jobs of others count as the visitor's own: use owners.count(owner)": (
            lambda owners, owner, each, total: int(len(owners) < each)
        ),
        "you count the jobs of the others: use owners.count(owner)": (
            lambda owners, owner, each, total: _fits(
                owners, owner, each, total, own=_others
            )
        ),
        "you count visitors, not jobs: take len(owners)": (
            lambda owners, owner, each, total: _fits(
                owners, owner, each, total, every=lambda owners: len({*owners})
            )
        ),
        "everybody gets in: raise Full if a limit is reached": (
            lambda owners, owner, each, total: 1
        ),
        "everybody is refused: raise only if a limit is reached": (
            lambda owners, owner, each, total: 0
        ),
    },
    praise="a place for one more, or a sentence",
)
