"""The README, pyproject.toml, environment.yml and the code say the same."""

import ast
import importlib
import os
import re
import subprocess
import sys

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10; pytest brings tomli there
    import tomli as tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
MODULES = sorted((ROOT / "nstlib").rglob("*.py"))


def test_readme_has_both_commands_on_one_line_each():
    assert 'python -m pip install -e ".[course]" && nst stylize\n' in README
    assert 'python -m pip install -e ".[test]" && python -m pytest\n' in README


def test_environment_yml_installs_what_the_readme_installs():
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    assert "- -e .[course]" in text
    python = re.search(r"python=(\d+\.\d+)", text).group(1)
    low, high = re.fullmatch(
        r">=(\d+\.\d+),<(\d+\.\d+)", PROJECT["project"]["requires-python"]
    ).groups()
    as_pair = lambda v: tuple(map(int, v.split(".")))  # noqa: E731
    assert as_pair(low) <= as_pair(python) < as_pair(high)
    assert f"Python {low}" in README


def test_extras_named_in_the_readme_exist():
    extras = PROJECT["project"]["optional-dependencies"]
    for names in re.findall(r'-e "?\.\[([\w,]+)\]', README):
        assert set(names.split(",")) <= set(extras)


def test_version_is_the_same_everywhere():
    nstlib = importlib.import_module("nstlib")
    assert nstlib.__version__ == PROJECT["project"]["version"]


def test_importing_nstlib_imports_neither_tensorflow_nor_numpy():
    code = (
        "import sys, nstlib, nstlib.cli.main;"
        "print([m for m in ('tensorflow', 'numpy', 'PIL') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_every_public_name_can_be_had():
    nstlib = importlib.import_module("nstlib")
    for name in nstlib.__all__:
        assert getattr(nstlib, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = nstlib.nonsense


def test_tensorflow_starts_without_a_word():
    code = "import nstlib; nstlib.gram_matrix([[1.0, 2.0]])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout == done.stderr == ""


def limits():
    """Lines of a module and of a function, as CONTRIBUTING.md states them."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (found,) = re.findall(r"Modules below (\d+) lines, functions below (\d+)\.", text)
    return tuple(map(int, found))


@pytest.mark.parametrize(
    "path", MODULES, ids=lambda p: p.relative_to(ROOT / "nstlib").as_posix()
)
def test_modules_and_functions_stay_short(path):
    most, longest = limits()
    source = path.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= most
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            length = body[-1].end_lineno - body[0].lineno + 1 if body else 0
            assert length <= longest, f"{node.name} has {length} lines"


# --- the floors, which import-linter knows from pyproject.toml


def lint_imports(folder):
    """Exit status and words of ``lint-imports`` for the package in a folder."""
    pytest.importorskip("importlinter", reason="extra test")
    code = (
        "import sys; from importlinter import cli;"
        "sys.exit(cli.lint_imports('pyproject.toml', no_cache=True))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    return done.returncode, done.stdout + done.stderr


def test_every_module_stands_on_a_floor_and_imports_from_none_above():
    status, text = lint_imports(ROOT)
    assert status == 0, text
    assert "Contracts: 2 kept, 0 broken." in text


@pytest.fixture
def copied(tmp_path):
    """A copy of the package's code, to put mistakes into."""
    for path in MODULES:
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    pyproject = (ROOT / "pyproject.toml").read_bytes()
    (tmp_path / "pyproject.toml").write_bytes(pyproject)
    return tmp_path


CIRCLE = "No circles between the files and folders of a floor BROKEN"
SPOILT = [  # an addition to a file, and what is said about it
    # A new file or folder that stands on no floor.
    ("attic.py", "", r"not listed as layers:\s+- nstlib\.attic"),
    ("attic/__init__.py", "", r"not listed as layers:\s+- nstlib\.attic"),
    # Imports from a floor above, however they are written.
    ("losses.py", "from nstlib import transfer", r"nstlib\.losses -> nstlib\.trans"),
    ("files.py", "import nstlib.color", r"nstlib\.files -> nstlib\.color"),
    ("vgg.py", "def f():\n    from nstlib.cli import main", r"vgg -> nstlib\.cli"),
    # Circles: of files, of files in a folder, and of folders.
    ("losses.py", "from nstlib import statistics", CIRCLE),
    ("images/resizing.py", "from nstlib.images import reading", CIRCLE),
    ("runs/provenance.py", "from nstlib.fast import strips", CIRCLE),
]


@pytest.mark.parametrize(("name", "code", "words"), SPOILT)
def test_what_breaks_the_plan_is_noticed(copied, name, code, words):
    path = copied / "nstlib" / name
    path.parent.mkdir(exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(f"\n{code}\n")
    status, text = lint_imports(copied)
    assert status == 1
    assert re.search(words, text), text


def test_the_gate_and_the_hooks_run_the_same_linters():
    gate = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    named = re.findall(r"^ +entry: (.+)$", hooks, re.MULTILINE)
    assert named == ["ruff check", "ruff format --check", "mypy", "lint-imports"]
    assert gate.rstrip().endswith("\n".join(named))
    assert "http" not in hooks  # they are here already: nothing is fetched


def test_readme_links_lead_somewhere():
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target


def test_a_copy_that_is_installed_has_all_data():
    package = ROOT / "nstlib"
    patterns = PROJECT["tool"]["setuptools"]["package-data"]["nstlib"]
    carried = {path for pattern in patterns for path in package.glob(pattern)}
    data = {
        p for p in package.rglob("data/**/*") if p.is_file() and "py" not in p.suffix
    }
    assert len(data) >= 3 and data <= carried


BRITISH = (
    r"colour|neighbour|behaviour|favour|flavour|honour|grey|centre|centring|fibre|metre\b"
    r"|(?:author|categor|critic|custom|emphas|equal|final|formal|general|harmon|initial"
    r"|item|linear|local|maxim|memor|minim|modern|neutral|normal|optim|organ|parallel"
    r"|parameter|penal|prior|quant|random|raster|real|recogn|regular|sanit|serial|special"
    r"|stabil|standard|styl|summar|symbol|synchron|synthes|token|util|vector|visual)"
    r"is(?:e|ed|er|ers|es|ing|ation|ations)(?![a-z])"
    r"|analys(?:e|ed|ing)(?![a-z])|artefact|licence|defence|offence|programme\b|catalogue"
    r"|dialogue|judgement|fulfil(?!l)|skilful|learnt|misspelt|chequer|mould|sceptic"
    r"|(?:cancel|label|level|model|signal|travel)l(?:ed|er|ing)(?!by)|whilst|amongst"
)
"""British spellings; the project is written in American English."""
TEXTS = {".css", ".ipynb", ".js", ".json", ".md", ".py", ".svg", ".toml", ".yml"}


def _texts():
    """The texts of the project, wherever they are, but for this one."""
    folders = [path for path in ROOT.iterdir() if path.name[0] != "."]
    for folder in folders:
        for path in [folder, *folder.rglob("*")]:
            hidden = any(part[0] == "." for part in path.relative_to(ROOT).parts)
            if path.suffix in TEXTS and path.is_file() and not hidden:
                yield path, path.read_text("utf-8")


def test_american_spelling():
    found = []
    for path, text in _texts():
        if path == Path(__file__):
            continue
        text = re.sub(r"[A-Za-z0-9+/=\\n]{200,}", "", text)  # pictures in notebooks
        text = text.replace("DescentResult", "")
        for match in re.finditer(BRITISH, text, re.IGNORECASE):
            line = text.count("\n", 0, match.start()) + 1
            found.append(f"{path.relative_to(ROOT)}:{line}: {match[0]}")
    assert not found
