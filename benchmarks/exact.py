"""The exact VGG19 as a judge of pictures; only its first three blocks are needed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from nstlib.vgg import FeatureExtractor

LAYERS = ("block1_conv1", "block2_conv1", "block3_conv1")
CONTENT = "block3_conv4"


def weights_of(data: Path) -> Path:
    """The file of the exact VGG19."""
    return data / "teachers" / "vgg19_blocks1to3.npz"


def load_exact(data: Path) -> FeatureExtractor:
    """VGG19 up to CONTENT, from the file in the data."""
    from nstlib.vgg import load_network

    layers = [*LAYERS, CONTENT]
    file = weights_of(data)
    return load_network("vgg19", layers, precision="float32", weights=file)


class Judge:
    """Distances in a network for one photo and one style at one size."""

    def __init__(self, network: FeatureExtractor, photo: np.ndarray, style: np.ndarray):
        from nstlib.losses import gram_matrix, positions
        from nstlib.preprocessing import preprocess

        self.network = network
        targets = network(preprocess(style))
        self.grams = {
            n: (gram_matrix(targets[n]), positions(targets[n])) for n in LAYERS
        }
        self.photo = network(preprocess(photo))
        self.before = self.style_distances(photo)

    def style_distances(self, picture: np.ndarray) -> np.ndarray:
        """Relative style distance at each of LAYERS."""
        from nstlib.losses import style_loss
        from nstlib.preprocessing import preprocess

        maps = self.network(preprocess(picture))
        return np.array([float(style_loss(maps[n], *self.grams[n])) for n in LAYERS])

    def content_distance(self, picture: np.ndarray) -> float:
        """Relative distance to the photo at CONTENT."""
        from nstlib.losses import content_loss
        from nstlib.preprocessing import preprocess

        maps = self.network(preprocess(picture))
        return float(content_loss(maps[CONTENT], self.photo[CONTENT]))

    def left(self, picture: np.ndarray) -> np.ndarray:
        """How many per cent of each style distance are left."""
        return 100 * self.style_distances(picture) / self.before

    def falls(self, picture: np.ndarray) -> np.ndarray:
        """By how many per cent each style distance fell."""
        return 100 - self.left(picture)
