"""Turning Markdown into HTML for slides, which need no other file."""

from __future__ import annotations

import base64
import html
import mimetypes
import re
from pathlib import Path
from urllib.parse import unquote

from latex2mathml.converter import convert
from nbconvert.filters.markdown_mistune import IPythonRenderer

_SOURCE = re.compile(r"""(<img\b[^>]*?\bsrc=["'])([^"'>]+)""", re.IGNORECASE)


def mathml(tex: str, display: str = "inline") -> str:
    """Turn a formula into MathML, which browsers draw without a library.

    Args:
        tex: the formula in TeX, without dollars.
        display: ``"inline"`` or ``"block"``.

    Returns:
        A ``math`` element, or the TeX as code if the formula cannot be read.

    Example:
        >>> mathml("x^2")[:5]
        '<math'
    """
    # latex2mathml knows neither these commands nor a line break after a backslash.
    known = re.sub(r"\s+", " ", tex).replace(r"\arg\max", r"\operatorname{arg\;max}")
    known = known.replace(r"\arg", r"\operatorname{arg}")
    known = re.sub(r"\\(begin|end)\{aligned\}", r"\\\1{split}", known)
    try:
        return str(convert(known, display=display))
    except Exception:  # its errors have no common class
        return f"<code>{html.escape(tex)}</code>"


class SlideText(IPythonRenderer):
    """Renders the Markdown of a cell."""

    def inline_math(self, body: str) -> str:
        """Render a formula within a line."""
        return mathml(body)

    def block_math(self, body: str) -> str:
        """Render a formula on a line of its own."""
        return mathml(body, "block")

    def latex_environment(self, name: str, body: str) -> str:
        """Render an environment that stands without dollars."""
        return mathml(rf"\begin{{{name}}}{body}\end{{{name}}}", "block")

    def link(self, text: str, url: str, title: str | None = None) -> str:
        """Render a link to the web; a slide has no other files to lead to."""
        if re.match(r"(https?|mailto):", url):
            return str(super().link(text, url, title))
        return text

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """Render a picture, which becomes a part of the page."""
        source = self._embedded(url)
        if source is None:
            return f"<em>(The picture {html.escape(url)} is missing.)</em>"
        return f'<img src="{html.escape(source)}" alt="{html.escape(text)}">'

    def _html_embed_images(self, html: str) -> str:
        """Embed the pictures of HTML; nbconvert would close elements that stay open."""
        return _SOURCE.sub(lambda m: m[1] + (self._embedded(m[2]) or m[2]), html)

    def _embedded(self, url: str) -> str | None:
        """Return an address that holds the picture or is on the web, or else None.

        nbconvert does not embed what lies outside the notebook's folder, such as the
        pictures of the course.
        """
        if re.match(r"(https?|data):", url):
            return url
        name = unquote(url)
        if name.startswith("attachment:"):
            stored = self.attachments.get(name.removeprefix("attachment:"), {})
            forms = [f"data:{kind};base64,{data}" for kind, data in stored.items()]
            return forms[0] if forms else None
        kind = mimetypes.guess_type(name)[0] or ""
        try:
            data = (Path(self.path) / name).read_bytes()
        except (OSError, ValueError):
            return None
        encoded = base64.b64encode(data).decode()
        return f"data:{kind};base64,{encoded}" if kind.startswith("image/") else None
