"""How pytest runs the notebooks: strictly, and one failure at a time."""

import os

import pytest

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")  # kernels inherit it
BROKEN = set()


def pytest_collectstart(collector):
    """Do not compare the error stream: warnings come and go with versions."""
    if getattr(collector, "skip_compare", None):
        collector.skip_compare += ("stderr",)


def pytest_collection_modifyitems(items):
    """Refuse a cell stored un-run: nbval would compare it with nothing."""
    for item in items:
        cell = getattr(item, "cell", None)
        if cell is None or item.options["skip"]:
            continue
        if cell.execution_count is None:
            raise pytest.UsageError(f"{item.nodeid}: stored un-run, see nst refresh")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Remember the notebooks in which a cell has failed."""
    report = (yield).get_result()
    if report.when == "call" and report.failed and hasattr(item, "cell"):
        BROKEN.add(item.path)


def pytest_runtest_setup(item):
    """Skip what follows a failure: it can only fail, too."""
    if item.path in BROKEN:
        pytest.skip("an earlier cell of this notebook failed")
