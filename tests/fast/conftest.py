"""What several tests of quick painting need."""

import numpy as np
import pytest

from nstlib.course.pictures import IMAGES
from nstlib.images import load_image


@pytest.fixture
def photos(make_picture):
    return [make_picture(80, 96, seed).astype(np.uint8) for seed in range(3)]


@pytest.fixture(scope="module")
def photo():
    return load_image(IMAGES / "content" / "cat.jpg", 64)
