"""From coarse to fine: how many evaluations at which size."""

import pytest

from nstlib.errors import SettingsError
from nstlib.large.scales import plan_scales
from nstlib.settings import Settings, make_settings


@pytest.mark.parametrize("steps", [1, 2, 3, 7, 300])
@pytest.mark.parametrize("size", [16, 128, 255, 512, 700, 2000])
@pytest.mark.parametrize("step", [1.1, 2**0.5, 2.0])
def test_plan_adds_up_to_the_steps(steps, size, step):
    settings = make_settings(
        size=size, steps=steps, scale_step=step, smallest=64, last_share=0.6
    )
    plan = plan_scales(300, 400, settings)
    assert sum(n for *_, n in plan) == steps and all(n >= 1 for *_, n in plan)
    sides = [width for _, width, _ in plan]
    assert sides == sorted(set(sides)) and sides[-1] == size
    assert sides[0] >= min(64, size)
    for height, width, _ in plan:
        assert abs(height - width * 3 / 4) <= 0.5
    if len(plan) > 1 and steps > 100:
        assert plan[-1][2] < plan[0][2]  # the last evaluations are the dearest


def test_plan_of_the_defaults():
    assert plan_scales(768, 1024, Settings()) == [
        (96, 128, 60),
        (192, 256, 60),
        (384, 512, 60),
    ]


@pytest.mark.parametrize(
    ("share", "counts"),
    [(0.6, [69, 69, 42]), (1.0, [60, 60, 60]), (0, [90, 89, 1])],
)
def test_the_share_of_the_last_scale(share, counts):
    plan = plan_scales(768, 1024, Settings(last_share=share))
    assert [count for *_, count in plan] == counts
    assert plan_scales(1, 1, Settings(size=128, last_share=share)) == [(128, 128, 180)]


@pytest.mark.parametrize("share", [0, 0.01, 0.3, 7, 100])
@pytest.mark.parametrize("steps", [1, 2, 3, 4, 5, 58])
def test_every_scale_gets_an_evaluation(steps, share):
    settings = Settings(size=1024, steps=steps, last_share=share)
    counts = [count for *_, count in plan_scales(3, 4, settings)]
    assert sum(counts) == steps and min(counts) >= 1 and len(counts) == min(steps, 4)


def test_plan_by_the_root_of_two_ends_exactly_at_the_smallest():
    settings = make_settings(size=512, scale_step=2**0.5, smallest=128)
    sides = [width for _, width, _ in plan_scales(1, 1, settings)]
    assert sides == [128, 181, 256, 362, 512]


def test_plan_of_one_scale():
    settings = make_settings(size=300, coarse_to_fine=False, steps=9)
    assert plan_scales(100, 50, settings) == [(300, 150, 9)]
    assert plan_scales(1, 4000, settings) == [(1, 300, 9)]


def test_plan_with_steps_of_ones_own():
    settings = make_settings(size=512, steps_per_scale=(5, 6, 7))
    assert [n for *_, n in plan_scales(3, 4, settings)] == [5, 6, 7]
    with pytest.raises(SettingsError, match=r"2 entries.*3 scales: 128, 256, 512"):
        plan_scales(3, 4, make_settings(size=512, steps_per_scale=(5, 6)))
