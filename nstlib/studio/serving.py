"""Running the studio: the port, the server, and an end that keeps what runs."""

from __future__ import annotations

import errno
import logging
import socket
import sqlite3
import threading
import webbrowser
from collections.abc import Callable
from typing import Any

from nstlib.errors import FileError, UsageError
from nstlib.studio.app import create_app, studio_of
from nstlib.studio.config import Config

THREADS = 16
"""How many requests are answered at the same time."""
CONNECTIONS = 400
SILENCE = 30
"""Seconds without a byte after which a connection is closed."""


def bound(config: Config) -> list[socket.socket]:
    """Open the port, so that nobody else can take it.

    Raises:
        UsageError: the port is taken, or the host is not this computer.
    """
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((config.host, config.port))
        found.listen(1024)
    except OSError as error:
        found.close()
        if error.errno == errno.EADDRINUSE:
            why = f"port {config.port} is taken, perhaps by another studio: close it, "
            raise UsageError(f"{why}or choose another port with --port.") from None
        if error.errno == errno.EACCES:
            why = f"port {config.port} is reserved for the system: "
            raise UsageError(f"{why}choose one above 1023 with --port.") from None
        raise UsageError(
            f"{config.host} is not an address of this computer: leave --host out, or "
            "give 0.0.0.0 for all of its addresses."
        ) from None
    return [found]


def serve(
    config: Config, say: Callable[[str], Any], browser: bool = True, page: str = ""
) -> None:
    """Serve the studio until a KeyboardInterrupt.

    Args:
        config: the choices and limits.
        say: prints a line.
        browser: whether to open a browser.
        page: the page to open, such as ``webcam?style=great_wave``.

    Raises:
        UsageError: the port or the host cannot be used.
        FileError: the folder cannot be used.
    """
    import waitress

    # A person at the terminal does not need to know that requests wait for a moment.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    sockets = bound(config)
    try:
        app = create_app(config)
    except (OSError, sqlite3.Error) as error:
        sockets[0].close()
        raise FileError(
            f"the folder {config.folder} cannot be used ({error}): give another one "
            "with --folder."
        ) from error
    server = waitress.create_server(
        app,
        sockets=sockets,
        threads=THREADS,
        connection_limit=CONNECTIONS,
        channel_timeout=SILENCE,
        cleanup_interval=10,
        max_request_body_size=4 * config.body,  # the app explains what is too large
        ident="",
        clear_untrusted_proxy_headers=True,
    )
    threading.Thread(target=studio_of(app).warm, daemon=True).start()
    address = address_of(config, sockets[0].getsockname()[1], page)
    say(f"The studio is open at {address} (Ctrl-C closes it).")
    if browser:
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
    try:
        server.run()  # returns at a KeyboardInterrupt
    finally:
        say("The studio is closing. A picture that is being painted goes on next time.")
        # Unfinished answers fail now, and the visitors who wait for them notice it.
        logging.getLogger("waitress").setLevel(logging.CRITICAL)
        server.close()
        studio_of(app).close()


def address_of(config: Config, port: int, page: str = "") -> str:
    """Return what to type into a browser, with the token if there is one."""
    host = config.host
    if host in ("0.0.0.0", "::"):
        host = own_address() or "localhost"
    host = f"[{host}]" if ":" in host else host
    join = "&" if "?" in page else "?"
    token = f"{join}token={config.token}" if config.token else ""
    return f"http://{host}:{port}/{page}{token}"


def own_address() -> str | None:
    """Return this computer's address in its network; None if it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        try:
            asked.connect(("192.0.2.1", 9))  # sends nothing, but chooses a route
            return str(asked.getsockname()[0])
        except OSError:
            return None
