"""The setting `quality`, which chooses other settings unless they are given."""

import json
from dataclasses import fields

import pytest

from nstlib.errors import SettingsError
from nstlib.settings import SCHEMA, Settings, make_settings
from nstlib.settings.quality import QUALITIES

OTHERS = pytest.mark.parametrize("quality", [q for q in QUALITIES if q != "normal"])


def test_normal_is_the_defaults():
    assert Settings(quality="normal") == make_settings(quality="normal") == Settings()
    assert SCHEMA["quality"].choices == tuple(QUALITIES)


@OTHERS
def test_a_quality_chooses_what_is_not_given(quality):
    chosen = QUALITIES[quality]
    for made in (Settings(quality=quality), make_settings(quality=quality)):
        for item in fields(Settings):
            wanted = chosen.get(item.name, getattr(Settings(), item.name))
            wanted = quality if item.name == "quality" else wanted
            assert getattr(made, item.name) == wanted
    assert chosen and all(Settings().__dict__[name] != chosen[name] for name in chosen)


@pytest.mark.parametrize("make", [Settings, make_settings])
@OTHERS
def test_what_is_given_wins_even_if_it_is_the_default(make, quality):
    made = make(quality=quality, steps=180)
    wanted = QUALITIES[quality].get("last_share", Settings().last_share)
    assert made.steps == 180 and made.last_share == wanted


def test_quick_is_less_and_best_is_more():
    quick, normal, best = (Settings(quality=name).steps for name in QUALITIES)
    assert 30 <= quick <= 60 < normal < best


def test_a_later_quality_keeps_what_was_given():
    base = make_settings(steps=77, tv_weight=3)
    quick = make_settings(base, quality="quick")
    assert (quick.steps, quick.tv_weight) == (77, 3)
    assert quick.last_share == QUALITIES["quick"]["last_share"]
    assert make_settings(quick, quality="normal") == base
    best = make_settings(Settings(quality="quick"), quality="best", history=5)
    assert best == Settings(quality="best", history=5)


@OTHERS
def test_json_keeps_every_value(quality):
    settings = make_settings(quality=quality, steps=300, size=100)
    assert Settings.from_json(settings.to_json()) == settings
    # A picture keeps its settings if a later version has other numbers.
    stored = json.loads(settings.to_json())
    assert stored["quality"] == quality
    assert stored.keys() >= QUALITIES[quality].keys()


def test_a_method_of_one_pass_names_the_quality_alone():
    message = "^method adain has no use for quality: leave that out"
    for make in (Settings, make_settings):
        with pytest.raises(SettingsError, match=message):
            make(method="adain", quality="quick")
    with pytest.raises(SettingsError, match=message):
        make_settings(Settings(quality="quick"), method="adain")


@pytest.mark.parametrize("wrong", ["fast", None, 3, ["quick"]])
def test_other_qualities_are_refused(wrong):
    for make in (Settings, make_settings):
        with pytest.raises(
            SettingsError, match="quality must be one of quick, normal, bes"
        ):
            make(quality=wrong)
