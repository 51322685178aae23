"""The examples in the docstrings of the package run, and print what they say."""

import doctest
import importlib
import pkgutil

import pytest

import nstlib

FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(nstlib.__path__, "nstlib.")
    if not module.name.endswith("__main__")
)


def examples(name):
    """The docstrings of a module that have examples, as tests."""
    found = doctest.DocTestFinder().find(importlib.import_module(name))
    return [test for test in found if test.examples]


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_a_module(name):
    runner = doctest.DocTestRunner(optionflags=FLAGS)
    report = []
    for test in examples(name):
        runner.run(test, out=report.append)
    assert runner.failures == 0, "".join(report)


def test_there_are_many_examples():
    assert len([test for name in MODULES for test in examples(name)]) >= 25


def test_every_example_is_under_its_heading():
    """Keras and NumPy users look for ``Example:``; a stray ``>>>`` is easily missed."""
    for test in (test for name in MODULES for test in examples(name)):
        assert "Example:\n" in test.docstring, test.name
