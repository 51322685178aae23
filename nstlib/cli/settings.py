"""The command ``nst settings``, which lists and explains settings from the schema."""

from __future__ import annotations

import argparse
import json
import shlex
import shutil
import sys
import textwrap
from collections.abc import Iterable
from itertools import zip_longest

from nstlib.cli.console import Parser, Signals, check_name, write
from nstlib.cli.options import SETTINGS, option_of
from nstlib.errors import UsageError
from nstlib.settings import SCHEMA, Field, parse_settings
from nstlib.settings.schema import EVERYONE, LARGEST, sections

WIDEST = 120
"""Most characters of a line. Longer lines are hard to read, even in a wide terminal."""
DEFAULT_WIDTH = 13
"""Characters of a default in one line. Longer ones are broken at their commas."""
HOW = "Type a setting as --set NAME=VALUE; nst settings NAME explains one. "


def options(parser: Parser) -> None:
    """Declare what can be typed after ``nst settings``."""
    add = parser.add_argument
    add("names", nargs="*", metavar="NAME", help="A setting to explain; default all.")
    methods, only = SCHEMA["method"].choices, "Show only what a method uses: "
    only += f"{', '.join(methods)}."
    add("--method", choices=methods, metavar="NAME", help=only)
    form = parser.add_mutually_exclusive_group().add_argument
    form("--json", action="store_true", help="Print one line of JSON.")
    table = "Print tables in Markdown, as in docs/settings.md."
    form("--markdown", action="store_true", help=table)


def run(args: argparse.Namespace, _: Signals) -> int:
    """Run ``nst settings`` and return its exit status."""
    fields = _chosen(args.names, args.method)
    if args.json:
        text = json.dumps([facts(field) for field in fields])
    elif args.markdown:
        text = markdown(fields)
    else:
        width = min(shutil.get_terminal_size().columns, WIDEST)
        if args.names:
            text = "\n\n".join(explain(field, width) for field in fields)
        else:
            text = table(fields, width, args.method)
    write(sys.stdout, text)
    return 0


def _chosen(names: Iterable[str], method: str | None) -> list[Field]:
    for name in names:
        check_name("setting", name, SCHEMA)
    ordered = [field for part in sections(SCHEMA.values()).values() for field in part]
    fields = [SCHEMA[name] for name in names] or ordered
    if method is None:
        return fields
    idle = [field.name for field in fields if method not in field.methods]
    if names and idle:
        raise UsageError(f"method {method} has no use for {', '.join(idle)}.")
    return [field for field in fields if method in field.methods]


def facts(field: Field) -> dict[str, object]:
    """Return what ``--json`` prints about a setting, in types that JSON can hold."""
    high = None if field.high is None or field.high >= LARGEST else field.high
    return {
        "name": field.name,
        "type": field.kind,
        "default": field.default,
        "optional": field.optional,
        "meaning": field.meaning,
        "none": field.none or None,
        "unit": field.unit or None,
        "range": None if field.low is None else [field.low, high],
        "choices": list(field.choices) or None,
        "methods": list(field.methods),
        "group": field.group,
        "level": field.level,
        "example": field.pairs,
    }


def table(fields: Iterable[Field], width: int, method: str | None = None) -> str:
    """Format settings as a table with headings.

    Args:
        fields: the settings to show.
        width: most characters of a line. Less than 60 counts as 60, because the texts
            would be too narrow to read.
        method: the method that uses all of them. If None, each setting names the
            methods that use it.
    """
    parts = sections(fields)
    names = max(len(field.name) for part in parts.values() for field in part)
    room = max(width, 60) - names - DEFAULT_WIDTH - 4
    first = SCHEMA["method"].default
    which = f"A setting that names no method is used by {first}, the default, only."
    if method:
        which = f"This list has the settings that method {method} uses."
    lines = textwrap.wrap(HOW + which, width)
    for heading, part in parts.items():
        lines += ["", heading.upper()]
        for field in part:
            text = textwrap.wrap(_sentences(field, method is None), room)
            cells = zip_longest([field.name], _broken(field), text, fillvalue="")
            lines += [
                f"{name:{names}}  {default:{DEFAULT_WIDTH}}  {line}".rstrip()
                for name, default, line in cells
            ]
    return "\n".join(lines)


def explain(field: Field, width: int) -> str:
    """Explain one setting, in lines of at most ``width`` characters."""
    default = field.typed(field.default)
    rows = {
        "default": f"{default}, which means {field.none}" if field.none else default,
        "values": field.values,
        "used by": _methods(field),
        "level": "for everyone" if field.level == EVERYONE else "for experts",
        **_examples(field),
    }
    lines = [*textwrap.wrap(f"{field.name}: {field.meaning}", width), ""]
    for name, text in rows.items():
        start, indent = f"  {name:11}", " " * 13
        lines += textwrap.wrap(
            text, width, initial_indent=start, subsequent_indent=indent
        )
    return "\n".join(lines)


def _examples(field: Field) -> dict[str, str]:
    """Return all ways to type a setting: kind of command → example."""
    method = field.methods[0]
    start = "nst stylize" + (f" --method {method}" if method != "optimize" else "")
    pairs = [f"--set {shlex.quote(pair)}" for pair in field.pairs]
    values = parse_settings(field.pairs)
    found = {"type": " ".join([start, *pairs])}
    if field.name in SETTINGS:
        found["or"] = f"{start} {option_of(field.name)} {values[field.name]}"
    if method != "optimize":
        values = {"method": method, **values}
    chosen = ", ".join(f"{name}={value!r}" for name, value in values.items())
    return found | {"in Python": f"nstlib.stylize(photo, painting, {chosen})"}


def markdown(fields: Iterable[Field]) -> str:
    """Return docs/settings.md, with a table for each group of settings."""
    lines = [
        "# All settings",
        "",
        "`nst settings --markdown > docs/settings.md` makes this page from "
        "[nstlib/settings/fields.py](../nstlib/settings/fields.py). "
        "[defaults.md](defaults.md) says why the defaults are what they are.",
        "",
        "On the command line, type a setting as `--set tv_weight=3`. In Python, each "
        "setting is an argument of `nstlib.stylize`. `nst settings tv_weight` explains "
        "a single setting.",
    ]
    for heading, part in sections(fields).items():
        lines += ["", f"## {heading}", ""]
        lines += ["| setting | default | values | methods | meaning |"]
        lines += ["|---|---|---|---|---|"]
        lines += [
            f"| `{field.name}` | {_coded(field)} | {field.values} | "
            f"{_methods(field)} | {_meaning(field)} |"
            for field in part
        ]
    return "\n".join(lines)


def _coded(field: Field) -> str:
    words = field.typed(field.default).split(",")
    return ", ".join(f"`{word}`" for word in words)


def _meaning(field: Field) -> str:
    none = f" None means {field.none}." if field.none else ""
    return f"{field.meaning}{none}"


def _methods(field: Field) -> str:
    everywhere = field.methods == SCHEMA["method"].choices
    return "every method" if everywhere else field.used_by


def _sentences(field: Field, with_methods: bool) -> str:
    values = f"{field.values[0].upper()}{field.values[1:]}."
    by = "" if field.methods == ("optimize",) else f" Used by {_methods(field)}."
    return f"{_meaning(field)} {values}{by if with_methods else ''}"


def _broken(field: Field) -> list[str]:
    """Break the default of a setting into lines."""
    words = field.typed(field.default).replace(",", ", ")
    return textwrap.wrap(words, DEFAULT_WIDTH)
