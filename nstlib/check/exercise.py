"""The checker of an exercise: the right answer, and the likely mistakes.

What a checker prints is always a sentence, and never depends on the machine: numbers of
a student's answer are shown for a small input only, and rounded.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from nstlib.check import feedback
from nstlib.check.feedback import parts

Case = tuple[Any, ...]  # the arguments of one call


@dataclass(frozen=True)
class Exercise:
    """The checker of one exercise. Call it with a student's function.

    It prints ``○`` if the exercise is not attempted yet (the function returns ``...``),
    ``✗`` and the likely mistake, or ``✓``. Where the values are wrong, it also shows a
    small input with the right answer and the student's.

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
        ...     oracle=lambda values: sum(values) / len(values),
        ...     cases=lambda: [([1.0, 2.0],), ([4.0],), ([1.0, 1.0, 7.0],)],
        ...     mistakes={"divide by the number of values": sum},
        ...     praise="the mean",
        ... )
        >>> mean(lambda values: ...)
        ○ not attempted yet
        >>> mean(lambda values: sum(values))
        ✗ divide by the number of values. For example:
          values: [1., 2.]
          right: 1.5
          yours: 3.
        >>> mean(max)
        ✗ the shape is right, the values are not. For example:
          input: [1., 2.]
          right: 1.5
          yours: 2.
        >>> mean(lambda values: sum(values) / len(values))
        ✓ the mean
    """

    oracle: Callable[..., Any]
    cases: Callable[[], Iterable[Case]]
    mistakes: dict[str, Callable[..., Any]]
    praise: str
    tolerance: float = 1e-4

    def __call__(self, answer: Callable[..., Any]) -> Any:
        """Print the verdict on a student's function."""
        print(self.verdict(answer))

    def verdict(self, answer: Callable[..., Any]) -> str:
        """Return the text that a call prints."""
        if answer is ... or not callable(answer):
            return "○ not attempted yet" if answer is ... else "✗ hand in a function"
        given = []
        for case in self.cases():
            try:
                given.append(answer(*case))
            except Exception as error:
                return f"✗ {self._earlier(given) or feedback.of_error(error, case)}"
        if any(value is ... for value in given):
            return "○ not attempted yet"
        if any(value is None for value in given):
            return f"✗ {feedback.of_nothing(given, self.cases())}"
        right = [self.oracle(*case) for case in self.cases()]
        complaint = self._complaint(answer, given, right)
        return f"✗ {complaint}" if complaint else f"✓ {self.praise}"

    def _earlier(self, given: list[Any]) -> str | None:
        """Say what was wrong with the shapes before an exception was raised."""
        if any(value is ... or value is None for value in given):
            return None
        cases = zip(given, self.cases(), strict=False)
        return feedback.of_shape(given, [self.oracle(*case) for _, case in cases])

    def _complaint(
        self, answer: Callable[..., Any], given: list[Any], right: list[Any]
    ) -> str | None:
        """Say what is wrong with the answers to all cases; None if nothing is."""
        if all(map(self.same, given, right)):
            return feedback.of_form(given, right)
        if likely := self._likely_mistake(given, self.same):
            return self._with_example(likely, answer)
        return feedback.of_shape(given, right) or self._with_example(
            feedback.of_values(given, right), answer
        )

    def _with_example(self, said: str, answer: Callable[..., Any]) -> str:
        """Add a small input, the right answer to it and the student's, if possible."""
        shown = feedback.example(answer, self.oracle, list(self.cases()), self.same)
        return said + (shown.removeprefix(".") if said[-1] in "?!" else shown)

    def _likely_mistake(
        self, given: list[Any], same: Callable[[Any, Any], bool]
    ) -> str | None:
        """Return the hint of the first mistake that has the same answers."""
        for hint, mistake in self.mistakes.items():
            with warnings.catch_warnings():  # a mistake may divide by 0
                warnings.simplefilter("ignore", RuntimeWarning)
                wrong = [mistake(*case) for case in self.cases()]
            if all(map(same, given, wrong)):
                return hint
        return None

    def same(self, given: Any, right: Any) -> bool:
        """Return whether an answer is as good as equal to another."""
        a, b = parts(given, right), parts(right, right)
        return len(a) == len(b) and all(
            feedback.close(x, y, self.tolerance) for x, y in zip(a, b, strict=True)
        )


@dataclass(frozen=True)
class OpenExercise(Exercise):
    """The checker of an exercise that has many right answers.

    The oracle gives one of them. An answer passes if it has no flaw. `mistakes` says
    what each hint of `flaw` is given for; the tests run them.

    Args:
        flaw: called with an answer, which may be anything, and then with the arguments
            of its case; returns a hint, or None if the answer is right.

    Example:
        >>> smaller = OpenExercise(
        ...     oracle=lambda x: x - 1.0,
        ...     cases=lambda: [(3.0,), (0.0,), (-2.0,)],
        ...     mistakes={"yours is not smaller": lambda x: x},
        ...     praise="smaller",
        ...     flaw=lambda y, x: None if y < x else "yours is not smaller",
        ... )
        >>> smaller(abs)
        ✗ yours is not smaller
        >>> smaller(lambda x: x - 5)
        ✓ smaller
    """

    flaw: Callable[..., str | None] = field(kw_only=True)

    def _complaint(
        self, answer: Callable[..., Any], given: list[Any], right: list[Any]
    ) -> str | None:
        answers = zip(given, self.cases(), strict=True)
        hints = (self.flaw(value, *case) for value, case in answers)
        return next(filter(None, hints), None)
