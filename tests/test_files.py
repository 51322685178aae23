"""Files are whole or not there at all."""

import hashlib
import os
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nstlib.errors import FileError
from nstlib.files import PART, atomic_write, file_hash
from nstlib.images import load_image, save_image

RNG = np.random.default_rng(0)
PICTURE = RNG.uniform(0, 255, (24, 32, 3)).astype(np.float32)


@pytest.mark.skipif(not Path("/dev/null").exists(), reason="no devices here")
def test_a_device_is_not_replaced_by_a_file():
    with pytest.raises(FileError, match=r"^/dev/null.*[:;].*[.]$"):
        atomic_write("/dev/null", lambda file: file.write(b"x"))
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_atomic_write_any_bytes(tmp_path):
    path = atomic_write(str(tmp_path / "x" / "a.json"), lambda file: file.write(b"{}"))
    assert path == tmp_path / "x" / "a.json" and path.read_bytes() == b"{}"
    atomic_write(path, lambda file: file.write(b"[]"))
    assert path.read_bytes() == b"[]" and list(path.parent.iterdir()) == [path]
    atomic_write(tmp_path / "a.npz", lambda file: np.savez(file, x=PICTURE))
    with np.load(tmp_path / "a.npz") as stored:
        np.testing.assert_array_equal(stored["x"], PICTURE)


@pytest.mark.parametrize(
    "error", [KeyboardInterrupt, RuntimeError, OSError, SystemExit]
)
def test_a_writer_that_fails_leaves_the_old_file(tmp_path, error):
    path = tmp_path / "a.json"
    path.write_bytes(b"old")

    def half(file):
        file.write(b"half")
        raise error

    with pytest.raises(FileError if error is OSError else error):
        atomic_write(path, half)
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]


KILLED = """
import os, signal, sys
from nstlib.images import atomic_write
def half(file):
    file.write(b"x" * 100_000)
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)
atomic_write(sys.argv[1], half)
"""


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL there")
def test_killed_in_the_middle_leaves_the_old_picture(tmp_path):
    path = save_image(PICTURE, tmp_path / "a.png")
    before = path.read_bytes()
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(path)], cwd=Path(__file__).parents[2]
    )
    assert done.returncode == -9
    assert path.read_bytes() == before
    assert load_image(path).shape == PICTURE.shape


@pytest.mark.parametrize("size", [0, 5, PART, 2 * PART + 1])
def test_a_file_of_several_parts_has_the_hash_of_its_bytes(tmp_path, size):
    data = RNG.bytes(size)
    (tmp_path / "file").write_bytes(data)
    assert file_hash(tmp_path / "file") == hashlib.sha256(data).hexdigest()
