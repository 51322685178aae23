"""What can be typed after each command of ``nst``."""

from __future__ import annotations

import argparse

Parser = argparse.ArgumentParser


def doctor(parser: Parser) -> None:
    """Of ``nst doctor``."""
    parser.add_argument("--json", action="store_true", help="print one line of JSON")


def lab(parser: Parser) -> None:
    """Of ``nst lab``."""
    lesson = "lesson to open: its number, name, or file"
    parser.add_argument("notebook", nargs="?", metavar="NOTEBOOK", help=lesson)


def lesson(parser: Parser) -> None:
    """Of ``nst lesson``."""
    add = parser.add_argument
    add("lesson", metavar="LESSON", help="its number, name, or file")
    other = "another value in its parameter cell; can be repeated"
    add("-p", action="append", default=[], metavar="NAME=VALUE", help=other)
    add("-o", "--out", help="the executed copy; default output/LESSON.ipynb")


def refresh(parser: Parser) -> None:
    """Of ``nst refresh``."""
    lessons = "numbers, names or files; default all"
    parser.add_argument("lessons", nargs="*", metavar="LESSON", help=lessons)


def stylize(parser: Parser) -> None:
    """Of ``nst stylize``."""
    add = parser.add_argument
    add("content", nargs="?", metavar="CONTENT", help="photo: file, address, or name")
    add("style", nargs="*", metavar="STYLE", help="painting; PAINTING:2 weighs double")
    mask = "grey picture, white where a style goes, or none; one for each STYLE"
    add("--mask", action="append", default=[], metavar="FILE", help=mask)
    add("-o", "--out", help="the result; default output/CONTENT-STYLE.png")
    add("--size", type=int, metavar="N", help="longer side in pixels, default 512")
    add("--steps", type=int, metavar="N", help="evaluations of the loss, default 300")
    add("--network", choices=("mini", "vgg19", "vgg16"), help="default mini")
    add("--recipe", metavar="NAME", help="a published system; 'list' shows them")
    ways = "optimize, the default; or in one pass: adain, wct, swap, feedforward"
    methods = ("optimize", "adain", "wct", "swap", "feedforward")
    add("--method", choices=methods, metavar="M", help=ways)
    share = "of adain, wct, swap: from 0, the photo, to 1, all style, the default"
    add("--alpha", type=float, metavar="A", help=share)
    add("--seed", type=int, metavar="N", help="of the noise and of random directions")
    kept = "between checkpoints of a long run, default 30; 0: none"
    add("--checkpoint", type=float, default=30.0, metavar="SECONDS", help=kept)
    add("--resume", action="store_true", help="go on with a run that was cut off")
    add("--progress-every", type=int, metavar="K", help="save every Kth picture too")
    setting = "any field of nstlib.Settings, as in tv_weight=3; can be repeated"
    add("--set", action="append", default=[], metavar="KEY=VALUE", help=setting)
    add("--report", action="store_true", help="measure how good the result is")
    add("--json", action="store_true", help="print one line of JSON at the end")
    add("--quiet", action="store_true", help="print errors only")


def train(parser: Parser) -> None:
    """Of ``nst train``."""
    add = parser.add_argument
    add("style", metavar="STYLE", help="painting: file, address, or name")
    add("--photos", metavar="DIR", help="photos to learn from; default the course's")
    add("--minutes", type=float, default=30.0, metavar="N", help="default 30")
    add("-o", "--out", help="the network; default output/STYLE.npz")
    add("--side", type=int, default=256, metavar="N", help="of a crop, default 256")
    add("--resume", action="store_true", help="go on with a training that was cut off")
    setting = "a field of nstlib.Settings, as in style_weight=100; can be repeated"
    add("--set", action="append", default=[], metavar="KEY=VALUE", help=setting)
    add("--json", action="store_true", help="print one line of JSON at the end")
    add("--quiet", action="store_true", help="print errors only")


def estimate(parser: Parser) -> None:
    """Of ``nst estimate``."""
    add = parser.add_argument
    add("photo", nargs="?", metavar="PHOTO", help="file, address, or name")
    add("style", nargs="?", metavar="STYLE", help="file, address, or name")
    add("--size", type=int, nargs="+", metavar="N", help="longer side in pixels")
    add("--steps", type=int, metavar="N", help="evaluations of the loss, default 300")
    add("--network", choices=("mini", "vgg19", "vgg16"), help="default mini")
    setting = "any field of nstlib.Settings, as in history=10; can be repeated"
    add("--set", action="append", default=[], metavar="KEY=VALUE", help=setting)
    add("--json", action="store_true", help="print one line of JSON")


def reproduce(parser: Parser) -> None:
    """Of ``nst reproduce``."""
    add = parser.add_argument
    add("picture", metavar="PICTURE", help="a result of nst stylize or Result.save")
    add("-o", "--out", help="the new picture; default PICTURE-again.png")
    add("--content", metavar="PHOTO", help="where the photo is now")
    other = "where the painting is now; repeat it for several, in their order"
    add("--style", action="append", default=[], metavar="PAINTING", help=other)
    mask = "where its mask is now, or none; one for each style"
    add("--mask", action="append", default=[], metavar="FILE", help=mask)
    add("--json", action="store_true", help="print one line of JSON at the end")
    add("--quiet", action="store_true", help="print errors only")
