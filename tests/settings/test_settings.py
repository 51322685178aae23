"""Settings: everything wrong is named at once, and everything right survives JSON."""

import contextlib
import dataclasses
import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from nstlib.descent import LEARNING_RATES
from nstlib.errors import SettingsError, shorten
from nstlib.settings import (
    SCHEMA,
    STYLE_LAYERS,
    Settings,
    make_settings,
    parse_settings,
)

FIELDS = [f.name for f in dataclasses.fields(Settings)]
CHOICES = {name: field.choices for name, field in SCHEMA.items() if field.choices}
RANGES = {
    name: (field.low, field.high)
    for name, field in SCHEMA.items()
    if field.kind in ("integer", "number")
}


def refused(*words, **overrides):
    with pytest.raises(SettingsError) as caught:
        make_settings(**overrides)
    message = str(caught.value)
    assert "\n" not in message and message.endswith((".", "?"))
    for word in words:
        assert str(word) in message, f"{word!r} is missing in {message!r}"
    return message


# --- what is right


def test_defaults():
    settings = Settings()
    assert settings.style_layers == dict.fromkeys(STYLE_LAYERS, 0.2)
    assert settings.content_layers == {"block4_conv2": 1.0}
    assert make_settings() == settings == make_settings(settings) == Settings()
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.size = 3


@pytest.mark.parametrize(
    "layers, wanted",
    [
        ("conv4_2", {"block4_conv2": 1.0}),
        (["conv1_1", "relu2_1"], {"block1_conv1": 0.5, "block2_conv1": 0.5}),
        (("block1_conv1",), {"block1_conv1": 1.0}),
        ({"conv1_1": 256, "relu5_1": 1}, {"block1_conv1": 256.0, "block5_conv1": 1.0}),
        (["conv1_1", "block1_conv1"], {"block1_conv1": 1.0}),
        ((name for name in ["conv1_1"]), {"block1_conv1": 1.0}),
    ],
)
def test_layers_take_many_forms(layers, wanted):
    assert make_settings(style_layers=layers).style_layers == wanted


def test_overrides_replace_only_what_they_name():
    base = make_settings(steps=10, style_layers={"conv1_1": 3})
    changed = make_settings(base, size=300)
    assert (changed.size, changed.steps) == (300, 10)
    assert changed.style_layers == {"block1_conv1": 3.0} and base.size == 512


@pytest.mark.parametrize("name", sorted(CHOICES))
def test_every_choice_is_accepted(name):
    other = {"method": "wct"} if name == "wct_map" else {}
    for value in CHOICES[name]:
        assert getattr(make_settings(**other, **{name: value}), name) == value


@pytest.mark.parametrize("name", sorted(RANGES))
def test_every_range_includes_its_ends(name):
    other = {
        "average": {"optimizer": "adam"},
        "alpha": {"method": "adain"},
        "refine": {"method": "adain"},
        "levels": {"method": "wct"},
        "keep_edges": {"method": "wct"},
        "spread": {"method": "neighbors"},
        "grain": {"method": "feedforward"},
    }.get(name, {})
    for value in RANGES[name]:
        if math.isfinite(value):
            made = make_settings(**other, **{name: value})
            assert getattr(made, name) == value


def test_average_is_not_for_lbfgs():
    refused("average is for optimizers that swing", average=0.9)


def test_deeper_networks_have_deeper_layers():
    make_settings(network="vgg19", content_layers="conv5_4")
    make_settings(network="vgg16", content_layers="conv5_3")
    refused("vgg16 has no block5_conv4", network="vgg16", content_layers="conv5_4")
    refused("mini has no block5_conv2", "block5_conv1", content_layers="conv5_2")


def test_path_and_list_become_what_json_can_hold():
    settings = make_settings(weights=Path("a") / "b.npz", steps_per_scale=[3, 4])
    assert settings.weights == str(Path("a") / "b.npz")
    assert settings.steps_per_scale == (3, 4)


# --- what is wrong


def test_all_problems_are_named_at_once():
    message = refused(
        "size",
        "steps",
        "network",
        "tv_weight",
        "style_layers",
        "seed",
        "clamp",
        "'stepz', did you mean steps?",
        size=5,
        steps=0,
        network="vgg11",
        tv_weight=-1,
        style_layers=[],
        seed=1.5,
        clamp=True,
        stepz=3,
    )
    assert message.count(";") == 7
    assert message.startswith("there is no setting 'stepz', did you mean steps?; ")


def test_the_list_of_names_may_stand_in_the_middle():
    message = refused("'xyzzy', choose from size, steps", xyzzy=1, size=5)
    assert (
        "progress_every; size must be a whole number from 16 to 16384, not 5" in message
    )


@pytest.mark.parametrize(
    "wrong, right",
    [
        ("style_wieght", "style_weight"),
        ("tvweight", "tv_weight"),
        ("optimi" + "ser", "optimizer"),
        ("colo" + "urs", "colors"),
        ("step", "steps"),
    ],
)
def test_misspelled_names_get_a_suggestion(wrong, right):
    refused(f"no setting '{wrong}', did you mean {right}?", **{wrong: 1})


def test_unknown_names_get_the_list():
    refused("no setting 'xyzzy'", *FIELDS, xyzzy=1)
    refused("no setting 'problems'", problems=["mine"])
    refused("no setting 'base'", base=3)


@pytest.mark.parametrize("name", sorted(RANGES))
def test_out_of_range_is_named_with_the_range(name):
    low, high = RANGES[name]
    wrong = [
        low - 1,
        float("nan"),
        float("inf"),
        -float("inf"),
        "1",
        [1],
        True,
        10**400,
    ]
    wrong += [high * 2 + 1] if math.isfinite(high) else []
    optional = "None" in str(Settings.__dataclass_fields__[name].type)
    wrong += [] if optional else [None]
    or_none = " or None" if optional else ""
    if str(Settings.__dataclass_fields__[name].type).startswith("int"):
        wrong.append(low + 0.5)
    for value in wrong:
        refused(
            f"{name} must be a ",
            f"from {low} to {high:.12g}{or_none}, not {shorten(repr(value))}",
            **{name: value},
        )


@pytest.mark.parametrize("name", sorted(CHOICES))
def test_unknown_choices_are_named_with_the_choices(name):
    refused(
        f"{name} must be one of", *CHOICES[name], "'nonsense'", **{name: "nonsense"}
    )
    for value in (None, 3, ["a"], np.arange(3), object):
        refused(name, **{name: value})


def test_an_optimizer_is_no_network():
    from keras import optimizers

    adam = optimizers.Adam(1.0)
    assert make_settings(optimizer=adam).optimizer is adam
    refused("network must be one of", network=adam)
    refused("optimizer", optimizer=optimizers.Adam)  # the class, not one of it


@pytest.mark.parametrize(
    "layers",
    [
        [], {}, None, 3, 2.5, [1, 2], ["conv9_9"], ["nonsense"], {"conv1_1": -1},
        {"conv1_1": float("nan")}, {"conv1_1": float("inf")}, {"conv1_1": "much"},
        {"conv1_1": None}, {3: 1}, {"conv1_1": 10**400}, np.zeros(3), b"conv1_1", "",
        [["conv1_1"]], "conv1", "conv1_1_1",
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["style_layers", "content_layers"])
def test_layers_that_make_no_sense(name, layers):
    refused(name, **{name: layers})


@pytest.mark.parametrize(
    "overrides, word",
    [
        ({"steps_per_scale": (1, 0)}, "steps_per_scale"),
        ({"steps_per_scale": (1, 2.5)}, "whole numbers from 1 to 1000000 or None"),
        ({"steps_per_scale": ()}, "steps_per_scale"),
        ({"steps_per_scale": 5}, "steps_per_scale"),
        ({"steps_per_scale": "80,60"}, "steps_per_scale"),
        ({"steps_per_scale": (True,)}, "steps_per_scale"),
        ({"restart_every": 0}, "restart_every"),
        ({"restart_every": 2.0}, "restart_every"),
        ({"progress_every": -1}, "progress_every"),
        ({"progress_every": None}, "progress_every"),
        ({"clamp": True}, "lbfgs"),
        ({"clamp": "yes", "optimizer": "adam"}, "clamp must be True or False"),
        ({"coarse_to_fine": 1}, "coarse_to_fine must be True or False"),
        ({"content_weight": 0, "style_weight": 0.0}, "both 0"),
        ({"weights": 5}, "weights"),
        ({"weights": b"file"}, "weights"),
    ],
)
def test_clashes(overrides, word):
    refused(word, **overrides)


def test_what_clashes_only_with_something_else():
    make_settings(clamp=True, optimizer="adam")
    make_settings(content_weight=0)
    make_settings(style_weight=0)


GARBAGE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.binary(max_size=4),
    st.lists(st.integers() | st.text(max_size=4), max_size=3),
    st.dictionaries(st.text(max_size=4), st.floats() | st.none(), max_size=2),
    st.tuples(st.integers(), st.integers()),
    st.sampled_from([object(), object, np.zeros(3), 10**400, 1 + 2j, {1}]),
    st.sampled_from([value for values in CHOICES.values() for value in values]),
    st.sampled_from(["conv1_1", ["conv4_2"], {"conv5_1": 2}]),
)


@hypothesis_settings(
    max_examples=400, deadline=None, suppress_health_check=list(HealthCheck)
)
@given(
    st.dictionaries(
        st.sampled_from(FIELDS) | st.text(min_size=1, max_size=8),
        GARBAGE,
        max_size=4,
    )
)
def test_garbage_raises_nothing_but_settings_errors(overrides):
    try:
        settings = make_settings(**overrides)
    except SettingsError as error:
        # At least one name of what was given is in the message.
        assert any(n in str(error) or repr(n) in str(error) for n in overrides)
    else:
        assert Settings.from_json(settings.to_json()) == settings


# --- JSON


def test_json_round_trip():
    settings = make_settings(
        size=300,
        network="vgg19",
        style_layers={"conv1_1": 256, "conv5_4": 1e-9},
        steps_per_scale=(3, 4),
        learning_rate=None,
        seed=2**32 - 1,
        weights="weights/é.npz",
        clamp=True,
        optimizer="adam",
    )
    text = settings.to_json()
    assert "\n" not in text and json.loads(text)["size"] == 300
    assert Settings.from_json(text) == settings
    assert Settings.from_json(Settings().to_json()) == Settings()


def test_json_round_trip_of_a_keras_optimizer():
    from keras import optimizers

    schedule = optimizers.schedules.ExponentialDecay(7.0, 50, 0.5)
    settings = make_settings(optimizer=optimizers.Nadam(schedule, beta_1=0.7))
    again = Settings.from_json(settings.to_json())
    assert type(again.optimizer) is optimizers.Nadam
    assert again.optimizer.get_config() == settings.optimizer.get_config()
    assert dataclasses.replace(again, optimizer="lbfgs") == Settings()


@pytest.mark.parametrize("text", ["", "{", "3", "[1]", '"size"', "null"])
def test_json_of_something_else(text):
    with pytest.raises(SettingsError, match="to_json"):
        Settings.from_json(text)


def test_json_with_a_setting_of_another_version():
    with pytest.raises(SettingsError, match=r"no setting 'sizes', did you mean size?"):
        Settings.from_json('{"sizes": 300}')


# --- the command line


@pytest.mark.parametrize(
    "text, name, value",
    [
        ("tv_weight=3", "tv_weight", 3),
        (" tv_weight = 0.5 ", "tv_weight", 0.5),
        ("style_weight=1e3", "style_weight", 1000.0),
        ("clamp=true", "clamp", True),
        ("coarse_to_fine=False", "coarse_to_fine", False),
        ("learning_rate=none", "learning_rate", None),
        ("learning_rate=2", "learning_rate", 2),
        ("steps_per_scale=80,60", "steps_per_scale", (80, 60)),
        ("steps_per_scale=80", "steps_per_scale", (80,)),
        ("steps_per_scale=none", "steps_per_scale", None),
        ("network=vgg19", "network", "vgg19"),
        ("weights=a=b.npz", "weights", "a=b.npz"),
        ("weights=123", "weights", "123"),
        ("weights=none", "weights", None),
        ("style_layers=conv1_1,conv2_1", "style_layers", ["conv1_1", "conv2_1"]),
        ("style_layers=conv1_1, conv2_1", "style_layers", ["conv1_1", "conv2_1"]),
        (
            "style_layers=conv1_1:2, conv2_1:1",
            "style_layers",
            {"conv1_1": 2, "conv2_1": 1},
        ),
        ("content_layers=conv1_1", "content_layers", ["conv1_1"]),
        (
            "style_layers=conv1_1:256,conv2_1:0.5",
            "style_layers",
            {"conv1_1": 256, "conv2_1": 0.5},
        ),
    ],
)
def test_parse(text, name, value):
    assert parse_settings([text]) == {name: value}
    assert type(parse_settings([text])[name]) is type(value)
    if name not in ("style_layers", "content_layers"):
        settings = make_settings(optimizer="adam", **parse_settings([text]))
        assert getattr(settings, name) == value


def test_parse_several_and_the_last_one_wins():
    assert parse_settings(iter(["size=3", "steps=4", "size=5"])) == {
        "size": 5,
        "steps": 4,
    }
    assert parse_settings([]) == {}


def test_parse_names_every_text_without_an_equals_sign():
    with pytest.raises(SettingsError, match="size, steps as key=value"):
        parse_settings(["size", "seed=3", "steps"])


@pytest.mark.parametrize(
    "text",
    ["size=large", "size=", "=3", "clamp=maybe", "style_layers=", "size=1.5",
     "style_layers=conv1_1:much", "style_layers=conv1_1:2,conv2_1",
     "steps_per_scale=a,b", "tv_weight=nan"],
)  # fmt: skip
def test_parsed_nonsense_is_refused_by_the_settings(text):
    refused(**parse_settings([text]))


TEXTS = st.builds("{}={}".format, st.sampled_from(FIELDS), st.text(max_size=8))


@hypothesis_settings(max_examples=200, deadline=None)
@given(st.lists(st.text(max_size=12) | TEXTS, max_size=3))
def test_any_command_line_raises_nothing_but_settings_errors(texts):
    with contextlib.suppress(SettingsError):
        make_settings(**parse_settings(texts))


# --- optimizers


def test_optimizers_get_what_was_set():
    adam = make_settings(
        optimizer="adam", learning_rate=3, beta_1=0.5, beta_2=0.6, epsilon=0.1
    ).make_optimizer()
    config = adam.get_config()
    assert config["learning_rate"] == pytest.approx(3)
    assert [config[k] for k in ("beta_1", "beta_2", "epsilon")] == [0.5, 0.6, 0.1]
    prop = make_settings(optimizer="rmsprop", beta_2=0.6).make_optimizer().get_config()
    assert prop["rho"] == 0.6
    for name, rate in LEARNING_RATES.items():
        optimizer = make_settings(optimizer=name).make_optimizer()
        assert type(optimizer).__name__.lower() == name
        assert float(optimizer.learning_rate) == pytest.approx(rate)


def test_decay_is_per_hundred_steps():
    optimizer = make_settings(
        optimizer="sgd", learning_rate=100, decay=0.96
    ).make_optimizer()
    rates = optimizer._learning_rate  # the schedule itself
    for step in (0, 50, 100, 250):
        assert float(rates(step)) == pytest.approx(100 * 0.96 ** (step / 100), rel=1e-5)


def test_a_handed_over_optimizer_is_never_used_up():
    from keras import optimizers

    mine = optimizers.Adam(3.0, beta_1=0.5)
    settings = make_settings(optimizer=mine)
    fresh = settings.make_optimizer()
    assert fresh is not mine and fresh.get_config() == mine.get_config()


def test_numpy_numbers_are_numbers():
    settings = make_settings(
        size=np.int64(300), tv_weight=np.float32(1.5), clamp=np.bool_(False)
    )
    assert settings == make_settings(size=300, tv_weight=1.5)
    assert type(settings.size) is int and type(settings.tv_weight) is float
    assert make_settings(**json.loads(settings.to_json())) == settings
    with pytest.raises(SettingsError, match="size must be a whole number"):
        make_settings(size=np.float64(300.5))
