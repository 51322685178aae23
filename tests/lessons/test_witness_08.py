"""The numbers of SciPy that lesson 08 stores are those that SciPy gives."""

import ast

import numpy as np
import pytest
import scipy.optimize
from lesson_files import LESSONS, cells, source

(LESSON,) = [path for path in LESSONS if path.stem == "08_lbfgs"]
ROUND = 5  # evaluations that SciPy's versions may differ by


def stored():
    """The dictionary SCIPY of the lesson: pairs kept → evaluations."""
    for cell in cells(LESSON, "code"):
        for node in ast.parse(source(cell)).body:
            if ast.unparse(node).startswith("SCIPY = "):
                return ast.literal_eval(node.value)
    raise AssertionError("the lesson has no SCIPY")


def evaluations(history):
    """How many SciPy needs on Rosenbrock until the value is below 1e-8."""
    values = []

    def function(x):
        values.append(scipy.optimize.rosen(x))
        return values[-1], scipy.optimize.rosen_der(x)

    options = {"maxcor": history, "ftol": 0, "gtol": 1e-9}
    scipy.optimize.minimize(
        function, [-1.2, 1.0], jac=True, method="L-BFGS-B", options=options
    )
    return int(np.argmax(np.array(values) < 1e-8)) + 1


@pytest.mark.parametrize("history", stored())
def test_the_witness_says_so(history):
    assert abs(evaluations(history) - stored()[history]) <= ROUND
