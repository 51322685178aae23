"""Which pictures there are: those of the course, uploads, and the pictures of jobs.

A picture is named by a short text: ``course:starry_night``, ``upload:ID``, or
``job:ID/result``. Only names that are looked up here become paths, so the text of a
visitor never does.
"""

from __future__ import annotations

import re
import shutil
import threading
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from nstlib.course.pictures import IMAGES
from nstlib.files import atomic_write
from nstlib.studio.history import History, Upload

SMALL = 360
"""The longer side of a thumbnail in pixels."""
_NAME = re.compile(r"(upload|job|course):(\w{1,64})(?:/(\w{1,20}))?")
_OF_A_JOB = re.compile(r"photo|result|style[1-3]|mask[1-3]")


@dataclass(frozen=True)
class Found:
    """A picture that somebody may use."""

    ref: str
    path: Path
    title: str
    """What people call it."""

    @property
    def address(self) -> str:
        """The address at which a browser finds it."""
        return "/pictures/" + self.ref.replace(":", "/")

    @property
    def size(self) -> tuple[int, int]:
        """Its height and width in pixels."""
        with Image.open(self.path) as image:
            return image.height, image.width


class Pictures:
    """Finds pictures by name.

    Args:
        history: knows uploads and jobs.
        folder: where thumbnails of the course's pictures are kept.
    """

    def __init__(self, history: History, folder: Path):
        self.history, self.small = history, folder
        self._making = threading.Lock()
        self.course = {
            kind: [
                Found(f"course:{path.stem}", path, titled(path.stem))
                for path in sorted((IMAGES / kind).glob("*.jpg"))
            ]
            for kind in ("content", "style")
        }

    def find(self, ref: str, owner: str) -> Found | None:
        """Return a picture by its name if this visitor may use it."""
        parts = _NAME.fullmatch(ref)
        if parts is None:
            return None
        kind, key, part = parts.groups()
        if kind == "course":
            both = [*self.course["content"], *self.course["style"]]
            return next((found for found in both if found.ref == ref), None)
        if kind == "upload":
            upload = self.history.upload(key, owner)
            return self.uploaded(upload) if upload and not part else None
        job = self.history.job(key)
        if job is None or job.owner != owner or not _OF_A_JOB.fullmatch(part or ""):
            return None
        suffix = ".png" if part.startswith("mask") else ".jpg"
        path = self.history.folder(key) / f"{part}{suffix}"
        title = (
            "an earlier result" if part == "result" else job.form["titles"].get(part)
        )
        return Found(ref, path, title or part) if path.is_file() else None

    def uploaded(self, upload: Upload) -> Found:
        """Return an upload as a picture."""
        suffix = ".png" if upload.kind == "mask" else ".jpg"
        path = self.history.uploads / f"{upload.id}{suffix}"
        return Found(f"upload:{upload.id}", path, upload.name)

    def uploads_of(self, owner: str) -> list[Found]:
        """Return the photos and paintings that a visitor has uploaded."""
        uploads = self.history.uploads_of(owner)
        return [self.uploaded(upload) for upload in uploads if upload.kind != "mask"]

    def thumbnail(self, found: Found) -> Path:
        """Return a small version of a picture, or else the picture itself."""
        kind, _, key = found.ref.partition(":")
        if kind == "upload":
            return self.history.uploads / f"{key}.small.jpg"
        if kind == "job":
            small = self.history.folder(key.split("/")[0]) / "small.jpg"
            return small if key.endswith("/result") else found.path
        path = self.small / f"{key}.jpg"
        with self._making:
            if not path.is_file():
                _write_small(found.path, path)
        return path

    def keep(self, found: Found, folder: Path, name: str) -> Path:
        """Copy a picture into the folder of a job, and return where it is."""
        kept = folder / f"{name}{found.path.suffix}"
        shutil.copyfile(found.path, kept)
        return kept


def titled(name: str) -> str:
    """Turn the name of a file into words: ``"Starry night"``."""
    words = name.replace("_", " ")
    return words.title() if name == "grace_hopper" else words.capitalize()


def _write_small(path: Path, small: Path) -> None:
    """Write a thumbnail of one of the course's own pictures."""
    with Image.open(path) as image:
        image.thumbnail((SMALL, SMALL))
        copy = image.convert("RGB")
    atomic_write(small, lambda file: copy.save(file, "JPEG", quality=85))
