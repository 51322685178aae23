"""docs/instructors.md keeps its word: schedules add up, commands name what exists."""

import re
import shlex

import pytest
from lesson_files import LESSONS, ROOT, source, tagged

PAGE = (ROOT / "docs" / "instructors.md").read_text(encoding="utf-8")
SCHEDULES = {"90 minutes": 90, "Half a day": 210, "Two days": 660}


def shares(section):
    """Who has how many minutes in a table of minutes, who and what."""
    found = re.findall(r"(?m)^\| (\d+) \| (you|they|break) \|", section)
    return {
        who: sum(int(n) for n, w in found if w == who)
        for who in ("you", "they", "break")
    }


@pytest.mark.parametrize("title", SCHEDULES)
def test_a_schedule_adds_up_and_half_of_it_is_theirs(title):
    (section,) = re.findall(rf"(?ms)^### {title}.*?(?=^###? )", PAGE)
    minutes = shares(section)
    assert sum(minutes.values()) == SCHEDULES[title]
    assert minutes["they"] >= minutes["you"]


def test_a_semester_goes_through_all_lessons():
    (section,) = re.findall(r"(?ms)^### A semester.*?(?=^## )", PAGE)
    weeks = re.findall(r"(?m)^\| (\d+) \| (.*?) \|", section)
    assert [int(week) for week, _ in weeks] == list(range(1, 15))
    told = re.findall(r"\d\d", " ".join(text for _, text in weeks))
    assert sorted({*told}) == [path.stem[:2] for path in LESSONS]


def test_there_is_a_demo_for_each_lesson_and_its_parameters_exist():
    demos = [shlex.split(c) for c in re.findall(r"`nst lesson (\d\d [^`]+)`", PAGE)]
    assert {words[0] for words in demos} == {path.stem[:2] for path in LESSONS}
    for number, *options in demos:
        (path,) = [path for path in LESSONS if path.stem.startswith(number)]
        (cell,) = tagged(path, "parameters")
        names = re.findall(r"(?m)^([A-Z][A-Z_0-9]*) = ", source(cell))
        given = [word.partition("=")[0] for word in options if word != "-p"]
        assert given and {*given} <= {*names}, number
