"""Type checkers and editors know every public name, what it takes and what it gives."""

import ast
import importlib
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import nstlib

ROOT = Path(nstlib.__file__).resolve().parents[1]


# --- the names


def imported_for_checkers():
    """(module, name, its name here) of each import that only type checkers read."""
    tree = ast.parse(Path(nstlib.__file__).read_text(encoding="utf-8"))
    (block,) = (
        node
        for node in tree.body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    )
    return [
        (node.module, alias.name, alias.asname)
        for node in block.body
        for alias in node.names
    ]


def test_every_public_name_is_known_from_where_it_comes():
    found = {}
    for module, name, here in imported_for_checkers():
        assert here == name, "only `as` makes it importable from here"
        if module == "nstlib":
            assert importlib.util.find_spec(f"nstlib.{name}"), name
        else:
            found[name] = getattr(importlib.import_module(module), name)
    assert sorted(found) == nstlib.__all__
    for name, value in found.items():
        assert getattr(nstlib, name) is value


# --- mypy

SCRIPT = [  # a line, and what mypy says about it
    ("import nstlib", ""),
    ("from nstlib import check, load_image, vary", ""),
    ("settings = nstlib.Settings(size=128, tv_weight=2.0)", ""),
    ("result = nstlib.stylize('cat.jpg', 'wave.png', settings, seed=1)", ""),
    ("nstlib.stylize(load_image('cat.jpg'), [('wave.png', 2.0)]).save('a.png')", ""),
    ("print(result.image.shape, result.seconds / 2, result.stop_reason.upper())", ""),
    ("check.my_gram(nstlib.gram_matrix)", ""),
    ("nstlib.lbfgs.two_loop_recursion, nstlib.images.resize, nstlib.recipes", ""),
    ("reveal_type(result)", '"nstlib.runs.result.Result"'),
    ("reveal_type(settings)", r'"nstlib\.settings\.\w+\.Settings"'),
    ("reveal_type(load_image('cat.jpg'))", r'"numpy\.ndarray\['),
    ("reveal_type(nstlib.load_network('mini'))", '"nstlib.vgg.FeatureExtractor"'),
    ("reveal_type(nstlib.images.resize)", r"picture: .*height: int, width: int"),
    ("nstlib.stylize(3)", "Missing positional argument|incompatible type"),
    ("nstlib.stylize('cat.jpg', 'wave.png', 300)", "incompatible type"),
    ("nstlib.stilize('cat.jpg', 'wave.png')", 'no attribute "stilize"'),
    ("nstlib.Settings(sise=128)", "Unexpected keyword argument"),
    ("result.imgae", '"Result" has no attribute "imgae"'),
    ("nstlib.load_image()", "Missing positional argument"),
    ("vary('cat.jpg', 'wave.png')", 'Missing positional argument "changes"'),
    ("from nstlib import load_picture", 'has no attribute "load_picture"'),
]


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """What mypy says to the script, by the numbers of its lines."""
    if importlib.util.find_spec("mypy") is None:
        pytest.skip("mypy is not installed; it is in the extra test")
    script = tmp_path_factory.mktemp("typing") / "script.py"
    script.write_text("\n".join(line for line, _ in SCRIPT), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", script],
        cwd=ROOT,
        env={**os.environ, "MYPYPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1 and done.stderr == "", done.stderr
    lines = {}
    for number, text in re.findall(r"script\.py:(\d+): \w+: (.*)", done.stdout):
        lines.setdefault(int(number), []).append(text)
    return lines


@pytest.mark.parametrize("number", range(1, len(SCRIPT) + 1))
def test_right_use_passes_and_wrong_use_is_reported(said, number):
    line, words = SCRIPT[number - 1]
    if words:
        assert re.search(words, "\n".join(said.get(number, []))), line
    else:
        assert number not in said, line


# --- Jedi, which completes in JupyterLab


@pytest.fixture
def jedi():
    return pytest.importorskip("jedi", reason="comes with ipykernel, extra test")


def test_every_public_name_is_completed(jedi):
    script = jedi.Script("import nstlib\nnstlib.", project=jedi.Project(ROOT))
    assert set(nstlib.__all__) <= {found.name for found in script.complete()}


def test_arguments_and_results_are_known(jedi):
    code = "import nstlib\nnstlib.stylize("
    (signature,) = jedi.Script(code, project=jedi.Project(ROOT)).get_signatures()
    assert signature.to_string().startswith("stylize(content: ")
    script = jedi.Script(f"{code}1, 2).", project=jedi.Project(ROOT))
    assert {"image", "history", "save"} <= {found.name for found in script.complete()}
