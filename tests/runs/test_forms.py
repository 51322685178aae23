"""What is read from files is compared with a form."""

import json
import math

import pytest

from nstlib.runs.forms import between, fits, texts_of

FORM = {
    "size": [between(1, 9)],
    "weight": float,
    "name?": (str, None),
    "files": [{"path?": str}],
    "on?": bool,
}
GOOD = {"size": [3, 9], "weight": 2, "files": [{}, {"path": "a", "more": 1}]}


def test_what_fits():
    assert fits(GOOD, FORM)
    assert fits(GOOD | {"name": None, "on": False, "weight": 1.5, "files": []}, FORM)


@pytest.mark.parametrize(
    "wrong",
    [
        {"size": 5},
        {"size": [0]},
        {"size": [True]},
        {"size": [1.0]},
        {"size": ["1"]},
        {"weight": math.nan},
        {"weight": math.inf},
        {"weight": 10**400},
        {"weight": True},
        {"weight": "1"},
        {"weight": None},
        {"name": 3},
        {"files": ["x"]},
        {"files": {}},
        {"files": [{"path": None}]},
        {"on": 1},
    ],
    ids=str,
)
def test_what_does_not_fit(wrong):
    assert not fits(GOOD | wrong, FORM)


def test_a_missing_name_and_other_types():
    assert not fits({key: GOOD[key] for key in ("size", "files")}, FORM)
    for other in (None, 5, [], "x"):
        assert not fits(other, FORM)
    assert texts_of({"a": "b"}) and not texts_of({"a": 1}) and not texts_of([])
    assert not fits(json.loads("1e999"), float)
