"""The package as it is installed from a wheel, far from the repository.

The sdist is made from a copy of the repository, the wheel from that sdist, and the
wheel goes into a virtual environment of its own, which borrows TensorFlow and the other
packages from the environment of the tests, but not their nstlib.
"""

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from nstlib.course.places import IN_CLONE, course_files

ROOT = Path(__file__).resolve().parents[2]
PACKED = ("nstlib", "notebooks", "images", "docs", "pyproject.toml", "setup.py")
PACKED += ("README.md", "LICENSE")
MEGABYTES = 34
"""More than this is too much for a course on a train."""
OFFLINE = """
import socket, sys
from pathlib import Path

def refuse(*_):
    raise OSError("no network in this test")

socket.socket.connect = socket.getaddrinfo = refuse
from nstlib.cli.main import main
for line in sys.stdin.read().splitlines():
    status = main(line.split())
    print(f"=== {status} {line}", flush=True)
    sys.exit(1) if status else None
"""


def need(package, oldest):
    try:
        version = importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        version = "0"
    if int(version.split(".")[0]) < oldest:
        pytest.skip(f"{package} {oldest} or newer is not installed: extra test")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """A wheel, made from an sdist, made from the repository."""
    need("build", 1)
    need("setuptools", 77)
    assert IN_CLONE
    source, made = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("made")
    unwanted = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", "*.egg-info")
    for name in PACKED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=unwanted)
        else:
            shutil.copy(ROOT / name, source / name)
    # What an earlier build has left is not packed again.
    stale = source / "build/lib/nstlib/course/files/notebooks/99_stale.ipynb"
    stale.parent.mkdir(parents=True)
    stale.write_text("{}", encoding="utf-8")
    command = [sys.executable, "-m", "build", "--no-isolation", "-o", str(made)]
    done = subprocess.run(
        [*command, str(source)], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert len(list(made.glob("*.tar.gz"))) == 1
    (wheel,) = made.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory):
    """The interpreter of a virtual environment into which the wheel was installed."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, with_pip=False, symlinks=os.name != "nt")
    folder, end = ("Scripts", ".exe") if os.name == "nt" else ("bin", "")
    python = home / folder / f"python{end}"
    install = ["-m", "pip", "--python", str(python), "install", "--no-deps"]
    subprocess.run(
        [sys.executable, *install, "--no-index", "--quiet", str(wheel)],
        check=True,
        timeout=120,
    )
    (site,) = home.rglob("site-packages")
    # Borrowed folders come last, and their .pth files, as of an editable nstlib, idle.
    borrowed = [path for path in sys.path if Path(path).name.endswith("-packages")]
    (site / "borrowed.pth").write_text("\n".join(borrowed), encoding="utf-8")
    return python


@pytest.fixture(scope="module")
def site(python):
    (folder,) = python.parents[1].rglob("nstlib/course")
    return folder.parents[1]


@pytest.fixture(scope="module")
def run(python, tmp_path_factory):
    """Runs the installed Python in a folder that was empty at first."""
    folder = tmp_path_factory.mktemp("student")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("NSTLIB")}
    environment.pop("PYTHONPATH", None)
    environment |= {
        "PYTHONDONTWRITEBYTECODE": "1",
        "KERAS_HOME": str(folder / ".keras"),
    }

    def run(*command, typed=""):
        return subprocess.run(
            [str(command[0]), *command[1:]],
            cwd=folder,
            env=environment,
            input=typed,
            capture_output=True,
            text=True,
            timeout=300,
        )

    run.folder = folder
    return run


def test_the_wheel_has_every_file_of_the_course_and_is_not_too_big(wheel):
    with zipfile.ZipFile(wheel) as packed:
        inside = "nstlib/course/files/"
        names = {n[len(inside) :] for n in packed.namelist() if n.startswith(inside)}
        assert names == set(course_files())
        for name in names:
            assert packed.read(inside + name) == (ROOT / name).read_bytes(), name
        settings = "nstlib/course/jupyter/labconfig/default_setting_overrides.json"
        assert settings in packed.namelist()  # for nst lab
        others = [n for n in packed.namelist() if not n.startswith("nstlib")]
        assert others == []
    assert wheel.stat().st_size < MEGABYTES * 1e6


def test_editable_installs_use_the_folders_of_the_repository(tmp_path):
    """The build says so itself: setup.py adds nothing to an editable wheel."""
    need("setuptools", 77)
    code = "import sys, setuptools.build_meta as b; b.build_editable(sys.argv[1])"
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path / name)
    unwanted = shutil.ignore_patterns("__pycache__", "*.npz")
    shutil.copytree(ROOT / "nstlib", tmp_path / "nstlib", ignore=unwanted)
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    (wheel,) = tmp_path.glob("*.whl")
    assert not [n for n in zipfile.ZipFile(wheel).namelist() if "course/files" in n]
    assert not (tmp_path / "nstlib/course/files").exists()


def test_the_first_command_of_a_student(python, run, site):
    """The program `nst` itself; then again, with the package unchanged by it."""
    before = {path: path.stat().st_mtime_ns for path in site.rglob("nstlib/**/*")}
    nst = python.with_name("nst.exe" if os.name == "nt" else "nst")
    done = run(nst, "stylize", "--size", "48", "--steps", "2")
    assert done.returncode == 0, done.stderr
    saved = run.folder / "output" / "cat-starry_night.png"
    assert saved.is_file() and str(Path("output", saved.name)) in done.stdout
    facts = saved.with_suffix(".json").read_text(encoding="utf-8")
    assert str(site) not in facts  # where it is installed is nobody's business
    assert json.loads(facts)["sources"]["content"] == "cat.jpg"
    after = {path: path.stat().st_mtime_ns for path in site.rglob("nstlib/**/*")}
    assert after == before


def test_all_methods_doctor_and_paint_without_a_network(python, run, site):
    steps = {"optimize": " --steps 2"}
    lines = [
        f"stylize cat great_wave -o output/{method}.png --method {method} --size 48 "
        f"--quiet{steps.get(method, '')}"
        for method in ("optimize", "adain", "wct", "swap", "feedforward")
    ]
    lines += ["doctor", "paint", "paint tapestry --size 32", "course", "course"]
    lines += ["slides 00"]
    done = run(python, "-c", OFFLINE, typed="\n".join(lines))
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.findall(r"^=== (\d) (\w+)", done.stdout, re.M) == [
        ("0", line.split()[0]) for line in lines
    ]
    made = {path.stem for path in run.folder.glob("output/*.png")}
    assert made >= {"optimize", "adain", "wct", "swap", "feedforward", "tapestry"}
    assert str(site) in done.stdout  # says the doctor
    lessons = len(list(ROOT.glob("notebooks/*.ipynb")))
    assert f"{lessons} lessons" in done.stdout and "Nothing to bring" in done.stdout
    assert (run.folder / "nst-course/notebooks/00_quickstart.ipynb").is_file()
    assert (run.folder / "nst-course/output/00_quickstart.slides.html").is_file()


def test_a_lesson_finds_its_pictures_in_the_students_copy(python, run):
    """Without Jupyter: the first cells that load something, as plain Python."""
    code = (
        "import os; os.chdir('nst-course/notebooks'); from pathlib import Path;"
        "import nstlib; p = Path('..') / 'images' / 'content' / 'cat.jpg';"
        "print(nstlib.load_image(p).shape, nstlib.__file__)"
    )
    run(python, "-m", "nstlib", "course")
    done = run(python, "-c", code)
    assert done.returncode == 0, done.stderr
    assert str(ROOT / "nstlib") not in done.stdout


def test_commands_of_authors_and_of_a_missing_copy_say_what_to_do(python, run, site):
    elsewhere = run.folder / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    code = "import os, sys; os.chdir('elsewhere'); from nstlib.cli.main import main;"
    code += "sys.exit(main(sys.argv[1:]))"
    done = run(python, "-c", code, "refresh")
    assert done.returncode == 2 and "it needs a clone" in done.stderr
    if not (run.folder / "nst-course").exists():
        done = run(python, "-c", code, "lab")
        assert done.returncode == 2 and "nst course lays out" in done.stderr
    assert list(elsewhere.iterdir()) == []
