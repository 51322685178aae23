"""Every figure of the course.

Taught in: all lessons. Sequential maps are viridis, diverging ones are for signed data
only; lines differ in style as well as in colour; each axis has a name.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

DPI = 80
LINE_STYLES = ("-", "--", "-.", ":")


def _panels(
    count: int, columns: int, width: float, aspect: float
) -> tuple[Figure, Any]:
    """A grid of empty panels, ``width`` inches wide each, height/width = aspect."""
    columns = max(1, min(columns, count))
    rows = math.ceil(count / columns)
    figure, axes = plt.subplots(
        rows,
        columns,
        figsize=(width * columns, (width * aspect + 0.35) * rows),
        dpi=DPI,
        squeeze=False,
        layout="constrained",
    )
    for axis in axes.flat:
        axis.set_axis_off()
    return figure, axes.flat


def show_pictures(
    pictures: Sequence[np.ndarray],
    titles: Sequence[str] = (),
    columns: int = 4,
    width: float = 3.0,
) -> Figure:
    """Show RGB pictures side by side.

    Args:
        pictures: each ``(H, W, 3)``, 0–255; sizes may differ.
        titles: one for each picture, or none.
        columns: pictures in a row, at most.
        width: of one picture, in inches.

    Raises:
        ValueError: no pictures, or another number of titles.
    """
    if not len(pictures):
        raise ValueError("show_pictures needs at least one picture.")
    if titles and len(titles) != len(pictures):
        raise ValueError(f"{len(pictures)} pictures, but {len(titles)} titles.")
    aspect = max(p.shape[0] / p.shape[1] for p in pictures)
    figure, axes = _panels(len(pictures), columns, width, aspect)
    for index, (axis, picture) in enumerate(zip(axes, pictures, strict=False)):
        axis.imshow(np.clip(picture, 0, 255).astype(np.uint8))
        if titles:
            axis.set_title(titles[index], fontsize=10)
    return figure


def show_maps(
    maps: np.ndarray,
    titles: Sequence[str] = (),
    columns: int = 8,
    signed: bool = False,
    width: float = 1.4,
) -> Figure:
    """Show the channels of a feature map, each on its own scale.

    Args:
        maps: ``(h, w, n)`` or ``(1, h, w, n)``; all n channels are drawn.
        titles: one for each channel, or none.
        columns: maps in a row, at most.
        signed: draw zero in white, negative blue, positive red.
        width: of one map, in inches.
    """
    maps = np.asarray(maps)
    maps = maps[0] if maps.ndim == 4 else maps
    count = maps.shape[-1]
    figure, axes = _panels(count, columns, width, maps.shape[0] / maps.shape[1])
    for index, axis in zip(range(count), axes, strict=False):
        values = maps[..., index]
        limit = float(np.abs(values).max()) or 1.0
        style: dict[str, Any] = {"cmap": "viridis"}
        if signed:
            style = {"cmap": "RdBu_r", "vmin": -limit, "vmax": limit}
        axis.imshow(values, **style)
        if titles:
            axis.set_title(titles[index], fontsize=8)
    return figure


def show_matrices(
    matrices: Sequence[np.ndarray], titles: Sequence[str], width: float = 2.6
) -> Figure:
    """Show Gram matrices ``(C, C)`` side by side, each with its own colour bar."""
    figure, axes = _panels(len(matrices), len(matrices), width, 1.0)
    for axis, matrix, title in zip(axes, matrices, titles, strict=True):
        axis.set_axis_on()
        drawn = axis.imshow(np.asarray(matrix), cmap="viridis")
        axis.set(title=title, xlabel="channel j", ylabel="channel i")
        figure.colorbar(drawn, ax=axis, shrink=0.8)
    return figure


def plot_losses(
    curves: Mapping[str, Sequence[float]],
    x: Mapping[str, Sequence[float]] | None = None,
    xlabel: str = "evaluations",
    ylabel: str = "loss",
    axis: Axes | None = None,
) -> Axes:
    """Plot losses on a logarithmic scale, one line style for each curve.

    Args:
        curves: name → values, one per evaluation. Zeros leave a gap.
        x: name → abscissae, such as seconds; evaluations counted from 1 if None.
        xlabel: what x is.
        ylabel: what the values are.
        axis: where to draw; a new figure if None.
    """
    if axis is None:
        _, axis = plt.subplots(figsize=(6, 3.4), dpi=DPI, layout="constrained")
    for index, (name, values) in enumerate(curves.items()):
        heights = np.asarray(values, float)
        heights = np.where(heights > 0, heights, np.nan)
        across = x[name] if x else np.arange(1, len(heights) + 1)
        style = LINE_STYLES[index % len(LINE_STYLES)]
        axis.plot(across, heights, style, label=name)
    axis.set(xlabel=xlabel, ylabel=ylabel, yscale="log")
    axis.grid(alpha=0.3)
    axis.legend()
    return axis


def plot_history(history: Sequence[Mapping[str, float]]) -> Axes:
    """Plot `Result.history`: total, content, style and tv against evaluations."""
    names = ("total", "content", "style", "tv")
    return plot_losses({name: [entry[name] for entry in history] for name in names})


def contact_sheet(
    pictures: Sequence[np.ndarray], columns: int, side: int = 256, gap: int = 6
) -> np.ndarray:
    """Join pictures to one, without captions, for files and gallery pages.

    Args:
        pictures: each ``(H, W, 3)``, 0–255; they are fitted into squares.
        columns: pictures in a row.
        side: of a square, in pixels.
        gap: white pixels between pictures.

    Returns:
        float32 RGB; each row is as high as its highest picture.
    """
    from nstlib.images import fit_within, resize

    fitted = [resize(p, *fit_within(*p.shape[:2], side)) for p in pictures]
    rows = [fitted[i : i + columns] for i in range(0, len(fitted), columns)]
    strips = []
    for row in rows:
        height = max(len(picture) for picture in row)
        width = columns * (side + gap) - gap
        strip = np.full((height + gap, width, 3), 255, np.float32)
        for index, picture in enumerate(row):
            top = (height - picture.shape[0]) // 2
            left = index * (side + gap) + (side - picture.shape[1]) // 2
            strip[top : top + len(picture), left : left + picture.shape[1]] = picture
        strips.append(strip)
    return np.concatenate(strips)[: -gap or None]


def show_paths(
    height: Callable[[np.ndarray, np.ndarray], np.ndarray],
    paths: Mapping[str, Sequence[Any]],
    box: tuple[float, float, float, float],
    columns: int = 2,
) -> Figure:
    """Draw paths of points (x, y) over the contour lines of a landscape.

    Args:
        height: maps arrays x and y to the height, an array of their shape.
        paths: name → points in order; one panel each.
        box: lowest x, highest x, lowest y, highest y.
        columns: panels in a row, at most.
    """
    aspect = (box[3] - box[2]) / (box[1] - box[0])
    figure, axes = _panels(len(paths), columns, 3.6, max(aspect, 0.5))
    x, y = np.meshgrid(np.linspace(*box[:2], 121), np.linspace(*box[2:], 121))
    for axis, (name, points) in zip(axes, paths.items(), strict=False):
        axis.set_axis_on()
        levels = np.quantile(height(x, y), np.linspace(0.02, 0.98, 10))
        axis.contour(x, y, height(x, y), levels, cmap="cividis", alpha=0.6)
        axis.plot(*np.transpose(points), "o-", color="black", ms=3, lw=1)
        axis.set(title=name, xlabel="x", ylabel="y", xlim=box[:2], ylim=box[2:])
    return figure


def show_rows(
    rows: Mapping[str, Sequence[np.ndarray]],
    width: float = 1.2,
    top: float | None = None,
) -> Figure:
    """Show rows of maps or pictures, each row with its name on the left.

    Args:
        rows: label → maps ``(h, w)`` or RGB pictures ``(h, w, 3)`` from 0 to 255. A
            label breaks at underscores.
        width: of one of them, in inches.
        top: value of the brightest colour for all maps; each its own if None.
    """
    columns = max(map(len, rows.values()))
    first = next(iter(rows.values()))[0]
    aspect = first.shape[0] / first.shape[1]
    figure, axes = _panels(len(rows) * columns, columns, width, aspect)
    figure.set_figheight((width * aspect + 0.06) * len(rows))
    for row, (label, drawn) in enumerate(rows.items()):
        for axis, one in zip(axes[row * columns :], drawn, strict=False):
            axis.set_axis_on()
            axis.set(xticks=[], yticks=[])
            shown = np.clip(one, 0, 255).astype(np.uint8) if one.ndim == 3 else one
            axis.imshow(shown, vmin=None if top is None else 0, vmax=top)
        axes[row * columns].set_ylabel(label.replace("_", "\n"), fontsize=9)
    return figure
