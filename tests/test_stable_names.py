"""What others build on stays: names, what they take, and what can be typed.

What may be added: a name, an option, an argument at the end that may be left out.
"""

import ast
import contextlib
import dataclasses
import inspect
import io
import pkgutil
import re

import pytest
from lesson_files import LESSONS, cells, defined

import nstlib
from nstlib.cli.main import main

EMPTY = inspect.Parameter.empty

# What users call by these names; after it, what the cells of the lessons define.
FUNCTIONS = {
    "nstlib.load_image": "(source, max_side=None)",
    "nstlib.save_image": "(picture, path, metadata=None, alpha=None)",
    "nstlib.preprocess": "(picture)",
    "nstlib.deprocess": "(tensor)",
    "nstlib.load_network": (
        "(name='mini', layers=None, pooling='max', precision='auto', weights=None, "
        "border='zero')"
    ),
    "nstlib.gram_matrix": "(features)",
    "nstlib.content_loss": "(features, target, convention='relative')",
    "nstlib.style_loss": (
        "(features, target_gram, target_positions=None, convention='relative', "
        "image_pixels=None)"
    ),
    "nstlib.total_variation_loss": "(tensor, exponent=2.0, reduction='mean')",
    "nstlib.stylize": (
        "(content, style, settings=None, *, start=None, callback=None, "
        "checkpoint=None, resume=False, **overrides)"
    ),
    "nstlib.Stylizer": "(settings=None, **overrides)",
    "nstlib.Stylizer.__call__": (
        "(self, content, style, *, start=None, callback=None, checkpoint=None, "
        "resume=False, **overrides)"
    ),
    "nstlib.Result.save": "(self, path, alpha=None, sources=None)",
    "nstlib.Result.report": "(self)",
    "nstlib.vary": (
        "(content, style, changes, settings=None, *, callback=None, **overrides)"
    ),
    "nstlib.interpolate_styles": (
        "(content, first, second, shares=(0.0, 0.25, 0.5, 0.75, 1.0), settings=None, "
        "*, warm=True, callback=None, **overrides)"
    ),
    "nstlib.report": "(picture, content, style)",
    "nstlib.save_gif": "(pictures, path, seconds=0.2, back_and_forth=False)",
    "nstlib.paint": "(name, height=768, width=768, seed=0, **options)",
    "nstlib.images.resize": "(picture, height, width)",
    "nstlib.lbfgs.minimize": (
        "(value_and_gradient, x0, steps, history=10, callback=None)"
    ),
}
DEFINED = {
    "nstlib.preprocessing.preprocess": "(picture)",
    "nstlib.preprocessing.deprocess": "(tensor)",
    "nstlib.vgg.layer_names": "(network='vgg19')",
    "nstlib.vgg.receptive_field": "(layer, network='vgg19')",
    "nstlib.losses.content_loss": "(features, target, convention='relative')",
    "nstlib.losses.gram_matrix": "(features)",
    "nstlib.losses.positions": "(features)",
    "nstlib.losses.gram_distance": (
        "(here, goal, convention='relative', count=None, image_pixels=None)"
    ),
    "nstlib.losses.style_loss": (
        "(features, target_gram, target_positions=None, convention='relative', "
        "image_pixels=None)"
    ),
    "nstlib.losses.total_variation_loss": "(tensor, exponent=2.0, reduction='mean')",
    "nstlib.lbfgs.CurvaturePair": "(step, change, rho)",
    "nstlib.lbfgs.dot": "(a, b)",
    "nstlib.lbfgs.two_loop_recursion": "(gradient, history, dot=dot)",
    "nstlib.line_search._low_enough": "(trial, start, c1, slack)",
    "nstlib.line_search._bracket": "(near, far, trial, low)",
    "nstlib.line_search._next_step": "(near, far)",
    "nstlib.line_search.strong_wolfe": (
        "(phi, start, step=1.0, c1=0.0001, c2=0.9, noise=0.0)"
    ),
    "nstlib.color.rgb_to_yiq": "(picture)",
    "nstlib.color.yiq_to_rgb": "(yiq)",
    "nstlib.color.match_covariance": "(source, reference)",
    "nstlib.statistics.feature_sums": "(features, weights=None)",
    "nstlib.masks.style_shares": "(weights, areas, covered)",
    "nstlib.large.tiles.reach": "(layers, network)",
    "nstlib.large.tiles.spans": "(length, tile, halo, step=16)",
    "nstlib.decoders.decode": "(parameters, features, level, dtype='float32')",
    "nstlib.universal.adain": "(content, style)",
    "nstlib.universal._power": "(rows, exponent)",
    "nstlib.universal.whitening_coloring": "(content, style)",
    "nstlib.feedforward.instance_norm": "(maps, scale, offset)",
    "nstlib.film.flow.warp": "(picture, flow)",
    "nstlib.film.flow.visible": "(forward, backward)",
    "nstlib.film.temporal.warping_error": "(here, there, flow, mask)",
    "nstlib.film.temporal.temporal_loss": "(picture, warped, mask)",
    "nstlib.worker.unchecked.check_header": "(data, pixels)",
    "nstlib.worker.unchecked.jpeg": "(picture, quality)",
    "nstlib.studio.rules.title_of": "(filename)",
    "nstlib.studio.rules.same_origin": "(headers, host)",
    "nstlib.studio.rules.check_room": "(owners, owner, each, total)",
}
# Given by name, never by position: their order may change.
SETTINGS = (
    "(size=512, steps=180, quality='normal', method='optimize', alpha=1.0, "
    "refine=0, levels=4, spread=0.5, wct_map='transport', keep_edges=1.0, "
    "network='mini', weights=None, pooling='max', "
    "precision='auto', border='replicate', tile=None, "
    "content_layers=('block4_conv2',), content_weight=1.0, "
    "content_convention='relative', style_layers=('block1_conv1', 'block2_conv1', "
    "'block3_conv1', 'block4_conv1', 'block5_conv1'), style_weight=300.0, "
    "style_convention='relative', style_statistic='gram', style_scale=1.0, "
    "tv_weight=1.5, tv_exponent=2.0, tv_reduction='mean', margin=16, init='matched', "
    "init_noise=0.6, noise_sigma=40.0, seed=0, optimizer='lbfgs', history=10, "
    "restart_every=None, learning_rate=None, decay=1.0, gradient_scale=None, "
    "beta_1=0.9, beta_2=0.999, epsilon=1e-07, average=0.0, clamp=False, "
    "coarse_to_fine=True, smallest=128, scale_step=2.0, last_share=1.0, "
    "steps_per_scale=None, "
    "colors='style', progress_every=0)"
)
RESULT = {
    *("image", "history", "losses", "evaluations", "seconds", "stop_reason"),
    *("settings", "resumed"),
}
NAMES = [
    "nstlib.CheckpointError",
    "nstlib.FeatureExtractor",
    "nstlib.ImageError",
    "nstlib.NetworkError",
    "nstlib.NstError",
    "nstlib.Result",
    "nstlib.Settings",
    "nstlib.SettingsError",
    "nstlib.check",
    "nstlib.check.exercises",
    "nstlib.images",
    "nstlib.recipes",
    "nstlib.recipes.RECIPES",
    "nstlib.settings",
    "nstlib.settings.Settings",
    "nstlib.vgg.FeatureExtractor",
]
COMMANDS = {
    "stylize": """CONTENT STYLE --mask -o --out --size --steps --network --recipe
        --method --alpha --seed --checkpoint --resume --progress-every --set --report
        --json --quiet --quality --quick --best""",
    "estimate": """PHOTO STYLE --size --steps --network --set --json --method --quality
        --quick --best""",
    "train": "STYLE --photos --minutes -o --out --side --resume --set --json --quiet",
    "reproduce": "PICTURE -o --out --content --style --mask --fetch --json --quiet",
    "studio": """--host --port --token --no-browser --folder --largest --minutes
        --disk""",
    "video": """FILM STYLE -o --out --from --to --fps --size --background --smooth
        --temporal-weight --frame-steps --reach --passes --method --set --json
        --quiet --mask --mask-color --dask""",
    "webcam": "STYLE --device -o --out --size --port --no-browser",
    "gallery": """PHOTOS STYLES --plan --vary --size --method --quality --quick --best
        --seed --set -o --out --format --workers --dask --retry --add --no-previews
        --dry-run --json --quiet""",
    "course": "FOLDER --diff --fresh --build --read",
    "paint": "NAME --size --width --height --seed --palette --set -o --out",
    "settings": "NAME --method --json --markdown",
    "lab": "NOTEBOOK",
    "lesson": "LESSON -p -o --out",
    "slides": "LESSON -o --out",
    "refresh": "LESSON",
    "doctor": "--json",
}


# --- what may change


class _Named:
    """A default that is a function: its name is what is compared."""

    def __init__(self, function):
        self.name = function.__name__

    def __repr__(self):
        return self.name


def written(function):
    """A signature without annotations, as it stands in the lists above."""
    signature = inspect.signature(function)
    bare = [
        p.replace(
            annotation=EMPTY,
            default=_Named(p.default) if inspect.isroutine(p.default) else p.default,
        )
        for p in signature.parameters.values()
        if "factory" not in repr(p.default)
    ]
    return str(signature.replace(parameters=bare, return_annotation=EMPTY))


def parsed(text):
    """Arguments by position and those by name, each as (name, default as text)."""
    args = ast.parse(f"def f{text}: pass").body[0].args
    unparse = lambda node: node and ast.unparse(node)  # noqa: E731
    places = [*args.posonlyargs, *args.args]
    defaults = [None] * (len(places) - len(args.defaults)) + args.defaults
    ordered = [(a.arg, unparse(d)) for a, d in zip(places, defaults, strict=True)]
    named = [
        (a.arg, unparse(d)) for a, d in zip(args.kwonlyargs, args.kw_defaults, strict=1)
    ]
    more = [f"*{args.vararg.arg}"] if args.vararg else []
    more += [f"**{args.kwarg.arg}"] if args.kwarg else []
    return ordered, named, more, len(args.posonlyargs)


def breaks(before, now):
    """What no longer works in a call that worked before; empty if all does."""
    (ordered, named, more, bare), (ordered_now, named_now, more_now, bare_now) = (
        parsed(before),
        parsed(now),
    )
    found = [
        f"{old} has become {new}"
        for old, new in zip(ordered, ordered_now, strict=False)
        if old != new
    ]
    found += [f"{old} is gone" for old in ordered[len(ordered_now) :]]
    found += [f"{old} is gone or another" for old in named if old not in named_now]
    found += [f"{name} is gone" for name in more if name not in more_now]
    new = [*ordered_now[len(ordered) :], *(n for n in named_now if n not in named)]
    found += [f"{name} must be given" for name, default in new if default is None]
    if bare_now > bare:
        found += ["what had a name has none"]
    return found


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        ("(a, b=1)", "(a, b=1)", []),
        ("(a, b=1)", "(a, b=1, c=2, *, d=3, **e)", []),
        ("(a, *, b=1)", "(a, c=2, *, d=3, b=1)", []),
        ("(a, b=1)", "(a)", ["('b', '1') is gone"]),
        ("(a, b)", "(b, a)", ["('a', None) has become", "('b', None) has become"]),
        ("(a, b=1)", "(a, c=2, b=1)", ["has become ('c', '2')"]),
        ("(a, b=1)", "(a, b=2)", ["('b', '1') has become ('b', '2')"]),
        ("(a, b=1)", "(a, *, b=1)", ["('b', '1') is gone"]),
        ("(a)", "(a, b)", ["b must be given"]),
        ("(a)", "(a, *, b)", ["b must be given"]),
        ("(a, *, b=1)", "(a, *, c=1)", ["('b', '1') is gone or another"]),
        ("(a, **more)", "(a)", ["**more is gone"]),
        ("(a)", "(a, /)", ["what had a name has none"]),
        ("(a, f=dot)", "(a, f=other)", ["('f', 'dot') has become ('f', 'other')"]),
    ],
)
def test_what_breaks(before, now, words):
    found = breaks(before, now)
    assert len(found) == len(words)
    for text, word in zip(found, words, strict=True):
        assert word in text


# --- what stands today


def get(name):
    """What a dotted name stands for."""
    return pkgutil.resolve_name(name)


@pytest.mark.parametrize(
    ("name", "before"), [*FUNCTIONS.items(), *DEFINED.items()], ids=str
)
def test_functions_take_what_they_took(name, before):
    assert breaks(before, written(get(name))) == []


def test_settings_are_called_as_they_were():
    (before, *_), (now, *_) = parsed(SETTINGS), parsed(written(nstlib.Settings))
    assert dict(before).items() <= dict(now).items()
    assert all(default is not None for _, default in now)


@pytest.mark.parametrize("name", NAMES)
def test_names_that_can_be_had(name):
    assert get(name) is not None


def test_doors_lead_to_the_same_room():
    from nstlib import check
    from nstlib.images import load_image
    from nstlib.settings import Settings

    assert check is nstlib.check and check.exercises()
    assert Settings is nstlib.Settings and load_image is nstlib.load_image


def test_a_result_has_its_parts():
    fields = {field.name for field in dataclasses.fields(nstlib.Result)}
    assert fields >= RESULT


def test_the_lessons_define_what_is_listed():
    found = [name for path in LESSONS for c in cells(path) for name in defined(c)]
    assert len(DEFINED) == 38 and set(DEFINED) <= set(found)
    assert set(found) <= set(DEFINED), "list what a lesson defines anew"


# --- the command line


def printed(monkeypatch, *args):
    monkeypatch.setenv("COLUMNS", "400")
    stream = io.StringIO()
    with contextlib.redirect_stdout(stream):
        assert main([*args, "--help"]) == 0
    return stream.getvalue()


def typed(text):
    """The arguments and options of a help text, which each begin a line."""
    heads = re.findall(r"^  (\S.*?)(?:  |$)", text, re.MULTILINE)
    return {
        re.split(r"[ =]", part)[0] for head in heads for part in head.split(", ")
    } | set(re.findall(r"^  ([A-Z]+)\b", text, re.MULTILINE))


@pytest.mark.parametrize("name", COMMANDS)
def test_what_can_be_typed(monkeypatch, name):
    before = set(COMMANDS[name].split()) | {"-h", "--help"}
    assert before <= typed(printed(monkeypatch, name))


def test_commands(monkeypatch):
    assert set(COMMANDS) | {"--version"} <= typed(printed(monkeypatch))


def test_an_option_that_is_only_spoken_of_does_not_count():
    text = "usage: x [--a]\n\noptions:\n  -b N, --bc N  not --d\n  --e {x,y}\n     f\n"
    assert typed(text) == {"-b", "--bc", "--e"}
