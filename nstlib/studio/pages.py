"""The pages of the studio. All of them work without scripts."""

from __future__ import annotations

import time
from typing import Any

from flask import Flask, g, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest, Conflict, NotFound

from nstlib.errors import NstError
from nstlib.recipes import RECIPES
from nstlib.studio import forms, knobs
from nstlib.studio.forms import Chosen, Form
from nstlib.studio.history import CANCELED, DONE, FAILED, FINISHED, STOPPED, Job
from nstlib.studio.rules import Full
from nstlib.studio.shared import here, own_job, sent
from nstlib.worker.work import stages_in

WEEK = 7 * 24 * 3600


def add_to(app: Flask) -> None:
    """Add the pages to an app."""
    add = app.add_url_rule
    add("/", "home", home)
    add("/", "run", run, methods=["POST"])
    add("/jobs/<job>", "job", job_page)
    add("/jobs/<job>/stop", "stop", stop, methods=["POST"])
    add("/jobs/<job>/again", "again", again, methods=["POST"])
    add("/jobs/<job>/delete", "delete", delete, methods=["POST"])
    add("/jobs/<job>/<name>", "file", job_file)
    add("/pictures/<kind>/<key>", "picture", picture)
    add("/pictures/<kind>/<key>/<part>", "picture", picture)
    add("/history", "history", history_page)
    add("/compare", "compare", compare)
    add("/webcam", "webcam", webcam)
    add("/enter", "enter", enter, methods=["GET", "POST"])
    add("/health", "health", health)


# --- the form


def home() -> Any:
    """Show the form, empty or filled in from an earlier job."""
    form = Form()
    if job := request.args.get("from"):
        form = forms.restored(own_job(job).form)
    form.photo = request.args.get("photo", form.photo or "course:cat")
    if style := request.args.get("style"):
        form.paintings = [Chosen(style)]
    elif not form.paintings and not request.args.get("from"):
        form.paintings = [Chosen("course:starry_night")]
    return _shown(form)


def run() -> Any:
    """Take the form: start a job, fill in a recipe, or say what is wrong."""
    studio, largest = here(), here().config.largest
    uploaded, problems = _uploaded()
    styles = [*request.form.getlist("style"), *uploaded.pop("style", [])]
    form = forms.typed({**request.form.to_dict(), **uploaded}, styles, largest)
    form.errors.update(problems)
    if request.form.get("action") == "recipe":
        forms.take_recipe(form, request.form.get("recipe", ""), largest)
        return _shown(form)
    order = forms.ordered(form, studio.pictures, g.owner, largest)
    if order is None:
        return _shown(form), 422
    try:
        job = _added(order)
    except Full as error:
        form.wrong("run", str(error))
        return _shown(form), 503
    return redirect(url_for("job", job=job), 303)


def _added(order: forms.Order) -> str:
    """Queue an order of this visitor, and return the address of the job."""
    neighbors = here().guards.networks.neighbors(request.remote_addr)
    return here().jobs.add(g.owner, order, neighbors)


def _uploaded() -> tuple[dict[str, Any], dict[str, str]]:
    """Take the files of the form; return their names by field, and what is wrong."""
    found: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for name, file in request.files.items(multi=True):
        if not file.filename:
            continue
        kind = {"photo_file": "photo", "style_file": "painting"}.get(name, "mask")
        field = {"photo": "photo", "painting": "style"}.get(kind, name[:-5])
        try:
            ref = f"upload:{here().uploads.take(file, g.owner, kind).id}"
        except NstError as error:
            told = str(error)
            problems["style" if kind == "mask" else field] = (
                f"{told[0].upper()}{told[1:]}"
            )
            continue
        if kind == "painting":
            found.setdefault("style", []).append(ref)
        else:
            found[field] = ref
    return found, problems


def _shown(form: Form) -> str:
    """Return the page with the form."""
    studio = here()
    uploads = studio.pictures.uploads_of(g.owner)
    course = studio.pictures.course
    photos = _with([form.photo], [*course["content"], *uploads])
    chosen = [one.ref for one in form.paintings]
    styles = _with(chosen, [*course["style"], *uploads])
    largest = studio.config.largest
    return render_template(
        "home.html",
        form=form,
        photos=photos,
        styles=styles,
        ways=knobs.WAYS.values(),
        knobs=knobs.everyones(largest),
        experts=knobs.experts(largest),
        recipes=RECIPES,
        open_experts=_has_expert(form, largest),
    )


def _with(refs: list[str], known: list[Any]) -> list[Any]:
    """Return pictures to choose from, including those that are chosen."""
    there = {found.ref for found in known}
    missing = [ref for ref in refs if ref not in there]
    extra = [found for ref in missing if (found := here().pictures.find(ref, g.owner))]
    return [*extra, *known]


def _has_expert(form: Form, largest: int) -> bool:
    names = {k.name for group in knobs.experts(largest).values() for k in group}
    return bool(names & {*form.values, *form.errors})


# --- a job


def job_page(job: str) -> Any:
    """Show a job: waiting, running, or its result."""
    found = own_job(job)
    return render_template("job.html", job=found, **about(found))


def about(job: Job) -> dict[str, Any]:
    """Return what the page of a job shows, and what its scripts ask for."""
    studio = here()
    live, folder = studio.jobs.live, studio.history.folder(job.id)
    running = live if live is not None and live.job == job.id else None
    step = running.step if running else {}
    stages = [number for _, number in stages_in(folder)]
    points = job.facts.get("curve", [])
    if running:
        points = [[n, v] for n, v in enumerate(running.losses, start=1)]
    ahead, seconds = studio.jobs.ahead(job) if job.active else (0, 0.0)
    return {
        "step": step,
        "stopping": bool(running and running.stopping),
        "stages": stages,
        "points": points,
        "ahead": ahead,
        "seconds": seconds,
        "has_picture": (folder / "now.jpg").is_file(),
        "way": (way := knobs.WAYS[job.form["way"]]),
        "settings": knobs.as_read(way, job.form["values"]),
        "titles": job.form["titles"],
    }


def stop(job: str) -> Any:
    """Cancel a job, or end it and keep the best picture."""
    here().jobs.stop(own_job(job).id)
    return redirect(url_for("job", job=job), 303)


def again(job: str) -> Any:
    """Make the same picture again, as a new job."""
    studio, form = here(), forms.restored(own_job(job).form)
    order = forms.ordered(form, studio.pictures, g.owner, studio.config.largest)
    if order is None:
        return _shown(form), 422
    return redirect(url_for("job", job=_added(order)), 303)


def delete(job: str) -> Any:
    """Delete a job that is over, with its pictures."""
    found = own_job(job)
    if found.active:
        raise Conflict(
            "This picture is not finished: stop the run before you delete it."
        )
    here().history.forget(job)
    return redirect(url_for("history"), 303)


def job_file(job: str, name: str) -> Any:
    """Send one of the pictures of a job."""
    found, folder = own_job(job), here().history.folder(job)
    stages = {path.name for path, _ in stages_in(folder)}
    if name not in ("now.jpg", "small.jpg", "result.png", "result.jpg", *stages):
        raise NotFound()
    more: dict[str, Any] = {}
    if "download" in request.args:
        kind = name.rpartition(".")[2]
        more = {"as_attachment": True, "download_name": f"picture.{kind}"}
    return sent(folder / name, WEEK if name in stages or found.finished else 0, **more)


def picture(kind: str, key: str, part: str = "") -> Any:
    """Send a picture that this visitor may use, or a small version of it."""
    ref = f"{kind}:{key}" + (f"/{part}" if part else "")
    found = here().pictures.find(ref, g.owner)
    if found is None:
        raise NotFound()
    small = "small" in request.args
    return sent(here().pictures.thumbnail(found) if small else found.path, WEEK)


# --- the other pages


def history_page() -> Any:
    """Show all pictures of this visitor, the newest first."""
    studio = here()
    states = (*FINISHED, FAILED, CANCELED)
    over = studio.history.in_state(*states, owner=g.owner)[::-1]
    active = studio.history.in_state("waiting", "running", owner=g.owner)
    used, most = studio.history.used_bytes() / 1e9, studio.config.disk
    return render_template(
        "history.html", jobs=over, active=active, used=used, most=most, ways=knobs.WAYS,
        made=lambda job: time.strftime("%d %B, %H:%M", time.localtime(job.created))
        .removeprefix("0"),
    )  # fmt: skip


def compare() -> Any:
    """Show two results beside each other, and what differs in their settings."""
    jobs = [own_job(job) for job in request.args.getlist("job")]
    if len(jobs) != 2 or not all(job.state in (DONE, STOPPED) for job in jobs):
        raise BadRequest("Choose two finished pictures to compare.")
    first, second = (_facts(job) for job in jobs)
    labels = {name: label for name, (label, _) in {**first, **second}.items()}
    differing = [
        (labels[name], *(row.get(name, ("", "default"))[1] for row in (first, second)))
        for name in labels
        if first.get(name) != second.get(name)
    ]
    return render_template("compare.html", jobs=jobs, differing=differing)


def _facts(job: Job) -> dict[str, tuple[str, str]]:
    """Return what made a picture: a name for the row → its label and its value."""
    titles, way = job.form["titles"], knobs.WAYS[job.form["way"]]
    paintings = [title for name, title in titles.items() if name != "photo"]
    found = {
        "Photo": titles["photo"],
        "Paintings": ", ".join(paintings),
        "Method": way.title,
        "Seconds": f"{job.facts['seconds']:.1f}",
    }
    own = {label: (label, value) for label, value in found.items()}
    return own | knobs.as_read(way, job.form["values"])


def webcam() -> Any:
    """Show the page that paints what the camera sees."""
    chosen = f"course:{request.args.get('style', 'starry_night')}"
    styles = here().pictures.course["style"]
    return render_template("webcam.html", styles=styles, chosen=chosen)


def enter() -> Any:
    """Ask for the token."""
    guards = here().guards
    if not guards.key:
        return redirect(url_for("home"))
    if request.method == "POST":
        answer = guards.let_in(request.form.get("token", ""))
        if answer is not None:
            return answer
        return render_template("enter.html", wrong=True), 403
    return render_template("enter.html", wrong=False)


def health() -> Any:
    """Say that the studio answers."""
    return {"ok": True}
