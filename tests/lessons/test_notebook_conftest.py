"""`notebooks/conftest.py` refuses a cell that writes to stderr, however it does."""

import re
import shutil
import subprocess
import sys

import nbformat
from lesson_files import ROOT
from nbformat.v4 import new_code_cell, new_notebook, new_output

WRITES = {
    "Python": "import sys\nprint('red', file=sys.stderr)",
    "a warning": "import warnings\nwarnings.warn('red')",
    "a log": "import logging\nlogging.warning('red')",
    "C++": "import os, time\nos.write(2, b'red\\n');\ntime.sleep(0.5)",
}


def test_a_cell_that_writes_to_stderr_fails(tmp_path):
    for name, source in WRITES.items():
        quiet = new_code_cell("print('fine')", execution_count=1)
        quiet.outputs = [new_output("stream", name="stdout", text="fine\n")]
        cells = [quiet, new_code_cell(source, execution_count=2)]
        nbformat.write(new_notebook(cells=cells), tmp_path / f"{name}.ipynb")
    shutil.copy(ROOT / "notebooks" / "conftest.py", tmp_path)
    command = [sys.executable, "-m", "pytest", "-q", "--nbval", "."]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    for name in WRITES:
        line = rf"FAILED {re.escape(name)}\.ipynb::Cell 1 - this cell writes to stderr"
        assert re.search(line, done.stdout), done.stdout
    assert f"{len(WRITES)} failed, {len(WRITES)} passed" in done.stdout
