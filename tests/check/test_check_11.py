"""Wrong answers that students of lesson 11 give, each with the hint that it gets."""

import numpy as np
import pytest

from nstlib import check


def wrong(answer, hint):
    return pytest.param(answer, hint, id=hint)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(lambda plan: np.sum(plan, axis=0)[2], "you added up the evaluations"),
        wrong(
            lambda plan: sum(s[2] * s[0] / plan[-1][0] for s in plan),
            "you compared heights",
        ),
        wrong(lambda plan: sum(np.prod(s) for s in plan), "these are pixels"),
        wrong(
            lambda plan: sum(np.prod(s) for s in plan) / np.prod(plan[0][:2]),
            "you divided by the first scale",
        ),
        wrong(
            lambda plan: sum(np.prod(s) / np.prod(plan[-1][:2]) for s in plan[:-1]),
            "the last scale is missing",
        ),
        wrong(lambda plan: float(plan[-1][2]), "only the last scale"),
        wrong(
            lambda plan: (
                sum(np.prod(s) for s in plan)
                / np.prod(plan[-1][:2])
                / sum(s[2] for s in plan)
            ),
            "a share of the price",
        ),
    ],
)
def test_plan_price(answer, hint):
    assert hint in check.plan_price.verdict(answer)


def halves(side, steps, budget):
    return [(side // 2, steps // 2), (side, steps - steps // 2)]


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(lambda side, steps, budget: 3, "return a list of pairs"),
        wrong(lambda side, steps, budget: [side, steps], "return a list of pairs"),
        wrong(
            lambda side, steps, budget: [(side / 2, 9), (side, steps - 9)],
            "of whole numbers",
        ),
        wrong(lambda side, steps, budget: [], "return a list of pairs"),
        wrong(
            lambda side, steps, budget: halves(side, steps, budget)[::-1],
            "each larger: for own_plan(512, 300, 105), yours is [(512, 150)",
        ),
        wrong(
            lambda side, steps, budget: [(side, steps - 1), (2 * side, 1)],
            "the last side is the side of the result",
        ),
        wrong(
            lambda side, steps, budget: [(8, steps - 1), (side, 1)],
            "too small for the network",
        ),
        wrong(
            lambda side, steps, budget: [(side // 2, 0), (side, steps)],
            "each scale needs an evaluation",
        ),
        wrong(
            lambda side, steps, budget: [(side // 4, 7), (side, 1)],
            "should add up to 300, not 8",
        ),
        wrong(halves, "the price is 187.5 and should be at most 105"),
        wrong(
            lambda side, steps, budget: np.array([[64, steps - 2], [side, 2]]),
            "✓ a plan that fits",
        ),
        wrong(
            lambda side, steps, budget: [(side // 4, steps - 1), (side, 1)],
            "✓ a plan that fits",
        ),
    ],
)
def test_own_plan(answer, hint):
    assert hint in check.own_plan.verdict(answer)


def tiled(begin, end, keep):
    """As students write it: three functions of start, core and halo."""

    def answer(network, row, core, halo):
        parts, start = [], 0
        while start < len(row):
            seen = network(row[begin(start, halo) : end(start, core, halo)])
            parts += list(keep(np.asarray(seen), start, core, halo))
            start += core
        return np.array(parts)

    return answer


def left(start, halo):
    return max(0, start - halo)


def right(start, core, halo):
    return start + core + halo


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(
            tiled(lambda s, h: s, lambda s, c, h: s + c, lambda m, s, c, h: m),
            "no halo",
        ),
        wrong(
            tiled(lambda s, h: s, right, lambda m, s, c, h: m[:c]),
            "the halo on the left",
        ),
        wrong(
            tiled(left, lambda s, c, h: s + c, lambda m, s, c, h: m[min(s, h) :]),
            "the halo on the right",
        ),
        wrong(tiled(left, right, lambda m, s, c, h: m), "the maps of the halo"),
        wrong(tiled(left, right, lambda m, s, c, h: m[h : h + c]), "cut start - first"),
        wrong(
            tiled(
                lambda s, h: max(0, s - h + 1),
                lambda s, c, h: s + c + h - 1,
                lambda m, s, c, h: m[min(s, h - 1) :][:c],
            ),
            "too narrow by one",
        ),
        wrong(
            lambda network, row, core, halo: tiled(
                left, right, lambda m, s, c, h: m[min(s, h) :][:c]
            )(network, row, core, halo)[: len(row) // core * core],
            "the shorter core",
        ),
        wrong(lambda network, row, core, halo: network(row), "more than core"),
    ],
)
def test_tiles_map(answer, hint):
    assert hint in check.tiles_map.verdict(answer)
