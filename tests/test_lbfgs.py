"""L-BFGS: each part against an independent oracle, and the whole against SciPy."""

import math

import numpy as np
import pytest
import scipy.optimize
from hypothesis import given, settings
from hypothesis import strategies as st

from nstlib.backend import tf
from nstlib.interruption import Interruption
from nstlib.lbfgs import (
    CurvaturePair,
    MinimizeResult,
    PairMemory,
    minimize,
    two_loop_recursion,
)

# --- problems: x (NumPy) -> (value, gradient) --------------------------------------


def rosenbrock(x):
    return scipy.optimize.rosen(x), scipy.optimize.rosen_der(x)


def quadratic(size, condition, seed=0):
    """½(x − a)ᵀA(x − a), A with random axes and the given condition number."""
    rng = np.random.default_rng(seed)
    axes, _ = np.linalg.qr(rng.normal(size=(size, size)))
    matrix = axes * np.geomspace(1, condition, size) @ axes.T
    bottom = rng.normal(size=size) * 10

    def function(x):
        gradient = matrix @ (x - bottom)
        return 0.5 * (x - bottom) @ gradient, gradient

    return function


def gram_match(x, channels=6):
    """A style loss in small: features whose Gram matrix should be a given one."""
    rng = np.random.default_rng(0)
    target = rng.normal(size=(12, channels))
    features = x.reshape(12, channels)
    difference = (features.T @ features - target.T @ target) / 12
    return (difference**2).sum(), (4 * features @ difference / 12).ravel()


def powell(x):
    """Powell's singular function: the Hessian at the minimum is singular."""
    a, b, c, d = x.reshape(-1, 4).T
    t, u, v, w = a + 10 * b, c - d, b - 2 * c, a - d
    columns = [
        2 * t + 40 * w**3,
        20 * t + 4 * v**3,
        10 * u - 8 * v**3,
        -10 * u - 40 * w**3,
    ]
    value = (t**2 + 5 * u**2 + v**4 + 10 * w**4).sum()
    return value, np.stack(columns, axis=1).ravel()


def beale(x):
    a, b = x
    rest = np.array([1.5, 2.25, 2.625]) - a * (1 - b ** np.arange(1, 4))
    slopes = np.stack(
        [b ** np.arange(1, 4) - 1, a * np.arange(1, 4) * b ** np.arange(3)]
    )
    return rest @ rest, 2 * slopes @ rest


RNG = np.random.default_rng(1)
PROBLEMS = {
    "rosenbrock 2-D": (rosenbrock, np.array([-1.2, 1.0])),
    "rosenbrock 10-D": (rosenbrock, np.tile([-1.2, 1.0], 5)),
    "quadratic 30-D 1e2": (quadratic(30, 1e2), np.zeros(30)),
    "quadratic 100-D 1e3": (quadratic(100, 1e3), np.zeros(100)),
    "gram 72-D": (gram_match, RNG.normal(size=72)),
    "powell 40-D": (powell, np.tile([3.0, -1.0, 0.0, 1.0], 10)),
    "beale 2-D": (beale, np.array([1.0, 1.0])),
}


def on_tensors(function, seen=None):
    """The same function for tensors of any shape; collects the values in `seen`."""

    def value_and_gradient(x):
        value, gradient = function(x.numpy().ravel().astype(np.float64))
        if seen is not None:
            seen.append(value)
        return value, gradient.reshape(x.shape)

    return value_and_gradient


def bowl(x):
    """½|x|² on tensors."""
    return tf.reduce_sum(x * x) / 2, x


# --- the two-loop recursion --------------------------------------------------------


def make_pair(step, change):
    return CurvaturePair(step, change, 1 / np.vdot(step, change))


def random_pairs(rng, count, shape, dtype=np.float64):
    """Pairs with positive curvature, as a strong-Wolfe line search makes them."""
    pairs = []
    for _ in range(count):
        step = rng.normal(size=shape)
        change = step * rng.uniform(0.2, 3) + 0.3 * rng.normal(size=shape)
        if np.vdot(step, change) < 0.05 * np.vdot(step, step):
            change = step
        pairs.append(make_pair(step.astype(dtype), change.astype(dtype)))
    return pairs


def dense_inverse_hessian(pairs, size):
    """The matrix of the BFGS update, Nocedal & Wright (6.17), from γI (7.20)."""
    step, change, _ = pairs[-1]
    matrix = np.eye(size) * (step @ change) / (change @ change)
    for step, change, rho in pairs:
        left = np.eye(size) - rho * np.outer(step, change)
        matrix = left @ matrix @ left.T + rho * np.outer(step, step)
    return matrix


@given(st.integers(1, 8), st.integers(1, 9), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_two_loops_equal_the_dense_bfgs_matrix(size, count, seed):
    rng = np.random.default_rng(seed)
    pairs, gradient = random_pairs(rng, count, size), rng.normal(size=size)
    product = two_loop_recursion(gradient, pairs)
    assert isinstance(product, np.ndarray)
    expected = dense_inverse_hessian(pairs, size) @ gradient
    np.testing.assert_allclose(product, expected, rtol=1e-9, atol=1e-9)


def test_two_loops_by_hand():
    # One pair, s = (1, 0), y = (2, 0): the curvature along the first axis is 2, and
    # γ = s·y / y·y = 1/2 serves for the second.
    pair = CurvaturePair(np.array([1.0, 0.0]), np.array([2.0, 0.0]), 0.5)
    np.testing.assert_allclose(
        two_loop_recursion(np.array([6.0, 4.0]), [pair]), [3.0, 2.0]
    )


def test_the_newest_pair_satisfies_the_secant_equation():
    pairs = random_pairs(np.random.default_rng(3), 5, 7)
    newest = pairs[-1]
    np.testing.assert_allclose(two_loop_recursion(newest.change, pairs), newest.step)


def test_no_history_returns_the_gradient():
    gradient = np.array([1.0, -2.0])
    assert two_loop_recursion(gradient, []) is gradient


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_two_loops_on_tensors_of_any_shape(dtype):
    rng, shape = np.random.default_rng(4), (1, 7, 5, 3)
    pairs = random_pairs(rng, 4, shape, dtype)
    gradient = rng.normal(size=shape).astype(dtype)
    tensors = [CurvaturePair(tf.constant(s), tf.constant(y), r) for s, y, r in pairs]
    product = two_loop_recursion(tf.constant(gradient), tensors)
    assert product.dtype == dtype and product.shape == shape
    flat = [make_pair(s.ravel(), y.ravel()) for s, y, _ in pairs]
    expected = two_loop_recursion(gradient.ravel(), flat)
    np.testing.assert_allclose(product.numpy().ravel(), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("history", [1, 2, 5])
@pytest.mark.parametrize("shape", [(1,), (3,), (1, 7, 5, 3)])
def test_pair_memory_equals_the_two_loops_on_pictures(history, shape):
    rng = np.random.default_rng(history)
    memory, kept = PairMemory(history, tf.zeros(shape, tf.float64)), []
    for pair in random_pairs(rng, 2 * history + 1, shape):
        memory.add(*pair)
        kept = [*kept, pair][-history:]
        gradient = rng.normal(size=shape)
        np.testing.assert_allclose(
            memory.times(tf.constant(gradient)),
            two_loop_recursion(gradient, kept),
            rtol=1e-9,
            atol=1e-12,
        )
        for mine, theirs in zip(memory.pairs(), kept, strict=True):
            np.testing.assert_array_equal(mine.step, theirs.step)
            np.testing.assert_array_equal(mine.change, theirs.change)
            assert mine.rho == theirs.rho


def test_pair_memory_is_exact_for_big_pictures():
    # Summed up one after the other, float32 would be wrong by 4e-4 here.
    rng = np.random.default_rng(0)
    step, noise, gradient = rng.normal(size=(3, 8_000_000)).astype(np.float32)
    pair = make_pair(step, step + noise)
    memory = PairMemory(1, tf.constant(step))
    memory.add(*map(tf.constant, pair[:2]), pair.rho)
    product = memory.times(tf.constant(gradient)).numpy()
    exact = [a.astype(np.float64) for a in (step, step + noise, gradient)]
    expected = two_loop_recursion(exact[2], [make_pair(*exact[:2])])
    error = np.linalg.norm(product - expected) / np.linalg.norm(expected)
    assert error < 2e-5


def test_two_memories_do_not_share_their_rows():
    first, second = (PairMemory(1, tf.zeros(2, tf.float64)) for _ in range(2))
    first.add(
        tf.constant([1.0, 0.0], tf.float64), tf.constant([2.0, 0], tf.float64), 0.5
    )
    assert not np.any(second.rows)
    assert not np.any(tf.zeros([2, 2], tf.float64))


# --- minimize against SciPy --------------------------------------------------------


def scipy_values(function, start, history, share):
    """SciPy's value at each evaluation, until it is down to a share of the first."""
    values = []

    class Done(Exception): ...

    def watched(x):
        value, gradient = function(x)
        values.append(value)
        if value <= share * values[0]:
            raise Done
        return value, gradient

    options = {"maxcor": history, "maxfun": 1000, "ftol": 0, "gtol": 0}
    with pytest.raises(Done):
        scipy.optimize.minimize(
            watched, start, jac=True, method="L-BFGS-B", options=options
        )
    return values


def evaluations_to(values, target):
    return next(i for i, value in enumerate(values, 1) if value <= target)


def test_evaluations_against_scipy():
    totals = np.zeros(2, int)
    for name, (function, start) in PROBLEMS.items():
        for history in (5, 10):
            theirs = scipy_values(function, start, history, 1e-8)
            goal, ours = theirs[0] * 1e-8, []
            minimize(
                on_tensors(function, ours),
                tf.constant(start),
                400,
                history,
                callback=lambda k, x, value, goal=goal: value <= goal,
            )
            for share in (1e-2, 1e-4, 1e-8):
                counts = [evaluations_to(v, theirs[0] * share) for v in (theirs, ours)]
                print(f"{name}, history {history}, to {share:g}: SciPy, ours {counts}")
                totals += counts
                assert counts[1] <= 1.2 * counts[0] + 2, name
    print(f"all together: SciPy {totals[0]}, ours {totals[1]}")
    assert totals[1] <= 1.02 * totals[0]


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_same_minimum_as_scipy(name):
    function, start = PROBLEMS[name]
    theirs = scipy.optimize.minimize(function, start, jac=True, method="L-BFGS-B")
    first, gradient = function(start)
    result = minimize(
        on_tensors(function),
        tf.constant(start),
        400,
        gradient_tolerance=1e-6 * np.abs(gradient).max(),
    )
    assert result.stop_reason == "gradient small"
    assert result.value <= theirs.fun + 1e-10 * first
    assert result.value == function(result.x.numpy())[0]
    assert result.evaluations <= 1.3 * result.iterations + 5


@pytest.mark.parametrize("dtype", [tf.float32, tf.float64])
@pytest.mark.parametrize("shape", [(30,), (1, 2, 5, 3), (30, 1)])
def test_dtypes_and_shapes(dtype, shape):
    start = tf.zeros(shape, dtype)
    shapes = []

    def watched(x):
        shapes.append((x.shape, x.dtype))
        return on_tensors(quadratic(30, 30.0))(x)

    result = minimize(watched, start, 100)
    assert set(shapes) == {(tf.TensorShape(shape), dtype)}
    assert result.x.shape == shape and result.x.dtype == dtype
    assert isinstance(result.value, float)
    bottom = np.random.default_rng(0)
    _ = bottom.normal(size=(30, 30))
    tolerance = 1e-3 if dtype == tf.float32 else 1e-7
    expected = bottom.normal(size=30) * 10
    np.testing.assert_allclose(result.x.numpy().ravel(), expected, atol=tolerance)


def test_a_picture_with_a_gradient_tape():
    target = tf.random.stateless_uniform((1, 16, 9, 3), (1, 2), 0, 255)

    @tf.function
    def value_and_gradient(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = tf.reduce_mean(tf.abs(x - target) ** 1.5)
        return loss, tape.gradient(loss, x)

    result = minimize(value_and_gradient, tf.zeros_like(target), 60)
    assert result.value < 1e-3
    np.testing.assert_allclose(result.x, target, atol=0.5)


# --- the rules of minimize ---------------------------------------------------------


@pytest.mark.parametrize("steps", [1, 2, 3, 7])
def test_steps_are_never_exceeded(steps):
    seen = []
    function, start = PROBLEMS["rosenbrock 10-D"]
    result = minimize(on_tensors(function, seen), tf.constant(start), steps)
    assert isinstance(result, MinimizeResult)
    assert len(seen) == result.evaluations == steps
    assert result.value == min(seen)
    assert result.stop_reason == "evaluations used up"


def test_the_callback_sees_every_evaluation():
    seen, calls = [], []
    function, start = PROBLEMS["rosenbrock 2-D"]
    minimize(
        on_tensors(function, seen),
        tf.constant(start),
        30,
        callback=lambda *call: calls.append(call),
    )
    assert [k for k, _, _ in calls] == list(range(1, 31))
    assert [value for _, _, value in calls] == seen
    np.testing.assert_array_equal(calls[0][1], start)
    for _, x, value in calls:
        assert function(x.numpy())[0] == value


@pytest.mark.parametrize("when", [1, 5])
def test_the_callback_can_stop(when):
    result = minimize(
        on_tensors(rosenbrock),
        tf.constant([-1.2, 1.0], tf.float64),
        30,
        callback=lambda k, x, value: k == when,
    )
    assert result.evaluations == when
    assert result.stop_reason == "stopped by callback"


@pytest.mark.parametrize("who", ["callback", "objective"])
def test_ctrl_c_keeps_the_best(who):
    seen = []
    function = on_tensors(rosenbrock, seen)

    def objective(x):
        if who == "objective" and len(seen) == 9:
            raise KeyboardInterrupt
        return function(x)

    def callback(k, x, value):
        if who == "callback" and k == 9:
            raise KeyboardInterrupt

    start = tf.constant([-1.2, 1.0], tf.float64)
    told = r"after 9 of 30 evaluations; the result is the best point so far\."
    with pytest.warns(Interruption, match=told) as seen_by_user:
        result = minimize(objective, start, 30, callback=callback)
    assert [warning.filename for warning in seen_by_user] == [__file__]
    assert result.stop_reason == "interrupted"
    assert result.evaluations == 9 and result.value == min(seen)


def test_other_errors_pass_through():
    def stops(x):
        raise StopIteration

    with pytest.raises(StopIteration):
        minimize(stops, tf.zeros(2), 3)


def test_never_worse_than_the_best_evaluation():
    for seed in range(20):
        rng, seen = np.random.default_rng(seed), []

        def wild(x, rng=rng, seen=seen):
            value = float(np.sum(np.sin(3 * x) + 0.1 * x**2)) + rng.normal()
            value = rng.choice([value, value, value, math.nan, math.inf, -math.inf])
            value = value if seen else 50.0
            seen.append((value, x))
            return value, 3 * np.cos(3 * x) + 0.2 * x + rng.normal(size=4)

        result = minimize(lambda x: wild(x.numpy()), tf.ones(4, tf.float64), 40)
        best, x = min((s for s in seen if math.isfinite(s[0])), key=lambda s: s[0])
        assert result.value == best and result.evaluations == len(seen) <= 40
        np.testing.assert_array_equal(result.x, x)


def test_zero_gradient_at_the_start():
    result = minimize(bowl, tf.zeros(5), 10)
    assert (result.stop_reason, result.evaluations) == ("gradient small", 1)
    assert result.iterations == 0 and result.pairs == ()


def test_tolerances():
    start = tf.constant(np.random.default_rng(2).normal(size=30))
    function = on_tensors(quadratic(30, 100.0))
    result = minimize(function, start, 300, gradient_tolerance=0.1)
    assert result.stop_reason == "gradient small" and result.evaluations < 100
    assert np.abs(function(result.x)[1]).max() <= 0.1
    values = []

    def raised(x):
        value, gradient = function(x)
        values.append(value + 1000)
        return values[-1], gradient

    result = minimize(raised, start, 300, value_tolerance=1e-3)
    assert result.stop_reason == "value settled" and result.evaluations < 30
    assert abs(values[-2] - values[-1]) < 1e-3 * values[-1]


def test_no_progress_where_nothing_is_lower():
    # |x| from its minimum, with the gradient of one side.
    def corner(x):
        return tf.reduce_sum(tf.abs(x)), tf.ones_like(x)

    result = minimize(corner, tf.zeros(3), 100)
    assert result.stop_reason == "no progress"
    assert result.value == 0 and result.evaluations <= 21


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_not_finite_at_the_start_is_said(bad):
    with pytest.raises(ValueError, match="not finite at x0"):
        minimize(lambda x: (bad, x), tf.ones(3), 10)
    with pytest.raises(ValueError, match="not finite at x0"):
        minimize(lambda x: (1.0, x * [1.0, bad, 1.0]), tf.ones(3), 10)


def test_bad_arguments():
    for x0, steps, history in (
        (tf.zeros(3, tf.int32), 5, 10),
        (tf.zeros(3, tf.float16), 5, 10),
        (tf.zeros(3), 0, 10),
        (tf.zeros(3), 5, 0),
    ):
        with pytest.raises(ValueError, match="must be float32 or float64"):
            minimize(bowl, x0, steps, history)
    with pytest.raises((ValueError, tf.errors.InvalidArgumentError)):
        minimize(lambda x: (1.0, tf.ones(1)), tf.zeros(3), 5)


def test_nan_region_beside_the_minimum():
    # The minimum is at 1, and beyond 1.05 there is nothing but NaN.
    def fenced(x):
        x = x.numpy()
        if np.any(x > 1.05):
            return math.nan, np.full_like(x, math.nan)
        return ((x - 1) ** 4).sum() + ((x - 1) ** 2).sum(), 4 * (x - 1) ** 3 + 2 * (
            x - 1
        )

    result = minimize(fenced, tf.constant(np.linspace(-50, 0.5, 20)), 200)
    assert np.all(np.isfinite(result.x)) and result.value < 1e-9


def test_recovers_when_the_curvature_misleads():
    # Pairs from elsewhere that point uphill: they are dropped, and the run goes on.
    pair = CurvaturePair(tf.ones(3), -tf.ones(3), -1 / 3)
    result = minimize(bowl, tf.constant([3.0, 4.0, 5.0]), 30, pairs=[pair])
    assert result.value < 1e-9
    pair = CurvaturePair(tf.ones(3), tf.fill(3, math.nan), 1.0)
    result = minimize(bowl, tf.constant([3.0, 4.0, 5.0]), 30, pairs=[pair])
    assert result.value < 1e-9


def test_discontinuous_objective():
    # A bowl in terraces: the gradient does not know of the steps.
    def terraces(x):
        return tf.floor(tf.reduce_sum(x * x)), 2 * x

    result = minimize(terraces, tf.constant([7.3, -4.1, 3.3]), 100)
    assert result.value <= 1 and result.evaluations <= 100


def test_pairs_without_curvature_are_left_out():
    # −cos has curvature upwards only between −π/2 and π/2.
    def waves(x):
        return -tf.reduce_sum(tf.cos(x)), tf.sin(x)

    result = minimize(waves, tf.constant([3.0, 2.9, 2.0], tf.float64), 60)
    assert result.value == pytest.approx(-3)
    for s, y, rho in result.pairs:
        assert np.vdot(s, y) > 0 and rho == pytest.approx(1 / np.vdot(s, y))

    # Downhill without an end: no line search finds a flat point, no pair is kept.
    result = minimize(lambda x: (-tf.reduce_sum(x), -tf.ones_like(x)), tf.ones(3), 50)
    assert result.pairs == ()


@pytest.mark.parametrize("error", [1e-5, 1e-3])
def test_noisy_objective(error):
    # As in bfloat16: values wrong by `error`, each number of the gradient by 1e-3.
    stiffness = np.geomspace(1, 1e3, 300)

    def true(x):
        return 100 + 0.5 * (stiffness * x * x).sum()

    def noisy(x):
        x = x.numpy()
        rng = np.random.default_rng(abs(hash(x.tobytes())))
        value = true(x) * (1 + error * rng.uniform(-1, 1))
        return value, stiffness * x * (1 + 1e-3 * rng.normal(size=300))

    start = tf.constant(np.random.default_rng(5).normal(size=300))
    result = minimize(noisy, start, 120, noise=error)
    assert result.stop_reason == "evaluations used up"
    assert result.evaluations <= 1.15 * result.iterations
    assert true(result.x.numpy()) < 100 + max(1.0, 300 * error)


def test_scaling_the_values_changes_no_step():
    function, start = PROBLEMS["gram 72-D"]
    runs = []
    for scale in (1.0, 2.0**40, 2.0**-40):
        xs = []

        def scaled(x, scale=scale, xs=xs):
            xs.append(x.numpy())
            value, gradient = function(x.numpy())
            return scale * value, scale * gradient

        minimize(scaled, tf.constant(start), 30)
        runs.append(np.array(xs))
    np.testing.assert_array_equal(runs[0], runs[1])
    np.testing.assert_array_equal(runs[0], runs[2])


def test_deterministic():
    def run():
        x0 = tf.random.stateless_normal((1, 40, 50, 3), (1, 2))
        weights = tf.random.stateless_uniform(x0.shape, (3, 4), 0.1, 30)
        return minimize(lambda x: (bowl(x * weights)[0], x * weights**2), x0, 40)

    first, second = run(), run()
    np.testing.assert_array_equal(first.x, second.x)
    assert first[1:5] == second[1:5]


def test_pairs_carry_over():
    function, start = PROBLEMS["quadratic 100-D 1e3"]
    whole, parts = [], []
    minimize(on_tensors(function, whole), tf.constant(start), 60, history=7)
    first = minimize(on_tensors(function, parts), tf.constant(start), 30, history=7)
    assert len(first.pairs) == 7
    second = minimize(
        on_tensors(function, parts), first.x, 31, history=7, pairs=first.pairs
    )
    # The second run evaluates its start again and then goes on as if never stopped.
    assert parts[30] == first.value == min(whole[:30])
    assert parts[31:] == pytest.approx(whole[30:], rel=1e-6)
    assert second.value == min(parts)
    without = minimize(on_tensors(function), first.x, 31, history=7)
    assert second.value < without.value


def test_only_the_newest_pairs_are_taken():
    pairs = random_pairs(np.random.default_rng(8), 6, (3,))
    x0 = tf.constant([1.0, 2.0, 3.0], tf.float64)
    result = minimize(bowl, x0, 1, history=2, pairs=pairs)
    assert [p.rho for p in result.pairs] == [p.rho for p in pairs[-2:]]
    with pytest.raises((ValueError, tf.errors.InvalidArgumentError)):
        minimize(bowl, x0, 1, pairs=random_pairs(np.random.default_rng(8), 1, (2,)))


def test_history_is_kept_and_dropped():
    result = minimize(on_tensors(rosenbrock), tf.constant(np.tile([-1.2, 1], 5)), 60, 4)
    assert len(result.pairs) == 4
    result = minimize(on_tensors(rosenbrock), tf.constant(np.tile([-1.2, 1], 5)), 5, 99)
    assert 1 <= len(result.pairs) <= 4


def test_a_memory_that_one_can_look_into():
    target = tf.constant([1.0, 2.0, 3.0])

    def function(x):
        return tf.reduce_sum(tf.abs(x - target) ** 3), 3 * (x - target) * abs(
            x - target
        )

    seen, memory = [], PairMemory(4, target)

    def watch(*_):
        seen.append((memory.evaluations, len(memory.pairs())))

    start = tf.zeros(3)
    whole = minimize(function, start, 12, callback=watch, memory=memory)
    assert seen[0] == (0, 0) and seen[-1][0] >= 10 and max(n for _, n in seen) == 4
    # It goes on from where the iteration began that was cut off.
    rest = minimize(function, start, 5, memory=memory)
    assert rest.value < whole.value
