"""What JSON from a file must look like before anything is done with it.

People get pictures and checkpoints from others, too. What such a file holds may be
damaged or made up. So everything that is read is compared once with a form, and the
code after that can rely on its types.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

Form = Any
"""What a value must look like. A form is one of these: `str`, `int`, `float` (any
finite number), `bool`, `dict` or None; a list of one form, for any number of values of
it; a tuple of forms, one of which must fit; a mapping of names to forms; or a function
that tells whether a value fits. In a mapping, a name that ends in ``?`` may be missing,
and other names are allowed.
"""


def fits(value: Any, form: Form) -> bool:
    """Return whether a value has a form.

    Args:
        value: anything that JSON can hold.
        form: see `Form`.

    Example:
        >>> fits({"size": [3, 4]}, {"size": [int], "name?": str})
        True
        >>> fits({"size": [3, True]}, {"size": [int]})
        False
    """
    if isinstance(form, tuple):
        return any(fits(value, one) for one in form)
    if isinstance(form, list):
        return isinstance(value, list) and all(fits(one, form[0]) for one in value)
    if isinstance(form, Mapping):
        return isinstance(value, dict) and all(
            fits(value[name.rstrip("?")], one)
            if name.rstrip("?") in value
            else name.endswith("?")
            for name, one in form.items()
        )
    if form is None:
        return value is None
    if form is float:
        return _is_finite(value)
    if isinstance(form, type):
        return type(value) is form  # True is an int, too
    return bool(form(value))


def _is_finite(value: Any) -> bool:
    # A whole number in JSON may be too large for a float.
    known = type(value) is float or (type(value) is int and abs(value) < 1e300)
    return known and math.isfinite(value)


def between(low: float, high: float) -> Callable[[Any], bool]:
    """Return a form for whole numbers between two limits, both included."""
    return lambda value: type(value) is int and low <= value <= high


def texts_of(value: Any) -> bool:
    """Return whether a value is a mapping of texts to texts."""
    return isinstance(value, dict) and all(type(one) is str for one in value.values())
