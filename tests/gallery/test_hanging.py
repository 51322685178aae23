"""Painting a gallery: kept at once, gone on with, and nothing painted twice."""

import csv
import json
import shutil

import numpy as np
import pytest

from nstlib import load_image
from nstlib.errors import FileError, NstError, UsageError
from nstlib.gallery import hang, hanging
from nstlib.gallery.hanging import Hanging
from nstlib.gallery.manifest import DONE, FAILED, WAITING, Manifest
from nstlib.gallery.opening import predict
from nstlib.runs.facts import read_facts

pytestmark = pytest.mark.usefixtures("no_price")


def states(entries):
    return [entry.state for entry in entries]


def test_a_gallery_and_the_same_again(tiny_jobs, here):
    jobs, crew, seen = tiny_jobs(), here(), []
    entries = hang(jobs, "wall", crew, report=seen.append)
    assert states(entries) == [DONE] * 6 and len(seen) == 6
    for entry, job in zip(entries, jobs, strict=True):
        picture = load_image(f"wall/{entry.file}")
        assert picture.shape[:2] == (entry.height, entry.width)
        facts = read_facts(f"wall/{entry.file}")
        assert facts["settings"]["size"] == 64
        assert facts["sources"]["files"][0]["path"] == f"../../{job.photo.typed}"
        assert 0 <= entry.style_distance < 3 and entry.photo_distance >= 0
    with open("wall/gallery.csv", newline="") as file:  # noqa: PTH123
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == [job.name for job in jobs]
    assert rows[0]["steps"] == "3" and rows[0]["state"] == "done"
    again = here()
    assert hang(jobs, "wall", again) == entries
    assert again.done == []


def test_the_cheapest_come_first(tiny_jobs, here):
    jobs, crew = tiny_jobs(), here()
    hang(jobs, "wall", crew)
    order = [key for key in crew.done if key != "price"]
    areas = {job.key: job.photo.height * job.photo.width for job in jobs}
    assert [areas[key] for key in order] == sorted(areas.values())


def test_a_cut_off_gallery_goes_on(tiny_jobs, here):
    jobs = tiny_jobs()

    def cut(order):
        if len(crew.done) == 4:  # the prediction is one of them
            raise KeyboardInterrupt

    crew = here(cut)
    with pytest.raises(KeyboardInterrupt):
        hang(jobs, "wall", crew)
    # A power cut may tear the last line.
    with open("wall/journal.jsonl", "a") as file:  # noqa: PTH123
        file.write('{"name": "half of a li')
    rest = here()
    entries = hang(jobs, "wall", rest)
    assert states(entries) == [DONE] * 6
    assert len(rest.done) == 1 + 3
    assert not set(rest.done) & (set(crew.done) - {"price"})
    lines = open("wall/journal.jsonl").read().splitlines()  # noqa: PTH123, SIM115
    assert sum('"state": "done"' in line for line in lines) == 6


@pytest.mark.parametrize("when", ["pictures", "small"])
def test_an_interrupt_does_not_part_a_picture_from_its_entry(
    tiny_jobs, here, monkeypatch, when
):
    jobs, write, cut = tiny_jobs(), hanging._write, []

    def interrupted(path, data):
        write(path, data)
        if path.parent.name == when and path.stem.startswith(jobs[0].name) and not cut:
            cut.append(path)
            raise KeyboardInterrupt

    monkeypatch.setattr(hanging, "_write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        hang(jobs, "wall", here())
    assert len(cut) == 1
    lines = open("wall/journal.jsonl").read().splitlines()  # noqa: PTH123, SIM115
    done = [line for line in lines if '"state": "done"' in line]
    assert any(f'"name": "{jobs[0].name}"' in line for line in done)


def test_a_changed_photo_and_a_lost_picture_are_painted_again(
    tiny_jobs, here, pictures
):
    jobs = tiny_jobs(photos=2)
    entries = hang(jobs, "wall", here())
    (pictures / "wall" / entries[0].file).unlink()
    shutil.copy("photos/photo2.png", "photos/photo1.png")
    crew = here()
    entries = hang(tiny_jobs(photos=2), "wall", crew)
    assert states(entries) == [DONE] * 4
    assert len(crew.done) == 1 + 1 + 2


def test_a_new_photo_is_added_by_the_same_command(tiny_jobs, here):
    hang(tiny_jobs(photos=2), "wall", here())
    crew = here()
    assert len(hang(tiny_jobs(photos=3), "wall", crew)) == 6
    assert len(crew.done) == 1 + 2


def test_what_fails_is_shown_and_tried_again_if_asked(tiny_jobs, here, pictures):
    good = (pictures / "photos" / "photo1.png").read_bytes()
    (pictures / "photos" / "photo1.png").write_bytes(good[: len(good) // 2])
    jobs = tiny_jobs()
    entries = hang(jobs, "wall", here())
    assert states(entries) == [DONE, DONE, FAILED, FAILED, DONE, DONE]
    assert "photo1.png is damaged" in entries[2].error
    page = (pictures / "wall" / "index.html").read_text()
    assert "photo1.png is damaged" in page
    crew = here()
    hang(jobs, "wall", crew)
    assert crew.done == []  # not by itself
    (pictures / "photos" / "photo1.png").write_bytes(good)
    assert states(hang(tiny_jobs(), "wall", here(), retry=True)) == [DONE] * 6


def test_a_photo_that_vanishes_in_the_middle(tiny_jobs, here, pictures):
    jobs = tiny_jobs(photos=2)

    def vanish(order):
        (pictures / "photos" / "photo1.png").unlink(missing_ok=True)

    entries = hang(jobs, "wall", here(vanish))
    assert states(entries) == [DONE, DONE, FAILED, FAILED]
    assert "photo1.png cannot be read" in entries[3].error


def test_a_broken_photo_that_was_removed_is_forgotten(tiny_jobs, here, pictures):
    (pictures / "photos" / "photo0.png").write_bytes(b"broken")
    hang(tiny_jobs(), "wall", here())
    (pictures / "photos" / "photo0.png").unlink()
    assert states(hang(tiny_jobs(), "wall", here())) == [DONE] * 4


def test_folders_that_hold_something_else(tiny_jobs, here, pictures):
    jobs = tiny_jobs(photos=1)
    with pytest.raises(UsageError, match="contains other files, but no gallery"):
        hang(jobs, "photos", here())
    with pytest.raises(UsageError, match="is a file"):
        hang(jobs, "photos/notes.txt", here())
    hang(jobs, "wall", here())
    others = tiny_jobs(photos=1, seed=5)
    more = [job for job in tiny_jobs(photos=2) if job.photo.name == "photo1"]
    with pytest.raises(UsageError, match="other pictures, such as photo0-painting0"):
        hang(more, "wall", here())
    assert len(hang(more, "wall", here(), add=True)) == 4
    assert {job.name for job in others} == {job.name for job in jobs}


def test_previews_stand_before_the_first_picture(tiny_jobs, here, pictures):
    jobs = tiny_jobs(photos=2)
    manifest = Manifest(pictures / "wall", jobs)
    manifest.begin()
    hanging, crew = Hanging(manifest, jobs), here()
    hanging.preview(crew, lambda: None)
    hanging.show()
    assert len(crew.done) == 4
    assert {entry.state for entry in manifest.entries.values()} == {WAITING}
    page = (pictures / "wall" / "index.html").read_text()
    assert page.count("<i>preview</i>") == 4
    assert (pictures / "wall" / "sheet.jpg").exists()
    hanging.paint(crew, predict(crew, jobs), lambda _: None)
    hanging.close()
    assert not (pictures / "wall" / "previews").exists()
    assert "<i>preview</i>" not in (pictures / "wall" / "index.html").read_text()


def test_a_full_disk_loses_nothing(tiny_jobs, here, monkeypatch):
    jobs = tiny_jobs(photos=2)
    whole = Hanging._keep

    def full(self, job, outcome, report):
        if self.manifest.count(DONE) == 2:
            raise FileError("the disk is full.")
        whole(self, job, outcome, report)

    monkeypatch.setattr(Hanging, "_keep", full)
    with pytest.raises(FileError):
        hang(jobs, "wall", here())
    monkeypatch.setattr(Hanging, "_keep", whole)
    crew = here()
    assert states(hang(jobs, "wall", crew)) == [DONE] * 4
    assert len(crew.done) == 1 + 2


def test_a_picture_of_the_gallery_can_be_made_again(tiny_jobs, here, nst):
    (job, _) = tiny_jobs(photos=1)
    (entry,) = hang([job], "wall", here())
    status, said, error = nst("reproduce", f"wall/{entry.file}")
    assert status == 0, error
    assert "The same, bit for bit" in said


def test_other_formats_keep_the_settings(tiny_jobs, here, pictures):
    (job, _) = tiny_jobs(photos=1)
    manifest = Manifest(pictures / "wall", [job])
    manifest.begin()
    hanging, crew = Hanging(manifest, [job], ".jpg"), here()
    hanging.paint(crew, predict(crew, [job]), lambda _: None)
    (entry,) = manifest.entries.values()
    assert entry.file.endswith(".jpg")
    assert read_facts(f"wall/{entry.file}")["settings"]["steps"] == 3


def test_another_version_on_a_worker_is_refused(tiny_jobs, here, monkeypatch):
    monkeypatch.setattr("nstlib.runs.versions.__version__", "0.0.1")
    jobs = tiny_jobs(photos=1)
    entries = hang(jobs, "wall", here())
    assert states(entries) == [FAILED, FAILED]
    assert "nstlib has version 0.0.1 on a worker" in entries[0].error


def test_names_in_the_table_are_no_formulas(tiny_jobs, pictures):
    (pictures / "photos" / "photo0.png").rename("photos/=1+1.png")
    Manifest(pictures / "wall", tiny_jobs(photos=1)).begin()
    text = (pictures / "wall" / "gallery.csv").read_text()
    assert ",'=1+1," in text
    facts = json.loads((pictures / "wall" / "gallery.json").read_text())
    assert facts["pictures"][0]["photo"] == "=1+1"


def test_a_journal_that_names_files_elsewhere_is_not_believed(
    tiny_jobs, here, pictures
):
    jobs = tiny_jobs(photos=1)
    (entry, _) = hang(jobs, "wall", here())
    path = pictures / "wall" / "journal.jsonl"
    path.write_text(path.read_text().replace(entry.file, "../../elsewhere.png"))
    manifest = Manifest(pictures / "wall", jobs)
    assert manifest.entries[entry.name].state == WAITING


def test_an_impossible_prediction_is_one_sentence(tiny_jobs, here):
    def fail(order):
        if order.key == "price":
            raise NstError("no.")

    jobs = tiny_jobs(photos=1)
    with pytest.raises(NstError):
        predict(here(fail), jobs)


def test_the_picture_is_that_of_stylize(tiny_jobs, here):
    from nstlib import stylize

    (job, _) = tiny_jobs(photos=1)
    (entry,) = hang([job], "wall", here())
    alone = stylize(job.photo.path, job.style.path, **job.chosen).image
    both = np.rint(np.clip(alone, 0, 255)), load_image(f"wall/{entry.file}")
    assert np.array_equal(*both)
