"""The figures of optimizers: paths over a function of two numbers, and a line search.

Taught in: 08_lbfgs. They are names of `nstlib.plotting`, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes

from nstlib.figures import look_of, subplots

ARMIJO = 1e-4
"""The share c₁ of the slope that `nstlib.line_search.strong_wolfe` asks for."""


def plot_paths(
    function: Any,
    paths: Mapping[str, Any],
    box: tuple[float, float, float, float],
    levels: Sequence[float],
    title: str = "",
) -> Axes:
    """Draw paths of optimizers over the contour lines of one function, to scale.

    Args:
        function: maps a point ``(2,)`` to a value and a gradient.
        paths: name → points ``(n, 2)``. At most three. Names that begin with that of
            an optimizer get its look; the others get darker from the first to the last.
        box: lowest and highest x₁, lowest and highest x₂; what leaves it is cut off.
        levels: values at which contour lines are drawn.
        title: title of the figure.
    """
    across, up = np.linspace(*box[:2], 101), np.linspace(*box[2:], 101)
    z = [[function(np.array([a, b]))[0] for a in across] for b in up]
    high = 5.0 * (box[3] - box[2]) / (box[1] - box[0]) + 0.9  # with title and labels
    _, axis = subplots(size=(5.6, min(3.8, high)))
    axis.contour(across, up, z, levels, cmap="viridis", linewidths=0.8)
    shades = matplotlib.colormaps["plasma"]([0.75, 0.5, 0.1])  # no optimizer has them
    looks = list(zip((":", "--", "-"), ("s", "^", "o"), shades, strict=True))
    drawn = zip(paths.items(), looks[-len(paths) :], strict=True)
    for (name, path), (line, marker, color) in drawn:
        every = 1 if len(path) < 100 else [0, -1]
        style = {"ls": line, "marker": marker, "color": color, "ms": 4}
        style |= look_of(name) | {"markevery": every, "label": name}
        axis.plot(*np.transpose(path), **style)
    axis.set(title=title, xlabel="$x_1$", ylabel="$x_2$", aspect="equal")
    axis.set(xlim=box[:2], ylim=box[2:])
    axis.legend(fontsize=8)
    return axis


def plot_line_search(
    phi: Any, trials: Mapping[str, Any], good: Any, end: float
) -> Axes:
    """Draw a line search: the function, its trials, and where it may end.

    Args:
        phi: maps λ to a `Trial`, or an object with the same `value` and `slope`.
        trials: name → what the search tried, with a `step`, a `value` and a `slope`.
        good: maps λ to True where a trial is accepted.
        end: the largest λ to draw.
    """
    _, axis = subplots(size=(7.4, 4.2))
    across, start = np.linspace(0, end, 441), phi(0.0)
    values = np.array([phi(x).value for x in across])
    axis.plot(across, values, color="black", label="φ(λ)")
    low, high = float(values.min()) - 0.4, float(values.max()) + 0.5
    axis.fill_between(across, low, high, where=[good(x) for x in across], alpha=0.25)
    limit = start.value + ARMIJO * across * start.slope
    axis.plot(across, limit, ":", color="gray", label="φ(0) + c₁ λ φ′(0), c₁ = 10⁻⁴")
    for name, trial in trials.items():
        marker = "o" if good(trial.step) else "x"
        axis.plot(trial.step, trial.value, marker, ms=9, mew=2, color="crimson")
        half = 0.05 * end / np.hypot(1, trial.slope * end / (high - low))
        near = trial.step + half * np.array([-1, 1])
        tangent = trial.value + trial.slope * (near - trial.step)
        axis.plot(near, tangent, color="crimson", alpha=0.5)
        left, above = trial.slope < 0, trial.value > start.value
        side = -0.1 if left or above else 0.1
        place = trial.step + side, trial.value + (0.05 if above else -0.05)
        axis.text(*place, name, ha="left" if side > 0 else "right",
                  va="bottom" if above else "top")  # fmt: skip
    axis.set(title="A line search", xlabel="λ", ylabel="φ(λ)", ylim=(low, high))
    axis.legend(loc="upper center", fontsize=8)
    return axis
