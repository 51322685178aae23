"""The checkers of build mode: which wrong functions they refuse, and what they say."""

import dataclasses
import importlib
import itertools
import re
from pathlib import Path

import numpy as np
import pytest

from nstlib import check, line_search
from nstlib.backend import tf
from nstlib.check import building
from nstlib.check.build08_search import OTHER
from nstlib.check.building import AGAIN, MISSING, STOPPED, Built
from nstlib.check.exercise import Exercise

BUILT = {
    f"{path.stem[5:]}-{name}": checker
    for path in sorted(Path(check.__file__).parent.glob("build[0-9][0-9].py"))
    for name, checker in vars(
        importlib.import_module(f"nstlib.check.{path.stem}")
    ).items()
    if isinstance(checker, Built)
}
PACKAGED = {k: v for k, v in BUILT.items() if v.of.startswith("nstlib.")}
each = pytest.mark.parametrize("name", BUILT)
EXAMPLE = r"(\.? For example:\n.*)?"  # behind a hint


@each
@pytest.mark.filterwarnings("ignore:Mean of empty slice")  # one mistake among them
def test_each_likely_mistake_gets_its_own_sentence(name):
    checker = dataclasses.replace(BUILT[name], use=building._call, names={})
    assert len(checker.mistakes) >= 5
    with np.errstate(all="ignore"):
        for hint, mistake in checker.mistakes.items():
            said = checker.verdict(mistake)
            assert re.fullmatch(f"✗ {re.escape(hint)}{EXAMPLE}", said, re.DOTALL)


@each
def test_three_cases_or_more_and_the_same_each_time(name):
    first, second = (list(BUILT[name].cases()) for _ in range(2))
    assert len(first) >= 3
    for a, b in zip(itertools.chain(*first), itertools.chain(*second), strict=True):
        if isinstance(a, np.ndarray):
            np.testing.assert_array_equal(a, b)


@each
def test_stubs_and_nonsense(name):
    checker = BUILT[name]
    assert checker.verdict(lambda *_: ...) == "○ not attempted yet"
    assert checker.verdict(...) == "○ not attempted yet"
    assert checker.verdict(3) == "✗ hand in a function"
    for nonsense in (lambda *_: None, lambda *_: "nonsense", lambda: 1):
        assert checker.verdict(nonsense).startswith("✗ ")


def variants(function):
    """Near misses of a right function that say nothing about what it computes."""

    def through(form):
        def changed(*case):
            found = function(*case)
            if isinstance(found, tuple) and hasattr(found, "_replace"):
                return type(found)(*map(form, found))
            return form(found)

        return changed

    return {
        "transposed": through(lambda x: np.asarray(x).T),
        "a NumPy array": through(np.asarray),
        "float32": through(lambda x: tf.cast(x, tf.float32)),
        "float64": through(lambda x: tf.cast(x, tf.float64)),
        "summed": through(lambda x: tf.reduce_sum(x)),
        "a border less": through(lambda x: np.asarray(x)[:-1]),
        "nan": through(lambda x: np.nan * np.asarray(x, float)),
        "a channel less": through(lambda x: np.asarray(x)[..., :-1]),
        "in float32 inside": through(
            lambda x: tf.cast(tf.cast(x, tf.float32), x.dtype)
        ),
    }


@pytest.mark.parametrize(
    ("name", "near_miss", "words"),
    [
        ("04-gram_matrix", "a NumPy array", "but not as a tensor"),
        ("04-gram_matrix", "float32", "they are float32: for float64 input"),
        ("04-gram_matrix", "float64", "they are float64: for float32 input"),
        ("04-gram_matrix", "in float32 inside", "only six digits are right"),
        ("04-gram_matrix", "summed", "the shape should be (4, 4), yours is ()"),
        ("04-gram_matrix", "a border less", "the shape should be (4, 4), yours is (3"),
        ("04-gram_matrix", "nan", "some values are nan"),
        ("04-positions", "float64", "they are float64"),
        ("01-preprocess", "transposed", "the shape should be (1, 3, 5, 3), yours"),
        ("01-preprocess", "float64", "but not as a NumPy array"),
        ("01-preprocess", "a channel less", "the shape should be (1, 3, 5, 3), yours"),
        ("01-deprocess", "a border less", "the shape should be (3, 5, 3), yours"),
        ("03-content_loss", "float64", "they are float64: for float32 input"),
        ("03-content_loss", "nan", "some values are nan"),
        ("05-gram_distance", "a NumPy array", "but not as a tensor"),
        ("05-style_loss", "in float32 inside", "only six digits are right"),
        ("06-total_variation_loss", "float32", "they are float32"),
        ("10-rgb_to_yiq", "float64", "but not as a NumPy array"),
        ("10-match_covariance", "a border less", "the shape should be (6, 9, 3)"),
        ("10-feature_sums", "float32", "they are float32: for float64 input"),
        ("10-feature_sums", "a NumPy array", "but not as a tensor"),
        ("12-adain", "transposed", "the shape should be (9, 3), yours is (3, 9)"),
        ("12-adain", "float64", "they are float64: for float32 input"),
        ("12-whitening_coloring", "a border less", "the shape should be (9, 3)"),
        ("12-decode", "transposed", "the shape should be (1, 3, 4, 3)"),
        ("13-instance_norm", "float64", "they are float64: for float32 input"),
    ],
)
def test_near_misses_in_form_get_a_sentence(name, near_miss, words):
    checker = BUILT[name]
    answer = variants(checker.given({}))[near_miss]
    said = checker.verdict(answer)
    assert said.startswith("✗ ") and words in said


@pytest.mark.parametrize("name", PACKAGED)
@pytest.mark.parametrize(
    "near_miss", ["transposed", "summed", "a border less", "nan", "a channel less"]
)
def test_every_packaged_function_changed_a_little_is_refused(name, near_miss):
    """Where the change changes anything: a number has no border."""
    checker = PACKAGED[name]
    right = checker.given({})
    wrong = variants(right)[near_miss]
    plain = dataclasses.replace(checker, kind="", dtype="")
    scalar = all(
        np.ndim(checker.oracle(*case)) == 0
        for case in checker.cases()
        if name != "10-feature_sums"
    )
    unchanged = {
        "transposed": scalar or name in ("04-gram_matrix", "08-two_loop_recursion"),
        "summed": scalar,
        "a border less": False,
        "nan": False,
        "a channel less": False,
    }
    lists = {
        "02-layer_names",
        "02-receptive_field",
        "08-strong_wolfe",
        "10-style_shares",
    }
    if unchanged[near_miss] or name in lists | {"11-reach", "11-spans"}:
        pytest.skip("no change, or no array")
    assert plain.verdict(wrong).startswith("✗ ")


@pytest.mark.parametrize("name", PACKAGED)
def test_the_other_precision_is_refused(name):
    checker = PACKAGED[name]
    if checker.dtype != "same" or name == "04-positions":
        pytest.skip("any dtype will do, or a whole number")
    near_misses = variants(checker.given({}))
    for kind in ("float32", "float64"):
        assert f"they are {kind}: for float" in checker.verdict(near_misses[kind])


@pytest.mark.parametrize("name", PACKAGED)
def test_the_packaged_function_itself_is_not_the_students(name):
    checker = PACKAGED[name]
    given = checker.given({})
    assert checker.verdict(given) == AGAIN
    assert Exercise.verdict(checker, checker._prepared(given)).startswith("✓")


def test_what_a_call_returns_and_says(capsys):
    checker = BUILT["04-gram_matrix"]
    packaged = checker.given({})

    def stub(features):
        return ...

    assert checker({}) is packaged
    assert capsys.readouterr().out.startswith(MISSING.format("gram_matrix"))
    assert checker({"gram_matrix": stub}) is packaged
    assert capsys.readouterr().out == (
        "○ not attempted yet\n"
        "→ until yours passes, the lesson goes on with the packaged gram_matrix\n"
    )

    def gram_matrix(features):
        flat = tf.reshape(features, (-1, features.shape[-1]))
        return tf.einsum("ki,kj->ij", flat, flat)

    assert checker(gram_matrix) is gram_matrix
    out = capsys.readouterr().out
    assert out.startswith("✓ ") and out.endswith("goes on with your gram_matrix\n")
    assert checker({"gram_matrix": packaged}) is packaged
    assert capsys.readouterr().out == f"{AGAIN}\n"


def test_a_likely_mistake_is_recognized_in_mixed_precision():
    """The lesson's means are float32, and most pictures of a check are float64."""
    checker = BUILT["01-preprocess"]
    means = np.float32([103.939, 116.779, 123.68])

    def preprocess(picture):
        return (picture - means)[..., ::-1][np.newaxis]

    assert "taken off the wrong channel" in checker.verdict(preprocess)


def test_a_function_that_changes_its_argument_is_refused():
    def preprocess(picture):
        picture -= [123.68, 116.779, 103.939]
        return np.float32(picture[None, ..., ::-1])

    cases = lambda: list(BUILT["01-preprocess"].cases())[:3]  # noqa: E731
    checker = dataclasses.replace(BUILT["01-preprocess"], cases=cases)
    assert "your function changes what it is given" in checker.verdict(preprocess)


def test_a_function_that_tensorflow_cannot_follow_is_refused():
    checker = BUILT["04-gram_matrix"]

    def by_numpy(features):
        flat = np.reshape(features, (-1, features.shape[-1]))
        return tf.constant(flat.T @ flat)

    def cut_off(features):
        flat = tf.reshape(tf.stop_gradient(features), (-1, features.shape[-1]))
        return tf.matmul(flat, flat, transpose_a=True)

    assert "TensorFlow cannot compile your function (" in checker.verdict(by_numpy)
    assert "TensorFlow finds no gradient" in checker.verdict(cut_off)


def in_an_array(name):
    checker = BUILT[name]
    right = checker.given({})
    return lambda *case: np.asarray(checker.use(right, *case))


@pytest.mark.parametrize(
    ("name", "answer", "words"),
    [
        ("04-gram_matrix", lambda f: f.T @ f, "raised ValueError"),
        ("04-gram_matrix", lambda f: f[:, :, 9], "raised IndexError"),
        ("04-gram_matrix", lambda f: tf.reshape(f, (-1, 4)), "the shape should be"),
        (
            "04-gram_matrix",
            lambda f: tf.matmul(*2 * [tf.reshape(f, (-1, 4))], transpose_a=True),
            "the shape should be (1, 1), yours is (4, 4)",
        ),
        (
            "09-gram",
            lambda F: (
                tf.matmul(*2 * [tf.reshape(F, (-1, 4))], transpose_a=True)
                / (F.shape[1] * F.shape[2])
            ),
            "the shape should be (1, 1), yours is (4, 4)",
        ),
        (
            "03-content_loss",
            lambda f, p, c="johnson": tf.reduce_sum((f - p) ** 2) / 60,
            "the shape is right, the values are not",
        ),
        (
            "13-instance_norm",
            lambda maps, scale, offset: maps * tf.reshape(scale, (4,)),
            "raised InvalidArgumentError",
        ),
        ("02-layer_names", lambda network: {}[network], "raised KeyError: 'vgg19'"),
        ("07-adam", lambda *numbers: lambda x, g: x - 1 / 0, "ZeroDivisionError"),
        ("07-gradient_descent", lambda rate: lambda x, g: ..., "not attempted yet"),
        ("07-gradient_descent", lambda rate: rate, "return a step, which is itself"),
        ("07-adam", lambda *numbers: None, "returns nothing: end it with return"),
        ("04-gram_matrix", lambda f: "dark", "should hold numbers, and holds text"),
        (
            "09-total_loss",
            lambda x, P, goals: P["content"],
            "a dictionary with the keys 'first', 'second', 'third', ",
        ),
        (
            "09-total_loss",
            lambda x, P, goals: tf.reduce_sum(x),
            "  P: a dictionary with the keys 'first'",
        ),
        ("08-two_loop_recursion", lambda g, history: {}[g.size], "), a list of length"),
        ("08-two_loop_recursion", lambda g, history: history[-1][1], "IndexError"),
        ("10-match_covariance", lambda a, b: np.linalg.inv(a), "raised LinAlgError"),
        ("14-pareto_front", lambda costs: [True], "but not as"),
        ("10-style_shares", in_an_array("10-style_shares"), "not in a list: return a"),
        ("11-spans", in_an_array("11-spans"), "not in a list: return a list"),
        ("14-best_seconds", lambda f, n, c: [f() for _ in range(n + 1)], "more than"),
        ("07-value_and_gradient", lambda x, t: (tf.reduce_sum(x), None), "is None"),
    ],
)
def test_exceptions_and_wrong_shapes_get_a_sentence(name, answer, words):
    said = BUILT[name].verdict(answer)
    if name == "14-pareto_front":
        words = "the shape should be"
    assert words in said and not said.startswith("✓")


@pytest.mark.parametrize("form", [float, int, np.float32, np.float64, np.asarray])
def test_a_number_of_positions_may_be_any_number(form):
    right = BUILT["04-positions"].given({})
    said = BUILT["04-positions"].verdict(lambda features: form(right(features)))
    assert said.startswith("✓")


def by_halves(phi, start, step=1.0, c1=1e-4, c2=0.9, noise=0.0):
    """A right search that is not the lesson's: double the step, or halve."""
    low, high = 0.0, np.inf
    for _ in range(60):
        trial = phi(step)
        if trial.value > start.value + c1 * step * start.slope:
            high = step
        elif abs(trial.slope) <= c2 * abs(start.slope):
            return trial
        elif trial.slope > 0:
            high = step
        else:
            low = step
        step = (low + high) / 2 if high < np.inf else 2 * step
    return trial


def without_sizes(phi, start, step=1.0, c1=1e-4, c2=0.9, noise=0.0):
    """The lesson's search, but it compares slopes with their signs."""
    near, far = start, None
    for _ in range(20):
        trial = phi(step)
        low = line_search._low_enough(trial, start, c1, 0.0)
        if low and trial.slope <= c2 * start.slope:
            return trial
        near, far = line_search._bracket(near, far, trial, low)
        step = line_search._next_step(near, far)
    return near


def test_another_right_line_search_is_told_from_a_wrong_one():
    checker = BUILT["08-strong_wolfe"]
    assert checker.verdict(by_halves) == f"✗ {OTHER}"
    assert "near and far are one trial" in checker.verdict(without_sizes)
    assert "return the Trial" in checker.verdict(lambda *case: by_halves(*case).step)

    def rises(phi, start, step=1.0):
        found = by_halves(phi, start, step)
        return found._replace(value=found.value + 1)

    def endless(phi, start, step=1.0):
        while phi(step).value < start.value + 1:
            step /= 2

    assert checker.verdict(rises).startswith("✗ the shape is right, the values are not")
    told = "✗ your search asks for φ more than 100 times: stop at 20"
    assert checker.verdict(endless) == told


CONTENT = 2.0


def a_part(x, P):
    return CONTENT * tf.reduce_sum(x - P)


def test_what_the_function_calls_finds_the_names_of_the_check_and_only_then():
    checker = Built(
        oracle=lambda x, P: 7.0 * (x - P).sum(),
        cases=lambda: [(np.eye(n), np.ones((n, n))) for n in (1, 2, 3)],
        mistakes={},
        praise="right",
        names={"CONTENT": 7.0, "NOWHERE_ELSE": 1},
    )
    assert checker.verdict(lambda x, P: a_part(x, P)) == "✓ right"
    assert CONTENT == 2.0 and "NOWHERE_ELSE" not in globals()


def test_a_function_that_was_stopped_gets_a_sentence():
    def endless(*case):
        raise KeyboardInterrupt

    assert BUILT["09-total_loss"].verdict(endless) == STOPPED
    assert "settings" not in globals()


def test_a_student_who_checks_often_sees_no_warnings(recwarn, caplog):
    right = BUILT["09-gram"].given({"tf": tf})
    for _ in range(8):
        again = lambda F: right(F)  # noqa: E731
        assert BUILT["09-gram"].verdict(again).startswith("✓")
    BUILT["06-total_variation_loss"].verdict(lambda *case: tf.constant(3.0))
    assert not recwarn.list and "retracing" not in caplog.text


def test_no_such_function():
    with pytest.raises(AttributeError, match="choose from"):
        _ = check.build
    with pytest.raises(ModuleNotFoundError):
        _ = check.build99
