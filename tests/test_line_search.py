"""The line search: against its two conditions, on curves that are easy and nasty."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nstlib.line_search import Trial, strong_wolfe


class Line:
    """φ from a pair of functions; remembers what was asked."""

    def __init__(self, value, slope):
        self.value, self.slope, self.asked = value, slope, []

    def __call__(self, t):
        self.asked.append(t)
        return Trial(t, float(self.value(t)), float(self.slope(t)))

    def search(self, **options):
        start = self(0.0)
        self.asked.clear()
        return start, strong_wolfe(self, start, **options)


def assert_strong_wolfe(start, found, c1, c2):
    assert found.step > 0
    assert found.value <= start.value + c1 * found.step * start.slope
    assert abs(found.slope) <= c2 * abs(start.slope)


@given(
    st.lists(
        st.tuples(st.floats(-2, 2), st.floats(0.1, 4), st.floats(0, 6.3)), max_size=3
    ),
    st.floats(0.05, 5),
    st.floats(-3, 3),
    st.floats(-2, 2),
    st.sampled_from([0.3, 0.9]),
)
@settings(max_examples=300, deadline=None)
def test_strong_wolfe_holds_on_random_curves(waves, bend, middle, exponent, c2):
    def value(t):
        rest = sum(a * math.sin(w * t + p) for a, w, p in waves)
        return bend * (t - middle) ** 2 / 2 + rest

    def slope(t):
        rest = sum(a * w * math.cos(w * t + p) for a, w, p in waves)
        return bend * (t - middle) + rest

    sign = -1.0 if slope(0.0) > 0 else 1.0
    line = Line(lambda t: value(sign * t), lambda t: sign * slope(sign * t))
    if line(0.0).slope > -1e-3:
        return
    start, found = line.search(step=10.0**exponent, c2=c2)
    assert_strong_wolfe(start, found, 1e-4, c2)
    assert found.step in line.asked and len(line.asked) <= 20


def more_thuente(number):
    """Test functions 1 to 6 of Moré & Thuente (1994), with their c1 and c2."""

    def gamma(beta):
        return math.sqrt(1 + beta**2) - beta

    def yanai(b1, b2):
        def value(t):
            first = gamma(b1) * math.sqrt((1 - t) ** 2 + b2**2)
            return first + gamma(b2) * math.sqrt(t**2 + b1**2)

        def slope(t):
            first = gamma(b1) * (t - 1) / math.sqrt((1 - t) ** 2 + b2**2)
            return first + gamma(b2) * t / math.sqrt(t**2 + b1**2)

        return value, slope

    def third(t, beta=0.01, waves=39):
        if abs(t - 1) >= beta:
            base, tilt = abs(t - 1), math.copysign(1, t - 1)
        else:
            base, tilt = (t - 1) ** 2 / (2 * beta) + beta / 2, (t - 1) / beta
        angle = waves * math.pi / 2 * t
        wave = 2 * (1 - beta) / (waves * math.pi) * math.sin(angle)
        return base + wave, tilt + (1 - beta) * math.cos(angle)

    def first(t):
        return -t / (t**2 + 2), (t**2 - 2) / (t**2 + 2) ** 2

    def second(t, b=0.004):
        return (t + b) ** 5 - 2 * (t + b) ** 4, 5 * (t + b) ** 4 - 8 * (t + b) ** 3

    both = {1: first, 2: second, 3: third}.get(number)
    if both:
        value, slope = (lambda t: both(t)[0]), (lambda t: both(t)[1])
    else:
        value, slope = yanai(
            *{4: (1e-3, 1e-3), 5: (1e-2, 1e-3), 6: (1e-3, 1e-2)}[number]
        )
    c1, c2 = {1: (1e-3, 0.1), 2: (0.1, 0.1), 3: (0.1, 0.1)}.get(number, (1e-3, 1e-3))
    return Line(value, slope), c1, c2


@pytest.mark.parametrize("step", [1e-3, 1e-1, 1e1, 1e3])
@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 6])
def test_more_thuente_functions(number, step):
    line, c1, c2 = more_thuente(number)
    start, found = line.search(step=step, c1=c1, c2=c2)
    print(f"Moré-Thuente {number} from {step:g}: {len(line.asked)} evaluations")
    assert_strong_wolfe(start, found, c1, c2)
    assert len(line.asked) <= 16


def test_a_unit_step_that_will_do_costs_one_evaluation():
    line = Line(lambda t: (t - 1.1) ** 2, lambda t: 2 * (t - 1.1))
    line.search()
    assert line.asked == [1.0]


def test_c2_decides_how_flat_is_flat_enough():
    line = Line(lambda t: (t - 1) ** 2, lambda t: 2 * (t - 1))
    start, found = line.search(step=0.2, c2=0.9)
    assert len(line.asked) == 1 and found.step == 0.2
    start, found = line.search(step=0.2, c2=0.1)
    assert len(line.asked) > 1
    assert_strong_wolfe(start, found, 1e-4, 0.1)


def test_c1_refuses_a_descent_too_small_for_the_step():
    # At t = 1.9 the value has fallen, but by far less than the slope promised.
    line = Line(lambda t: (t - 1) ** 2, lambda t: 2 * (t - 1))
    start, found = line.search(step=1.9, c1=0.4, c2=0.95)
    assert line.asked[0] == 1.9 and found.step < 1.3
    assert_strong_wolfe(start, found, 0.4, 0.95)


@pytest.mark.parametrize("beyond", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("where", ["value", "slope", "both"])
def test_not_finite_means_too_far(beyond, where):
    def cut(function, name):
        bad = where in (name, "both")
        return lambda t: beyond if t > 0.3 and bad else function(t)

    value, slope = lambda t: (t - 0.25) ** 2, lambda t: 2 * (t - 0.25)
    line = Line(cut(value, "value"), cut(slope, "slope"))
    start, found = line.search(step=100.0)
    assert_strong_wolfe(start, found, 1e-4, 0.9)
    assert found.step <= 0.3 and len(line.asked) <= 6


def test_everything_not_finite_returns_the_start():
    line = Line(lambda t: math.nan if t else 1.0, lambda t: -1.0)
    start, found = line.search()
    assert found is start and len(line.asked) == 20


def test_an_endless_slope_returns_the_lowest_point():
    line = Line(lambda t: -t, lambda t: -1.0)
    _, found = line.search()
    assert len(line.asked) == 20 and found.step == max(line.asked)


def test_a_cliff_returns_a_point_in_front_of_it():
    # Down to t = 1, then up by 10 at once: no point is flat.
    line = Line(lambda t: -t + 10 * (t >= 1), lambda t: -1.0)
    _, found = line.search(step=3.0)
    assert 0.9 < found.step < 1 and found.value == -found.step
    assert len(line.asked) <= 20


@pytest.mark.parametrize("slope", [0.0, 1.0, math.nan])
def test_uphill_is_refused(slope):
    with pytest.raises(ValueError, match="downhill"):
        strong_wolfe(Trial, Trial(0.0, 1.0, slope))


def test_noise_lets_the_slopes_decide():
    # The true curve falls by 1e-6, below an error of 1e-3 that hits the trials.
    line = Line(
        lambda t: 1 + 1e-6 * (t - 1) ** 2 + 1e-3 * (t > 0), lambda t: 2e-6 * (t - 1)
    )
    start, found = line.search(step=1.5)
    assert found is start and len(line.asked) == 20
    _, found = line.search(step=1.5, noise=1e-3)
    assert found.step == 1.5 and len(line.asked) == 1
    _, found = line.search(step=3.0, noise=1e-3)
    assert abs(found.step - 1) < 0.9 and len(line.asked) == 2
