"""What pyproject.toml cannot say: a wheel carries the lessons and pictures, too.

They stay where they are in the repository, in one copy. Every build, of a wheel or of
an sdist, takes them from there; editable installs use them where they are.
"""

import runpy
import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
PLACES = runpy.run_path(str(ROOT / "nstlib" / "course" / "places.py"))
FILES = PLACES["course_files"](ROOT)


class BuildWithCourse(build_py):
    """Copies the files of the course to where `nstlib.course.places` looks for them."""

    @property
    def carried(self) -> Path:
        """The folder in the wheel."""
        return Path(self.build_lib) / PLACES["CARRIED"].relative_to(ROOT)

    def run(self) -> None:
        """Build the package, then add the course."""
        super().run()
        if self.editable_mode:
            return
        if not FILES:
            raise SystemExit("notebooks/ is empty: build from a whole clone or sdist.")
        shutil.rmtree(self.carried, ignore_errors=True)  # of an earlier build
        for name in FILES:
            (self.carried / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, self.carried / name)

    def get_source_files(self) -> list[str]:
        """What goes into an sdist."""
        return [*super().get_source_files(), *FILES]

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        """What this command makes."""
        made = [] if self.editable_mode else [str(self.carried / f) for f in FILES]
        return [*super().get_outputs(include_bytecode), *made]


setup(cmdclass={"build_py": BuildWithCourse})
