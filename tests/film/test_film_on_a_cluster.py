"""A film on a real Dask cluster of this computer, of which a worker is killed."""

import os
import signal

import numpy as np
import pytest

import nstlib
from nstlib.errors import FilmError
from nstlib.film.choices import Choices
from nstlib.film.door import paint_film

pytest.importorskip("distributed", reason="extra cluster")

from nstlib.worker.cluster import Cluster
from nstlib.worker.film import FilmCrew

NETWORK = {"method": "feedforward", "precision": "float32"}
QUICK = {"method": "optimize", "steps": 4, "precision": "float32"}


@pytest.fixture(scope="module")
def crew():
    with Cluster("local", 2, memory=3_000_000_000) as cluster:
        found = FilmCrew(cluster)
        found.memory = 10**9
        cluster.check_memory(found.memory, 6 * 10**8)
        yield found


def painted(folder):
    return [nstlib.load_image(path) for path in sorted(folder.glob("*.png"))]


@pytest.mark.parametrize(
    ("style", "more"),
    [
        ("great_wave", {**NETWORK, "choices": Choices(smooth=0.5)}),
        ("painting", {**QUICK, "choices": Choices(frame_steps=3, reach=(1, 2))}),
    ],
    ids=["network", "optimized"],
)
def test_a_film_of_which_a_worker_is_killed(
    crew, clip, tmp_path, monkeypatch, style, more
):
    monkeypatch.setattr("nstlib.film.ahead.CHUNK", 2)
    given = nstlib.paint("tapestry", 64, 64) if style == "painting" else style
    killed = []

    def kill(_):
        if not killed:
            nanny = next(iter(crew.crew.own.workers.values()))
            killed.append(nanny.pid)
            os.kill(nanny.pid, getattr(signal, "SIGKILL", signal.SIGTERM))

    made = paint_film(clip, given, tmp_path / "two", crew=crew, callback=kill, **more)
    assert killed and made.frames == 6
    paint_film(clip, given, tmp_path / "one", **more)
    pairs = zip(painted(tmp_path / "one"), painted(tmp_path / "two"), strict=True)
    # Other numbers of threads add up numbers in another order.
    assert all(np.abs(one - other).mean() < 0.5 for one, other in pairs)


def test_a_refusal_is_told(crew):
    tiny = np.zeros((8, 8, 3), np.float32)
    with pytest.raises(FilmError, match="8 × 8 pixels"):
        list(crew([("x", bad_chunk(tiny))]))


def bad_chunk(painting):
    """A chunk that every worker refuses, because the painting is too small."""
    from nstlib.film.chunks import Chunk, packed
    from nstlib.film.kept import as_png
    from nstlib.settings import make_settings

    settings = make_settings(size=64, **QUICK)
    frame = np.zeros((48, 64, 3), np.uint8)
    setup = packed(frame.astype(np.float32), painting, settings, Choices(reach=()))
    return Chunk(setup, [as_png(frame)], [{}])
