"""Decoders: their shapes, their reach, strips, and the files that ship."""

import numpy as np
import pytest

from nstlib import decoders
from nstlib.data import DATA, known_facts
from nstlib.decoders import (
    LEVELS,
    decode,
    decoder_plan,
    decoder_reach,
    random_decoder,
)
from nstlib.errors import NetworkError
from nstlib.fast.strips import in_strips
from nstlib.images import load_image
from nstlib.preprocessing import deprocess, preprocess
from nstlib.vgg import load_network
from nstlib.vgg_plan import MINI_WIDTHS, receptive_field, stride
from nstlib.vgg_weights import known_picture

SHIPPED = tuple(known_facts("decoders"))
levels = pytest.mark.parametrize("level", LEVELS)
shipped = pytest.mark.parametrize("name", SHIPPED)


def channels_of(level):
    return MINI_WIDTHS[int(level[5]) - 1]


def features_for(level, height=6, width=7, seed=0):
    shape = (1, height, width, channels_of(level))
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


@levels
def test_a_decoder_doubles_what_the_network_halves(level):
    picture = decode(
        random_decoder(level, channels_of(level)), features_for(level), level
    )
    step = stride(level)
    assert picture.shape == (1, 6 * step, 7 * step, 3)
    assert sum(doubled for *_, doubled in decoder_plan(level)) == np.log2(step)


@levels
def test_nothing_beyond_its_reach_has_a_say(level):
    parameters = random_decoder(level, channels_of(level))
    units = decoder_reach(level) // stride(level) + 3
    features = features_for(level, 3, 2 * units + 1)
    other = features.copy()
    other[0, :, units] += 5
    one, two = (decode(parameters, f, level).numpy() for f in (features, other))
    changed = np.flatnonzero(np.abs(one - two).max((0, 1, 3)))
    center = units * stride(level), (units + 1) * stride(level) - 1
    far = max(center[0] - changed.min(), changed.max() - center[1])
    assert 0.5 * decoder_reach(level) < far <= decoder_reach(level)


@levels
def test_strips_give_what_the_whole_gives(level):
    network = load_network("mini", [level], precision="float32", border="replicate")
    tensor = preprocess(np.random.default_rng(0).uniform(0, 255, (400, 48, 3)))
    step = stride(level)
    encode = lambda strip: network(strip)[level]  # noqa: E731
    halo = -(-receptive_field(level) // 2 // 16)
    whole = encode(tensor)
    found = in_strips(encode, tensor, 16, 16 // step, halo, pixels=48 * 16 * 4)
    np.testing.assert_allclose(found, whole, rtol=1e-4, atol=1e-4 * np.max(whole))
    parameters = random_decoder(level, channels_of(level))
    paint = lambda strip: decode(parameters, strip, level)  # noqa: E731
    halo = -(-decoder_reach(level) // 16)
    picture = paint(whole)
    found = in_strips(paint, whole, 16 // step, 16, halo, pixels=48 * 16 * 4)
    np.testing.assert_allclose(found, picture, rtol=1e-4, atol=1e-4 * np.max(picture))


@shipped
def test_what_a_decoder_makes_of_the_known_picture(name):
    level = decoders.decoder_level(name)
    network = load_network("mini", [level], precision="float32", border="replicate")
    maps = network(preprocess(known_picture()))[level]
    picture = decode(decoders.load_decoder(name), maps, level).numpy()
    recorded = known_facts("decoders")[name]["mean_output"]
    np.testing.assert_allclose(picture.mean((0, 1, 2)), recorded, atol=0.05)


@shipped
def test_a_decoder_gives_back_a_photo(name):
    from nstlib.course.pictures import IMAGES

    level = decoders.decoder_level(name)
    photo = load_image(IMAGES / "content" / "cat.jpg", 160)[:96, :144]
    network = load_network("mini", [level], precision="float32", border="replicate")
    parameters = decoders.load_decoder(name)
    again = deprocess(
        decode(parameters, network(preprocess(photo))[level], level).numpy()
    )
    noise = np.mean((again - photo) ** 2)
    # The decoder of AdaIN draws strokes, and block 5 knows little of the pixels.
    rough = level == "block5_conv1" or name == "adain"
    assert noise < (0.7 if rough else 0.35) * photo.var()  # gray mud would have all
    shift = np.abs(again.mean((0, 1)) - photo.mean((0, 1))).max()
    assert shift < (25 if name == "adain" else 12)


def test_all_decoders_together_are_small():
    assert set(SHIPPED) <= {*LEVELS, "adain"}
    files = list(DATA.glob("decoder_*.npz"))
    assert {f.stem for f in files} == {f"decoder_{name}" for name in SHIPPED}
    assert sum(f.stat().st_size for f in files) < 6e6


def test_a_damaged_decoder_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(decoders, "DATA", tmp_path)
    with pytest.raises(NetworkError, match="decoder_adain"):
        decoders.load_decoder("adain")
    (tmp_path / "decoder_adain.npz").write_bytes(b"<html>")
    with pytest.raises(NetworkError, match="damaged"):
        decoders.load_decoder("adain")
