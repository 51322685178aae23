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


def field(steps, begin=1, conv=-1, pool=-1, stride_first=False):
    size, apart = begin, 1
    for kind, k in steps:
        if stride_first and kind == "pool":
            apart *= k
        size += (k + (pool if kind == "pool" else conv)) * apart
        if not stride_first and kind == "pool":
            apart *= k
    return size


def written(steps, conv=None, pool=None, factor=None):
    """With numbers of VGG in place of those of the steps."""
    size, apart = 1, 1
    for kind, k in steps:
        if kind == "conv":
            size += (conv or k - 1) * apart
        else:
            size, apart = size + (pool or k - 1) * apart, apart * (factor or k)
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
        wrong(lambda steps: 1 + sum(k - 1 for _, k in steps), "neighbors move apart"),
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
        wrong(lambda steps: written(steps, pool=1), "1 is right for k = 2 only"),
        wrong(lambda steps: written(steps, factor=2), "k times as large, not twice"),
        wrong(lambda steps: written(steps, conv=2, pool=1), "only the stride takes k"),
        wrong(lambda steps: written(steps, conv=2, factor=2), "your strides double"),
        wrong(lambda steps: 10, "right: 5"),
        wrong(lambda steps: {2: 5, 3: 8}.get(len(steps), 17), "right: "),
    ],
)
def test_field_of(answer, hint):
    assert hint in check.field_of.verdict(answer)


def poking(
    layer,
    side,
    base=None,
    pokes=(50, -50),
    place=0.5,
    rows=False,
    extent=lambda r: r.max() - r.min() + 1,
):
    """An experiment with choices: the picture, the pokes, the value, the count."""
    if base is None:
        base = np.random.default_rng(5).normal(size=(side, side))
    out = layer(base)
    at = tuple(int(place * length) for length in out.shape)
    moved = []
    for u in range(side):
        for v in range(1 if rows else side):
            for poke in pokes:
                other = np.array(base)
                other[u, slice(None) if rows else v] += poke
                moved += [(u, v)] if layer(other)[at] != out[at] else []
    return extent(np.array([u for u, _ in moved])) if moved else 0


FLAT = np.zeros((12, 12))


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(lambda f, n: poking(f, n, extent=np.ptp), "one row is missing"),
        wrong(
            lambda f, n: poking(f, n, extent=lambda r: len(np.unique(r))),
            "skip the row in its middle",
        ),
        wrong(lambda f, n: poking(f, n, place=0), "in the corner"),
        wrong(lambda f, n: poking(f, n, rows=True), "a whole row at once"),
        wrong(lambda f, n: poking(f, n, FLAT, (1,)), "hides what is negative"),
        wrong(lambda f, n: poking(f, n, FLAT, (-1,)), "pokes downwards escape"),
        wrong(lambda f, n: poking(f, n, FLAT + 1, (-1,)), "f: a filter for level"),
        wrong(lambda f, n: n - len(f(FLAT)), "the shape is right"),
        wrong(lambda f, n: f(FLAT), "the shape should be ()"),
        wrong(lambda f, n: f(FLAT[0])[0], "takes a picture (H, W)"),
    ],
)
def test_field_by_poking(answer, hint):
    assert hint in check.field_by_poking.verdict(answer)


def test_pixels_and_moved_values_are_not_the_field():
    def pixels(layer, side):
        base = np.random.default_rng(1).uniform(size=(side, side))
        at = (len(layer(base)) // 2,) * 2
        eye = 70 * np.eye(side * side).reshape(-1, side, side)
        pairs = [(layer(base + e), layer(base - e)) for e in eye]
        return sum(bool(len({layer(base)[at], a[at], b[at]}) > 1) for a, b in pairs)

    def moved(layer, side):
        white = np.zeros((side, side))
        white[side // 2, side // 2] = 255
        return (layer(white) != layer(np.zeros((side, side)))).any(axis=1).sum()

    assert "you counted pixels" in check.field_by_poking.verdict(pixels)
    assert "counted the values that it moves" in check.field_by_poking.verdict(moved)


def test_another_right_experiment_passes():
    """With other pictures and other pokes, and along columns instead of rows."""

    def along_columns(layer, side):
        base = np.random.default_rng(3).uniform(-9, 9, (side, side))
        return poking(lambda x: layer(np.transpose(x)).T, side, base, (1e6, -1e6))

    assert check.field_by_poking.verdict(poking).startswith("✓")
    assert check.field_by_poking.verdict(along_columns).startswith("✓")
