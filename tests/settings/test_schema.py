"""The schema: each setting says everything about itself once, and all of it is used."""

import dataclasses
import json
import re
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nstlib.errors import SettingsError
from nstlib.settings import SCHEMA, Settings, make_settings, parse_settings
from nstlib.settings.schema import (
    GROUPS,
    KINDS,
    LARGEST,
    LEVELS,
    schema_of,
    sections,
    setting,
)

METHODS = SCHEMA["method"].choices
EVERY = pytest.mark.parametrize("field", SCHEMA.values(), ids=lambda f: f.name)


# --- what each setting says


def test_the_schema_has_every_field_of_the_settings_in_their_order():
    assert list(SCHEMA) == [item.name for item in dataclasses.fields(Settings)]
    for item in dataclasses.fields(Settings):
        assert SCHEMA[item.name].default == item.default


@EVERY
def test_every_field_says_what_people_ask(field):
    assert re.fullmatch(r"[A-Z0-9].+\.", field.meaning) and "\n" not in field.meaning
    assert len(field.meaning) <= 250
    assert field.group in GROUPS and field.level in LEVELS
    assert field.methods and set(field.methods) <= set(METHODS)
    assert list(field.methods) == [m for m in METHODS if m in field.methods]
    assert field.kind in {*KINDS.values(), "choice", "layers"}
    # None is either no value, or it means something.
    assert field.optional == bool(field.none) and (
        field.optional or field.default is not None
    )


@EVERY
def test_numbers_have_a_range_and_words_have_choices(field):
    numeric = field.kind in ("integer", "number", "integers")
    assert numeric == (field.low is not None) == (field.high is not None)
    assert (field.kind == "choice") == bool(field.choices)
    assert field.unit == "" or numeric
    if field.kind in ("integer", "number") and field.default is not None:
        assert field.low <= field.default <= field.high
    if field.choices:
        assert field.default in field.choices


def test_beginners_get_a_short_list_first():
    found = sections(SCHEMA.values())
    first, *rest = found.items()
    assert first[0] == "For everyone" and 8 <= len(first[1]) <= 15
    assert {heading for heading, _ in rest} <= set(GROUPS.values())
    shown = [field.name for part in found.values() for field in part]
    assert sorted(shown) == sorted(SCHEMA)


@EVERY
def test_the_example_is_another_value_that_is_accepted(field):
    overrides = parse_settings(field.pairs)
    method = {} if "optimize" in field.methods else {"method": field.methods[0]}
    made = make_settings(**{**method, **overrides})
    assert field.name in overrides
    assert getattr(made, field.name) != getattr(Settings(), field.name)


# --- what follows from it: who uses what


@pytest.mark.parametrize("method", METHODS)
@EVERY
def test_a_method_takes_its_own_settings_and_refuses_the_others(method, field):
    if field.name == "method":
        return
    overrides = {"method": method}
    example = parse_settings(field.pairs)
    overrides[field.name] = example[field.name]
    if method == "optimize":
        overrides |= example  # an optimizer that goes with it
    if method in field.methods:
        made = make_settings(**overrides)
        assert getattr(made, field.name) != getattr(Settings(), field.name)
    else:
        text = rf"method {method} has no use for .*\b{field.name}\b.*: leave that out"
        with pytest.raises(SettingsError, match=text):
            make_settings(**overrides)


@pytest.mark.parametrize(
    "typed",
    ["tv_exponent=2", "style_weight=300.0", "steps=180", "clamp=false", "tile=none",
     "content_layers=conv4_2", "content_layers=conv4_2:1"],
)  # fmt: skip
def test_a_default_that_is_typed_changes_nothing(typed):
    made = make_settings(method="adain", **parse_settings([typed]))
    assert made == make_settings(method="adain")


@pytest.mark.parametrize("typed", ["clamp=0", "content_layers=conv9"])
def test_what_is_wrong_is_no_default(typed):
    with pytest.raises(SettingsError, match="no use for"):
        make_settings(method="adain", **parse_settings([typed]))


@pytest.mark.parametrize(
    "method, only",
    [
        ("adain", {"alpha", "refine", "style_scale"}),
        ("wct", {"alpha", "refine", "levels", "wct_map", "keep_edges", "style_scale"}),
        ("swap", {"alpha", "refine", "style_scale"}),
        ("neighbors", {"alpha", "refine", "spread", "style_scale"}),
        ("feedforward", {"refine", "grain", "seed"}),
    ],
)
def test_what_the_methods_of_one_pass_use(method, only):
    everywhere = {"size", "method", "precision", "colors", "progress_every"}
    used = {field.name for field in SCHEMA.values() if method in field.methods}
    assert used == everywhere | only


def test_optimizing_uses_all_but_what_is_for_one_pass():
    idle = {f.name for f in SCHEMA.values() if "optimize" not in f.methods}
    only = {"alpha", "refine", "levels", "spread", "wct_map", "keep_edges", "grain"}
    assert idle == only


# --- typing


@EVERY
def test_a_default_can_be_typed(field):
    pair = f"{field.name}={field.typed(field.default)}"
    typed = parse_settings([pair])[field.name]
    if field.kind == "layers":
        assert typed == list(field.default)
    else:
        assert typed == field.default
    assert make_settings(**{field.name: typed}) == Settings()


def values_of(field):
    strategies = {
        "integer": lambda: st.integers(field.low, field.high),
        "number": lambda: st.floats(field.low, field.high),
        "integers": lambda: st.lists(
            st.integers(field.low, field.high), min_size=1, max_size=5
        ).map(tuple),
        "boolean": st.booleans,
        "choice": lambda: st.sampled_from(field.choices),
        "text": lambda: st.from_regex(r"[a-z]{5,9}\.npz", fullmatch=True),
        "layers": lambda: st.dictionaries(
            st.sampled_from(["block1_conv1", "block4_conv2", "block5_conv1"]),
            st.integers(1, 1000),
            min_size=1,
        ),
    }
    found = strategies[field.kind]()
    return found | st.none() if field.optional else found


@given(st.sampled_from(list(SCHEMA.values())).flatmap(
    lambda field: st.tuples(st.just(field), values_of(field))
))  # fmt: skip
def test_whatever_is_spelled_can_be_read(case):
    field, value = case
    typed = parse_settings([f"{field.name}={field.typed(value)}"])[field.name]
    if isinstance(value, float):
        assert typed == pytest.approx(value, rel=1e-11)
    else:
        assert typed == value


# --- a schema of another class


@dataclass
class Frame:
    width: int = setting(8, "How wide it is.", group="edges", unit="pixels", low=1)
    bevel: float | None = setting(
        None, "How round.", group="edges", low=0, high=1, none="a sharp edge"
    )
    wood: str = setting(
        "oak", "The wood.", group="edges", choices=("oak", "ash"), methods=("a", "b")
    )
    sides: "tuple[int, ...] | None" = setting(
        None, "Sides.", group="edges", low=1, high=4, none="all"
    )
    name: str = setting("", "A file.", group="edges")
    shown: bool = setting(True, "Whether it is shown.", group="edges")


# Annotations must be texts, as in fields.py.
for item in dataclasses.fields(Frame):
    names = {int: "int", str: "str", bool: "bool", float | None: "float | None"}
    item.type = names.get(item.type, item.type)


def test_kinds_come_from_annotations_and_words_from_the_facts():
    found = schema_of(Frame)
    assert [field.kind for field in found.values()] == [
        "integer", "number", "choice", "integers", "text", "boolean",
    ]  # fmt: skip
    assert [field.values for field in found.values()] == [
        "a whole number of pixels from 1 upwards",
        "a number from 0 to 1, or none",
        "one of oak, ash",
        "whole numbers from 1 to 4, separated by commas, or none",
        "the name of a file",
        "true or false",
    ]
    assert found["width"].high == LARGEST and found["wood"].used_by == "a and b"
    assert found["width"].pairs == ["width=16"]
    assert found["wood"].pairs == ["wood=ash"] and found["shown"].pairs == [
        "shown=false"
    ]
    assert Frame().width == 8 and Frame(width=3).width == 3


# --- layers


@pytest.mark.parametrize(
    "content, style, layers",
    [
        ("conv4_2", ["conv1_1", "conv4_2"], ["block4_conv2", "block1_conv1"]),
        (("conv2_1", "conv1_1"), {"conv1_1": 3}, ["block2_conv1", "block1_conv1"]),
    ],
)
def test_layers_are_named_once_each_in_order(content, style, layers):
    settings = Settings(content_layers=content, style_layers=style)
    assert settings.layers == layers
    assert "layers" not in json.loads(settings.to_json())


def test_settings_start_no_tensorflow():
    import subprocess
    import sys

    code = (
        "import sys; from nstlib.settings import Settings, make_settings, SCHEMA;"
        "make_settings(size=64).to_json();"
        "sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
