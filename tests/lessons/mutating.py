"""Runs a lesson with mistakes in the package: `python mutating.py LESSON [--quick]`.

The lesson's cells run one after the other, as in Jupyter, until one raises, or prints
something else than what is stored. Prints JSON: what each mutant was caught by, null if
by nothing. With --quick, slow mutants are left out.
"""

import ast
import contextlib
import copy
import importlib.abc
import importlib.util
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from mutants import MUTANTS

ROOT = Path(__file__).resolve().parents[2]
IGNORED = {"nbval-ignore-output", "nbval-skip", "exercise"}
QUICK = 3
"""Seconds beyond which a cell is a long one."""


# --- a mistake is put into a definition


class _Replacing(ast.NodeTransformer):
    """Puts one piece of code in the place of each that is equal to another."""

    def __init__(self, old, new):
        self.old, self.new, self.count = ast.dump(old), new, 0

    def visit(self, node):
        if ast.dump(node) == self.old:
            self.count += 1
            return copy.deepcopy(self.new)
        return self.generic_visit(node)


def piece(code):
    """The syntax tree of an expression or of a single statement."""
    (statement,) = ast.parse(code).body
    return statement.value if isinstance(statement, ast.Expr) else statement


def locate(where):
    """The file of a dotted name such as `fast.training.preview`, and the rest of it."""
    parts = where.split(".")
    for length in range(len(parts) - 1, 0, -1):
        path = ROOT.joinpath("nstlib", *parts[:length]).with_suffix(".py")
        if path.is_file():
            return path, parts[length:]
    raise ValueError(f"no module of nstlib holds {where!r}")


def definition(tree, names):
    """The function, class or constant of a tree that is called so, inside others."""
    for name in names:
        found = [node for node in tree.body if name in _names(node)]
        if len(found) != 1:
            raise ValueError(f"{len(found)} definitions of {name!r}, not one")
        (tree,) = found
    return tree


def _names(node):
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    targets = getattr(node, "targets", [getattr(node, "target", None)])
    return [target.id for target in targets if isinstance(target, ast.Name)]


def mutated(mutant):
    """The whole module with the mistake in it, as `ast.unparse` writes it.

    What is compared are syntax trees, so that it does not matter how the file, or this
    Python, writes a line.

    Raises:
        ValueError: `old` does not stand exactly once in the definition.
    """
    path, names = locate(mutant.where)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    replacing = _Replacing(piece(mutant.old), piece(mutant.new))
    replacing.generic_visit(definition(tree, names))
    if replacing.count != 1:
        raise ValueError(
            f"{mutant.mistake}: nstlib.{mutant.where} holds {mutant.old!r} "
            f"{replacing.count} times, not once"
        )
    return ast.unparse(tree)


class Mutated(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module of nstlib from changed source."""

    def __init__(self, mutant):
        path, _ = locate(mutant.where)
        self.name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        self.source = mutated(mutant)

    def find_spec(self, name, path=None, target=None):
        if name == self.name:
            return importlib.util.spec_from_loader(name, self)
        return None

    def get_source(self, name):
        """For AutoGraph and tracebacks, which read the source of a function."""
        return self.source

    def exec_module(self, module):
        exec(compile(self.source, self.name, "exec"), vars(module))


# --- the lesson is run


def stored(cell):
    return "".join(
        "".join(o["text"]) for o in cell["outputs"] if o["output_type"] == "stream"
    )


def _too_long(*_):
    raise TimeoutError("left out: it takes too long")


def failing(cells, left_out=frozenset(), seconds=0):
    """Yield the number of each cell that fails, and why, as the lesson goes on.

    Some cells may be left out, and one that takes longer than so many seconds counts as
    failed; 0 lets all of them end.
    """
    from matplotlib import pyplot as plt

    scope = {"__name__": "__main__"}
    signal.signal(signal.SIGALRM, _too_long)
    for number, cell in enumerate(cells):
        if number in left_out:
            continue
        printed = io.StringIO()
        signal.alarm(seconds)
        try:
            with contextlib.redirect_stdout(printed):
                exec("".join(cell["source"]), scope)
        except Exception as error:
            yield number, f"{cell['id']}: {type(error).__name__}"
            continue
        finally:
            signal.alarm(0)
            plt.close("all")
        tags = set(cell["metadata"].get("tags", []))
        if not tags & IGNORED and printed.getvalue() != stored(cell):
            yield number, f"{cell['id']}: prints something else"


def unload():
    """Forget the package, so that the next lesson imports it anew."""
    for name in [name for name in sys.modules if name.startswith("nstlib")]:
        del sys.modules[name]


def tried(lesson, quick):
    """The mutants of a lesson, without the slow ones if it is to be quick."""
    return [mutant for mutant in MUTANTS[lesson] if not (quick and mutant.slow)]


def run(lesson, quick=False):
    """What catches each mutant of a lesson, null if nothing, and "nothing": what fails
    in the package as it is.

    Most of a lesson's time goes into a few cells, and most mutants are caught by
    others. So each mutant is first tried on the quick cells alone: none of them fails
    in the package as it is, though the others are left out. A mutant that these do not
    catch gets the whole lesson, and then so does the package as it is, as far as the
    last cell that caught one."""
    import tensorflow  # noqa: F401, so that its start does not count as a long cell

    os.chdir(ROOT / "notebooks")
    text = Path(f"{lesson}.ipynb").read_text(encoding="utf-8")
    cells = [c for c in json.loads(text)["cells"] if c["cell_type"] == "code"]
    unfit = set()
    while more := {number for number, _ in failing(cells, unfit, QUICK)}:
        unfit |= more  # the long ones, then those that need what these define
        unload()
    unload()
    failures, needed = {}, 0
    for mutant in tried(lesson, quick):
        finder = Mutated(mutant)
        sys.meta_path.insert(0, finder)
        failure = next(failing(cells, unfit), None)
        if failure is None:
            unload()
            failure = next(failing(cells), None)
            needed = max(needed, failure[0] + 1 if failure else len(cells))
        failures[mutant.mistake] = failure
        sys.meta_path.remove(finder)
        if finder.name not in sys.modules:
            raise ValueError(f"{mutant.mistake}: the lesson never loads {finder.name}")
        unload()
    failures["nothing"] = next(failing(cells[:needed]), None)
    return {mistake: failure and failure[1] for mistake, failure in failures.items()}


def uncaught(lesson):
    """The mistakes that no cell notices, found in a process of their own."""
    quick = not os.environ.get("NSTLIB_ALL_MUTANTS")
    command = [sys.executable, __file__, lesson, *(["--quick"] if quick else [])]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr[-2000:]
    caught = json.loads(done.stdout.splitlines()[-1])
    assert caught.pop("nothing") is None
    assert len(caught) == len(tried(lesson, quick)) >= 3
    return [mistake for mistake, cell in caught.items() if cell is None]


if __name__ == "__main__":
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
    os.environ["MPLBACKEND"] = "Agg"
    sys.path.insert(0, str(ROOT))
    print(json.dumps(run(sys.argv[1], "--quick" in sys.argv)))
