"""Who may ask for what: hosts, origins, tokens, owners, and headers that protect."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import threading
import time
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, g, redirect, request, url_for
from werkzeug.exceptions import (
    Forbidden,
    RequestEntityTooLarge,
    TooManyRequests,
    Unauthorized,
)

from nstlib.studio.config import LOCAL, Config
from nstlib.studio.networks import Networks
from nstlib.studio.rules import same_origin

OWNER, KEY = "studio_owner", "studio_key"
"""The cookies: the owner of the pictures, and a sign that the token is known."""
YEAR = 365 * 24 * 3600
OPEN = ("enter", "health", "static")
"""The pages that need no token."""
WRONG, WITHIN = 10, 60.0
"""After so many wrong tokens within so many seconds, nobody may try."""

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src "
    "'self'; img-src 'self' blob: data:; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # With no-referrer, browsers would send "Origin: null" with our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
}


class Guards:
    """Checks every request before it reaches a page.

    Args:
        config: the host and the token.
    """

    def __init__(self, config: Config):
        self.config = config
        self.key = key_of(config.token) if config.token else ""
        self.networks = Networks(config.newcomers)
        self._lock = threading.Lock()
        self._wrong: list[float] = []

    def add_to(self, app: Flask) -> None:
        """Send every request of an app through here first."""
        app.before_request(self.check)
        app.after_request(self.finish)

    def check(self) -> Any:
        """Refuse a request, ask for the token, or let it pass."""
        g.new_owner = False
        if not self._host_is_ours():
            raise Forbidden(
                "The studio does not answer at this address: open the address that it "
                "printed."
            )
        reads = request.method in ("GET", "HEAD")
        if not reads and not same_origin(request.headers, request.host):
            raise Forbidden(
                "This form came from another site, and the studio refused it: use the "
                "studio's own page."
            )
        if (request.content_length or 0) > self.config.fields and request.mimetype == (
            "application/x-www-form-urlencoded"
        ):  # Flask limits only the fields of other forms
            raise RequestEntityTooLarge
        if self.key and request.endpoint not in OPEN:
            given = request.cookies.get(KEY, "")
            if not hmac.compare_digest(given.encode(), self.key.encode()):
                return self._ask()
        owner = request.cookies.get(OWNER, "")
        g.new_owner = not re.fullmatch(r"[0-9a-f]{32}", owner)
        g.owner = secrets.token_hex(16) if g.new_owner else owner
        if request.method == "POST" and request.endpoint not in OPEN:
            self._admit()
        return None

    def _admit(self) -> None:
        """Refuse visitors from a network with too many new visitors."""
        if not self.networks.admit(g.owner, request.remote_addr):
            raise TooManyRequests(
                "Too many new browsers came from your network: allow cookies, so that "
                "the studio recognizes yours, or try again in an hour."
            )

    def _ask(self) -> Any:
        """Let in visitors whose address has the token; ask others for it."""
        if request.method == "GET" and (given := request.args.get("token")):
            return self.let_in(given) or redirect(url_for("enter"))
        if request.method == "GET" and not wants_json():
            return redirect(url_for("enter"))
        raise Unauthorized("This studio needs a token: enter it first.")

    def let_in(self, token: str) -> Response | None:
        """Return a redirect to the first page if the token is right, or else None."""
        now = time.monotonic()
        with self._lock:
            self._wrong = [then for then in self._wrong if now - then < WITHIN]
            if len(self._wrong) >= WRONG:
                raise TooManyRequests(
                    "Too many wrong tokens were entered: wait a minute."
                )
            right = hmac.compare_digest(key_of(token).encode(), self.key.encode())
            if not right:
                self._wrong.append(now)
                return None
        answer = redirect(url_for("home"))
        _set(answer, KEY, self.key)
        return answer  # type: ignore[return-value]

    def finish(self, answer: Response) -> Response:
        """Add the headers, and the cookie of a new visitor."""
        for name, value in HEADERS.items():
            answer.headers[name] = value
        if "Cache-Control" not in answer.headers:
            answer.headers["Cache-Control"] = "no-store"
        if getattr(g, "new_owner", False) and request.endpoint not in OPEN:
            _set(answer, OWNER, g.owner)
        return answer

    def _host_is_ours(self) -> bool:
        """Whether the address belongs to this computer, if only it can reach us.

        Otherwise a site whose name is made to point here could read the answers.
        """
        if not self.config.local:
            return True  # strangers need the token
        try:
            return urlsplit(f"//{request.host}").hostname in LOCAL
        except ValueError:
            return False


def wants_json() -> bool:
    """Whether a script sent the request, not a person."""
    kinds = ["text/html", "application/json"]
    return request.accept_mimetypes.best_match(kinds) == "application/json"


def key_of(token: str) -> str:
    """Return what a browser keeps in place of the token."""
    return hashlib.blake2b(token.encode(), person=b"nst studio").hexdigest()


def _set(answer: Any, name: str, value: str) -> None:
    answer.set_cookie(name, value, max_age=YEAR, httponly=True, samesite="Lax")
