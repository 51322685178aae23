"""The minutes of a lesson are the same in all four places that tell them.

These are the table at the top of the lesson, the headings of its exercises, the note
for the instructor at its end, and the table of docs/instructors.md.
"""

import re

import pytest
from lesson_files import LESSONS, ROOT, cells, source, tagged

PAGE = (ROOT / "docs" / "instructors.md").read_text(encoding="utf-8")


def disagreement(top, exercises, note, row):
    """Say what does not agree with the top of the lesson; None if everything does.

    Args:
        top: the line of the lesson's table that begins with "Time".
        exercises: the headings of the exercises.
        note: the note for the instructor.
        row: the lesson's row in docs/instructors.md.
    """
    full = int(re.search(r"\d+", top)[0])
    practice = sum(int(re.search(r"(\d+) minutes?", e)[1]) for e in exercises)
    alone = re.search(r"(\d+) without the exercises", top)
    if alone and int(alone[1]) != full - practice:
        return f"without the exercises it is {full - practice}, not {alone[1]}"
    said = [int(n) for n in re.findall(r"\| (\d+) (?=\|)", row)]
    if said != [full, full - practice]:
        return f"docs/instructors.md: {said}, not {[full, full - practice]}"
    first = int(re.search(r"(\d+) minutes", note)[1])
    return None if first == full else f"the note says {first}, not {full}"


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_four_places_tell_the_same_minutes(path):
    number = path.stem[:2]
    text = "\n".join(map(source, cells(path, "markdown")))
    top = re.search(r"(?m)^\| Time \|.*$", text)[0]
    exercises = re.findall(r"(?m)^### Exercise \d.*$", text)
    (note,) = tagged(path, "instructor")
    row = re.search(rf"(?m)^\| {number} [^|]*\|.*$", PAGE)[0].split("|", 2)[2]
    assert len(exercises) == 3
    assert disagreement(top, exercises, source(note), f"|{row}") is None


EXERCISES = ["### 1 ●○○ · 5 minutes", "### 2 ●●○ · 10 minutes", "### 3 · 15 minutes"]


@pytest.mark.parametrize(
    ("top", "note", "row", "why"),
    [
        ("75 minutes; 45 without the exercises", "75 minutes: …", (75, 45), None),
        ("75 minutes; 40 without the exercises", "75 minutes: …", (75, 40), "it is 45"),
        ("75 minutes", "75 minutes: …", (75, 60), "docs/instructors.md"),
        ("75 minutes", "75 minutes: …", (60, 45), "docs/instructors.md"),
        ("75 minutes", "60 minutes: …", (75, 45), "the note says 60"),
    ],
)
def test_a_disagreement_is_found(top, note, row, why):
    line = f"| {row[0]} | {row[1]} | the pitfall of 97 rows |"
    said = disagreement(top, EXERCISES, note, line)
    assert said is None if why is None else why in said
