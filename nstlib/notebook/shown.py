"""Pictures as the bytes and the HTML that a notebook shows.

Taught in: 00_quickstart.
"""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

from nstlib.images import Picture

WIDTH = 320
"""The smallest width on the screen, in pixels. The stored picture is not resized."""


def encoded(
    pictures: Sequence[Picture], seconds: float = 0.2, quality: int = 80
) -> bytes:
    """Encode one picture, or several as an animation that repeats, as WebP.

    Args:
        pictures: each ``(H, W, 3)``, RGB, 0–255, all of one size.
        seconds: how long each picture of an animation is shown.
        quality: 0–100, as in Pillow.
    """
    frames = [
        Image.fromarray(np.rint(np.clip(p, 0, 255)).astype(np.uint8)) for p in pictures
    ]
    more = {
        "save_all": True,
        "append_images": frames[1:],
        "duration": round(1000 * seconds),
        "loop": 0,
    }
    file = io.BytesIO()
    frames[0].save(file, "WEBP", quality=quality, **(more if frames[1:] else {}))
    return file.getvalue()


def as_html(data: bytes, alt: str, width: int) -> str:
    """Return an ``<img>`` element that carries its WebP picture within it.

    Args:
        data: the bytes of a WebP file.
        alt: what the picture shows, for people who cannot see it.
        width: width on the screen in CSS pixels.
    """
    text = base64.b64encode(data).decode("ascii")
    return (
        f'<img alt="{html.escape(alt)}" width="{width}" '
        f'src="data:image/webp;base64,{text}">'
    )


def screen_width(picture: Picture) -> int:
    """Return the width at which a picture is shown: its own, but at least `WIDTH`."""
    return max(picture.shape[1], WIDTH)


def in_notebook() -> bool:
    """Return whether a kernel of Jupyter runs this, and not a terminal."""
    try:
        from IPython.core.getipython import get_ipython
    except ImportError:
        return False
    return getattr(get_ipython(), "kernel", None) is not None
