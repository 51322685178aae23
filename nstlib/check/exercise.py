"""The checker of an exercise: the right answer, and the likely mistakes.

A checker never prints a number that the student's function computed, so its output is
the same on every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

Case = tuple[Any, ...]  # the arguments of one call


@dataclass(frozen=True)
class Exercise:
    """The checker of one exercise. Call it with a student's function.

    It prints one line: ``○`` if the exercise is not attempted yet (the function returns
    ``...``), ``✗`` and the likely mistake, or ``✓``.

    Args:
        oracle: a correct solution in NumPy, written independently of the lesson.
        cases: returns the arguments of each call, made anew each time. There are at
            least three; for pictures and feature maps, some have H ≠ W and one channel.
        mistakes: hint → a function that makes this mistake. The checker prints the hint
            of the first function that agrees with the student's in all cases.
        praise: the text after ``✓``.
        tolerance: relative error that a value may have. The absolute error may be this
            times the largest value of the right answer.

    Example:
        >>> mean = Exercise(
        ...     oracle=np.mean,
        ...     cases=lambda: [([1.0, 2.0],), ([4.0],), ([1.0, 1.0, 7.0],)],
        ...     mistakes={"divide by the number of values": np.sum},
        ...     praise="the mean",
        ... )
        >>> mean(lambda values: ...)
        ○ not attempted yet
        >>> mean(sum)
        ✗ divide by the number of values
        >>> mean(lambda values: sum(values) / len(values))
        ✓ the mean
    """

    oracle: Callable[..., Any]
    cases: Callable[[], Iterable[Case]]
    mistakes: dict[str, Callable[..., Any]]
    praise: str
    tolerance: float = 1e-4

    def __call__(self, answer: Callable[..., Any]) -> None:
        """Print the verdict on a student's function."""
        print(self.verdict(answer))

    def verdict(self, answer: Callable[..., Any]) -> str:
        """Return the line that a call prints."""
        if answer is ... or not callable(answer):
            return "○ not attempted yet" if answer is ... else "✗ hand in a function"
        try:
            given = [answer(*case) for case in self.cases()]
        except Exception as error:
            return f"✗ your function raised {type(error).__name__}: {error}"
        if any(value is ... for value in given):
            return "○ not attempted yet"
        if any(value is None for value in given):
            return "✗ your function returns nothing: end it with return"
        right = [self.oracle(*case) for case in self.cases()]
        if self._same(given, right):
            return f"✓ {self.praise}"
        return f"✗ {self._likely_mistake(given) or _difference(given, right)}"

    def _likely_mistake(self, given: list[Any]) -> str | None:
        for hint, mistake in self.mistakes.items():
            if self._same(given, [mistake(*case) for case in self.cases()]):
                return hint
        return None

    def _same(self, given: list[Any], right: list[Any]) -> bool:
        return all(map(self._equal, given, right))

    def _equal(self, given: Any, right: Any) -> bool:
        if isinstance(right, str):
            return isinstance(given, str) and given == right
        a, b = _parts(given, right), _parts(right, right)
        if len(a) != len(b) or any(
            x.shape != y.shape for x, y in zip(a, b, strict=False)
        ):
            return False
        for x, y in zip(a, b, strict=True):
            if not (_is_number(x) and _is_number(y)):
                return False
            scale = float(np.max(np.abs(y), initial=0)) * self.tolerance
            if not np.allclose(x, y, rtol=self.tolerance, atol=scale):
                return False
        return True


def _parts(value: Any, right: Any) -> list[np.ndarray]:
    """Convert an answer to arrays, one for each entry if it is a tuple or a list.

    A list of numbers or of rows becomes one array if the right answer is an array.
    """
    if not isinstance(value, tuple | list):
        return [np.asarray(value)]
    parts = [np.asarray(part) for part in value]
    alike = len({part.shape for part in parts}) == 1
    return [np.stack(parts)] if isinstance(right, np.ndarray) and alike else parts


def _is_number(array: np.ndarray) -> bool:
    return array.dtype.kind in "biuf"


def _difference(given: list[Any], right: list[Any]) -> str:
    """Say what differs, if the mistake is none of the likely ones."""
    for a, b in zip(given, right, strict=True):
        if isinstance(b, str):
            return f"your answer should be a text such as {b!r}"
        given_parts, right_parts = _parts(a, b), _parts(b, b)
        if len(given_parts) != len(right_parts):
            return f"return {len(right_parts)} values, not {len(given_parts)}"
        for x, y in zip(given_parts, right_parts, strict=True):
            if x.shape != y.shape:
                return f"the shape should be {y.shape}, yours is {x.shape}"
    return "the shape is right, the values are not"
