"""The good files that `fuzz` damages, and what reads them."""

from __future__ import annotations

import functools
import io
import json
import random
import tempfile
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from mutations import json_text

from nstlib.cli.main import main
from nstlib.data import DATA
from nstlib.errors import NstError, UsageError
from nstlib.fast.training_checkpoint import (
    TrainingState,
    describe_training,
    read_state,
    write_state,
)
from nstlib.feedforward import random_transformer, transformer_shapes
from nstlib.images import (
    fetch,
    load_image,
    load_with_alpha,
    read_metadata,
    save_image,
)
from nstlib.methods import stylize
from nstlib.runs.checkpoint import Checkpoint
from nstlib.runs.checkpoint_file import read_checkpoint, run_of
from nstlib.settings import Settings, make_settings, parse_settings
from nstlib.transformers import load_transformer, save_transformer
from nstlib.vgg_weights import load_weights, random_parameters

__all__ = ["load_transformer"]

PICTURE = np.mgrid[0:24, 0:32, 0:3].sum(0).astype(np.float32) * 4
LONGEST_EXIF = 60_000
SMALL = Settings(size=32, steps=6, smallest=32)


def load_picture(path: Path) -> None:
    """Load a picture with its opacity and its texts."""
    load_with_alpha(path, 64)
    read_metadata(path)


def made(function: Callable[[Path], object], name: str) -> bytes:
    """Return the bytes of a file that a function writes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        function(path)
        return path.read_bytes()


# --- results, and what is written in them


@functools.cache
def result() -> bytes:
    """Return the facts of a result, as they stand beside it."""

    def write(path: Path) -> None:
        photo, style = path.with_name("photo.png"), path.with_name("style.png")
        for source in (photo, style):
            save_image(PICTURE, source)
        painted = stylize(photo, [(style, 2.0, photo)], SMALL)
        painted.save(path.with_suffix(".png"))

    facts = json.loads(made(write, "fuzz.json"))
    facts["sources"]["content"] = "fuzz.jpg"
    facts["sources"]["styles"] = ["fuzz.png"]
    facts["sources"]["masks"][0]["name"] = "fuzz.png"
    facts["picture"] = {"name": "fuzz.png"}
    return json.dumps(facts).encode()


def _texts(data: bytes, rng: random.Random) -> dict[str, str]:
    facts = json.loads(data)
    name = rng.choice(sorted(facts))
    texts = {f"nstlib:{key}": json.dumps(value) for key, value in facts.items()}
    return texts | {f"nstlib:{name}": json_text(facts[name], rng)}


def in_png(data: bytes, rng: random.Random) -> bytes:
    """Write a PNG with facts of which one is changed."""
    texts = _texts(data, rng)
    return made(lambda path: save_image(PICTURE, path, texts), "fuzz.png")


def in_jpeg(data: bytes, rng: random.Random) -> bytes:
    """Write a JPEG with facts of which one is changed."""
    texts = _texts(data, rng)
    while len(json.dumps(texts)) > LONGEST_EXIF:
        texts = _texts(data, rng)
    return made(lambda path: save_image(PICTURE, path, texts), "fuzz.jpg")


def reproduce(path: Path) -> None:
    """Run ``nst reproduce`` up to the point at which it would paint.

    The name of the new picture is that of the old one, which is refused after all that
    is written in the picture was read.
    """
    for name in ("fuzz.jpg", "fuzz.png"):
        if not path.with_name(name).exists():
            save_image(PICTURE, path.with_name(name))
    said = io.StringIO()
    with redirect_stderr(said), redirect_stdout(io.StringIO()):
        status = main(["reproduce", str(path), "-o", str(path)])
    text = said.getvalue()
    lines = text.splitlines()
    if status != 2 or len(lines) != 1 or not lines[0].isprintable():
        raise RuntimeError(f"status {status}: {text}")
    if "choose another -o" not in text:
        raise UsageError(lines[0])


def beside(path: Path) -> None:
    """Reproduce a picture whose facts stand beside it."""
    picture = path.with_name("fuzz.png")
    save_image(PICTURE, picture)
    reproduce(picture)


def settings() -> bytes:
    """Return settings as JSON."""
    return Settings().to_json().encode()


def read_settings(path: Path) -> None:
    """Read settings from JSON."""
    Settings.from_json(path.read_text(encoding="utf-8", errors="replace"))


def type_settings(path: Path) -> None:
    """Read a setting as it is typed after ``--set``."""
    make_settings(**parse_settings([path.read_text(encoding="utf-8")]))


def fetch_nothing(path: Path) -> None:
    """Ask for an address that cannot be fetched."""
    text = path.read_bytes().decode("utf-8", "surrogatepass")
    for function in (fetch, load_image):
        try:
            function(text)
        except NstError:
            continue
        raise RuntimeError("something came")
    raise UsageError("nothing came.")


# --- arrays


def network() -> bytes:
    """Return a trained network."""
    return made(
        lambda path: save_transformer(random_transformer(), PICTURE, path, {}), "n.npz"
    )


def weights() -> bytes:
    """Return the weights of MiniVGG."""
    return (DATA / "minivgg.npz").read_bytes()


def weights_h5() -> bytes:
    """Return weights in the format of Keras."""

    def write(path: Path) -> None:
        with h5py.File(path, "w") as file:
            for name, array in random_parameters().items():
                narrow = array[..., :4, :4] if array.ndim == 4 else array[:4]
                file[f"{name.split('/')[0]}/{name}:0"] = narrow

    return made(write, "w.h5")


def load_vgg(path: Path) -> None:
    """Load a file of weights."""
    load_weights("vgg19", path)


@functools.cache
def checkpoint() -> bytes:
    """Return a checkpoint of ``nst stylize``."""

    def write(path: Path) -> None:
        keeper = Checkpoint(path, 1e-9)
        stylize(PICTURE, PICTURE, SMALL, checkpoint=keeper)

    return made(write, "c.npz")


@functools.cache
def _run() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "c.npz"
        path.write_bytes(checkpoint())
        return run_of(path) or {}


def resume(path: Path) -> None:
    """Read a checkpoint of ``nst stylize``."""
    run_of(path)
    read_checkpoint(path, _run())


@functools.cache
def _training() -> dict[str, Any]:
    return describe_training(PICTURE, [PICTURE], Settings(), 64, 1)


@functools.cache
def training() -> bytes:
    """Return a checkpoint of ``nst train``."""
    parameters = {
        name: np.ones(shape, np.float32) for name, shape in transformer_shapes().items()
    }
    optimizer = [np.array(3), np.array(0.1, np.float32), *parameters.values()]
    losses = (4.0, 1.0, 2.0, 1.0, 0.5)
    state = TrainingState(parameters, optimizer, 3, 9.0, losses, _training())
    return made(lambda path: write_state(path, state), "t.npz")


def resume_training(path: Path) -> None:
    """Read a checkpoint of ``nst train``."""
    read_state(path, _training())
