"""Tiles: they cover a picture exactly."""

import numpy as np
import pytest

from nstlib.errors import SettingsError
from nstlib.large import tiles
from nstlib.large.tiles import make_tiles, reach, spans, tile_side
from nstlib.settings import make_settings
from nstlib.vgg_plan import layer_names, stride


@pytest.mark.parametrize("tile, halo, step", [(48, 16, 16), (176, 80, 16), (40, 8, 8)])
def test_spans_cover_an_axis_with_tiles_of_nearly_one_length(tile, halo, step):
    for length in range(step, 700, 3):
        found = spans(length, tile, halo, step)
        assert [s.start for s in found] == [0, *(s.stop for s in found[:-1])]
        assert found[-1].stop == length and all(s.start < s.stop for s in found)
        assert all(s.start % step == s.first % step == 0 for s in found)
        assert all(s.first == max(0, s.start - halo) for s in found)
        assert all(s.last == min(length, s.stop + halo) for s in found)
        lengths = [s.last - s.first for s in found]
        assert max(lengths[:-1], default=0) <= tile and lengths[-1] < tile + step
        assert max(lengths) - min(lengths) < 2 * step
        assert (len(found) == 1) == (length <= tile)


@pytest.mark.parametrize("size", [(300, 391), (176, 500), (33, 700), (257, 256)])
@pytest.mark.parametrize("margin", [0, 16, 37])
def test_each_position_of_each_layer_is_in_one_core(size, margin):
    layers = [name for name in layer_names("mini") if name.endswith("conv1")]
    height, width = size[0] + 2 * margin, size[1] + 2 * margin
    found = make_tiles(height, width, 192, layers, "mini", margin)
    for name in layers:
        step = stride(name)
        cut = margin // step
        shape = [side // step - 2 * cut for side in (height, width)]
        times = np.zeros(shape, int)
        for tile in found:
            times[tile.whole[name]] += 1
            for inner, whole, window in zip(
                tile.inner[name], tile.whole[name], tile.window, strict=True
            ):
                assert inner.start + window.start // step == whole.start + cut
                assert inner.stop - inner.start == whole.stop - whole.start
                assert window.start % step == 0
        assert (times == 1).all()


@pytest.mark.parametrize(
    "layers, expected",
    [
        (["block1_conv1"], 1),
        (["block1_conv2"], 2),
        (["block2_conv1"], 4),  # (10 − 2) / 2
        (["block4_conv2"], 40),  # 84 pixels in all, in squares of 8: 38
        (["block1_conv1", "block5_conv1"], 80),  # (156 − 16) / 2 = 70
    ],
)
def test_reach_is_half_of_what_lies_beyond_the_square(layers, expected):
    assert reach(layers, "mini") == expected


def test_reach_is_enough_and_no_more_than_a_stride_too_much(narrow):
    name = "block4_conv2"
    extractor, far, side = narrow(layers=[name]), reach([name], "vgg19"), 8
    rng = np.random.default_rng(0)
    picture = rng.normal(0, 60, (1, 176, 176, 3)).astype(np.float32)
    here = extractor(picture)[name][0, 11, 11].numpy()  # rows and columns 88 to 95
    for distance, same in ((far + 1, True), (far - side, False)):
        other = picture.copy()
        other[:, : 88 - distance + 1] = other[:, 95 + distance :] = 0
        again = extractor(other)[name][0, 11, 11].numpy()
        assert np.allclose(again, here, rtol=1e-6) == same


@pytest.mark.parametrize("layers", [["block1_conv1"], ["block5_conv1"]])
def test_a_tile_without_a_core_is_refused(layers):
    least = 2 * reach(layers, "mini") + stride(layers[0])
    assert len(make_tiles(least, least + 16, least, layers, "mini", 0)) > 1
    with pytest.raises(SettingsError, match=f"no core: {layers[0]} needs {least}"):
        make_tiles(least, least + 16, least - 1, layers, "mini", 0)


def test_large_pictures_are_tiled_and_small_ones_are_not():
    settings = make_settings()
    assert tile_side(1200, 1920, settings) == tile_side(100, 300, settings) == 0
    assert tile_side(1201, 1920, settings) == tiles.TILE
    assert tile_side(2160, 3840, settings) == tiles.TILE
    assert tile_side(4096, 4096, settings) == tiles.SMALL_TILE
    mine = make_settings(tile=512)
    assert tile_side(512, 300, mine) == 0 and tile_side(300, 513, mine) == 512
    assert tile_side(9000, 9000, make_settings(tile=0)) == 0
