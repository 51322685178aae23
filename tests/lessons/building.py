"""Runs a lesson in build mode: `python building.py LESSON VARIANT`.

The cells run one after the other, as in Jupyter, until one raises. VARIANT says what
is put into the stubs: "untouched" nothing, "solved" the folded solutions, "wrong"
functions that return their first argument. Prints JSON: the cell that failed and why,
or null; for which functions the lesson went on with the student's; for which with the
given one.
"""

import contextlib
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

from lesson_files import ROOT, code_block, source, tags

WRONG = "def {name}(*case):\n    return case[0]"


def built_cells(lesson):
    """The cells of a lesson as build mode lays them out."""
    from nstlib.course.build import build

    path = ROOT / "notebooks" / f"{lesson}.ipynb"
    return json.loads(build(path.read_bytes(), path.name))["cells"]


def answers(cells, variant):
    """For each stub, by the id of its cell: the code that a student adds."""
    found = {}
    for number, cell in enumerate(cells):
        if "stub" not in tags(cell):
            continue
        check, _, solution = cells[number + 1 : number + 4]
        names = re.findall(r"^(\w+) = check", source(check), re.M)
        wrong = "\n\n\n".join(WRONG.format(name=name) for name in names)
        texts = {"untouched": "", "solved": code_block(solution), "wrong": wrong}
        found[cell["id"]] = texts[variant]
    return found


def run(lesson, variant):
    """Run all cells of a lesson; see the top of this file for what is returned."""
    from matplotlib import pyplot as plt

    cells = built_cells(lesson)
    added, scope = answers(cells, variant), {"__name__": "__main__"}
    printed, failure = io.StringIO(), None
    for cell in cells:
        if cell["cell_type"] != "code":
            continue
        try:
            with contextlib.redirect_stdout(printed):
                for code in (source(cell), added.get(cell["id"], "")):
                    exec(code, scope)
        except Exception as error:
            failure = f"{cell['id']}: {type(error).__name__}: {error}"
            break
        plt.close("all")
    text = printed.getvalue()
    yours = re.findall(r"^→ the lesson goes on with your (\w+)$", text, re.M)
    given = re.findall(r"^→ until yours passes, .* (\w+)$", text, re.M)
    return failure, yours, given


def outcome(lesson, variant):
    """What `run` returns, found in a process of its own."""
    command = [sys.executable, __file__, lesson, variant]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
    os.environ["MPLBACKEND"] = "Agg"
    sys.path.insert(0, str(ROOT))
    os.chdir(Path(ROOT) / "notebooks")
    print(json.dumps(run(*sys.argv[1:])))
