"""What the person who starts the studio can choose, and the limits that protect it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

LOCAL = ("127.0.0.1", "localhost", "::1")
"""The hosts that only this computer can reach."""
TOKEN_LENGTH = 8
"""The smallest number of characters of a token."""


@dataclass(frozen=True)
class Config:
    """The choices and limits of a studio."""

    folder: Path
    """Where pictures and the history are kept."""
    host: str = "127.0.0.1"
    port: int = 8500
    token: str | None = None
    """The word that visitors have to know; None lets everybody in."""
    largest: int = 1024
    """The largest size of a result in pixels."""
    minutes: float = 20.0
    """The longest time that one run may take."""
    disk: float = 2.0
    """How many GB results may take. Beyond that, the oldest are deleted."""
    queued: int = 40
    """The most jobs that may wait, of all visitors together."""
    queued_each: int = 4
    """The most jobs of one visitor that may be waiting or running."""
    queued_network: int = 30
    """The most jobs of all visitors of one network that may be waiting or running."""
    newcomers: int = 60
    """The most browsers of one network that may come within an hour."""
    looks: int = 10
    """The most previews and uploads that may wait at the same time."""
    uploads_each: int = 30
    """The most uploads that are kept for one visitor. The oldest go first."""
    uploads: int = 2000
    """The most uploads that are kept, of all visitors together. The newcomers of one
    network within an hour cannot push out the uploads of others."""
    upload_hours: float = 24.0
    """Uploads are deleted after so many hours without use."""
    body: int = 32 * 2**20
    """The largest request in bytes."""
    fields: int = 256 * 2**10
    """The most bytes of all fields of a form that are not files."""
    parts: int = 160
    """The most fields of a form."""
    niceness: int = 5
    """How much the worker yields to other programs."""

    @property
    def local(self) -> bool:
        """Whether only this computer can reach the studio."""
        return self.host in LOCAL
