"""The checker of a function that the student builds in a lesson.

In build mode a lesson says ``gram_matrix = check.build04.gram_matrix(globals())``. The
call prints the verdict, and returns the function that the lesson goes on with: the
student's once it passes, and the given one until then. It gets all names, not the
function, because a cell with a syntax error defines no function.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import linecache
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nstlib.backend import tf
from nstlib.check.exercise import Exercise
from nstlib.check.feedback import VALUES, parts
from nstlib.course.build import solution

ROUNDED = 1e-5  # relative error of what was computed in float32
AGAIN = (
    "○ this is the given function: run the cell with yours again. If that cell shows "
    "an error, mend it first. Then run this cell"
)
MISSING = (
    "○ there is no {} yet: run the cell with your function. If that cell shows an "
    "error, mend it first. Then run this cell again"
)
STOPPED = "✗ your function was stopped before its end: look for a loop that never ends"


def _call(function: Callable[..., Any], *case: Any) -> Any:
    return function(*case)


@dataclass(frozen=True)
class Built(Exercise):
    """The checker of one function that a lesson builds.

    Args:
        of: where the given function is: ``nstlib.losses.gram_matrix`` in the package,
            ``09_style_transfer.transfer`` in a lesson.
        kind: ``"array"`` if the lesson needs a NumPy array, ``"list"`` if it needs a
            list, ``"tensor"`` if it needs a tensor, ``"number"`` if a Python number
            will do as well, ``"gradient"`` if it also takes the gradient with respect
            to the first argument, ``""`` if it takes anything.
        dtype: of the result: ``"same"`` as the first argument, the name of a dtype, or
            ``""`` for any.
        names: values of global names that the function, and whatever it calls in the
            notebook, finds while it is checked, in place of the lesson's.
        use: calls the student's function with the arguments of a case. It returns what
            the oracle returns.
        tolerance: relative error in float64. Whatever is in float32 may differ by
            `ROUNDED`.
    """

    of: str = ""
    kind: str = ""
    dtype: str = ""
    names: dict[str, Any] = field(default_factory=dict)
    use: Callable[..., Any] = _call
    tolerance: float = 1e-9

    def __call__(self, scope: Any) -> Any:
        """Print the verdict, and return the function that the lesson goes on with.

        Args:
            scope: the global names of the notebook, ``globals()``, or the student's
                function itself.
        """
        name = self.of.rpartition(".")[2]
        if not isinstance(scope, dict):
            scope = {**getattr(_plain(scope), "__globals__", {}), name: scope}
        answer = scope.get(name)
        verdict = self.verdict(answer) if name in scope else MISSING.format(name)
        print(verdict)
        if verdict == AGAIN:
            return answer
        if verdict.startswith("✓"):
            print(f"→ the lesson goes on with your {name}")
            return answer
        whose = "packaged" if self.of.startswith("nstlib.") else "given"
        print(f"→ until yours passes, the lesson goes on with the {whose} {name}")
        return self.given(scope)

    def verdict(self, answer: Any) -> str:
        """Return the verdict alone."""
        plain = _plain(answer)
        if not callable(plain):
            return super().verdict(plain)
        if getattr(plain, "_is_given", False) or self._is_packaged(plain):
            return AGAIN
        try:
            with _standing_in(plain, self.names):
                return super().verdict(self._prepared(plain))
        except KeyboardInterrupt:
            return STOPPED

    def given(self, scope: dict[str, Any]) -> Any:
        """Return the given function: the package's, or that of the lesson.

        Args:
            scope: the global names of the notebook, which are then those of the
                lesson's function, too.
        """
        where, _, name = self.of.rpartition(".")
        if where.startswith("nstlib."):
            return getattr(importlib.import_module(where), name)
        code, file = solution(where, name), f"<{self.of}>"
        found: dict[str, Any] = {}
        # So that TensorFlow, which reads the source of what it compiles, finds it.
        linecache.cache[file] = (len(code), None, code.splitlines(True), file)
        exec(compile(code, file, "exec"), scope, found)
        _plain(found[name])._is_given = True
        return found[name]

    def same(self, given: Any, right: Any) -> bool:
        """Return whether an answer is right, to the digits that its dtype has."""
        kinds = {part.dtype for part in parts(given, right) if part.dtype.kind == "f"}
        exact = kinds <= {np.dtype(np.float64)}
        checker: Exercise = self if exact else self._with(ROUNDED)
        return Exercise.same(checker, given, right)

    def _with(self, tolerance: float) -> Exercise:
        return Exercise(self.oracle, self.cases, {}, self.praise, tolerance)

    def _is_packaged(self, function: Any) -> bool:
        return self.of.startswith("nstlib.") and function is self.given({})

    def _prepared(self, function: Any) -> Callable[..., Any]:
        """Return the function as `use` calls it, with the arguments of the oracle."""

        def called(*case: Any) -> Any:
            return self.use(function, *case)

        called.__signature__ = inspect.signature(self.oracle)  # type: ignore[attr-defined]
        return called

    def _complaint(
        self, answer: Callable[..., Any], given: list[Any], right: list[Any]
    ) -> str | None:
        said = super()._complaint(answer, given, right)
        loose = self._with(ROUNDED)
        nearly = all(map(loose.same, given, right))
        if said is None or nearly:
            said = self._wrong_form(answer, given) or said
        if said and nearly and said.startswith(VALUES):
            return (
                "only six digits are right: somewhere your function computes in "
                "float32, so keep the dtype of the input"
            )
        if said and not nearly:  # a likely mistake may be made in float32, too
            likely = self._likely_mistake(given, loose.same)
            said = self._with_example(likely, answer) if likely else said
        return said

    def _wrong_form(self, answer: Callable[..., Any], given: list[Any]) -> str | None:
        """Complain about right values in a form that the lesson cannot go on with."""
        for value, case in zip(given, self.cases(), strict=True):
            tensors = all(
                map(tf.is_tensor, value if isinstance(value, tuple) else [value])
            )
            if self.kind in ("tensor", "gradient") and not tensors:
                return (
                    "the values are right, but not as a tensor: compute with functions "
                    "of tf, so that TensorFlow can follow"
                )
            if self.kind == "array" and not isinstance(value, np.ndarray):
                return "the values are right, but not as a NumPy array: use np"
            if self.kind == "list" and not isinstance(value, list):
                return "the values are right, but not in a list: return a list"
            any_dtype = not self.dtype or (self.kind == "number" and not tensors)
            if not any_dtype and (wrong := _wrong_dtype(value, case, self.dtype)):
                return wrong
        if self._changes_its_arguments(answer):
            return (
                "the values are right, but your function changes what it is given, "
                "which the lesson still needs: make a new array"
            )
        return self._no_gradient(answer) if self.kind == "gradient" else None

    def _changes_its_arguments(self, answer: Callable[..., Any]) -> bool:
        case, same = next(iter(self.cases())), next(iter(self.cases()))
        answer(*case)
        pairs = zip(case, same, strict=True)
        return any(
            not np.array_equal(a, b) for a, b in pairs if isinstance(b, np.ndarray)
        )

    def _no_gradient(self, answer: Callable[..., Any]) -> str | None:
        first, *others = next(iter(self.cases()))

        @tf.function  # with AutoGraph, as in the lessons
        def slope(x: Any) -> Any:
            with tf.GradientTape() as tape:
                tape.watch(x)
                value = tf.reduce_sum(answer(x, *others))
            return tape.gradient(value, x)

        try:
            x = tf.convert_to_tensor(first)
            # A plain call would warn a student who checks often of "retracing".
            found = slope.get_concrete_function(x)(x)
        except Exception as error:
            kind = type(error).__name__
            return (
                "the values are right, but TensorFlow cannot compile your function "
                f"({kind}): it needs functions of tf throughout, no NumPy, no .numpy()"
            )
        if found is None:
            return (
                "the values are right, but TensorFlow finds no gradient: use only "
                "functions of tf on the way from the argument to the result"
            )
        return None


def _plain(answer: Any) -> Any:
    """Return the function that was decorated with ``@tf.function``, or what it is."""
    return getattr(answer, "python_function", answer)


@contextlib.contextmanager
def _standing_in(function: Any, names: dict[str, Any]) -> Iterator[None]:
    """Put other values in the place of global names of a function, for a while."""
    scope = getattr(function, "__globals__", {})
    before = {name: scope[name] for name in names if name in scope}
    scope.update(names)
    try:
        yield
    finally:
        for name in names:
            scope.pop(name, None)
        scope.update(before)


def _wrong_dtype(value: Any, case: tuple[Any, ...], dtype: str) -> str | None:
    wanted = np.asarray(case[0]).dtype.name if dtype == "same" else dtype
    for part in parts(value, value):
        if part.dtype.name != wanted:
            why = f"for {wanted} input" if dtype == "same" else "always"
            return (
                f"the values are right, but they are {part.dtype.name}: {why}, the "
                f"result should be {wanted}"
            )
    return None
