"""Wrong answers that students of lesson 16 give, each with the hint that it gets."""

import html
import re

import numpy as np
import pytest

from nstlib import check


def wrong(answer, hint):
    return pytest.param(answer, hint, id=hint)


def in_order(*pairs):
    def answer(text):
        for old, new in pairs:
            text = text.replace(old, new)
        return text

    return answer


AND, LESS, MORE = ("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")
DOUBLE, SINGLE = ('"', "&quot;"), ("'", "&#x27;")


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(html.escape, "✓"),
        wrong(in_order(AND, SINGLE, DOUBLE, MORE, LESS), "✓ whatever"),
        wrong(in_order(LESS, MORE, DOUBLE, SINGLE, AND), "& comes first"),
        wrong(in_order(LESS, MORE, DOUBLE, SINGLE), "& is left as it is"),
        wrong(lambda text: html.escape(text, quote=False), "both quotes are left"),
        wrong(in_order(AND, LESS, MORE, DOUBLE), "the quote ' is left"),
        wrong(in_order(AND, LESS, MORE, SINGLE), 'the quote " is left'),
        wrong(in_order(AND, LESS, DOUBLE, SINGLE), "> is left as it is"),
        wrong(lambda text: re.sub("[&<>\"']", "", text), "the characters are gone"),
        wrong(lambda text: text, "nothing is replaced"),
        wrong(in_order(AND, LESS, MORE, DOUBLE, ("'", "&#39;")), "in case 2 of 5"),
        wrong(lambda text: text.encode(), "should be a text"),
        wrong(lambda text: print(text), "returns nothing"),
    ],
)
def test_escaped(answer, hint):
    assert hint in check.escaped.verdict(answer)


def left(seconds, ran):
    first, *others = seconds
    return np.array([max(first - ran, 0), *others])


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(lambda s, ran: left(s, ran).cumsum(), "✓"),
        wrong(lambda s, ran: np.cumsum(s), "has been running already"),
        wrong(lambda s, ran: np.cumsum(s) - ran, "less than 0 seconds"),
        wrong(
            lambda s, ran: np.maximum(np.cumsum(s) - ran, 0), "make the others shorter"
        ),
        wrong(left, "add up the jobs before it"),
        wrong(lambda s, ran: np.cumsum(left(s, ran)) - left(s, ran), "its own seconds"),
        wrong(
            lambda s, ran: np.cumsum(np.maximum(s - ran, 0)),
            "subtracted from every job",
        ),
        wrong(
            lambda s, ran: left(s, ran)[::-1].cumsum()[::-1], "the queue is reversed"
        ),
        wrong(lambda s, ran: left(s, ran).sum(), "the shape should be"),
    ],
)
def test_seconds_left(answer, hint):
    assert hint in check.seconds_left.verdict(answer)


def first_of(*names):
    """Try names in turn, with a test of one's own for what leads out."""

    def answer(guard):
        for name in names:
            stored = guard(name)
            if stored[:1] == "/" or ".." in stored:
                return name
        return ""

    return answer


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(first_of("/evil", "a/../../x", "....//evil", ".."), "✓ only a name"),
        wrong(first_of("../evil"), "think of more tricks"),
        wrong(first_of("/evil", "a/../../x"), "a name leads out of this guard"),
        wrong(lambda guard: "../../evil", "this guard refuses your name"),
        wrong(lambda guard: "evil.jpg", "does not lead out"),
        wrong(lambda guard: "", "before you give up"),
        wrong(lambda guard: 3, "return the name as a text"),
        wrong(
            lambda guard: first_of("/evil", "....//evil", "..")(guard) or "/evil",
            "this guard lets nothing out",
        ),
        wrong(lambda guard: ["/evil"], "as a text, or an empty"),
        wrong(lambda guard: None, "returns nothing"),
        wrong(lambda guard: ..., "○ not attempted yet"),
    ],
)
def test_way_out(answer, hint):
    assert hint in check.way_out.verdict(answer)
