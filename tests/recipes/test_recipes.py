"""Every recipe against the formula of the system that it reproduces."""

import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import scipy.linalg

from nstlib import descent
from nstlib.backend import tf
from nstlib.errors import NetworkError, SettingsError
from nstlib.images import load_image
from nstlib.large.scales import plan_scales
from nstlib.losses import content_loss, gram_matrix, style_loss
from nstlib.methods import stylize
from nstlib.objective import Objective
from nstlib.preprocessing import BGR_MEANS, preprocess
from nstlib.recipes import RECIPES, settings_for
from nstlib.recipes.calibration import strength
from nstlib.recipes.choosing import CONTENT_POWERS, STYLE_POWERS
from nstlib.settings import Settings, make_settings
from nstlib.vgg import load_network
from nstlib.vgg_plan import MINI_WIDTHS, VGG_WIDTHS, layer_names

NAMES = [
    "gatys", "neural-style", "anishathalye", "keras", "tf-tutorial", "gordicaleksa",
    "crowsonkb", "capstone", "multi-style", "five-layer", "jetson-vgg16",
    "course-assignment",
]  # fmt: skip
IMAGES = Path(__file__).parents[2] / "images"
SIZE = (32, 48)
HEIGHT, WIDTH = SIZE
FIRST = ["conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1"]
each = pytest.mark.parametrize("name", NAMES)


class Seen:
    """What the formulas below are written in: pixels, and maps of three pictures."""

    def __init__(self, network, extractor, now, content, style):
        self.x = preprocess(now)[0].astype(float)  # 0–255, but for the means
        self.network = network
        self.maps = [
            {k: v.numpy()[0].astype(float) for k, v in extractor(preprocess(p)).items()}
            for p in (now, content, style)
        ]

    def full(self, name):
        """The layer itself, or the nearest of the block on a shorter network."""
        full = f"block{name[4]}_conv{name[6]}"
        return full if full in self.maps[0] else f"block{name[4]}_conv1"

    def layer(self, which, name):
        """A map (h, w, C)."""
        return self.maps[which][self.full(name)]

    def strength(self, name, degree):
        """The measured factor from MiniVGG to VGG19."""
        return strength(self.network, self.full(name), degree)

    def ratio(self, name):
        """Channels by those of VGG19, which MiniVGG's weights make up for."""
        block = int(name[4]) - 1
        return MINI_WIDTHS[block] / VGG_WIDTHS[block] if self.network == "mini" else 1.0

    def channels(self, name):
        return self.layer(0, name).shape[-1]

    def positions(self, name):
        return self.layer(0, name)[..., 0].size

    def s(self, name):
        """Σ (G − A)² over unnormalized Grams."""
        flat = [self.layer(i, name).reshape(-1, self.channels(name)) for i in (0, 2)]
        gram, goal = (np.einsum("ki,kj->ij", f, f) for f in flat)
        return ((gram - goal) ** 2).sum() * self.strength(name, 4)

    def family_a(self, name):
        """S / (C⁴N²), as it would be with the channels of VGG19."""
        c, n = self.channels(name), self.positions(name)
        return self.s(name) / (c**4 * n**2) * self.ratio(name) ** 2

    def family_b(self, name):
        """S / (C²N²)."""
        return self.s(name) / (self.channels(name) * self.positions(name)) ** 2

    def family_c(self, name):
        """S / (4·9·(H·W)²), as it would be with the channels of VGG19."""
        return self.s(name) / (4 * 9 * (HEIGHT * WIDTH) ** 2) / self.ratio(name) ** 2

    def d(self, name):
        return self.layer(0, name) - self.layer(1, name)

    def sum_d2(self, name):
        """Σ d², as it would be with the channels of VGG19."""
        return self.mean_d2(name) * self.d(name).size / self.ratio(name)

    def mean_d2(self, name):
        return (self.d(name) ** 2).mean() * self.strength(name, 2)

    def wasserstein(self, name, scale):
        flat = [
            self.layer(i, name).reshape(-1, self.channels(name)) / scale for i in (0, 2)
        ]
        mean, goal = (f.mean(axis=0) for f in flat)
        cov, target = (np.cov(f, rowvar=False, bias=True) for f in flat)
        values, vectors = np.linalg.eigh(target)
        root = vectors * np.sqrt(np.maximum(values, 0)) @ vectors.T
        inner = scipy.linalg.sqrtm(root @ cov @ root + 1e-10 * np.eye(len(cov))).real
        distance = ((mean - goal) ** 2).sum() + np.trace(cov + target - 2 * inner)
        return distance / len(cov) * self.strength(name, 2)

    @property
    def dx(self):
        return self.x[:, 1:] - self.x[:, :-1]

    @property
    def dy(self):
        return self.x[1:] - self.x[:-1]

    def power(self, p):
        """Σ (dx² + dy²)^p where both exist."""
        return ((self.dx[:-1] ** 2 + self.dy[:, :-1] ** 2) ** p).sum()

    def absolute(self):
        return np.abs(self.dx).sum() + np.abs(self.dy).sum()


def gatys(v):
    return sum(1e3 * v.family_a(n) for n in FIRST) + v.mean_d2("conv4_2")


def neural_style(v):
    tv = 1e-3 * 0.5 * ((v.dx**2).sum() + (v.dy**2).sum())
    return sum(100 * v.family_a(n) for n in FIRST) + 5 * v.mean_d2("conv4_2") + tv


def anishathalye(v):
    style = sum(500 * (1 / 5) * v.family_a(n) for n in FIRST)
    tv = 100 * ((v.dy**2).mean() + (v.dx**2).mean())
    return style + 5 * v.mean_d2("conv4_2") + tv


def keras(v):
    style = sum(1e-6 / 5 * v.family_c(n) for n in FIRST)
    return style + 2.5e-8 * v.sum_d2("conv5_2") + 1e-6 * v.power(1.25)


def tf_tutorial(v):
    style = sum(1e-2 / 5 * v.family_b(n) for n in FIRST)
    return style + 1e4 * v.mean_d2("conv5_2") + 30 * v.absolute() / 255


def gordicaleksa(v):
    style = sum(3e4 / 5 * v.family_b(n) for n in FIRST)
    return style + 1e5 * v.mean_d2("conv4_2") + v.absolute()


def crowsonkb(v):
    scale = 255 * 0.225  # PyTorch's network is fed with pixels divided by this
    weights = zip(FIRST, np.array([256, 64, 16, 4, 1]) / 341, strict=True)
    style = sum(w * v.wasserstein(n, scale) for n, w in weights)
    content = 0.015 * v.mean_d2("conv4_2") / scale**2
    tv = 2 * (((v.dx / 255) ** 2).mean() + ((v.dy / 255) ** 2).mean())
    return style + content + tv


def capstone(v):
    return tf_tutorial(v)  # its terms; its own weights are not published


def multi_style(v):
    style = sum(1e3 / 5 * v.family_b(n) / 4 for n in FIRST)
    return style + v.sum_d2("conv4_2")


def five_layer(v):
    return sum(v.mean_d2(n) + 10 * v.family_b(n) for n in FIRST)


def jetson_vgg16(v):
    layers = ["conv1_2", "conv2_2", "conv3_3", "conv4_3", "conv5_3"]
    style = sum(5 / 5 * v.family_c(n) for n in layers)
    return style + 0.025 * v.sum_d2("conv2_2") + 1.0 * v.power(1.25)


def course_assignment(v):
    style = sum(40 * 0.2 * v.family_b(n) / 4 for n in FIRST)
    return style + 10 * v.mean_d2("conv4_2") / 4


def check_total(name, network, extractor, make_picture):
    now, content, style = (make_picture(*SIZE, seed) for seed in (3, 4, 5))
    overrides, _ = settings_for(name, network)
    settings = make_settings(**overrides)
    objective = Objective(extractor, content, [(style, 1.0)], settings)
    found = float(objective.losses(tf.constant(preprocess(now)))[0])
    formula = globals()[name.replace("-", "_")]
    wanted = formula(Seen(network, extractor, now, content, style))
    assert found == pytest.approx(wanted, rel=2e-3 if name == "crowsonkb" else 2e-4)


@each
def test_total_on_the_network_of_the_system(name, narrow, make_picture):
    network = RECIPES[name].overrides["network"]
    pooling = RECIPES[name].overrides.get("pooling", "max")
    border = RECIPES[name].overrides["border"]
    extractor = narrow(network, pooling=pooling, border=border)
    check_total(name, network, extractor, make_picture)


@each
def test_total_on_mini(name, make_picture):
    extractor = load_network("mini", precision="float32")
    check_total(name, "mini", extractor, make_picture)


# --- what is not in the loss


def published(name):
    return make_settings(**settings_for(name, RECIPES[name].overrides["network"])[0])


@pytest.mark.parametrize(
    "name, plan",
    [
        ("gatys", [(512, 683, 500), (800, 1067, 200)]),
        ("neural-style", [(384, 512, 1000)]),
        ("keras", [(400, 533, 4000)]),
        ("tf-tutorial", [(384, 512, 1000)]),
        ("gordicaleksa", [(400, 533, 1000)]),
        (
            "crowsonkb",
            [(96, 128, 1000), (136, 181, 500), (192, 256, 500), (272, 362, 500),
             (384, 512, 500)],
        ),
        ("capstone", [(384, 512, 2000)]),
        ("multi-style", [(384, 512, 1000)]),
        ("five-layer", [(384, 512, 6000)]),
        ("jetson-vgg16", [(384, 512, 200)]),
        ("course-assignment", [(300, 400, 200)]),
    ],
)  # fmt: skip
def test_sizes_and_steps(name, plan):
    settings = published(name)
    assert plan_scales(300, 400, settings) == plan
    assert settings.steps == sum(steps for *_, steps in plan)


@pytest.mark.parametrize(
    "name, facts",
    [
        ("gatys", ("content", "lbfgs", 100, None)),
        ("neural-style", ("noise", "lbfgs", 100, None)),
        ("anishathalye", ("noise", "adam", None, None)),
        ("keras", ("content", "sgd", None, None)),
        ("tf-tutorial", ("content", "adam", None, None)),
        ("gordicaleksa", ("content", "lbfgs", 100, None)),
        ("crowsonkb", ("content", "adam", None, None)),
        ("capstone", ("noise", "lbfgs", 10, 20)),
        ("multi-style", ("content", "adam", None, None)),
        ("five-layer", ("content", "adam", None, None)),
        ("jetson-vgg16", ("noise", "lbfgs", 10, 20)),
        ("course-assignment", ("blend", "adam", None, None)),
    ],
)
def test_start_and_optimizer(name, facts):
    init, optimizer, history, restart_every = facts
    settings = published(name)
    assert (settings.init, settings.optimizer) == (init, optimizer)
    assert history in (None, settings.history)
    assert settings.restart_every == restart_every
    assert settings.border == ("replicate" if name == "crowsonkb" else "zero")
    assert settings.clamp == (name in ("tf-tutorial", "crowsonkb"))
    assert settings.network == ("vgg16" if name == "jetson-vgg16" else "vgg19")


def test_noise():
    assert published("neural-style").noise_sigma == 0.001
    assert published("anishathalye").noise_sigma == 0.256
    rng = np.random.default_rng(0)
    for name, low, high in (("jetson-vgg16", 0, 255), ("course-assignment", -20, 20)):
        spread = rng.uniform(low, high, 100_000).std()
        assert published(name).noise_sigma == pytest.approx(spread, rel=0.01)
    assert published("course-assignment").init_noise == 0.6
    assert published("course-assignment").progress_every == 20


GOAL = np.array([200.0, 30.0, 260.0])  # on 0–255; the last one lies outside
START = np.array([100.0, 100.0, 100.0])
CURVATURE = np.array([1e-4, 5e-3, 2e-3])


def our_path(name, steps):
    """Positions after each step of the recipe's optimizer, in a bowl."""
    settings = published(name)

    def bowl(x):
        d = x - GOAL.astype(np.float32)
        return tf.reduce_sum(CURVATURE * d * d) / 2, CURVATURE.astype(np.float32) * d

    seen = []
    result = descent.minimize(
        bowl,
        tf.constant(START, tf.float32),
        steps + 1,
        settings.make_optimizer(),
        lambda i, x, v: seen.append(x.numpy()),
        bounds=(tf.zeros(3), tf.fill(3, 255.0)) if settings.clamp else None,
        average=settings.average,
        gradient_scale=settings.gradient_scale,
    )
    return np.array(seen[1:]), result.x.numpy()


def adam(steps, unit, rate, beta_1, beta_2, epsilon, clamp, torch):
    """The same bowl, on pixels of 0 to 255 / unit, as the system steps through it."""
    x, m, v, seen = START / unit, 0.0, 0.0, []
    for k in range(1, steps + 1):
        g = CURVATURE * (unit * x - GOAL) * unit
        m, v = beta_1 * m + (1 - beta_1) * g, beta_2 * v + (1 - beta_2) * g * g
        if torch:  # epsilon beside the corrected root
            x = x - rate * (m / (1 - beta_1**k)) / (
                np.sqrt(v / (1 - beta_2**k)) + epsilon
            )
        else:
            corrected = rate * np.sqrt(1 - beta_2**k) / (1 - beta_1**k)
            x = x - corrected * m / (np.sqrt(v) + epsilon)
        if clamp:
            x = np.clip(x, 0, 255 / unit)
        seen.append(unit * x)
    return np.array(seen)


@pytest.mark.parametrize(
    "name, arguments",
    [
        ("anishathalye", (1, 10.0, 0.9, 0.999, 1e-8, False, False)),
        ("tf-tutorial", (255, 0.02, 0.99, 0.999, 0.1, True, False)),
        ("crowsonkb", (255, 0.02, 0.9, 0.99, 1e-8, True, True)),
        ("five-layer", (255, 0.001, 0.9, 0.999, 1e-8, False, True)),
        ("course-assignment", (1, 2.0, 0.9, 0.999, 1e-8, False, False)),
    ],
)
def test_adam_takes_the_steps_of_the_system(name, arguments):
    seen, result = our_path(name, 30)
    wanted = adam(30, *arguments)
    np.testing.assert_allclose(seen, wanted, atol=0.02)
    assert np.abs(wanted - START).max() > 5
    if name == "crowsonkb":
        wanted = adam(31, *arguments)
        average = np.average(wanted, axis=0, weights=0.99 ** np.arange(30, -1, -1))
        np.testing.assert_allclose(result, average, atol=0.02)


def test_keras_takes_the_steps_of_the_system():
    seen, _ = our_path("keras", 250)
    x = START.copy()
    for k, found in enumerate(seen):
        x = x - 100 * 0.96 ** (k / 100) * CURVATURE * (x - GOAL)
        np.testing.assert_allclose(found, x, rtol=1e-3)


def test_nine_point_variation_is_the_five_point_one_where_it_is_smooth():
    # crowsonkb takes thirds of the squares along the axes and twelfths of those along
    # the diagonals, twice.
    row, column = np.mgrid[0:200, 0:240] / 30.0
    x = (np.sin(row + 2 * column) + np.cos(3 * row - column))[..., None]
    straight = np.mean(np.diff(x, axis=0) ** 2) + np.mean(np.diff(x, axis=1) ** 2)
    diagonal = np.mean((x[1:, 1:] - x[:-1, :-1]) ** 2)
    diagonal += np.mean((x[1:, :-1] - x[:-1, 1:]) ** 2)
    assert 2 * (straight / 3 + diagonal / 12) == pytest.approx(straight, rel=0.02)


# --- on other networks


@each
def test_on_its_own_network_it_is_as_published(name):
    recipe = RECIPES[name]
    overrides, notes = settings_for(name, recipe.overrides["network"])
    assert overrides == recipe.overrides and notes == list(recipe.notes)


@each
@pytest.mark.parametrize("network", ["mini", "random", "vgg16", "vgg19"])
def test_on_every_network_the_settings_are_valid(name, network):
    overrides, notes = settings_for(name, network)
    settings = make_settings(**overrides)
    assert settings.network == network
    for kind in ("content_layers", "style_layers"):
        there = getattr(settings, kind)
        assert set(there) <= set(layer_names(network))
        assert [n[5] for n in there] == [n[5] for n in RECIPES[name].overrides[kind]]
    moved = set(RECIPES[name].overrides["content_layers"]) - set(layer_names(network))
    moved |= set(RECIPES[name].overrides["style_layers"]) - set(layer_names(network))
    for layer in moved:
        assert any(f"{network} has no {layer}" in note for note in notes)
    if network != RECIPES[name].overrides["network"]:
        assert any(f"run on {network}" in note for note in notes)


def test_missing_layers_give_way_to_the_nearest_of_the_block():
    overrides, notes = settings_for("keras")
    assert list(overrides["content_layers"]) == ["block5_conv1"]
    assert "mini has no block5_conv2: content from block5_conv1." in notes
    overrides, notes = settings_for("jetson-vgg16")
    assert list(overrides["style_layers"])[2:] == [
        "block3_conv3", "block4_conv3", "block5_conv1",
    ]  # fmt: skip
    assert list(settings_for("jetson-vgg16", "vgg19")[0]["style_layers"])[4] == (
        "block5_conv3"
    )


@pytest.mark.parametrize("convention", sorted(STYLE_POWERS))
def test_fewer_channels_are_made_up_for(convention):
    # Channels of one kind, once as many as in VGG19 and once as in MiniVGG: after the
    # correction, content and style must cost about the same.
    rng = np.random.default_rng(0)

    def maps(channels, loudness):
        return rng.gamma(4.0, loudness / 4.0, (48, 64, channels))

    for block in (0, 1, 2):
        style, content = [], []
        for channels in (VGG_WIDTHS[block], MINI_WIDTHS[block]):
            here, there = maps(channels, 20.0), maps(channels, 30.0)
            ratio = channels / VGG_WIDTHS[block]
            loss = style_loss(here, gram_matrix(there), None, convention, 1000.0)
            style.append(float(loss) * ratio ** STYLE_POWERS[convention])
            loss = content_loss(here, there, convention)
            content.append(float(loss) * ratio ** CONTENT_POWERS[convention])
        assert style[0] == pytest.approx(style[1], rel=0.1)
        assert content[0] == pytest.approx(content[1], rel=0.1)


def test_fewer_channels_are_made_up_for_on_photos(exact_vgg19):
    photos = [exact_vgg19.parents[1] / "eval" / name for name in (
        "content/tubingen.jpg", "style/vangogh_starry_night.jpg",
        "content/flowers.jpg", "style/munch_scream.jpg")]  # fmt: skip
    if not all(photo.is_file() for photo in photos):
        pytest.skip("no photos beside the real VGG19")
    layers = ["block1_conv1", "block2_conv1", "block3_conv1"]
    options = {"layers": layers, "precision": "float32"}
    networks = (
        load_network("vgg19", weights=exact_vgg19, **options),
        load_network("mini", **options),
    )
    tensors = [preprocess(load_image(photo, 160)) for photo in photos]
    ratios = []
    for content, style in (tensors[:2], tensors[2:]):
        found = []
        for network in networks:
            here, there = network(content), network(style)
            for name in layers:
                # A trial MiniVGG may be louder: compare at one mean activation.
                f, a = (maps[name] / np.mean(here[name]) for maps in (here, there))
                ratio = f.shape[-1] / VGG_WIDTHS[int(name[5]) - 1]
                count = a.shape[1] * a.shape[2]
                loss = style_loss(f, gram_matrix(a), count, "johnson")
                found.append(float(loss) * ratio ** STYLE_POWERS["johnson"])
        ratios += list(np.divide(found[3:], found[:3]))
    assert min(ratios) > 0.25 and max(ratios) < 4
    assert 0.5 < np.exp(np.mean(np.log(ratios))) < 2


def test_the_correction_is_told():
    assert any("(channels / VGG's)^2" in note for note in settings_for("gatys")[1])
    assert any("(channels / VGG's)^-2" in note for note in settings_for("keras")[1])
    for name in ("tf-tutorial", "crowsonkb", "five-layer"):
        assert not any("channels" in note for note in settings_for(name)[1])
    assert not any("channels" in note for note in settings_for("gatys", "vgg16")[1])


# --- use


@each
def test_every_recipe_makes_a_picture(name):
    # Keras's learning rate is meant for 400 pixels: at 100 it diverges.
    overrides, _ = settings_for(name, size=200)
    overrides.update(steps=4, steps_per_scale=None, precision="float32")
    content = IMAGES / "content" / "astronaut.jpg"
    style = IMAGES / "style" / "starry_night.jpg"
    result = stylize(content, style, **overrides)
    assert result.stop_reason in ("evaluations used up", "no progress")
    assert max(result.image.shape) == 200 and np.isfinite(result.image).all()
    totals = [losses["total"] for losses in result.history]
    assert np.isfinite(totals).all() and min(totals) < totals[0]


@each
@pytest.mark.parametrize("size", [32, 100, 256, 700, 2000])
def test_every_size(name, size):
    overrides, _ = settings_for(name, size=size)
    plan = plan_scales(300, 400, make_settings(**overrides))
    assert plan[-1][1] == size
    assert overrides["steps"] == sum(steps for *_, steps in plan)
    shares = RECIPES[name].overrides.get("steps_per_scale", (overrides["steps"],))
    assert plan[0][2] == shares[0]


def test_the_published_size_changes_nothing():
    for name, recipe in RECIPES.items():
        if "size" in recipe.overrides:
            size = recipe.overrides["size"]
            assert settings_for(name, size=size)[0] == settings_for(name)[0]


def test_recipes_are_not_used_up():
    before = dataclasses.asdict(RECIPES["keras"])
    overrides, notes = settings_for("keras", "vgg19")
    overrides["style_layers"]["block1_conv1"] = 99.0
    overrides["steps"] = 1
    notes.append("mine")
    assert dataclasses.asdict(RECIPES["keras"]) == before
    assert settings_for("keras", "vgg19")[0] == before["overrides"]


def test_all_twelve_are_there_and_described():
    assert list(RECIPES) == NAMES
    fields = {f.name for f in dataclasses.fields(Settings)}
    for name, recipe in RECIPES.items():
        assert recipe.name == name and set(recipe.overrides) <= fields
        assert recipe.summary.endswith(".") and recipe.source
        notes = settings_for(name)[1]
        assert all(n.endswith(".") and "\n" not in n for n in notes)


def test_unknown_names():
    with pytest.raises(SettingsError, match=r"'gatis': did you mean gatys\?"):
        settings_for("gatis")
    with pytest.raises(SettingsError, match="gatys, neural-style"):
        settings_for("xyzzy")
    with pytest.raises(NetworkError, match="vgg11"):
        settings_for("gatys", "vgg11")


def test_listing_the_recipes_does_not_start_tensorflow():
    code = "import sys, nstlib.recipes; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_bounds_of_clamp_are_those_of_pixels():
    # What the optimizers above were clipped to is what transfer.py clips to.
    low = preprocess(np.zeros((1, 1, 3)))[0, 0, 0]
    np.testing.assert_allclose(low, -BGR_MEANS)
