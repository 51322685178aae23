"""Runs a lesson with other parameters: `python tweaks.py LESSON < changes.json`.

Names of modules after the lesson's hide these modules, as if they were not installed.
Reads a list of changes, each ``{parameter: expression}``. Prints, for each, a line of
JSON with what failed, null if nothing did. The lesson's cells run one after the other,
as in Jupyter, until one fails.
"""

import contextlib
import io
import json
import os
import re
import subprocess
import sys
import traceback

from lesson_files import LESSONS, ROOT, cells, source, tags


def rows(path):
    """What each row of a lesson's *Tweak it* table changes."""
    (cell,) = [c for c in cells(path, "markdown") if "## Tweak it" in source(c)]
    lines = re.findall(r"(?m)^\|(.+?)\|", source(cell))[2:]  # below the heading
    return [dict(re.findall(r"`([A-Z][A-Z_0-9]*) = ([^`]+)`", line)) for line in lines]


def changed(code, change):
    """The code of a parameter cell in which some parameters have other values.

    Raises:
        ValueError: there is no such parameter.
    """
    lines = code.splitlines()
    for name, value in change.items():
        found = [n for n, line in enumerate(lines) if line.startswith(f"{name} = ")]
        if len(found) != 1:
            raise ValueError(f"{len(found)} parameters are called {name}, not one")
        lines[found[0]] = f"{name} = {value}"
    return "\n".join(lines)


def failure(path, change):
    """The cell that fails with these parameters, and how; None if none does."""
    from matplotlib import pyplot as plt

    scope = {"__name__": "__main__"}
    for cell in cells(path, "code"):
        code = source(cell)
        if "parameters" in tags(cell):
            code = changed(code, change)
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(code, cell["id"], "exec"), scope)
        except Exception:
            return f"{cell['id']}: {traceback.format_exc(limit=-2)}"
        finally:
            plt.close("all")
    return None


def failures(path, changes, hidden=()):
    """What fails with each of the changes, found in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, path.stem, *hidden],
        input=json.dumps(changes), capture_output=True, text=True, timeout=1800,
        env={**os.environ, "TF_NUM_INTRAOP_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(found) == len(changes)
    return {str(c): why for c, why in zip(changes, found, strict=True) if why}


def main(lesson, *hidden):
    sys.modules.update(dict.fromkeys(hidden))  # None there stops an import
    (path,) = [path for path in LESSONS if path.stem == lesson]
    os.chdir(ROOT / "notebooks")
    for change in json.load(sys.stdin):
        print(json.dumps(failure(path, change)), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
