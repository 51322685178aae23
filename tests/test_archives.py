"""Arrays are read after their headers were checked, or refused in one clause."""

import io
import pickle
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from nstlib.archives import LARGEST, Archive, ArrayError, read_arrays, write_arrays
from nstlib.data import DATA
from nstlib.errors import NetworkError
from nstlib.feedforward import random_transformer
from nstlib.transformers import save_transformer

GOOD = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "n": np.array(4)}


def npy(array, shape=None, **options):
    """An array as ``.npy``, whose header may claim another shape."""
    file = io.BytesIO()
    if shape is None:
        np.lib.format.write_array(file, array, **options)
    else:
        header = np.lib.format.header_data_from_array_1_0(array) | {"shape": shape}
        np.lib.format.write_array_header_1_0(file, header)
        file.write(array.tobytes())
    return file.getvalue()


def pack(path, members, compression=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", compression, compresslevel=1) as file:
        for name, data in members:
            file.writestr(name, data)
    return path


def refused(path, *words):
    with pytest.raises(ArrayError) as caught, Archive(path) as file:
        for name in file.headers:
            file.array(name, kinds="biuf")
    for word in words:
        assert word in str(caught.value), str(caught.value)
    with pytest.raises(NetworkError) as told:
        read_arrays(path)
    assert str(told.value).isprintable() and str(told.value)[-1] == "."


def test_what_was_written_is_read(tmp_path):
    path = write_arrays(tmp_path / "a.npz", GOOD)
    with Archive(path) as file:
        assert (
            str(file.headers["a"]) == "float32 (2, 3)" and file.headers["a"].size == 24
        )
        np.testing.assert_array_equal(file.array("a", (2, 3)), GOOD["a"])
        assert file.array("n", (), kinds="i") == 4
        for name, shape, kinds in (
            ("a", (3, 2), "f"),
            ("n", (), "f"),
            ("x", None, "f"),
        ):
            with pytest.raises(ArrayError):
                file.array(name, shape, kinds)
    np.savez_compressed(path, f=np.asfortranarray(GOOD["a"]))
    with Archive(path) as file:
        np.testing.assert_array_equal(file.array("f"), GOOD["a"])


def test_bytes_are_a_short_row_of_bytes(tmp_path):
    rows = np.frombuffer(b"{}", np.uint8)
    path = write_arrays(tmp_path / "a.npz", {"t": rows, "two": rows[None], **GOOD})
    with Archive(path) as file:
        assert file.data("t") == b"{}"
        for name in ("two", "a"):
            with pytest.raises(ArrayError):
                file.data(name)


class Harmful:
    def __reduce__(self):
        return exec, ("raise SystemExit('code from the file was run')",)


def test_nothing_is_unpickled(tmp_path):
    objects = np.array([Harmful()], object)
    path = pack(tmp_path / "a.npz", [("a.npy", npy(objects, allow_pickle=True))])
    with pytest.raises(SystemExit), np.load(path, allow_pickle=True) as file:
        file["a"]  # it does harm to those who let it
    refused(path, "a holds something other than numbers")
    refused(pack(path, [("a.npy", pickle.dumps(Harmful()))]), "damaged")


@pytest.mark.parametrize(
    "shape", [(2**40,), (2**31, 2**31), (-1,), (6, 2), (), (2**10,) * 20]
)
def test_a_header_that_claims_another_size(tmp_path, shape):
    data = npy(np.zeros(6, np.float32), shape)
    refused(pack(tmp_path / "a.npz", [("a.npy", data)]))


@pytest.mark.parametrize("dtype", ["c8", "S3", "U2", "M8[s]", "f4,f4", "g"])
def test_types_that_are_no_plain_numbers(tmp_path, dtype):
    data = npy(np.zeros(3, dtype))
    refused(pack(tmp_path / "a.npz", [("a.npy", data)]), "its a is")


def test_members_that_are_none_of_ours(tmp_path):
    path, good = tmp_path / "a.npz", npy(GOOD["a"])
    refused(pack(path, [("a.npy", good), ("readme.txt", b"x")]))
    refused(pack(path, [("a.npy", good)], zipfile.ZIP_LZMA), "damaged")
    with pytest.warns(UserWarning, match="Duplicate name"):
        pack(path, [("a.npy", good), ("a.npy", good)])
    refused(path, "damaged")
    refused(pack(path, [("a.npy", good + b"x")]), "damaged")
    refused(pack(path, [("\x1b[31m.npy", npy(np.zeros(1, "c8")))]), r"'\x1b[31m'")


def test_a_wrong_checksum_is_noticed(tmp_path):
    path = write_arrays(tmp_path / "a.npz", {"a": np.zeros(1000, np.float32)})
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    refused(path, "damaged")


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_numbers_that_are_not_finite(tmp_path, bad):
    path = write_arrays(tmp_path / "a.npz", {"a": np.array([1.0, bad])})
    refused(path, "not finite", "its a holds")
    write_arrays(path, {"a": np.array([1e39])})  # in float32
    with pytest.raises(NetworkError, match="not finite"):
        read_arrays(path)


def test_larger_than_anything_is_not_unpacked(tmp_path, monkeypatch):
    path = write_arrays(tmp_path / "a.npz", GOOD)
    monkeypatch.setattr("nstlib.archives.LARGEST", 20)
    refused(path, "its a is float32 (2, 3)")
    assert LARGEST == 2**30


BOMBED = """
import resource, sys
from nstlib.errors import NetworkError
from nstlib.transformers import load_transformer
from nstlib.vgg_weights import load_weights

with open("/proc/self/statm") as file:
    held = int(file.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (held + 2**27, -1))
for load in (load_transformer, lambda path: load_weights("vgg19", path)):
    try:
        load(sys.argv[1])
    except NetworkError as error:
        print(error)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits of memory are Linux's")
@pytest.mark.parametrize("kind", ["network", "weights"])
def test_a_bomb_is_refused_within_128_mib(tmp_path, kind):
    """A quarter of a gigabyte of zeros, in about a megabyte of file."""
    source = DATA / "minivgg.npz"
    if kind == "network":
        picture = np.zeros((9, 9, 3))
        source = save_transformer(random_transformer(), picture, tmp_path / "n.npz", {})
    with np.load(source) as file:
        members = [(f"{name}.npy", npy(file[name])) for name in file.files]
    zeros = npy(np.zeros(2**26, np.float32))
    name = sorted(members)[-1][0]
    path = pack(tmp_path / "bomb.npz", [*dict(members, **{name: zeros}).items()])
    assert path.stat().st_size < 4 * 2**20
    done = subprocess.run(
        [sys.executable, "-c", BOMBED, path], capture_output=True, text=True
    )
    lines = done.stdout.splitlines()
    assert done.returncode == 0 and len(lines) == 2, done.stderr
    assert all("bomb.npz" in line and line.endswith(".") for line in lines)
