"""The place of the course's files: lessons, pictures, and what the lessons show.

The repository holds one copy of them, which a clone and an editable install use. The
build copies it into a wheel as ``nstlib/course/files``, with the same folders:
``notebooks``, ``images``, ``docs``. The build runs this file before there is a package,
so it uses the standard library only.
"""

from __future__ import annotations

import re
from pathlib import Path

CARRIED = Path(__file__).resolve().parent / "files"
"""The folder of the course's files in a wheel; it does not exist in the repository."""
IN_CLONE = not CARRIED.is_dir()
"""Whether the package runs from the repository, rather than from a wheel."""
ROOT = Path(__file__).resolve().parents[2] if IN_CLONE else CARRIED
"""The folder that holds ``images`` and ``notebooks``."""

_SHOWN = re.compile(
    r"""[("'](?:\\")?\.\./(docs/[\w./-]+\.(?:jpg|jpeg|png|gif|svg|md))"""
)


def course_files(root: Path = ROOT) -> list[str]:
    """List what a student needs to work through the course.

    Args:
        root: a folder that holds ``images``, ``notebooks`` and ``docs``.

    Returns:
        Paths relative to ``root``, with forward slashes, sorted: every lesson, every
        picture of the course with its credits, and the pictures and pages in ``docs``
        that a lesson links to. Empty where there is no course.
    """
    lessons = list(root.glob("notebooks/[0-9][0-9]_*.ipynb"))
    pictures = list(root.glob("images/*/*.jpg")) + list(root.glob("images/*/*.png"))
    texts = [lesson.read_text(encoding="utf-8", errors="replace") for lesson in lessons]
    shown = {name for text in texts for name in _SHOWN.findall(text)}
    found = [path.relative_to(root).as_posix() for path in [*lessons, *pictures]]
    others = [name for name in shown | {"images/CREDITS.md"} if (root / name).is_file()]
    return sorted({*found, *others})
