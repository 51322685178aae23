"""What a run leaves."""

from nstlib.runs.result import finite


def test_losses_that_are_not_finite_are_null_in_json(capsys):
    assert finite({"total": float("nan"), "tv": 1.0}) == {
        "total": None,
        "tv": 1.0,
    }
