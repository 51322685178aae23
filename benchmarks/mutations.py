"""Ways to damage files, and files that claim what they do not hold.

Each takes the bytes of a good file and a source of randomness, and returns other bytes.
"""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np

Change = Callable[[bytes, random.Random], bytes]

EXTREME = (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\x80")
NOT_FINITE = (np.nan, np.inf, -np.inf)
VALUES: tuple[Any, ...] = (
    None, True, 0, -5, 5, 10**30, 10**400, 1e999, -1.5, 1e-320, float("nan"), "", "x",
    "a\0b", "\x1b[31mred\x1b[0m\r\n", "\u202egnp.exe", "../../../etc/passwd", "~nobody",
    "http://127.0.0.1:9/never.png", "data:,x", "{0.__class__}", "[*]?", "é" * 5000,
    [], [[]], ["x"], [None], {}, {"a": {}}, {"class_name": "system", "module": "os"},
)  # fmt: skip
"""What a value in a JSON is replaced by."""


def flipped(data: bytes, rng: random.Random) -> bytes:
    """Change one to twenty bits."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 2, 5, 20))):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def cut(data: bytes, rng: random.Random) -> bytes:
    """Leave out the end, the beginning, or something between."""
    one, other = sorted(rng.randrange(len(data)) for _ in "ab")
    return rng.choice((data[:one], data[one:], data[:one] + data[other:]))


def overwritten(data: bytes, rng: random.Random) -> bytes:
    """Put an extreme number or noise somewhere, mostly near one of the ends."""
    noise = rng.choice((*EXTREME, rng.randbytes(16)))
    near = rng.choice((200, 2000, len(data)))
    start = rng.randrange(min(near, len(data)))
    start = rng.choice((start, len(data) - start))
    return data[:start] + noise + data[start + len(noise) :]


BYTES: tuple[Change, ...] = (flipped, cut, overwritten)


def changed_json(value: Any, rng: random.Random) -> Any:
    """Replace, remove or double one value somewhere in a JSON."""
    if not isinstance(value, dict | list) or not value or rng.random() < 0.1:
        return rng.choice(VALUES)
    items: Any = dict(value) if isinstance(value, dict) else list(value)
    keys = list(items) if isinstance(items, dict) else list(range(len(items)))
    key, how = rng.choice(keys), rng.random()
    if how < 0.75:
        items[key] = changed_json(items[key], rng)
    elif how < 0.85:
        del items[key]
    elif isinstance(items, dict):
        items[rng.choice(("x", "base", "__class__", str(key) * 50))] = items[key]
    else:
        items.append(items[key])
    return items


def json_text(value: Any, rng: random.Random) -> str:
    """Write a changed JSON, which may also be cut or nested too deeply."""
    text = json.dumps(changed_json(value, rng))
    how = rng.random()
    if how < 0.05:
        return text[: rng.randrange(len(text) + 1)]
    if how < 0.08:
        return rng.choice("[{") * 100_000
    return text


def whole_json(data: bytes, rng: random.Random) -> bytes:
    """Change a value of a file that is one JSON."""
    return json_text(json.loads(data), rng).encode()


def arrays_of(data: bytes) -> dict[str, np.ndarray]:
    """Unpack the arrays of an ``.npz`` file."""
    with np.load(io.BytesIO(data)) as file:
        return {name: file[name] for name in file.files}


def packed(arrays: dict[str, Any], pickled: bool = False) -> bytes:
    """Pack arrays as an ``.npz`` file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w") as member:
                np.lib.format.write_array(member, array, allow_pickle=pickled)
    return file.getvalue()


def changed_array(array: np.ndarray, rng: random.Random) -> np.ndarray:
    """Change type, shape or values of an array."""
    how = rng.randrange(8)
    if how == 0:
        return array.astype(rng.choice(("f2", "f8", "i8", "u1", "?", "c8", "S3")))
    if how == 1:
        return array.reshape(-1) if array.ndim != 1 else array[:, None]
    if how == 2:
        return array[..., :-1] if array.ndim else array[None]
    if how == 3:
        return np.asfortranarray(array[None].T)
    if how == 4:
        return np.zeros(rng.choice(((), (0,), (3, 0), (70_000,))), array.dtype)
    if how == 5:
        return np.array([{"an": "object"}])
    changed = np.array(array)
    if changed.size:
        value = rng.choice((*NOT_FINITE, 1e300, -1, 0))
        with np.errstate(all="ignore"):
            changed.reshape(-1)[rng.randrange(changed.size)] = (
                value if changed.dtype.kind == "f" else rng.randrange(128)
            )
    return changed


def other_arrays(data: bytes, rng: random.Random) -> bytes:
    """Change, remove, rename or add an array of an ``.npz`` file."""
    arrays: dict[str, Any] = arrays_of(data)
    name, how = rng.choice(sorted(arrays)), rng.random()
    if how < 0.7:
        arrays[name] = changed_array(arrays[name], rng)
    elif how < 0.8:
        del arrays[name]
    elif how < 0.9:
        arrays[rng.choice((name[:-1], "../x", "\x1b[2J", "9" * 300))] = arrays.pop(name)
    else:
        arrays[
            rng.choice(("x", f"{name}0", "rho0", "o:999", "block9_conv9/kernel"))
        ] = arrays[name]
    return packed(arrays, pickled=True)


def other_json(name: str) -> Change:
    """Return a change of the JSON that an ``.npz`` file holds under a name."""

    def change(data: bytes, rng: random.Random) -> bytes:
        arrays = arrays_of(data)
        text = json_text(json.loads(arrays[name].tobytes()), rng)
        arrays[name] = np.frombuffer(text.encode("utf-8", "replace"), np.uint8)
        return packed(arrays)

    return change


def inflated(data: bytes, rng: random.Random) -> bytes:
    """Let an array of an ``.npz`` file claim up to a terabyte of zeros."""
    arrays, file = arrays_of(data), io.BytesIO()
    chosen = rng.choice(sorted(arrays))
    shape = rng.choice(((2**20,), (2**31,), (2**10, 2**20), (2**38,)))
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w") as member:
                if name != chosen:
                    np.lib.format.write_array(member, array)
                    continue
                header = np.lib.format.header_data_from_array_1_0(array)
                header["shape"] = shape
                np.lib.format.write_array_header_1_0(member, header)
                member.write(bytes(2**22))
    return file.getvalue()
