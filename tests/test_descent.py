"""First-order optimizers against their formulas."""

import numpy as np
import pytest

from nstlib.backend import tf
from nstlib.descent import LEARNING_RATES, make_optimizer, minimize
from nstlib.interruption import Interruption

CURVATURE = np.array([1.0, 4.0, 0.5], np.float32)
GOAL = np.array([3.0, -2.0, 10.0], np.float32)
START = np.array([0.0, 1.0, -1.0], np.float32)


def bowl(x):
    """½ Σ c (x − goal)², and its gradient."""
    d = x - GOAL
    return tf.reduce_sum(CURVATURE * d * d) / 2, CURVATURE * d


def trajectory(optimizer, steps, **options):
    seen = []
    result = minimize(
        bowl, START, steps, optimizer, lambda i, x, v: seen.append(x.numpy()), **options
    )
    return seen, result


def test_gradient_descent_in_closed_form():
    seen, result = trajectory(make_optimizer("sgd", 0.1), 20)
    for k, x in enumerate(seen):
        wanted = GOAL + (1 - 0.1 * CURVATURE) ** k * (START - GOAL)
        np.testing.assert_allclose(x, wanted, rtol=1e-4, atol=1e-5)
    assert len(seen) == result.evaluations == 20
    assert result.stop_reason == "evaluations used up"
    # The best point evaluated, not the one after the last step.
    np.testing.assert_array_equal(result.x, seen[-1])


def adam_by_hand(steps, rate, beta_1, beta_2, epsilon, scale=1.0):
    x, m, v, seen = START.astype(float), 0.0, 0.0, []
    for k in range(1, steps + 1):
        seen.append(x.copy())
        g = scale * CURVATURE * (x - GOAL)
        m = beta_1 * m + (1 - beta_1) * g
        v = beta_2 * v + (1 - beta_2) * g * g
        # Keras puts epsilon beside the uncorrected root (Kingma & Ba 2015, end of §2).
        corrected = rate * np.sqrt(1 - beta_2**k) / (1 - beta_1**k)
        x = x - corrected * m / (np.sqrt(v) + epsilon)
    return seen


@pytest.mark.parametrize("epsilon, scale", [(1e-7, 1.0), (0.1, 1.0), (0.1, 255.0)])
def test_adam_by_hand(epsilon, scale):
    optimizer = make_optimizer("adam", 0.3, beta_1=0.8, beta_2=0.99, epsilon=epsilon)
    seen, _ = trajectory(optimizer, 12, gradient_scale=scale)
    wanted = adam_by_hand(12, 0.3, 0.8, 0.99, epsilon, scale)
    np.testing.assert_allclose(seen, wanted, rtol=1e-4, atol=1e-4)


def test_adagrad_by_hand():
    seen, _ = trajectory(make_optimizer("adagrad", 0.5, epsilon=1e-3), 8)
    x, total = START.astype(float), 0.1  # Keras begins with a sum of 0.1
    for found in seen:
        np.testing.assert_allclose(found, x, rtol=1e-4, atol=1e-4)
        g = CURVATURE * (x - GOAL)
        total = total + g * g
        x = x - 0.5 * g / np.sqrt(total + 1e-3)


def test_rmsprop_by_hand():
    seen, _ = trajectory(make_optimizer("rmsprop", 0.2, beta_2=0.7, epsilon=1e-3), 8)
    x, mean = START.astype(float), 0.0
    for found in seen:
        np.testing.assert_allclose(found, x, rtol=1e-4, atol=1e-4)
        g = CURVATURE * (x - GOAL)
        mean = 0.7 * mean + 0.3 * g * g
        x = x - 0.2 * g / np.sqrt(mean + 1e-3)


@pytest.mark.parametrize("name", sorted(LEARNING_RATES))
def test_every_optimizer_goes_down(name):
    values = []
    minimize(
        bowl,
        START,
        30,
        make_optimizer(name, 0.1),
        lambda i, x, v: values.append(v),
    )
    assert values[-1] < values[0] and values[5] < values[0]


def test_gradient_scale_is_a_factor_on_the_gradient():
    slow, _ = trajectory(make_optimizer("sgd", 0.1), 5)
    same, _ = trajectory(make_optimizer("sgd", 0.001), 5, gradient_scale=100.0)
    np.testing.assert_allclose(slow, same, rtol=1e-5)
    assert not np.allclose(slow[1], START)


def test_decay_shrinks_the_steps():
    def flat(x):
        return tf.reduce_sum(x), tf.ones_like(x)

    seen = []
    minimize(
        flat,
        np.zeros(1, np.float32),
        202,
        make_optimizer("sgd", 1, decay=0.5),
        lambda i, x, v: seen.append(float(x[0])),
    )
    steps = -np.diff(seen)
    np.testing.assert_allclose(steps[[0, 100, 200]], [1, 0.5, 0.25], rtol=1e-3)
    assert np.all(np.diff(steps) < 0)


def test_bounds_hold_between_steps_but_not_inside_the_loss():
    low, high = tf.constant([-1.0, -1.0, -1.0]), tf.constant([2.0, 2.0, 2.0])
    seen, result = trajectory(make_optimizer("sgd", 0.5), 60, bounds=(low, high))
    assert np.min(seen) >= -1 and np.max(seen) <= 2
    np.testing.assert_allclose(result.x, np.clip(GOAL, -1, 2), atol=1e-3)
    assert result.evaluations == 60


def test_average_is_bias_corrected_and_does_not_count_the_start():
    seen, result = trajectory(make_optimizer("sgd", 0.1), 4, average=0.6)
    points = [GOAL + (1 - 0.1 * CURVATURE) ** k * (START - GOAL) for k in range(1, 5)]
    shares = 0.6 ** np.arange(3, -1, -1)
    wanted = np.average(points, axis=0, weights=shares)
    np.testing.assert_allclose(result.x, wanted, rtol=1e-4)
    assert len(seen) == 4


def test_average_of_one_step_is_that_point():
    _, result = trajectory(make_optimizer("sgd", 0.1), 1, average=0.99)
    wanted = GOAL + (1 - 0.1 * CURVATURE) * (START - GOAL)
    np.testing.assert_allclose(result.x, wanted, rtol=1e-4)


def test_the_best_point_is_kept_when_the_loss_rises_again():
    # Beyond 2 / curvature the steps diverge.
    seen, result = trajectory(make_optimizer("sgd", 0.6), 6)
    values = [float(bowl(x)[0]) for x in seen]
    assert values[-1] > min(values)
    np.testing.assert_array_equal(result.x, seen[int(np.argmin(values))])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_loss_that_is_not_finite_ends_the_run_at_the_best_point(bad):
    calls = []

    def breaks(x):
        value, gradient = bowl(x)
        calls.append(x.numpy())
        return (tf.constant(bad) if len(calls) == 4 else value), gradient

    for average in (0.0, 0.5):
        calls.clear()
        result = minimize(
            breaks, START, 20, make_optimizer("sgd", 0.1), average=average
        )
        assert result.stop_reason == "not finite" and result.evaluations == 4
        np.testing.assert_array_equal(result.x, calls[2])


def test_not_finite_from_the_start_gives_the_start_back():
    def never(x):
        return tf.constant(np.nan), x

    result = minimize(never, START, 5, make_optimizer("adam"))
    assert result.stop_reason == "not finite" and result.evaluations == 1
    np.testing.assert_array_equal(result.x, START)


def test_callback_may_stop():
    seen = []

    def callback(evaluation, x, value):
        seen.append((evaluation, float(value)))
        assert x.shape == (3,) and isinstance(value, float)
        return evaluation == 3

    result = minimize(bowl, START, 20, make_optimizer("sgd", 0.1), callback)
    assert result.stop_reason == "stopped by callback" and result.evaluations == 3
    assert [evaluation for evaluation, _ in seen] == [1, 2, 3]
    assert seen[0][1] == pytest.approx(float(bowl(tf.constant(START))[0]))


@pytest.mark.parametrize("average", [0.0, 0.9])
def test_interrupt_keeps_the_picture(average):
    def callback(evaluation, x, value):
        if evaluation == 3:
            raise KeyboardInterrupt

    optimizer = make_optimizer("sgd", 0.1)
    told = rf"after 3 of 20 .* the {'average' if average else 'best point'} so far\."
    with pytest.warns(Interruption, match=told) as seen:
        result = minimize(bowl, START, 20, optimizer, callback, average=average)
    assert [warning.filename for warning in seen] == [__file__]
    assert result.stop_reason == "interrupted" and result.evaluations == 3
    assert float(bowl(result.x)[0]) < float(bowl(tf.constant(START))[0])


def test_interrupt_before_anything_was_evaluated():
    def impatient(x):
        raise KeyboardInterrupt

    with pytest.warns(Interruption, match="after 0 of 5 evaluations"):
        result = minimize(impatient, START, 5, make_optimizer("adam"), average=0.9)
    assert result.stop_reason == "interrupted" and result.evaluations == 0
    np.testing.assert_array_equal(result.x, START)


def test_the_start_is_not_changed():
    start = tf.Variable(START)
    minimize(bowl, start, 5, make_optimizer("sgd", 0.1))
    np.testing.assert_array_equal(start, START)
