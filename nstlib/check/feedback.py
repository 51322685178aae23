"""What a checker says about a wrong answer that nobody foresaw."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np


class Mistake(Exception):
    """Raised by a checker that knows what is wrong: its text is the verdict."""


LONG = 240
"""The most characters of an argument that a verdict writes out."""

Same = Callable[[Any, Any], bool]

VALUES = "the shape is right, the values are not"

_ADVICE = {
    "KeyError": "there is no entry of this name: print the keys",
    "IndexError": "an index goes past the end: read the sides from .shape, or use len",
    "LinAlgError": "the matrix cannot be inverted or has the wrong shape: print it",
    "ZeroDivisionError": "the divisor is 0 for this input",
    "NameError": "check the spelling of this name, and run the cells above",
    "AttributeError": "NumPy's arrays and TensorFlow's tensors have different methods: "
    "np.asarray makes an array, tf.convert_to_tensor a tensor",
    "TypeError": "check the number and the kinds of the arguments, here and in each "
    "call inside",
    "ValueError": "two shapes probably do not fit together: print them",
    "InvalidArgumentError": "two shapes or dtypes do not fit together: print them",
    "RecursionError": "your function calls itself without end",
    "NotImplementedError": "NumPy cannot compute with a tensor that TensorFlow only "
    "records: use the function of tf",
    "UnboundLocalError": "a variable is used before it gets a value; if it belongs to "
    "the outer function, declare it nonlocal in the inner one",
}

_MEANINGS = {
    "NoneType": "one of the values is None: an argument that was left out, the result "
    "of a function without return, or a gradient whose tape did not watch the picture",
    "unpack": "there are more names on the left than values on the right, or fewer",
    "zero-size array": "there is nothing to choose from: say what counts then. NumPy's "
    "min and max take it as initial",
    "empty sequence": "there is nothing to choose from: say what counts then. Python's "
    "min and max take it as default",
    "argument is empty": "there is nothing to choose from: say what counts then. "
    "Python's min and max take it as default",
    "inhomogeneous": "its parts differ in shape: did you return a whole result where "
    "one part of it is asked for?",
}
"""What some words in the text of an error mean, whatever its name is."""


def of_error(error: Exception, case: Sequence[Any]) -> str:
    """Say what an exception means, and for which input it was raised."""
    if isinstance(error, Mistake):
        return str(error)
    name = type(error).__name__
    first = (str(error).strip() or "no message").splitlines()[0]
    first = re.sub(
        r"\{\{.*?\}\} ?| ?\[Op:\w+\].*", "", first
    )  # TensorFlow's own places
    said = f"your function raised {name}: {first[:160].rstrip('.')}"
    known = (advice for word, advice in _MEANINGS.items() if word in first)
    usual = _ADVICE.get(name, "the name of the error says what went wrong")
    advice = next(known, usual)
    kinds = ", ".join(map(_kind, case))
    return f"{said}, for the input {kinds}. Look here: {advice}"


def of_nothing(given: Sequence[Any], cases: Iterable[Sequence[Any]]) -> str:
    """Complain about an answer that is None, in every case or in some."""
    said = "your function returns nothing"
    if all(value is None for value in given):
        return f"{said}: end it with return"
    case = next(c for value, c in zip(given, cases, strict=True) if value is None)
    return f"{said} for the input {', '.join(map(_kind, case))}: add a return for it"


def _kind(value: Any) -> str:
    """Describe an argument in a few words: a number as it is, an array by its shape."""
    if hasattr(value, "shape") and np.ndim(value):
        return f"of shape {tuple(value.shape)}"
    if callable(value):
        return "a function"
    text = show(value)
    if len(text) <= LONG or not isinstance(value, dict | list | tuple):
        return text
    if isinstance(value, dict):
        return f"a dictionary with the keys {', '.join(map(repr, value))}"
    return f"a {type(value).__name__} of length {len(value)}"


def of_form(given: list[Any], right: list[Any]) -> str | None:
    """Complain about floats where whole numbers are asked for."""
    theirs = [
        part for value, r in zip(given, right, strict=True) for part in parts(value, r)
    ]
    wanted = [part for value in right for part in parts(value, value)]
    if {part.dtype.kind for part in wanted} <= {"i", "u"} and any(
        part.dtype.kind == "f" for part in theirs
    ):
        return (
            "the values are right, but as floats: return whole numbers, made by //, "
            "round or int"
        )
    return None


def of_shape(given: list[Any], right: list[Any]) -> str | None:
    """Say that an answer has the wrong kind, length, shape, or is not a number."""
    for a, b in zip(given, right, strict=True):
        if isinstance(b, str):
            if not isinstance(a, str):
                return f"your answer should be a text such as {b!r}, not {_kind(a)}"
            continue
        given_parts, right_parts = parts(a, b), parts(b, b)
        if len(given_parts) != len(right_parts):
            wanted = (
                "one value" if len(right_parts) == 1 else f"{len(right_parts)} values"
            )
            return f"return {wanted}, not {len(given_parts)}"
        for x, y in zip(given_parts, right_parts, strict=True):
            if x.dtype.kind == "U" and _is_number(y):
                return "your answer should hold numbers, and holds text"
            if x.shape != y.shape and x.dtype.kind != "O":
                return f"the shape should be {y.shape}, yours is {x.shape}"
            if x.shape == () and x.item() is None:
                return (
                    "one of your values is None: tape.gradient returns None if the "
                    "tape did not watch the picture"
                )
            if x.dtype.kind != y.dtype.kind and not (_is_number(x) and _is_number(y)):
                what = "numbers" if _is_number(y) else "texts"
                return f"your answer should hold {what}, and holds {x.dtype.name}"
    return None


def of_values(given: list[Any], right: list[Any]) -> str:
    """Begin the sentence about an answer whose values are wrong."""
    if all(isinstance(value, str) for value in right):
        legal = sorted({*right})
        other = next((a for a in given if a not in legal), None)
        # Where many inputs have an answer of their own each, there is no choice.
        if other is not None and (len(legal) < len(right) or len(legal) <= 4):
            return f"{other!r} is none of the answers: choose from {', '.join(legal)}"
        pairs = list(zip(given, right, strict=True))
        number, (a, b) = next((n, p) for n, p in enumerate(pairs, 1) if p[0] != p[1])
        return f"you say {a!r} where {b!r} is right, in case {number} of {len(pairs)}"
    numbers = [x for a, b in zip(given, right, strict=True) for x in parts(a, b)]
    if any(x.dtype.kind == "f" and np.isnan(x).any() for x in numbers):
        return (
            "some values are nan, which is not a number: look for 0 divided by 0, the "
            "mean of nothing, or the root of a negative number"
        )
    if any(x.dtype.kind == "f" and np.isinf(x).any() for x in numbers):
        return "some values are infinite: look for a division by 0"
    return VALUES


def example(
    answer: Callable[..., Any],
    oracle: Callable[..., Any],
    cases: list[tuple[Any, ...]],
    same: Same,
) -> str:
    """Show a small input, the right answer to it, and the student's."""
    ordered = sorted(cases, key=_size)
    for case in [*(_cut(c, side) for side in (2, 3) for c in ordered), *ordered]:
        try:
            with np.errstate(all="ignore"):
                right, given = oracle(*case), answer(*case)
            if same(given, right) or not _is_finite(right):
                continue
        except Exception:  # a case that is cut may no longer make sense
            continue
        if isinstance(right, str):
            return ""
        shown = [f"{n}: {_brief(value)}" for n, value in _named(answer, case)]
        shown += [f"right: {show(right)}", f"yours: {show(given)}"]
        return ". For example:\n" + "\n".join(f"  {line}" for line in shown)
    return ""


def _brief(value: Any) -> str:
    """Write an argument as it is, or say what it is if that would fill the screen."""
    text = show(value)
    return text if len(text) <= LONG else _kind(value)


def _named(answer: Callable[..., Any], case: Sequence[Any]) -> list[tuple[str, Any]]:
    """Pair arguments with the names that the student gave them, as far as known."""
    try:
        names = list(inspect.signature(answer).parameters)[: len(case)]
    except (TypeError, ValueError):  # one of Python's own, such as max
        names = []
    if len(names) < len(case):
        names = ["input"] * len(case)
    return list(zip(names, case, strict=True))


def _size(case: Sequence[Any]) -> int:
    return sum(getattr(value, "size", 1) for value in case if not callable(value))


def _cut(case: tuple[Any, ...], side: int) -> tuple[Any, ...]:
    """Cut arrays to a few rows, columns and channels, and round their numbers."""

    def small(value: Any) -> Any:
        if not isinstance(value, np.ndarray) or value.dtype.kind != "f":
            return value
        part = value[tuple(slice(side) for _ in value.shape)]
        return np.round(part, 0 if np.abs(part).max(initial=0) > 5 else 1)

    return tuple(map(small, case))


def _is_finite(value: Any) -> bool:
    return all(
        bool(np.isfinite(part).all())
        for part in parts(value, value)
        if _is_number(part)
    )


def show(value: Any) -> str:
    """Write a value in little space: three digits, long arrays abridged.

    A function that a checker hands out may say by its `label` what it is.
    """
    if callable(value):
        return getattr(value, "label", "a function")
    if isinstance(value, str | bool | int | None):
        return repr(value)
    if isinstance(value, dict):
        inside = ", ".join(f"{k!r}: {show(v)}" for k, v in value.items())
        return f"{{{inside}}}"
    if isinstance(value, tuple | list) and any(
        isinstance(v, tuple | list) or getattr(v, "ndim", 0) for v in value
    ):
        return f"({', '.join(map(show, value))})"
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        return repr(value)
    if array.dtype.kind == "f":
        array = array.astype(np.float64) + 0.0  # no −0
        if array.ndim == 0:
            text = f"{float(array):.4g}"
            return text if set(text) & set(".en") else f"{text}."
    text = np.array2string(
        array, precision=3, threshold=40, edgeitems=2, separator=", "
    )
    return " ".join(text.split())


def parts(value: Any, right: Any) -> list[np.ndarray]:
    """Convert an answer to arrays, one for each entry if it is a tuple or a list.

    A list of numbers or of rows becomes one array if the right answer is an array. If
    it is a tuple or a list, an array becomes its rows.
    """
    if isinstance(right, tuple | list) and isinstance(value, np.ndarray) and value.ndim:
        return list(value)
    if not isinstance(value, tuple | list):
        return [_array(value)]
    found = [_array(part) for part in value]
    alike = len({part.shape for part in found}) == 1
    return [np.stack(found)] if isinstance(right, np.ndarray) and alike else found


def _array(value: Any) -> np.ndarray:
    try:
        return np.asarray(value)
    except ValueError:  # rows of different lengths
        return np.asarray(str(value))


def close(x: np.ndarray, y: np.ndarray, tolerance: float) -> bool:
    """Return whether two arrays agree; nan agrees with nan, and text with text."""
    if x.shape != y.shape:
        return False
    if y.dtype.kind == "U":
        return x.dtype.kind == "U" and bool(np.array_equal(x, y))
    if not (_is_number(x) and _is_number(y)):
        return False
    known = np.abs(y[np.isfinite(y)])
    scale = float(np.max(known, initial=0)) * tolerance
    return bool(np.allclose(x, y, rtol=tolerance, atol=scale, equal_nan=True))


def _is_number(array: np.ndarray) -> bool:
    return array.dtype.kind in "biuf"
