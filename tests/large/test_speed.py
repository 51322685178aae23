"""The trial: how fast this computer is."""

import pytest

from nstlib.large import speed as trial
from nstlib.settings import Settings
from nstlib.vgg_plan import layer_names
from nstlib.vgg_weights import random_parameters


def test_stand_ins_have_the_shapes_of_the_network():
    there, ours = random_parameters(), random_parameters("mini", layer_names("mini"))
    assert {k: v.shape for k, v in ours.items()} == {
        k: v.shape for k, v in there.items()
    }


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_a_real_trial(monkeypatch, optimizer):
    monkeypatch.setattr(trial, "SIDES", (32, 64))
    few = {"style_layers": ["conv1_1"], "content_layers": ["conv2_1"]}
    settings = Settings(optimizer=optimizer, network="random", margin=0, **few)
    speed = trial.measure.__wrapped__(settings.to_json())
    assert min(speed.targets, speed.pixel) > 0 and min(speed.fixed, speed.first) >= 0
    assert speed.seconds(10_000, 50) > speed.seconds(10_000, 40) > 0
