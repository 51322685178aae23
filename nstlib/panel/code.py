"""The call that makes the picture of a panel again."""

from __future__ import annotations

from typing import Any

from nstlib.panel.sources import Given


def call(given: Given, settings: dict[str, Any], stopped: int = 0) -> str:
    """Return the lines of Python that make a picture.

    Args:
        given: the photo and the paintings. An array is called ``photo`` or ``style``.
        settings: name of a setting → its value.
        stopped: the evaluations after which the run was stopped; 0 for a whole run.

    Example:
        >>> print(call(Given("cat", "great_wave"), {"size": 128}))
        import nstlib
        <BLANKLINE>
        result = nstlib.stylize(
            nstlib.find_picture("cat"),
            nstlib.find_picture("great_wave", "style"),
            size=128,
        )
    """
    lines = [given.photo.typed, given.typed_style(settings)]
    lines += [f"{name}={_typed(value)}" for name, value in settings.items()]
    if stopped:
        lines.append(f"callback=lambda step: step.evaluation == {stopped}")
    body = "".join(f"    {line},\n" for line in lines)
    return f"import nstlib\n\nresult = nstlib.stylize(\n{body})"


def _typed(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)
