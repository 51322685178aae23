"""All settings of a style transfer, declared in one place.

Taught in: 09_style_transfer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nstlib.color_choice import COLORS
from nstlib.descent import LEARNING_RATES, make_optimizer
from nstlib.lbfgs import PAIRS_BYTES
from nstlib.losses import CONVENTIONS
from nstlib.settings.method_fields import ALL_METHODS, BY_STYLE, MethodFields
from nstlib.settings.quality import replaced, with_quality
from nstlib.settings.schema import EVERYONE, schema_of, setting
from nstlib.settings.stored import stored_text, stored_values
from nstlib.settings.validation import checked, weighted
from nstlib.statistics import STATISTICS
from nstlib.vgg import BORDERS, POOLINGS, PRECISIONS
from nstlib.vgg_plan import CONVOLUTIONS, FIRST_CONVS

STYLE_LAYERS = FIRST_CONVS


@with_quality
@dataclass(frozen=True)
class Settings(MethodFields):
    """The settings of a run, as ``nst settings`` lists them. Weights suit every size.

    Raises:
        SettingsError: values make no sense. The message names all problems at once.

    Example:
        >>> Settings(size=256, content_layers=["conv4_2"]).content_layers
        {'block4_conv2': 1.0}
    """

    # A setting that names no methods is used by "optimize" only.
    # fmt: off
    network: str = setting(
        "mini", "The network that compares pictures. MiniVGG (mini) comes with "
        "nstlib, VGG16 and VGG19 are downloaded once, and random has not learned "
        "anything.",
        group="network", choices=tuple(CONVOLUTIONS), level=EVERYONE)
    weights: str | None = setting(
        None, "A file with the weights of the network.",
        group="network", none="those that nstlib ships or downloads",
        example="network=vgg19 weights=vgg19.h5")
    pooling: str = setting(
        "max", "How the network shrinks its feature maps: it takes the maximum of each "
        "block, as in the training of VGG, or the average.",
        group="network", choices=POOLINGS)
    precision: str = setting(
        "auto", "The number format in which the network calculates; auto takes "
        "bfloat16 where the hardware supports it.",
        group="network", choices=PRECISIONS, methods=ALL_METHODS)
    border: str = setting(
        "replicate", "What the network sees beyond the edges: the last pixels "
        "repeated, the picture reflected, or zeros, as in the training of VGG.",
        group="edges", choices=BORDERS)
    tile: int | None = setting(
        None, "The longer side of the part of the picture that the network sees at "
        "once. 0 means the whole picture.",
        group="scales", unit="pixels", low=0, high=16384,
        none="tiles for large pictures only", example="tile=512")

    content_layers: Any = setting(
        ("block4_conv2",), "The layers that compare the result with the photo. "
        "Without weights they count equally.",
        group="content", kind="layers", example="content_layers=conv3_1,conv4_2")
    content_weight: float = setting(
        1.0, "How much the photo counts.", group="content", low=0, level=EVERYONE)
    content_convention: str = setting(
        "relative", "What the content loss is divided by: relative suits every size "
        "and network; the others are those of published systems.",
        group="content", choices=CONVENTIONS)
    style_layers: Any = setting(
        STYLE_LAYERS, "The layers that compare the result with the painting. Without "
        "weights they count equally.",
        group="style", kind="layers", example="style_layers=conv1_1:0.7,conv3_1:0.3")
    style_weight: float = setting(
        300.0, "How much the painting counts.", group="style", low=0, level=EVERYONE)
    style_convention: str = setting(
        "relative", "What the style loss is divided by: relative suits every size and "
        "network; the others are those of published systems.",
        group="style", choices=CONVENTIONS)
    style_statistic: str = setting(
        "gram", "What is compared with the painting: Gram matrices, or other "
        "statistics of the feature maps.",
        group="style", choices=STATISTICS)
    style_scale: float = setting(
        1.0, "The longer side of the painting, as a multiple of size. Higher values "
        "make larger strokes.",
        group="style", low=0.05, high=20, methods=BY_STYLE, level=EVERYONE)
    tv_weight: float = setting(
        1.5, "How much smoothness counts, measured as total variation. Higher values "
        "make a smoother picture.",
        group="smoothness", low=0, level=EVERYONE)
    tv_exponent: float = setting(
        2.0, "The power of the differences between neighbors: 1 keeps edges, 2 "
        "softens them.",
        group="smoothness", low=1, high=4, example="tv_exponent=1")
    tv_reduction: str = setting(
        "mean", "Whether the total variation is a mean or a sum over the picture.",
        group="smoothness", choices=("mean", "sum"))

    margin: int = setting(
        16, "How far the picture is painted beyond each side. The margin is cut off "
        "at the end, so that there is no frame.",
        group="edges", unit="pixels", low=0, high=256)

    init: str = setting(
        "matched", "Where the optimization starts: at the photo in the painting's "
        "colors (matched), the photo (content), noise, the painting (style), or "
        "noise over the photo (blend).",
        group="start", choices=("matched", "content", "noise", "style", "blend"))
    init_noise: float = setting(
        0.6, "The share of noise in a blend.",
        group="start", low=0, high=1, example="init=blend init_noise=0.3")
    noise_sigma: float = setting(
        40.0, "The standard deviation of the noise at the start.",
        group="start", unit="gray levels", low=0, high=1000,
        example="init=noise noise_sigma=20")
    seed: int = setting(
        0, "The seed of everything random: the noise at the start, the directions of "
        "the sliced statistic, and the grain.",
        group="start", low=0, high=2**32 - 1, methods=("optimize", "feedforward"),
        level=EVERYONE, example="seed=1")

    optimizer: Any = setting(
        "lbfgs", "What moves the pixels: L-BFGS or an optimizer of Keras. In Python "
        "it can be any Keras optimizer.",
        group="optimizer", choices=("lbfgs", *LEARNING_RATES))
    history: int = setting(
        10, "How many curvature pairs L-BFGS keeps, as long as they fit into "
        f"{PAIRS_BYTES / 2**30:g} GiB.",
        group="optimizer", unit="pairs", low=1, high=1000)
    restart_every: int | None = setting(
        None, "After how many evaluations L-BFGS forgets its curvature pairs.",
        group="optimizer", unit="evaluations", low=1, high=1_000_000,
        none="that it never does", example="restart_every=20")
    learning_rate: float | None = setting(
        None, "The learning rate of a Keras optimizer.",
        group="optimizer", unit="gray levels", low=0,
        example="optimizer=adam learning_rate=10",
        none=", ".join(f"{rate:g} for {name}" for name, rate in LEARNING_RATES.items()))
    decay: float = setting(
        1.0, "The factor by which the learning rate changes in 100 evaluations.",
        group="optimizer", low=0, high=1, example="optimizer=adam decay=0.9")
    gradient_scale: float | None = setting(
        None, "The factor on the gradient before a Keras optimizer sees it.",
        group="optimizer", low=0, none="the number of pixels",
        example="optimizer=sgd gradient_scale=1")
    beta_1: float = setting(
        0.9, "How much of the past gradient Adam keeps.",
        group="optimizer", low=0, high=1, example="optimizer=adam beta_1=0.95")
    beta_2: float = setting(
        0.999, "How much of the past squared gradient Adam and RMSprop keep.",
        group="optimizer", low=0, high=1, example="optimizer=adam beta_2=0.99")
    epsilon: float = setting(
        1e-7, "A small number that keeps Adam, Adagrad and RMSprop from dividing by "
        "zero.",
        group="optimizer", low=0, example="optimizer=adam epsilon=0.1")
    average: float = setting(
        0.0, "The share of the past in a moving average of the pictures, which "
        "becomes the result. It does not work with L-BFGS. 0 means no average.",
        group="optimizer", low=0, high=1, example="optimizer=adam average=0.9")
    clamp: bool = setting(
        False, "Whether pixels are kept between 0 and 255 after each step. It does "
        "not work with L-BFGS.",
        group="optimizer", example="optimizer=adam clamp=true")

    coarse_to_fine: bool = setting(
        True, "Whether the picture starts small and grows, which saves time.",
        group="scales")
    smallest: int = setting(
        128, "The longer side of the picture at the first scale.",
        group="scales", unit="pixels", low=16, high=16384)
    scale_step: float = setting(
        2.0, "The factor between the sizes of one scale and the next.",
        group="scales", low=1.1, high=16, example="scale_step=1.5")
    last_share: float = setting(
        1.0, "How many evaluations the last scale gets, relative to each of the "
        "others.",
        group="scales", low=0, high=100)
    steps_per_scale: tuple[int, ...] | None = setting(
        None, "How many evaluations each scale gets, from the smallest on.",
        group="scales", unit="evaluations", low=1, high=1_000_000,
        none="that the steps are divided among the scales",
        example="steps_per_scale=150,100,50")

    colors: str = setting(
        "style", "Whose colors the result has: the painting's (style), or the photo's. "
        "For those, only the brightness is painted (content, luminance), the painting "
        "is recolored first (match, histogram), or the result is recolored last "
        "(match_after).",
        group="result", choices=COLORS, methods=ALL_METHODS, level=EVERYONE)
    progress_every: int = setting(
        0, "How many evaluations lie between two progress pictures. 0 means that "
        "there are none.",
        group="result", unit="evaluations", low=0, high=1_000_000, methods=ALL_METHODS,
        level=EVERYONE, example="progress_every=50")
    # fmt: on

    def __post_init__(self) -> None:
        """Check all values, and convert layers to ``{full name: weight}``."""
        for name, value in checked(vars(self), SCHEMA).items():
            value = weighted(value) if SCHEMA[name].kind == "layers" else value
            object.__setattr__(self, name, value)

    @property
    def layers(self) -> list[str]:
        """Full names of all content layers, then of all style layers."""
        return list(dict.fromkeys([*self.content_layers, *self.style_layers]))

    def make_optimizer(self) -> Any:
        """Make a new Keras optimizer, by the name or like the one in `optimizer`."""
        if not isinstance(self.optimizer, str):
            return type(self.optimizer).from_config(self.optimizer.get_config())
        rest = (self.learning_rate, self.decay, self.beta_1, self.beta_2, self.epsilon)
        return make_optimizer(self.optimizer, *rest)

    def to_json(self) -> str:
        """Return all settings as one line of JSON, for `from_json`."""
        return stored_text({name: getattr(self, name) for name in SCHEMA})

    @classmethod
    def from_json(cls, text: str) -> Settings:
        """Read settings from JSON that `to_json` wrote.

        Raises:
            SettingsError: the text is something else, or values make no sense.
        """
        return make_settings(**stored_values(text))


SCHEMA = schema_of(Settings)
"""Name of a setting → its `Field`: default, meaning, unit, range and more."""


def make_settings(base: Settings | None = None, /, **overrides: Any) -> Settings:
    """Make settings from others, with some values replaced.

    Args:
        base: the settings to start from; the defaults if None.
        overrides: settings by name.

    Raises:
        SettingsError: names are unknown or values make no sense; all are named at once.

    Example:
        >>> make_settings(Settings(steps=100), size=256).steps
        100
    """
    values = replaced(vars(base or Settings()), overrides, SCHEMA)
    return Settings(**checked(values, SCHEMA))
