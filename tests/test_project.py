"""The README, pyproject.toml, environment.yml and the code say the same."""

import ast
import importlib
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


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.stem)
def test_modules_and_functions_stay_short(path):
    source = path.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 300
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            length = body[-1].end_lineno - body[0].lineno + 1 if body else 0
            assert length <= 40, f"{node.name} has {length} lines"


def test_every_module_stands_on_a_floor_and_imports_from_none_above():
    """The contracts of import-linter in pyproject.toml, which name every file."""
    importlinter = pytest.importorskip("importlinter.cli", reason="extra dev")
    assert importlinter.lint_imports(str(ROOT / "pyproject.toml"), no_cache=True) == 0


def imports_of(path):
    """Modules of the package that a file imports anywhere, `import_module` included."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
            "nstlib"
        ):
            for alias in node.names:
                yield f"{node.module}.{alias.name}"
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(
            "import_module"
        ):
            # A name that is put together at run time must say in which folder.
            text = ast.unparse(node.args[0]).strip("f'")
            yield text.split("{")[0].rstrip(".")


def test_no_circles_between_files():
    """Independent of import-linter: walks the imports, those inside functions too."""
    names = {
        ".".join(p.relative_to(ROOT).with_suffix("").parts): p
        for p in MODULES
        if p.stem != "__main__"
    }
    names = {n.removesuffix(".__init__"): p for n, p in names.items()}

    def target(name):
        while name and name not in names:
            name = name.rpartition(".")[0]
        return name

    # `nstlib` itself and `nstlib.check` look up modules when they are asked for one,
    # `nstlib.cli.main` a command by its name: they are doors, nobody imports them.
    graph = {
        name: {target(i) for i in imports_of(path)} - {name, "", "nstlib"}
        for name, path in names.items()
    }
    done, here = set(), []

    def visit(name):
        assert name not in here, " → ".join([*here[here.index(name) :], name])
        if name not in done:
            here.append(name)
            for other in sorted(graph[name]):
                if not name.startswith(f"{other}."):  # a folder's door is not a room
                    visit(other)
            done.add(here.pop())

    for name in sorted(graph):
        visit(name)


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
