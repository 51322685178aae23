"""Animations within a notebook."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from nstlib.errors import ImageError
from nstlib.notebook import play


def stored(animation):
    html = animation._repr_html_()
    assert re.fullmatch(r'<img alt="[^"]*" width="\d+" src="data:[^"]*">', html)
    data = base64.b64decode(html.split("base64,")[1].rstrip('">'))
    return Image.open(io.BytesIO(data))


def test_pictures_of_all_scales_play_at_the_last_size_and_then_rest():
    small = np.full((4, 6, 3), 20.0)
    large = np.full((8, 12, 3), 200.0)
    animation = play([small, large], "gray that gets brighter", 0.2, rest=1.0)
    file = stored(animation)
    assert file.size == (12, 8) and file.n_frames >= 2 and file.info["loop"] == 0
    assert abs(np.asarray(file.convert("RGB"), int) - 20).max() <= 3
    file.seek(file.n_frames - 1)
    assert abs(np.asarray(file.convert("RGB"), int) - 200).max() <= 3


def test_one_picture_is_a_picture():
    assert stored(play([np.zeros((8, 8, 3))], "black")).size == (8, 8)


def test_the_text_cannot_break_out():
    html = play([np.zeros((8, 8, 3))], '"><script>')._repr_html_()
    assert "<script>" not in html


def test_a_terminal_shows_a_sentence():
    animation = play([np.zeros((8, 8, 3))] * 2, "two black squares", rest=0)
    assert repr(animation) == "an animation of 2 pictures: two black squares"


def test_no_pictures():
    with pytest.raises(ImageError, match="at least one picture"):
        play([], "nothing")
