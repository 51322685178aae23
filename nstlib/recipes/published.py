"""The settings of published systems.

Taught in: 09_style_transfer. Each recipe holds the published numbers. Factors, which
stay visible, convert them to the units of this package:

* Σ (G/N − A/M)² / C² is four times the loss in the "gatys" convention.
* Total variation is measured here on pixels / 127.5. A sum of |difference|^p over
  pixels from 0 to 255 is 127.5^p times as large; over pixels from 0 to 1 it is 0.5^p
  times as large.
* Learning rates are in gray levels. They are 255 times those for pixels from 0 to 1,
  for which the gradient is 255 times as large. `gradient_scale` takes care of that, so
  that epsilon keeps its meaning.

The notes of a recipe say what its source leaves open, and what no setting can express.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nstlib.vgg_plan import FIRST_CONVS

LANDSCAPE = 4 / 3  # width / height of a usual photo, for sources that give heights
GRAY = 127.5  # as in `nstlib.objective`
TORCH_UNIT = 255 * 0.225  # PyTorch's networks divide pixels by this
FIFTHS = dict.fromkeys(FIRST_CONVS, 1 / 5)
ONES = dict.fromkeys(FIRST_CONVS, 1.0)


@dataclass(frozen=True)
class Recipe:
    """A published system, in the terms of `nstlib.settings.Settings`.

    Taught in: 09_style_transfer.
    """

    name: str
    summary: str
    """One sentence about what is characteristic of it."""
    source: str
    """Where the numbers are published."""
    overrides: Mapping[str, Any]
    """Fields of `Settings`, for the network that the system uses."""
    notes: tuple[str, ...] = ()
    """What had to be assumed, and what still differs from the system."""


LINE_SEARCH = "L-BFGS searches along each direction here; there it steps by 1."
TORCH_WEIGHTS = (
    "It uses PyTorch's VGG19, trained anew: activations differ from Caffe's."
)
HEIGHT = "400 is the height there; 533 is the longer side of a 4:3 landscape picture."
SCIPY_ROUNDS = "Each round starts L-BFGS-B of SciPy anew, with its 10 curvature pairs."


def _recipe(
    name: str, summary: str, source: str, *notes: str, **overrides: Any
) -> Recipe:
    # What nearly all recipes share: VGG19 as trained, one size, no total variation.
    common = {
        "network": "vgg19",
        "border": "zero",
        "margin": 0,
        "coarse_to_fine": False,
        "content_layers": {"block4_conv2": 1.0},
        "style_layers": FIFTHS,
        "tv_weight": 0.0,
    }
    return Recipe(name, summary, source, {**common, **overrides}, notes)


# fmt: off
_ALL = [
    _recipe(
        "gatys",
        "The authors' own notebook: L-BFGS at 512 pixels, then refined at 800.",
        "Gatys, Ecker & Bethge 2016; github.com/leongatys/PytorchNeuralStyleTransfer",
        "512 and 800 are the shorter side there; 683 and 1067 are the longer side of a "
        "4:3 picture.",
        LINE_SEARCH,
        size=round(800 * LANDSCAPE), smallest=round(512 * LANDSCAPE),
        coarse_to_fine=True, scale_step=800 / 512,
        steps=500 + 200, steps_per_scale=(500, 200),
        content_convention="johnson", content_weight=1.0,
        style_convention="johnson", style_layers=ONES, style_weight=1e3,
        init="content", optimizer="lbfgs", history=100,
    ),
    _recipe(
        "neural-style",
        "Johnson's Torch program: from faint noise, by L-BFGS.",
        "github.com/jcjohnson/neural-style",
        "Total variation is part of its gradient only; here it is part of the loss.",
        "It leaves out differences along the last row and column.",
        LINE_SEARCH,
        size=512, steps=1000,
        content_convention="johnson", content_weight=5.0,
        style_convention="johnson", style_layers=ONES, style_weight=1e2,
        tv_weight=1e-3 / 2 * GRAY**2, tv_exponent=2.0, tv_reduction="sum",
        init="noise", noise_sigma=0.001, optimizer="lbfgs", history=100,
    ),
    _recipe(
        "anishathalye",
        "Athalye's TensorFlow program: from noise, by Adam with a large step.",
        "github.com/anishathalye/neural-style",
        "It keeps the size of the content picture; size= chooses it here.",
        steps=1000,
        content_convention="johnson", content_weight=5.0,
        style_convention="johnson", style_weight=5e2,
        tv_weight=1e2 * GRAY**2, tv_exponent=2.0, tv_reduction="mean",
        init="noise", noise_sigma=0.256,
        optimizer="adam", learning_rate=10.0, epsilon=1e-8, gradient_scale=1.0,
    ),
    _recipe(
        "keras",
        "The Keras example: plain gradient descent for 4000 steps.",
        "keras.io/examples/generative/neural_style_transfer",
        HEIGHT,
        "It stretches the style picture to the content's shape; here it keeps its own.",
        size=round(400 * LANDSCAPE), steps=4000,
        content_layers={"block5_conv2": 1.0},
        content_convention="keras", content_weight=2.5e-8,
        style_convention="keras", style_weight=1e-6,
        tv_weight=1e-6 * GRAY**2.5, tv_exponent=1.25, tv_reduction="sum",
        init="content",
        optimizer="sgd", learning_rate=100.0, decay=0.96, gradient_scale=1.0,
    ),
    _recipe(
        "tf-tutorial",
        "The TensorFlow tutorial: Adam on pixels of 0–1, clipped after each step.",
        "tensorflow.org/tutorials/generative/style_transfer",
        size=512, steps=1000,
        content_layers={"block5_conv2": 1.0},
        content_convention="johnson", content_weight=1e4,
        style_convention="gatys", style_weight=4 * 1e-2,
        tv_weight=30 * 0.5, tv_exponent=1.0, tv_reduction="sum",
        init="content", clamp=True,
        optimizer="adam", learning_rate=255 * 0.02, beta_1=0.99, epsilon=0.1,
        gradient_scale=255.0,
    ),
    _recipe(
        "gordicaleksa",
        "Gordić's PyTorch program: strong style, by L-BFGS with a line search.",
        "github.com/gordicaleksa/pytorch-neural-style-transfer",
        HEIGHT,
        "Its content layer is called conv4_2, but PyTorch's ReLU works in place: what "
        "it compares is relu4_2.",
        TORCH_WEIGHTS,
        size=round(400 * LANDSCAPE), steps=1000,
        content_convention="johnson", content_weight=1e5,
        style_convention="gatys", style_weight=4 * 3e4,
        tv_weight=1.0 * GRAY, tv_exponent=1.0, tv_reduction="sum",
        init="content", optimizer="lbfgs", history=100,
    ),
    _recipe(
        "crowsonkb",
        "Crowson's PyTorch program: Wasserstein style, five sizes, averaged iterates.",
        "github.com/crowsonkb/style-transfer-pytorch (with the Wasserstein style loss)",
        "PyTorch's VGG19 takes pixels / (255 · 0.225): content and style weights are "
        "divided by the square of that, as if its activations were that much smaller.",
        TORCH_WEIGHTS,
        "Its total variation also looks along the diagonals, which makes no difference "
        "on smooth pictures.",
        "Adam keeps its memory from one size to the next there, and starts anew here.",
        "Several styles are one mean style there, and several losses here.",
        size=512, smallest=128, coarse_to_fine=True, scale_step=2**0.5,
        steps=1000 + 4 * 500, steps_per_scale=(1000, 500, 500, 500, 500),
        border="replicate",
        content_convention="johnson", content_weight=0.015 / TORCH_UNIT**2,
        style_statistic="wasserstein", style_convention="johnson",
        style_weight=1.0 / TORCH_UNIT**2,
        style_layers=dict(
            zip(FIRST_CONVS, (w / 341 for w in (256, 64, 16, 4, 1)), strict=True)
        ),
        tv_weight=2.0 * 0.5**2, tv_exponent=2.0, tv_reduction="mean",
        init="content", clamp=True, average=0.99,
        optimizer="adam", learning_rate=255 * 0.02, beta_2=0.99, epsilon=1e-8,
        gradient_scale=255.0,
    ),
    _recipe(
        "capstone",
        "A capstone project: from noise, by L-BFGS, in a hundred rounds.",
        "a notebook (Keras, VGG19)",
        "Not published in a form that could be found: the weights (those of the "
        "TensorFlow tutorial, whose terms are the same, are taken), whether Grams are "
        "divided by N (assumed), which high layer (block5_conv2 is taken), 20 "
        "evaluations in a round, the noise.",
        SCIPY_ROUNDS,
        steps=100 * 20, restart_every=20, history=10,
        content_layers={"block5_conv2": 1.0},
        content_convention="johnson", content_weight=1e4,
        style_convention="gatys", style_weight=4 * 1e-2,
        tv_weight=30 * 0.5, tv_exponent=1.0, tv_reduction="sum",
        init="noise", optimizer="lbfgs",
    ),
    _recipe(
        "multi-style",
        "A desktop tool: up to three style pictures in equal shares, Adam or Adagrad.",
        "a program (TensorFlow, VGG19)",
        "Give the styles as a list: stylize(content, [one, two, three], …).",
        "Not published: weights and style term (those of Gatys et al. 2015 are taken, "
        "content : style = 1 : 1000), learning rate (ours), the cap on the longest "
        "side (512 is taken). optimizer='adagrad' is the other choice.",
        size=512, steps=1000,
        content_convention="keras", content_weight=1.0,
        style_convention="gatys", style_weight=1e3,
        init="content", optimizer="adam",
    ),
    _recipe(
        "five-layer",
        "A notebook that takes content and style from the same five layers.",
        "a notebook (VGG19)",
        "Assumed: the losses of the layers are added up, and its pixels are 0–1, where "
        "a learning rate of .001 moves them at all.",
        steps=6000,
        content_layers=ONES, content_convention="johnson", content_weight=1.0,
        style_layers=ONES, style_convention="gatys", style_weight=4 * 10.0,
        init="content",
        optimizer="adam", learning_rate=255 * 0.001, gradient_scale=255.0,
    ),
    _recipe(
        "jetson-vgg16",
        "VGG16 on a Jetson board: ten short rounds of L-BFGS.",
        "a program (Keras, VGG16) after github.com/hnarayanan/artistic-style-transfer",
        "Weights, noise and C = 3 are those of the notebook that it follows.",
        SCIPY_ROUNDS,
        network="vgg16", size=512, steps=10 * 20, restart_every=20, history=10,
        content_layers={"block2_conv2": 1.0},
        content_convention="keras", content_weight=0.025,
        style_layers=dict.fromkeys(
            ("block1_conv2", "block2_conv2", "block3_conv3", "block4_conv3",
             "block5_conv3"), 1 / 5
        ),
        style_convention="keras", style_weight=5.0,
        tv_weight=1.0 * GRAY**2.5, tv_exponent=1.25, tv_reduction="sum",
        init="noise", noise_sigma=255 / 12**0.5, optimizer="lbfgs",
    ),
    _recipe(
        "course-assignment",
        "The assignment of a well-known course: noise over content, 200 steps of Adam.",
        "deeplearning.ai, Convolutional Neural Networks, week 4 (TensorFlow, VGG19)",
        "Its noise is uniform from −20 to 20; here it is normal with the same spread.",
        "Weights 10 and 40, the step of 2 and mean pooling are the assignment's own.",
        size=400, steps=200, pooling="avg",
        content_convention="johnson", content_weight=10 / 4,
        style_convention="gatys", style_weight=40.0,
        init="blend", init_noise=0.6, noise_sigma=20 / 3**0.5,
        optimizer="adam", learning_rate=2.0, epsilon=1e-8, gradient_scale=1.0,
        progress_every=20,
    ),
]
# fmt: on

RECIPES: dict[str, Recipe] = {recipe.name: recipe for recipe in _ALL}
"""Name → recipe."""
