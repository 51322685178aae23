"""Wrong answers that students of lesson 11 give, each with the hint that it gets."""

import numpy as np
import pytest

from nstlib import check
from nstlib.backend import tf


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


def gram(maps):
    vectors = tf.reshape(maps, (-1, maps.shape[-1]))
    return tf.matmul(vectors, vectors, transpose_a=True)


def size(maps):
    return maps.shape[0] * maps.shape[1]


def both(one, other):
    return gram(one) + gram(other)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(
            lambda one, other: np.mean(
                [gram(one) / size(one), gram(other) / size(other)], axis=0
            ),
            "a mean of means",
        ),
        wrong(
            lambda one, other: gram(one) / size(one) + gram(other) / size(other),
            "each tile was divided",
        ),
        wrong(both, "the sum is right"),
        wrong(lambda one, other: both(one, other) / 2, "the number of tiles"),
        wrong(
            lambda one, other: both(one, other) / (np.size(one) + np.size(other)),
            "leave the channels out",
        ),
        wrong(
            lambda one, other: both(one, other) / size(other), "positions of one tile"
        ),
        wrong(lambda one, other: gram(other) / size(other), "the second tile alone"),
        wrong(
            lambda one, other: (
                np.einsum("i,j->ij", *2 * [one.sum((0, 1)) + other.sum((0, 1))])
                / (size(one) + size(other))
            ),
            "multiply at each position",
        ),
        wrong(lambda one, other: gram(one)[0], "the shape should be"),
    ],
)
def test_tiles_gram(answer, hint):
    assert hint in check.tiles_gram.verdict(answer)


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
