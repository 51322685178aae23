"""What the scripts of the pages ask for: news of a job, uploads, previews, frames."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, g, request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from nstlib.errors import NstError
from nstlib.studio import forms
from nstlib.studio.knobs import preview_settings
from nstlib.studio.pages import about
from nstlib.studio.pictures import Found
from nstlib.studio.shared import here, own_job
from nstlib.transformers import shipped_styles
from nstlib.worker import Look, Part

FRAME_SIDE = 320
"""The longer side of a painted frame of the camera, in pixels."""
FRAME_PIXELS, FRAME_BYTES = 1_000_000, 2**20
"""The most pixels and bytes that a frame of the camera may have."""


def add_to(app: Flask) -> None:
    """Add the addresses to an app."""
    add = app.add_url_rule
    add("/jobs/<job>/state", "state", state)
    add("/uploads", "upload", upload, methods=["POST"])
    add("/preview", "preview", preview, methods=["POST"])
    add("/webcam/frame", "frame", frame, methods=["POST"])


def state(job: str) -> Any:
    """Say how far a job is, with the losses since a given evaluation."""
    found = own_job(job)
    known = about(found)
    since = request.args.get("since", 0, int)
    step = known["step"]
    return {
        "state": found.state,
        "told": found.told,
        "ahead": known["ahead"],
        "seconds": known["seconds"],
        "evaluation": step.get("evaluation", 0),
        "evaluations": step.get("evaluations", 0),
        "left": step.get("left"),
        "size": step.get("size"),
        "pictures": step.get("pictures", 0),
        "points": known["points"][max(0, since) :],
    }


def upload() -> Any:
    """Take one picture, and say where it is."""
    file = request.files.get("file")
    kind = request.form.get("kind", "photo")
    if file is None or kind not in ("photo", "painting", "mask"):
        raise BadRequest("Send one picture: a photo, a painting or a mask.")
    found = here().pictures.uploaded(here().uploads.take(file, g.owner, kind))
    return {"ref": found.ref, "address": found.address, "title": found.title}


def preview() -> Any:
    """Paint a small picture from what is in the form."""
    studio, largest = here(), here().config.largest
    form = forms.typed(request.form, request.form.getlist("style"), largest)
    order = forms.ordered(form, studio.pictures, g.owner, largest)
    if order is None:
        return {"errors": form.errors}, 422
    parts = tuple(_part(*part, order.settings) for part in order.parts)
    settings = preview_settings(order.settings)
    answer = studio.uploads.ask(Look(order.photo.path, parts, settings))
    return _jpeg(answer)


def _part(found: Found, weight: float, mask: Found | None, settings: Any) -> Part:
    trained = settings.get("method") == "feedforward"
    source = found.ref.removeprefix("course:") if trained else found.path
    return Part(source, weight, mask.path if mask else None)


def frame() -> Any:
    """Paint one frame of the camera."""
    style = request.args.get("style", "")
    method = request.args.get("method", "feedforward")
    if style not in shipped_styles() or method not in ("feedforward", "adain"):
        raise BadRequest(
            "The camera page does not know this painting or this method: choose others."
        )
    if not 0 < (request.content_length or 0) <= FRAME_BYTES:
        raise RequestEntityTooLarge("This frame is too large: send at most 1 MB.")
    source: Any = style
    if method == "adain":
        found = here().pictures.find(f"course:{style}", g.owner)
        if found is None:
            raise NstError("this painting is missing: choose another one.")
        source = found.path
    settings = {"method": method, "size": FRAME_SIDE}
    task = Look(request.get_data(), (Part(source),), settings, FRAME_PIXELS)
    return _jpeg(here().uploads.ask(task))


def _jpeg(answer: dict[str, Any]) -> Response:
    found = Response(answer["jpeg"], mimetype="image/jpeg")
    found.headers["X-Seconds"] = f"{answer['seconds']:.2f}"
    return found
