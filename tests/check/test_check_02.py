"""Wrong answers that students of lesson 02 give, each with the hint that it gets."""

import numpy as np
import pytest
import tensorflow as tf

from nstlib import check


def wrong(answer, hint):
    return pytest.param(answer, hint, id=hint)


def cut(maps):
    return maps[: maps.shape[0] // 2 * 2, : maps.shape[1] // 2 * 2]


def squares(maps):
    h, w = maps.shape[0] // 2, maps.shape[1] // 2
    return cut(maps).reshape(h, 2, w, 2, -1)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(lambda f: squares(f).mean((1, 3)), "average pooling"),
        wrong(lambda f: tf.nn.avg_pool2d(f[None], 2, 2, "VALID")[0], "average pooling"),
        wrong(lambda f: squares(f).min((1, 3)), "smallest of the four"),
        wrong(lambda f: squares(f).sum((1, 3)), "these are sums"),
        wrong(lambda f: f[::2, ::2], "kept an odd row"),
        wrong(lambda f: cut(f)[::2, ::2], "every second value"),
        wrong(lambda f: tf.nn.max_pool2d(f[None], 2, 2, "SAME")[0], "must be dropped"),
        wrong(lambda f: tf.nn.max_pool2d(f[None], 2, 1, "VALID")[0], "overlap"),
        wrong(lambda f: squares(f).max((1, 3, 4)), "pooled the channels"),
        wrong(lambda f: np.abs(squares(f)).max((1, 3)), "no absolute values"),
        wrong(lambda f: tf.nn.max_pool2d(f[None], 2, 2, "VALID"), "the shape should"),
        wrong(lambda f: f.reshape(len(f) // 2, 2, -1, 2, 3), "the shape should"),
    ],
)
def test_max_pool(answer, hint):
    assert hint in check.max_pool.verdict(answer)


BEFORE = {"1": 0, "2": 2, "3": 4, "4": 8, "5": 12}


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(
            lambda h, w, n: (h // 2 ** int(n[5]), w // 2 ** int(n[5])),
            "one pooling too many",
        ),
        wrong(
            lambda h, w, n: [s // 2 ** max(0, int(n[5]) - 2) for s in (h, w)],
            "one pooling too few",
        ),
        wrong(
            lambda h, w, n: [int(np.ceil(s / 2 ** (int(n[5]) - 1))) for s in (h, w)],
            "rounded odd sides up",
        ),
        wrong(
            lambda h, w, n: tuple(np.array([h, w]) / 2 ** (int(n[5]) - 1)),
            "divide with //",
        ),
        wrong(
            lambda h, w, n: (w // 2 ** (int(n[5]) - 1), h // 2 ** (int(n[5]) - 1)),
            "exchanged",
        ),
        wrong(
            lambda h, w, n: [s >> (BEFORE[n[5]] + int(n[-1]) - 1) for s in (h, w)],
            "only pooling halves",
        ),
        wrong(lambda h, w, n: (h, w), "left poolings out"),
        wrong(lambda h, w, n: (h // int(n[5]), w // int(n[5])), "divided by the block"),
        wrong(lambda h, w, n: h // 2 ** (int(n[5]) - 1), "return 2 values, not 1"),
    ],
)
def test_map_size(answer, hint):
    assert hint in check.map_size.verdict(answer)


def without_border(height, width, layer):
    shape = (1, height, width, 1)
    maps, kernel = tf.zeros(shape), tf.ones((3, 3, 1, 1))
    for block, count in enumerate((2, 2, 4, 4, 4), start=1):
        if block > 1:
            maps = tf.nn.max_pool2d(maps, 2, 2, "VALID")
        for conv in range(1, count + 1):
            maps = tf.nn.conv2d(maps, kernel, 1, "VALID")
            if layer == f"block{block}_conv{conv}":
                return tuple(maps.shape[1:3])
    return None


def test_map_size_without_a_border():
    verdict = check.map_size.verdict(without_border)
    assert "their zero border keeps the size" in verdict


def field(steps, begin=1, conv=-1, pool=-1, stride_first=False):
    size, apart = begin, 1
    for kind, k in steps:
        if stride_first and kind == "pool":
            apart *= k
        size += (k + (pool if kind == "pool" else conv)) * apart
        if not stride_first and kind == "pool":
            apart *= k
    return size


def pools(steps):
    """What the poolings add to the field."""
    total, apart = 0, 1
    for kind, k in steps:
        if kind == "pool":
            total, apart = total + (k - 1) * apart, apart * k
    return total


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(lambda steps: field(steps, begin=0), "begins at 1"),
        wrong(
            lambda steps: field([(a, k) for a, k in steps if a == "conv"]),
            "values are not",
        ),
        wrong(lambda steps: field(steps, pool=-1) - pools(steps), "adds to the field"),
        wrong(lambda steps: 1 + sum(k - 1 for _, k in steps), "neighbours move apart"),
        wrong(lambda steps: field(steps, conv=0, pool=0), "a step of size k"),
        wrong(lambda steps: field(steps, conv=0), "a convolution of size k"),
        wrong(lambda steps: field(steps, stride_first=True), "not before"),
        wrong(
            lambda steps: np.prod([k for kind, k in steps if kind == "pool"]),
            "this is the stride",
        ),
        wrong(
            lambda steps: field([(a, 3 if a == "conv" else k) for a, k in steps]),
            "not every convolution is 3×3",
        ),
        wrong(lambda steps: field(steps) ** 2, "values are not"),
        wrong(
            lambda steps: field([(a, 2 if a == "pool" else k) for a, k in steps]),
            "not every pooling halves",
        ),
        wrong(
            lambda steps: field([(a, 2 if a == "pool" else 3) for a, k in steps]),
            "the numbers of VGG are written in",
        ),
    ],
)
def test_field_of(answer, hint):
    assert hint in check.field_of.verdict(answer)
