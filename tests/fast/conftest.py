"""What several tests of quick painting need."""

import numpy as np
import pytest


@pytest.fixture
def photos(make_picture):
    return [make_picture(80, 96, seed).astype(np.uint8) for seed in range(3)]
