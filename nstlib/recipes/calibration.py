"""How much stronger the losses of VGG19 are than those of MiniVGG, layer by layer.

All conventions but "relative" depend on how large the numbers of a network are.
Content losses depend on their squares, Gram losses on their fourth powers. MiniVGG was
scaled to the mean activations of VGG19, but its activations spread differently around
these means. Where VGG19 is silent at more positions and louder at the others, its
losses are larger.

``benchmarks/calibration.py`` measures the factors, and explains how. In blocks 1 to 3
they differ from picture to picture, so a factor is a geometric mean. Blocks 4 and 5 of
VGG19 were not at hand, so their factors are estimates. They come from the losses that
the program neural-style documents for its example.
"""

from __future__ import annotations

# layer: (mean (F − P)², mean (G/N − A/M)²), in VGG19 divided by that in MiniVGG
MINI_FACTORS = {
    "block1_conv1": (1.15, 1.19),
    "block1_conv2": (1.48, 1.88),
    "block2_conv1": (1.62, 1.12),
    "block2_conv2": (1.94, 1.36),
    "block3_conv1": (1.73, 1.23),
    "block3_conv2": (1.40, 1.23),
    "block3_conv3": (0.77, 0.59),
    "block3_conv4": (1.91, 1.52),
    "block4_conv1": (1.26, 1.58),
    "block4_conv2": (1.26, 1.58),
    "block4_conv3": (1.26, 1.58),
    "block4_conv4": (1.26, 1.58),
    "block5_conv1": (1.37, 1.88),
}
"""Layer of MiniVGG → factors of content and of Gram losses, both as means."""


def strength(network: str, layer: str, degree: int) -> float:
    """Return the factor that gives a loss of a layer the size that it has in VGG19.

    Args:
        network: as in `nstlib.load_network`; only "mini" has been measured. For
            the others, the factor is 1.
        layer: full name of a layer of the network.
        degree: 2 for losses that grow with the square of the activations, as content
            losses do; 4 for those that grow with their fourth power, as Gram losses do.

    Example:
        >>> strength("vgg19", "block3_conv3", degree=2)
        1.0
    """
    if network != "mini":
        return 1.0
    of_squares, of_fourth_powers = MINI_FACTORS[layer]
    return of_squares if degree == 2 else of_fourth_powers
