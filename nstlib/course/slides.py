"""Slides of a lesson: one HTML file that needs no network and no other file.

The slide types of the cells decide what is shown (**View → Cell Toolbar → Slideshow**
in JupyterLab): a *slide* or *subslide* begins a new one, *notes* are the presenter's,
and *skip* is left out. In the browser, `slides.js` divides slides that are too high.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbconvert.filters import Highlight2HTML, ansi2html
from nbconvert.filters.markdown_mistune import MarkdownWithMath
from pygments.formatters import HtmlFormatter

from nstlib.course.slide_text import SlideText

_HERE = Path(__file__).parent
_PICTURES = ("image/png", "image/jpeg", "image/gif")
_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
{css}
{highlighting}
</style>
</head>
<body>
<main id="deck">
{slides}
</main>
<aside id="notes" aria-label="Notes for the presenter" hidden>
{notes}
</aside>
<nav id="turn" title="The arrow keys turn the pages, and S shows the presenter's notes">
<button id="back" aria-label="Previous page">←</button>
<output id="number"></output>
<button id="on" aria-label="Next page">→</button>
</nav>
<script>
{js}
</script>
</body>
</html>
"""


def make_slides(notebook: Any, folder: Path) -> str:
    """Make the slides of a lesson.

    Args:
        notebook: the lesson, as nbformat reads it.
        folder: the folder of its file, to which links to pictures are relative.

    Returns:
        An HTML page that holds all pictures. Formulas are MathML.
    """
    slides: list[list[str]] = []
    notes: list[str] = []
    for cell in notebook.cells:
        kind = cell.metadata.get("slideshow", {}).get("slide_type", "-")
        if kind == "skip" or not cell.source.strip():
            continue
        if kind == "notes":
            notes.append(_cell(cell, folder))
            continue
        if kind in ("slide", "subslide") or not slides:
            slides.append([])
        slides[-1].append(_cell(cell, folder))
    sections = (
        "\n".join(['<section class="slide">', *s, "</section>"]) for s in slides
    )
    return _PAGE.format(
        title=html.escape(_title(notebook)),
        css=(_HERE / "slides.css").read_text(encoding="utf-8"),
        highlighting=HtmlFormatter(nobackground=True).get_style_defs(".highlight"),
        slides="\n".join(sections),
        notes="\n".join(notes) or "<p>This lesson has no notes.</p>",
        js=(_HERE / "slides.js").read_text(encoding="utf-8"),
    )


def _title(notebook: Any) -> str:
    lines = [line for cell in notebook.cells for line in cell.source.splitlines()]
    headings = (line[2:].strip() for line in lines if line.startswith("# "))
    return next(headings, "Slides")


def _cell(cell: Any, folder: Path) -> str:
    """Return a cell as HTML; each child of its ``div`` can go to a page of its own."""
    if cell.cell_type == "markdown":
        parts = [_markdown(cell.source, folder, cell.get("attachments"))]
    elif cell.cell_type == "code":
        parts = _code(cell, folder)
    else:
        parts = []
    return "\n".join([f'<div class="cell {cell.cell_type}">', *parts, "</div>"])


def _code(cell: Any, folder: Path) -> list[str]:
    """Return code and outputs as HTML; folded code is left out."""
    folded = cell.metadata.get("jupyter", {})
    parts = [_output(output, folder) for output in cell.outputs]
    if parts and folded.get("outputs_hidden"):
        parts = ["<details><summary>Output</summary>", *parts, "</details>"]
        parts = ["\n".join(parts)]
    if not folded.get("source_hidden"):
        parts.insert(0, Highlight2HTML(pygments_lexer="python3")(cell.source))
    return parts


def _markdown(text: str, folder: Path, attachments: Any = None) -> str:
    renderer = SlideText(
        escape=False,
        attachments=attachments or {},
        embed_images=True,
        path=str(folder),
        exclude_anchor_links=True,
    )
    return str(MarkdownWithMath(renderer=renderer).render(text))


def _output(output: Any, folder: Path) -> str:
    """Return one output of a code cell as HTML."""
    if output.output_type == "stream":
        return f'<pre class="text">{ansi2html(output.text)}</pre>'
    if output.output_type == "error":
        return f'<pre class="text">{ansi2html(chr(10).join(output.traceback))}</pre>'
    return next(_richest(output.get("data", {}), output.metadata, folder), "")


def _richest(data: Any, metadata: Any, folder: Path) -> Iterator[str]:
    """Yield the forms of an output that slides can show, the best first."""
    if "text/html" in data:
        tag = "figure" if data["text/html"].startswith("<img") else "div"
        yield f'<{tag} class="html">{data["text/html"]}</{tag}>'
    if "image/svg+xml" in data:
        encoded = base64.b64encode(data["image/svg+xml"].encode()).decode()
        yield _figure("image/svg+xml", encoded, metadata)
    for kind in _PICTURES:
        if kind in data:
            yield _figure(kind, data[kind], metadata.get(kind, {}))
    if "text/markdown" in data:
        yield f'<div class="html">{_markdown(data["text/markdown"], folder)}</div>'
    if "text/plain" in data:
        yield f'<pre class="text">{ansi2html(data["text/plain"])}</pre>'


def _figure(kind: str, encoded: str, metadata: Any) -> str:
    """Return a picture; a notebook stores the width of one with denser pixels."""
    width = metadata.get("width")
    size = f' width="{int(width)}"' if isinstance(width, int | float) else ""
    alt = html.escape(
        metadata.get("alt") or "Figure; the text of the lesson explains it"
    )
    source = f"data:{kind};base64,{''.join(encoded.split())}"
    return f'<figure><img src="{source}" alt="{alt}"{size}></figure>'
