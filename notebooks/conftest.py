"""How pytest runs the notebooks: strictly, and one failure at a time.

A cell that writes to stderr fails: a student would see a red box. `nst refresh` stores
no such output, so that the messages of the kernel have to be looked at.
"""

import os
from collections import defaultdict

import pytest
from nbval.kernel import RunningKernel

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")  # kernels inherit it
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")  # two notebooks run side by side
os.environ.setdefault("NSTLIB_UNWATCHED", "1")  # no picture that grows
LONGEST = 150  # seconds for one notebook: 75, and twice as much on a busy machine
BROKEN = set()
SECONDS = defaultdict(float)


def execute_as_in_jupyter(kernel, source, allow_stdin=None):
    """Run a cell with history: without it, IPython overlooks a `;` at the end."""
    return kernel.kc.execute(source, allow_stdin=allow_stdin, stop_on_error=False)


RunningKernel.execute_cell_input = execute_as_in_jupyter
START, GET = RunningKernel.__init__, RunningKernel.get_message


def start_as_in_jupyter(kernel, *args, **kwargs):
    """Start a kernel that passes on what C++ writes; under pytest it would not."""
    kernel.said = ""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PYTEST_CURRENT_TEST", raising=False)
        START(kernel, *args, **kwargs)


def get_and_note(kernel, *args, **kwargs):
    """Get a message of the kernel, and note what is written to stderr."""
    message = GET(kernel, *args, **kwargs)
    content = message["content"]
    if message["msg_type"] == "stream" and content["name"] == "stderr":
        kernel.said += content["text"]
    return message


RunningKernel.__init__ = start_as_in_jupyter
RunningKernel.get_message = get_and_note


def pytest_collectstart(collector):
    """Do not compare the error stream, nor animations, which differ by float noise.

    The error stream is empty, or the cell fails anyway. tests/lessons sees to it that a
    lesson stores no other HTML than animations.
    """
    if getattr(collector, "skip_compare", None):
        collector.skip_compare += ("stderr", "text/html")


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
    """Remember the notebooks in which a cell has failed; fail those that take long."""
    report = (yield).get_result()
    if not hasattr(item, "cell"):
        return
    SECONDS[item.path] += report.duration
    if report.when == "call" and report.passed and SECONDS[item.path] > LONGEST:
        report.outcome = "failed"
        report.longrepr = f"{item.path.name} takes more than {LONGEST} s up to here"
    if report.when == "call" and report.passed and item.parent.kernel.said:
        report.outcome = "failed"
        report.longrepr = f"this cell writes to stderr: {item.parent.kernel.said}"
    if report.when == "call" and report.failed:
        BROKEN.add(item.path)


def pytest_runtest_setup(item):
    """Skip what follows a failure: it can only fail, too."""
    if item.path in BROKEN:
        pytest.skip("an earlier cell of this notebook failed")
