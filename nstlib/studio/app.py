"""Putting the studio together: an app of Flask, and what its pages share."""

from __future__ import annotations

from typing import Any, cast

from flask import Flask, current_app, render_template
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from nstlib.errors import NstError
from nstlib.large.countdown import duration
from nstlib.studio import api, pages
from nstlib.studio.config import Config
from nstlib.studio.curve import curve
from nstlib.studio.guards import Guards, wants_json
from nstlib.studio.history import History
from nstlib.studio.jobs import Jobs
from nstlib.studio.pictures import Pictures
from nstlib.studio.rules import Full
from nstlib.studio.shared import Studio
from nstlib.studio.uploads import Uploads
from nstlib.worker import Worker

TOLD = {
    400: "The studio did not understand this request: go back, and try it again.",
    401: "This studio needs a token: enter it first.",
    404: "There is nothing here: the address is wrong, or the picture was deleted or "
    "belongs to another browser.",
    405: "This address does not take such a request: go back to the studio.",
    408: "The upload took too long: try it again.",
    413: "This is too large: send pictures that have less than {limit} MB together.",
    500: "Something went wrong in the studio: try it again. The terminal of the studio "
    "shows the error.",
}
"""Status → what people are told if there is nothing better to say."""


def create_app(config: Config) -> Flask:
    """Make the app of a studio, with its worker and its history.

    Args:
        config: the choices and limits.

    Returns:
        The app. ``app.extensions["studio"]`` is the `Studio`, to be closed at the end.

    Raises:
        OSError: the folder cannot be written to.
        sqlite3.Error: the history in it cannot be used.
    """
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = config.body
    app.config["MAX_FORM_MEMORY_SIZE"] = config.fields
    app.config["MAX_FORM_PARTS"] = config.parts
    history, worker = History(config.folder), Worker(config.niceness)
    history.sweep()
    pictures = Pictures(history, config.folder / "course")
    guards = Guards(config)
    app.extensions["studio"] = Studio(
        config,
        history,
        pictures,
        worker,
        Uploads(config, history, worker),
        Jobs(config, history, pictures, worker),
        guards,
    )
    guards.add_to(app)
    pages.add_to(app)
    api.add_to(app)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters["duration"] = duration
    app.jinja_env.globals["curve"] = curve
    app.register_error_handler(Exception, _explained)
    return app


def studio_of(app: Flask) -> Studio:
    """Return the studio of an app."""
    return cast(Studio, app.extensions["studio"])


def _explained(error: Exception) -> Any:
    """Answer an error with one sentence, and nothing about this computer."""
    status, told = 500, TOLD[500]
    if isinstance(error, RequestRedirect):
        return error
    if isinstance(error, Full):
        status, told = 503, str(error)
    elif isinstance(error, NstError):
        status, told = 422, str(error)
    elif isinstance(error, HTTPException):
        status = error.code or 500
        own = error.description or ""
        known = type(error).description
        told = own if own and own != known else TOLD.get(status, TOLD[400])
    else:
        current_app.logger.exception("a page failed")
    limit = current_app.config["MAX_CONTENT_LENGTH"] / 1e6
    told = told.format(limit=f"{limit:.0f}") if status == 413 else told
    told = f"{told[:1].upper()}{told[1:]}"
    if wants_json():
        return {"told": told}, status
    return render_template("told.html", told=told, status=status), status
