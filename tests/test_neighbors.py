"""Nearest neighbors among hypercolumns, and the votes of overlapping patches."""

import numpy as np
import pytest

import nstlib
from nstlib import neighbors
from nstlib.backend import tf
from nstlib.neighbors import (
    described,
    hypercolumns,
    nearest_positions,
    prices,
    standardized,
    voted_features,
)
from nstlib.preprocessing import preprocess
from nstlib.vgg_plan import stride

LAYERS = neighbors.COLUMN_LAYERS


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def maps(rng, height, width, channels=5):
    """Standardized maps of a picture of so many pixels."""
    return {
        name: standardized(
            rng.normal(size=(height // stride(name), width // stride(name), channels))
        )
        for name in LAYERS
    }


def test_standardized_maps_have_no_mean_and_vectors_of_length_one(rng):
    made = standardized(rng.normal(3, 9, (8, 6, 4))).numpy()
    np.testing.assert_allclose(made.mean((0, 1)), 0, atol=1e-12)
    np.testing.assert_allclose((made**2).sum(-1).mean(), 1, rtol=1e-6)


def test_constant_maps_are_standardized_to_zero():
    assert not standardized(np.full((4, 4, 3), 7.0, np.float32)).numpy().any()


@pytest.mark.parametrize("level", LAYERS)
def test_a_hypercolumn_holds_what_lies_at_its_place(rng, level):
    given = maps(rng, 32, 48)
    made = hypercolumns(given, level).numpy()
    assert made.shape == (32 // stride(level), 48 // stride(level), 15)
    for number, (name, values) in enumerate(given.items()):
        part = made[..., 5 * number : 5 * number + 5]
        if stride(name) == stride(level):
            np.testing.assert_array_equal(part, values)
        elif stride(name) > stride(level):
            times = stride(name) // stride(level)
            np.testing.assert_array_equal(part[::times, ::times], values)
        else:
            side = stride(level) // stride(name)
            corner = values.numpy()[:side, :side].mean((0, 1))
            np.testing.assert_allclose(part[0, 0], corner)


@pytest.mark.parametrize("rows", [1, 7, 4096])
@pytest.mark.parametrize("level", LAYERS)
def test_the_nearest_position_is_that_of_a_plain_search(rng, monkeypatch, level, rows):
    monkeypatch.setattr(neighbors, "ROWS", rows)
    content, style = maps(rng, 32, 24), maps(rng, 16, 40)
    found = nearest_positions(content, style, level).numpy()
    columns, others = (hypercolumns(m, level).numpy() for m in (content, style))
    for place in ((0, 0), (1, 2), (-1, -1)):
        cosine = others @ columns[place] / np.linalg.norm(others, axis=-1)
        best = np.unravel_index(cosine.argmax(), cosine.shape)
        assert tuple(found[place]) == best


def test_fewer_positions_are_compared_if_there_are_too_many(rng):
    content, style = maps(rng, 16, 16), maps(rng, 64, 64)
    found = nearest_positions(content, style, "block2_conv1", choice=100).numpy()
    assert np.all(found % 4 == 0)
    assert found.max() < 32


def test_votes_average_the_patches_that_cover_a_position():
    painting = np.arange(25.0).reshape(5, 5, 1)
    positions = tf.constant([[[1, 1], [3, 3]]])  # two neighbors, far apart
    made = voted_features(painting, positions).numpy()[0, :, 0]
    # What lies beside the other one's place counts as much as its own place.
    np.testing.assert_allclose(made, [(6 + 17) / 2, (18 + 7) / 2])


def test_a_patch_votes_only_inside_the_painting():
    painting = np.arange(4.0).reshape(2, 2, 1)
    positions = tf.constant([[[0, 1], [0, 1]]])
    # The right neighbor of the first place would lie outside.
    made = voted_features(painting, positions).numpy()[0, :, 0]
    np.testing.assert_allclose(made, [(1 + 0) / 2, 1])


@pytest.mark.parametrize("level", LAYERS)
def test_a_picture_is_its_own_nearest_neighbor(level):
    tensor = nstlib.preprocess(nstlib.paint("great_wave", 64, 96))
    network = nstlib.load_network("mini", LAYERS, precision="float32")
    maps = network(tensor)
    given = described(lambda layer: maps[layer][0])
    found = nearest_positions(given, given, level, choice=10**6)
    sides = found.shape[:2]
    grid = np.stack(np.meshgrid(*map(np.arange, sides), indexing="ij"), -1)
    np.testing.assert_array_equal(found, grid)
    np.testing.assert_allclose(
        voted_features(given[level], found), given[level], atol=1e-5
    )


def test_the_result_has_the_colors_of_the_painting():
    photo, painting = nstlib.paint("great_wave", 64, 96), np.zeros((64, 64, 3))
    painting[..., 0] = np.linspace(120, 250, 64)  # from dark to bright red
    made = nstlib.stylize(photo, painting, method="neighbors", size=96).image
    assert made[..., 0].mean() > 100
    assert made[..., 1:].mean() < 40


# --- places that are used more evenly


def directions(rng, count, channels=12):
    rows = rng.normal(size=(count, channels)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def used(photo, painting, spread):
    """How often each position of the painting is chosen."""
    price = prices(photo, painting, spread).numpy()
    chosen = (photo @ painting.T - price).argmax(1)
    return np.bincount(chosen, minlength=len(painting))


def test_without_spread_nothing_has_a_price(rng):
    assert not prices(directions(rng, 9), directions(rng, 5), 0.0).numpy().any()


def test_more_spread_uses_more_places(rng):
    photo, painting = directions(rng, 900), directions(rng, 60)
    photo[:600] = photo[0] + 0.1 * photo[:600]  # a plain sky
    photo /= np.linalg.norm(photo, axis=1, keepdims=True)
    counts = [used(photo, painting, spread) for spread in (0.0, 0.5, 1.0)]
    most = [count.max() for count in counts]
    assert most[0] > 1.2 * most[1] > 5 * most[2]


def test_full_spread_is_balanced_transport(rng):
    """The soft shares of all positions are equal, as after Sinkhorn's rounds."""
    photo, painting = directions(rng, 400), directions(rng, 20)
    price = prices(photo, painting, 1.0).numpy()
    likeness = (photo @ painting.T - price) / neighbors.SOFTNESS
    shares = np.exp(likeness - likeness.max(1, keepdims=True))
    shares /= shares.sum(1, keepdims=True)
    np.testing.assert_allclose(shares.mean(0) * 20, 1, atol=0.15)


def test_bands_do_not_change_the_prices(rng, monkeypatch):
    content, style = maps(rng, 64, 64), maps(rng, 64, 64)
    found = []
    for rows in (64, 4096):
        monkeypatch.setattr(neighbors, "ROWS", rows)
        positions = nearest_positions(content, style, LAYERS[0], spread=1.0)
        found.append(positions.numpy())
    np.testing.assert_array_equal(*found)
    plain = nearest_positions(content, style, LAYERS[0]).numpy()
    assert np.any(found[0] != plain)


def test_a_plain_sky_uses_more_of_the_painting():
    rng = np.random.default_rng(0)
    photo = rng.uniform(0, 90, (96, 96, 3)).astype(np.float32)
    photo[:64] = 180 + np.arange(64)[:, None, None] / 2 + rng.normal(0, 2, (64, 96, 3))
    night = nstlib.paint("starry_night", 96, 96)
    network = nstlib.load_network("mini", LAYERS, precision="float32")

    def maps_of(picture):
        found = network(preprocess(picture))
        return described(lambda layer: found[layer][0])

    here, there = maps_of(photo), maps_of(night)
    places = []
    for spread in (0.0, 0.7, 1.0):
        found = nearest_positions(here, there, LAYERS[1], spread=spread)
        sky = found[2:14].numpy().reshape(-1, 2)
        places.append(len(np.unique(sky, axis=0)))
    assert places[0] < places[1] < places[2]
