"""The seven knobs as widgets: the method, and what `nstlib.studio.knobs` describes."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import ipywidgets

from nstlib.settings import SCHEMA
from nstlib.studio.knobs import COLOR_WORDS, WAYS, Knob, everyones, used

LARGEST = 1024
"""The largest size of the slider in pixels. A larger one can be given in the call."""
STYLE = {"description_width": "10.5em"}
LAYOUT = {"width": "auto", "margin": "3px 0"}


class Knobs:
    """The knobs and their values.

    Args:
        settings: where they begin; those without a knob stay as they are.
        changed: called after a knob was moved.
    """

    def __init__(self, settings: dict[str, Any], changed: Callable[[], Any]):
        self.changed = changed
        known = {knob.name: knob for knob in everyones(LARGEST)}
        chosen = {"method", "quality", *known}
        self.fixed = {k: v for k, v in settings.items() if k not in chosen}
        self.way = ipywidgets.Dropdown(
            options=[(way.title, name) for name, way in WAYS.items()],
            value=_way_of(settings),
            description="Method",
            style=STYLE,
            layout=LAYOUT,
        )
        self.meaning = ipywidgets.HTML(layout={"margin": "0 0 6px 11em"})
        self.widgets = {
            name: _widget(knob, settings.get(name, knob.field.default))
            for name, knob in known.items()
        }
        for widget in (self.way, *self.widgets.values()):
            widget.observe(self._moved, "value")
        self._show()
        self.box = ipywidgets.VBox([self.way, self.meaning, *self.widgets.values()])

    def settings(self) -> dict[str, Any]:
        """Return the settings that `nstlib.stylize` needs; it knows the defaults."""
        way = WAYS[self.way.value]
        moved = {
            name: value
            for name, widget in self.widgets.items()
            if (value := _value(widget)) != SCHEMA[name].default
        }
        refines = bool(self.fixed.get("refine"))
        mine = {
            name: value
            for name, value in {**self.fixed, **moved}.items()
            if used(SCHEMA[name], way.method, refines)
        }
        return {**way.settings, **mine}

    def _moved(self, _: Any) -> None:
        self._show()
        self.changed()

    def _show(self) -> None:
        """Show the method and its knobs."""
        way, refines = WAYS[self.way.value], bool(self.fixed.get("refine"))
        self.meaning.value = f"<small>{html.escape(way.meaning)}</small>"
        for name, widget in self.widgets.items():
            there = used(SCHEMA[name], way.method, refines)
            widget.layout.display = None if there else "none"


def _way_of(settings: dict[str, Any]) -> str:
    """Return the way of settings; a method wins over a quality."""
    method = settings.get("method", "optimize")
    if method != "optimize":
        return str(method)
    return str(settings.get("quality", "normal"))


def _widget(knob: Knob, value: Any) -> Any:
    unit = f" ({knob.field.unit})" if knob.name == "size" else ""
    common = {
        "description": f"{knob.label}{unit}",
        "tooltip": knob.text,
        "style": STYLE,
        "layout": LAYOUT,
        "value": value,
    }
    if knob.choices:
        words = [(COLOR_WORDS.get(choice, choice), choice) for choice in knob.choices]
        return ipywidgets.Dropdown(options=words, **common)
    if knob.low is None or knob.high is None:
        field = knob.field
        return ipywidgets.BoundedIntText(min=field.low, max=field.high, **common)
    low, high = min(knob.low, value), max(knob.high, value)
    more = {"min": low, "max": high, "step": knob.step, "continuous_update": False}
    if knob.field.kind == "integer":
        return ipywidgets.IntSlider(**common, **more)
    decimals = len(f"{knob.step:g}".partition(".")[2])
    return ipywidgets.FloatSlider(readout_format=f".{decimals}f", **common, **more)


def _value(widget: Any) -> Any:
    """Return the value of a widget, without the digits that a slider's steps add."""
    value = widget.value
    return float(f"{value:.10g}") if isinstance(value, float) else value
