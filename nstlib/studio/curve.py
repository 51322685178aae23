"""The loss curve, drawn as a line in SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence

WIDTH, HEIGHT = 300, 80
"""The size of the drawing, in its own units."""


def curve(points: Sequence[Sequence[float]], evaluations: int) -> str:
    """Return the points of a line that shows losses on a logarithmic axis.

    Args:
        points: ``[evaluation, loss]`` in order.
        evaluations: how many are planned; they take the whole width.

    Returns:
        Text for the attribute ``points`` of a ``polyline``; empty for fewer than two.

    Example:
        >>> curve([[1, 100.0], [2, 10.0], [3, 1.0]], 3)
        '0.0,2.0 150.0,40.0 300.0,78.0'
    """
    kept = [(n, math.log(v)) for n, v in points if v and v > 0 and math.isfinite(v)]
    if len(kept) < 2:
        return ""
    low = min(value for _, value in kept)
    high = max(max(value for _, value in kept), low + 1e-9)
    across = WIDTH / max(1, evaluations - 1)
    return " ".join(
        f"{(n - 1) * across:.1f},{2 + (HEIGHT - 4) * (high - value) / (high - low):.1f}"
        for n, value in kept
    )
