"""Alike photos are to be painted alike."""

import numpy as np
import tensorflow as tf

from nstlib.fast import training
from nstlib.fast.stability import CUT, SCALE, random_view, seen_in, stability_loss
from nstlib.settings import Settings

SIDE = 64


def view_of(top, left, noise=0.0):
    """A view that is only shifted."""
    inner = SIDE - CUT
    ends = top, left, top + inner - 1, left + inner - 1
    box = np.array([ends], np.float32) / (SIDE - 1)
    return box, np.full((1, inner, inner, 3), noise, np.float32)


def test_a_shift_cuts_pixels_out(make_picture):
    photos = make_picture(SIDE, SIDE)[None]
    seen = seen_in(tf.constant(photos), view_of(1, 3)[0]).numpy()
    assert np.allclose(seen, photos[:, 1 : SIDE - 3, 3 : SIDE - 1], atol=1e-2)


def test_what_paints_each_pixel_by_itself_is_stable(make_picture):
    photos = tf.constant(make_picture(SIDE, SIDE)[None])

    def loss(paint, view):
        return float(stability_loss(paint, photos, paint(photos), view))

    assert loss(lambda x: 2 * x, view_of(1, 3)) < 1e-6
    assert np.isclose(loss(lambda x: x, view_of(0, 0, 6.0)), (6 / SCALE) ** 2)
    # A network that paints by the place in the picture, and not by what is there.
    place = np.arange(SIDE, dtype=np.float32)[:, None, None]
    assert loss(lambda x: x + place[: x.shape[1]], view_of(4, 0)) > 0.99 * (
        (4 / SCALE) ** 2
    )


def test_views_stay_inside_the_photo_and_differ():
    rng = np.random.default_rng(0)
    boxes = np.concatenate([random_view(SIDE, rng)[0] for _ in range(99)])
    assert boxes.min() >= 0 and boxes.max() <= 1
    sides = boxes[:, 2] - boxes[:, 0]
    shifted = np.isclose(sides * (SIDE - 1), SIDE - CUT - 1)
    assert 50 < shifted.sum() < 85 and len(np.unique(boxes[:, 0])) == CUT + 1


def test_training_tells_how_unstable_the_network_is(photos, make_picture):
    seen = []
    training.train_transformer(
        make_picture(90, 90, 8), photos, Settings(precision="float32"),
        steps=2, side=SIDE, batch=2, callback=lambda fit: seen.append(fit.losses),
    )  # fmt: skip
    assert list(seen[0]) == ["total", "content", "style", "tv", "unstable"]
    assert seen[0]["unstable"] > 0
    total = sum(value for name, value in seen[0].items() if name != "total")
    assert np.isclose(seen[0]["total"], total, rtol=1e-4)
