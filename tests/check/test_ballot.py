"""The blind vote of lesson 14."""

import pytest

from nstlib import check

LOSSES = {"A": 3.0, "B": 1.0, "C": 2.0}


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ("BCA", "✓ your vote counts. You and the losses agree on 3 of 3 pairs"),
        ("bca", "agree on 3 of 3"),
        ("B, C, A", "agree on 3 of 3"),
        (["B", "C", "A"], "agree on 3 of 3"),
        ("ACB", "agree on 0 of 3"),
        ("BAC", "agree on 2 of 3"),
        ("", "○ no vote yet: write the letters ABC"),
        (..., "○ no vote yet"),
        (None, "○ no vote yet"),
        ("BC", "✗ A is missing"),
        ("B", "✗ A, C are missing"),
        ("BCAB", "✗ B is there twice"),
        ("BCX", "✗ X is none of the pictures: they are A, B, C"),
        (3, "✗ a vote is a text such as 'ABC'"),
        ([1, 2, 3], "✗ a vote is a text"),
    ],
)
def test_vote(order, said, capsys):
    check.vote(order, LOSSES)
    assert said in capsys.readouterr().out


def test_equal_losses_agree_with_nobody(capsys):
    check.vote("AB", {"A": 1.0, "B": 1.0})
    assert "agree on 0 of 1" in capsys.readouterr().out
