"""Whole runs: without scripts, stopped, resumed, refused, and killed at any moment."""

import io
import json
import re
import signal
import sqlite3
import time

import numpy as np
import pytest
from PIL import Image
from visitors import LONG, SMALL, encoded

from nstlib.images import read_metadata
from nstlib.runs.facts import PREFIX


def picture(answer):
    with Image.open(io.BytesIO(answer.body)) as image:
        return np.asarray(image.convert("RGB"), np.float32)


def evaluations(known):
    return known["evaluation"]


def going(known):
    return known["state"] == "running" and known["pictures"] > 0


def test_the_whole_flow_without_scripts(visitor):
    assert 'action="' not in visitor.get("/").text  # the form posts to its own page
    job = visitor.run(LONG, photo="course:cat")
    visitor.until(job, going)
    page = visitor.get(job).text
    assert '<noscript><meta http-equiv="refresh"' in page
    assert "Evaluation" in page and "points=" in page and "now.jpg" in page
    assert visitor.get(f"{job}/now.jpg").status == 200
    assert visitor.post(f"{job}/delete").status == 409
    assert visitor.post(f"{job}/stop").headers["Location"] == job
    assert visitor.until(job)["state"] == "stopped"
    page = visitor.get(job).text
    assert "You stopped the run after" in page and "http-equiv" not in page
    assert len(re.findall(r"stage\d+\.jpg", page)) > 1
    for kind, name in (("PNG", "result.png"), ("JPEG", "result.jpg")):
        answer = visitor.get(f"{job}/{name}?download=1")
        assert "attachment" in answer.headers["Content-Disposition"]
        facts = read_metadata(answer.body)
        assert json.loads(facts[f"{PREFIX}settings"])["steps"] == 100000
        sources = json.loads(facts[f"{PREFIX}sources"])
        assert sources["content"] == "Cat" and sources["styles"] == ["Starry night"]
        assert {file["path"] for file in sources["files"]} == {None}
        with Image.open(io.BytesIO(answer.body)) as image:
            assert image.format == kind and max(image.size) == 64
    assert visitor.post(f"{job}/delete").headers["Location"] == "/history"
    assert visitor.get(job).status == 404


def test_a_result_goes_on(visitor):
    job = visitor.run(way="adain", seed="0", colors="match")
    assert visitor.until(job)["state"] == "done"
    back = visitor.get(f"/?from={job[6:]}").text
    assert re.search(r'value="adain"[^>]*checked', back)
    assert '<option value="match" selected>' in back
    photo = f"job:{job[6:]}/result"
    page = visitor.get(f"/?photo={photo}").text
    assert re.search(rf'value="{photo}"[^>]*checked', page)
    fields = {"photo": photo, "style": photo, "way": "adain", "size": "64"}
    second = visitor.post("/", fields).headers["Location"]
    assert visitor.until(second)["state"] == "done"
    third = visitor.post(f"{job}/again").headers["Location"]
    visitor.until(third)
    same = [picture(visitor.get(f"{one}/result.png")) for one in (job, third)]
    assert np.array_equal(*same)
    compared = visitor.get(f"/compare?job={job[6:]}&job={second[6:]}").text
    assert ">Colors<" in compared and "an earlier result" in compared
    assert visitor.get(f"/compare?job={job[6:]}").status == 400
    shown = visitor.get("/history").text
    assert shown.index(third) < shown.index(second) < shown.index(job)


def test_three_paintings_with_weights_and_a_mask(visitor):
    gray = np.zeros((64, 96), np.uint8)
    gray[:, 48:] = 255
    stream = io.BytesIO()
    Image.fromarray(gray).save(stream, "PNG")
    own = visitor.upload(encoded(color=(250, 20, 20)), "painting").json["ref"]
    fields = [("photo", "course:cat"), ("way", "feedforward"), ("size", "64")]
    fields += [("style", "course:tapestry"), ("style", "course:great_wave")]
    fields += [("weight.course:great_wave", "2.5")]
    mask = {"mask.course:tapestry_file": ("mask.png", stream.getvalue())}
    job = visitor.post("/", fields, mask).headers["Location"]
    assert visitor.until(job)["state"] == "done"
    facts = read_metadata(visitor.get(f"{job}/result.png").body)
    sources = json.loads(facts[f"{PREFIX}sources"])
    assert sources["style_weights"] == [1.0, 2.5]
    assert sources["masks"][0]["name"] == "mask" and sources["masks"][1] is None
    page = visitor.get(f"/?from={job[6:]}").text
    assert f'name="mask.course:tapestry" value="job:{job[6:]}/mask1"' in page
    three = visitor.run(style=("course:tapestry", "course:great_wave", own))
    assert visitor.until(three)["state"] == "done"


def test_a_run_that_cannot_be_says_why(visitor):
    job = visitor.run(steps="5", optimizer="sgd", learning_rate="1e30", size="64")
    known = visitor.until(job)
    assert known["told"] or known["state"] == "failed"
    assert 'role="alert"' in visitor.get(job).text


def test_places_in_the_queue_and_their_limit(server):
    first, second = server.visitor(), server.visitor()
    running = first.run(LONG)
    first.until(running, going)
    jobs = [second.run(SMALL) for _ in range(4)]
    assert [second.state(job)["ahead"] for job in jobs] == [1, 2, 3, 4]
    assert second.state(jobs[2])["seconds"] > 0
    assert "3 pictures come before yours" in second.get(jobs[2]).text
    fields = {"photo": "course:cat", "style": "course:tapestry", **SMALL}
    answer = second.post("/", fields)
    assert answer.status == 503 and "4 pictures waiting already" in answer.told
    assert 'value="64"' in answer.text  # nothing is lost
    second.post(f"{jobs[0]}/stop")
    assert second.until(jobs[0])["state"] == "canceled"
    assert second.state(jobs[1])["ahead"] == 1
    assert "You canceled the run before it began" in second.get(jobs[0]).text
    first.post(f"{running}/stop")
    assert [second.until(job)["state"] for job in jobs[1:]] == ["done"] * 3


def test_the_whole_queue_has_a_limit(app, monkeypatch):
    from nstlib.studio import jobs as module
    from nstlib.studio.app import studio_of

    monkeypatch.setattr(module.Jobs, "_work", lambda self: None)  # nobody paints
    made = app(queued=3)
    own = {"Origin": "http://localhost"}
    fields = {"photo": "course:cat", "style": "course:tapestry", **SMALL}
    clients = [made.test_client() for _ in range(5)]
    told = [c.post("/", data=fields, headers=own) for c in clients]
    assert [answer.status_code for answer in told] == [303] * 3 + [503] * 2
    assert "3 pictures are waiting" in told[-1].get_data(as_text=True)
    studio = studio_of(made)
    assert len(list(studio.history.jobs.iterdir())) == 3
    waiting = sorted(studio.history.in_state("waiting"), key=lambda job: job.number)
    places = [studio.jobs.ahead(job) for job in waiting]
    assert [ahead for ahead, _ in places] == [0, 1, 2]
    seconds = places[0][1]
    np.testing.assert_allclose([s for _, s in places], np.cumsum([seconds] * 3))


def test_the_time_limit_keeps_the_picture(started):
    server = started("--minutes", "0.05", "--largest", "128")
    visitor = server.visitor()
    job = visitor.run(LONG)
    assert visitor.until(job)["state"] == "done"
    assert "ended after 0.05 minutes" in visitor.get(job).text
    assert visitor.get(f"{job}/result.png").status == 200
    answer = visitor.post("/preview", {"size": "256", "way": "normal"})
    assert "to 128" in answer.json["errors"]["size"]


def test_the_worker_is_killed_and_the_run_goes_on(server, visitor, monkeypatch):
    job = visitor.run(LONG)
    visitor.until(job, going)
    (worker,) = server.workers()
    worker.kill()
    assert visitor.get("/").status == 200  # the server does not mind
    assert visitor.upload(encoded()).status == 200  # a new one was started
    visitor.until(job, going)
    (other,) = server.workers()
    assert other.pid != worker.pid
    visitor.post(f"{job}/stop")
    assert visitor.until(job)["state"] == "stopped"


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
def test_the_server_is_killed_and_the_run_goes_on(started, tmp_path):
    import psutil

    server = started(folder=tmp_path / "kept")
    visitor = server.visitor()
    job, waiting = visitor.run(LONG), visitor.run(SMALL)
    visitor.until(job, going)
    before = evaluations(visitor.state(job))
    (worker,) = server.workers()
    server.process.kill()
    psutil.wait_procs([worker], 60)
    assert not worker.is_running()  # it noticed, and wrote its checkpoint
    again = started(folder=tmp_path / "kept")
    visitor.address = visitor.origin = again.address.rstrip("/")
    known = visitor.until(job, going)
    assert evaluations(known) >= before
    assert len(known["points"]) >= evaluations(known) - 1  # the old part of the curve
    visitor.post(f"{job}/stop")
    assert visitor.until(job)["state"] == "stopped"
    assert visitor.until(waiting)["state"] == "done"


@pytest.mark.skipif(not hasattr(signal, "SIGINT"), reason="no Ctrl-C")
def test_ctrl_c_keeps_what_runs(started, tmp_path):
    server = started(folder=tmp_path / "kept")
    visitor = server.visitor()
    job = visitor.run(LONG)
    visitor.until(job, going)
    began = time.monotonic()
    assert server.end(signal.SIGINT) in (0, 130)
    assert time.monotonic() - began < 60
    assert "goes on next time" in server.said and "Traceback" not in server.said
    assert (tmp_path / "kept/jobs" / job[6:] / "checkpoint.npz").is_file()
    base = sqlite3.connect(tmp_path / "kept/history.sqlite")
    assert base.execute("select state, tries from jobs").fetchall() == [("waiting", 0)]
    base.close()


def test_a_fault_in_one_job_does_not_end_the_queue(app, monkeypatch, capfd):
    from nstlib.studio.app import studio_of
    from nstlib.studio.jobs import Jobs

    made = app()
    monkeypatch.setattr(Jobs, "_run", lambda self, job, live: 1 / 0)
    fields = {"photo": "course:cat", "style": "course:tapestry", **SMALL}
    client, own = made.test_client(), {"Origin": "http://localhost"}
    for _ in range(2):
        job = client.post("/", data=fields, headers=own).location[6:]
        ends = time.monotonic() + 60
        while (found := studio_of(made).history.job(job)).active:
            assert time.monotonic() < ends
            time.sleep(0.05)
        assert found.state == "failed" and "Something went wrong" in found.told
    assert "ZeroDivisionError" in capfd.readouterr().err


def test_the_oldest_results_make_room(app):
    from nstlib.studio.app import studio_of
    from nstlib.studio.history import DONE

    history = studio_of(app()).history
    for name in "abc":
        history.folder(name).mkdir()
        (history.folder(name) / "result.png").write_bytes(bytes(1000))
        history.add_job(name, "me", {})
        history.change(name, DONE)
    assert history.used_bytes() == 3000
    history.make_room(2500)
    assert [job.id for job in history.in_state(DONE)] == ["b", "c"]
    history.make_room(0)
    assert [path.name for path in history.jobs.iterdir()] == ["c"]  # the last stays


@pytest.mark.parametrize("broken", ["history.sqlite", "folder"])
def test_a_folder_that_cannot_be_used(nst, tmp_path, broken):
    place = tmp_path / "kept"
    if broken == "folder":
        place.write_text("a file")
    else:
        place.mkdir()
        (place / "history.sqlite").write_bytes(b"this is no database" * 100)
    words = ("studio", "--no-browser", "--port", "0", "--folder", place)
    status, _, error = nst(*words)
    assert status == 2 and "cannot be used" in error
