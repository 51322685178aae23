"""A tiny run of every script: seconds long, and something real is asserted about it.

Each is a function of `run`, which calls the script with arguments and returns what it
prints; `data`, a folder like that which the weights were made from; and an empty
folder.
"""

import hashlib
import importlib
import importlib.util
import json
import math
import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
SIDE = 64
"""Of the crops in the data."""
LAYERS = 13
"""Of MiniVGG."""
SVG = "{http://www.w3.org/2000/svg}"
TINY = {}


def tiny(name):
    """The tiny run of a script: a function of (run, data, out)."""

    def keep(function):
        TINY[name] = function
        return function

    return keep


def numbers(text):
    """All numbers of a text; none of them may be infinite or NaN."""
    assert not re.search(r"\b(nan|inf)\b", text), text
    return [float(found) for found in re.findall(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", text)]


def line_with(text, part):
    return next(line for line in text.splitlines() if part in line)


def write_student(folder):
    """What a run of train_minivgg leaves; here, a network that has learned nothing."""
    from nstlib.vgg_weights import random_parameters

    path = folder / "run" / "student.npz"
    path.parent.mkdir()
    np.savez(path, **random_parameters())
    return path


# --- tiny runs: training


@tiny("training/train_minivgg")
def train_minivgg(run, data, out):
    from nstlib.vgg_weights import random_parameters

    np.save(out / "painted.npy", np.full((2, SIDE, SIDE, 3), 90, np.uint8))
    printed = run(
        "--data", data, "--run", out, "--side", 32, "--batch", 8, "--steps", 1,
        "--on-policy", out / "painted.npy",
    )  # fmt: skip
    assert printed.startswith("1 1-error")
    assert len(numbers(printed.partition(":")[2])) == LAYERS
    with np.load(out / "student.npz") as file:
        trained = dict(file)
    begun = random_parameters()
    assert set(begun) < set(trained) and len(trained) == 4 * LAYERS
    for key, value in trained.items():
        assert np.isfinite(value).all()
        assert key not in begun or value.shape == begun[key].shape


@tiny("training/train_decoder")
def train_decoder(run, data, out):
    from nstlib.decoders import random_decoder

    begun = random_decoder("block2_conv1", 80)
    np.savez(out / "start.npz", **begun | {"block1_conv2/bias": np.ones(3, "f")})
    printed = run(
        "--data", data, "--run", out, "--level", "block2_conv1", "--steps", 2,
        "--style", 3, "--start", out / "start.npz",
    )  # fmt: skip
    steps, *errors, decibels = numbers(printed)
    assert steps == 2 and len(errors) == 3 and min(errors) > 0 and decibels > 0
    with np.load(out / "decoder.npz") as file:
        assert {key: file[key].shape for key in file} == {
            key: value.shape for key, value in begun.items()
        }
        np.testing.assert_allclose(file["block1_conv2/bias"], 1, atol=0.1)
    with Image.open(out / "preview.png") as sheet:
        assert sheet.size == (3 * SIDE, 3 * SIDE)


@tiny("training/export_minivgg")
def export_minivgg(run, data, out):
    from nstlib.vgg import load_network

    student = write_student(out)
    file, record = out / "shipped" / "minivgg.npz", out / "shipped" / "networks.json"
    file.parent.mkdir()
    record.write_text('{"mini": 1, "decoders": {"adain": 2}}', encoding="utf-8")
    printed = run("--data", data, "--student", student, "--out", file, "--photos", 2)
    assert numbers(line_with(printed, "block5_conv1"))[-1] == 30
    facts = json.loads(record.read_text(encoding="utf-8"))
    assert facts["decoders"] == {"adain": 2}
    assert facts["mini"]["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert len(facts["mini"]["mean_activations"]) == LAYERS
    assert len(load_network("mini", weights=file).available) == LAYERS


@tiny("training/export_decoders")
def export_decoders(run, data, out):
    from nstlib.decoders import random_decoder

    arrays = random_decoder("block2_conv1", 80)
    np.savez(out / "decoder.npz", **arrays)
    printed = run(f"block2_conv1={out / 'decoder.npz'}", "--out", out / "shipped")
    file = out / "shipped" / "decoder_block2_conv1.npz"
    facts = json.loads(file.with_name("networks.json").read_text(encoding="utf-8"))
    record = facts["decoders"]["block2_conv1"]
    assert record["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    np.testing.assert_allclose(record["mean_output"], numbers(printed)[-3:], atol=0.01)
    with np.load(file) as written:
        assert written["block1_conv2/kernel"].dtype == np.float16
        larger = written["block1_conv2/kernel"] / arrays["block1_conv2/kernel"]
    np.testing.assert_allclose(larger, 60, rtol=1e-3)


@tiny("training/export_styles")
def export_styles(run, data, out):
    from nstlib.feedforward import random_transformer

    rng, rows = np.random.default_rng(0), {}
    for key, value in random_transformer().items():
        several = value if key.endswith("/kernel") else np.stack([value, value])
        rows[key] = several + rng.normal(0, 0.01, several.shape)
    np.savez(out / "styles.npz", **rows)
    paintings = sorted((data / "eval" / "style").glob("*.jpg"))
    printed = run(
        out / "styles.npz", *paintings, "--steps", 7, "--minutes", 0.5,
        "--out", out / "shipped",
    )  # fmt: skip
    file = out / "shipped" / "styles" / "ten_styles.npz"
    facts = json.loads((out / "shipped" / "networks.json").read_text(encoding="utf-8"))
    record = facts["styles"]
    assert record["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert list(record["mean_output"]) == ["barn_style", "lake_style"]
    known = record["mean_output"]["lake_style"]
    np.testing.assert_allclose(known, numbers(printed)[-3:], atol=0.01)
    with np.load(file) as written:
        assert written["out/offset"].shape == (2, 3)
        assert written["in/kernel"].dtype == np.float16
        told = json.loads(written["facts"].tobytes())
        assert told["seconds"] == 30 and written["style:barn_style"].size > 500
    np.savez(out / "first.npz", **{key: 0 * value for key, value in rows.items()})
    run(
        out / "styles.npz", *paintings, "--steps", 7, "--minutes", 0.5,
        "--out", out / "mixed", "--mix", out / "first.npz", "--share", 0.25,
    )  # fmt: skip
    with np.load(out / "mixed" / "styles" / "ten_styles.npz") as written:
        quarter = rows["res0a/kernel"] / 4
        np.testing.assert_allclose(written["res0a/kernel"], quarter, atol=1e-3)


@tiny("training/train_styles")
def train_styles(run, data, out):
    from nstlib.feedforward import random_transformer

    paintings = sorted((data / "eval" / "style").glob("*.jpg"))
    printed = run(
        *paintings, "--data", data, "--run", out, "--minutes", 0.005, "--batch", 2,
        "--side", 96, "--device", "cpu",
    )  # fmt: skip
    assert len(numbers(printed.splitlines()[-1].partition("content")[2])) == 4
    with np.load(out / "styles.npz") as file:
        for key, value in random_transformer(0).items():
            alone = (2,) if not key.endswith("/kernel") else ()
            assert file[key].shape == (*alone, *value.shape)
        assert (file["res0a/offset"] != 0).any()
    with Image.open(out / "preview.jpg") as sheet:
        assert sheet.size == (3 * SIDE, 2 * SIDE)


@tiny("training/train_adain")
def train_adain(run, data, out):
    from nstlib.decoders import random_decoder

    shutil.copytree(data, out / "data")
    record = out / "data" / "train.json"
    entries = json.loads(record.read_text(encoding="utf-8"))
    for entry in entries[::2]:
        entry["kind"] = "painting"
    record.write_text(json.dumps(entries), encoding="utf-8")
    printed = run(
        "--data", out / "data", "--run", out, "--minutes", 0.005, "--batch", 4,
        "--side", 64, "--device", "cpu",
    )  # fmt: skip
    assert len(numbers(printed.splitlines()[-1].partition("steps")[2])) == 6
    with np.load(out / "decoder.npz") as file:
        begun = random_decoder("block4_conv1", 128, 0)
        assert set(file.files) == set(begun)
        kernel = "block1_conv2/kernel"
        assert file[kernel].shape == begun[kernel].shape
        assert (file[kernel] != begun[kernel]).any()


@tiny("training/paint_on_policy")
def paint_on_policy(run, data, out):
    student = write_student(out)
    run(
        "--data", data, "--student", student, "--out", out / "painted.npy",
        "--count", 2, "--side", 48, "--length", 1, 3,
    )  # fmt: skip
    painted = np.load(out / "painted.npy")
    assert painted.shape == (2, 48, 48, 3) and painted.dtype == np.uint8
    assert painted.std() > 5


# --- tiny runs: scripts


@tiny("scripts/readme_pictures")
def readme_pictures(run, data, out):
    from nstlib.images import load_image

    (path,) = run("control", "--size", 48, "--steps", 1, "--out", out).split()
    sheet = load_image(path)
    assert sheet.shape[1] == 5 * 306 - 6 and sheet.std() > 20
    *lines, path = run("quality", "--size", 48, "--steps", 1, "--out", out).splitlines()
    assert len(lines) == 9 and lines[0].startswith("cat: quick ")
    assert load_image(path).shape[1] == 4 * 306 - 6
    (path,) = run("styles", "--size", 48, "--out", out).split()
    assert load_image(path).shape[1] == 5 * 406 - 6
    painter = importlib.import_module("readme_pictures").Painter(size=48, steps=1)
    assert painter(sheet[:300, :300], sheet[:300, -300:], method="adain").std() > 5


@tiny("scripts/large_picture")
def large_picture(run, data, out):
    from nstlib.images import load_image

    path = run("cat", "tapestry", "--size", 48, "--steps", 1, "--out", out).strip()
    made = load_image(path)
    assert Path(path).name == "large.jpg" and made.shape == (32, 48, 3)
    assert made.std() > 5


@tiny("scripts/course_pictures")
def course_pictures(run, data, out):
    from nstlib.images import load_image, resize

    names = "cat", "grace_hopper", "great_wave"
    paths = run(*names, "--size", 192, "--out", out).split()
    for path in map(Path, paths):
        made = load_image(path)
        known = load_image(ROOT / "images" / path.relative_to(out))
        difference = made - resize(known, *made.shape[:2])
        assert np.abs(difference).mean() < (12 if path.parent.name == "style" else 1)
    assert len(paths) == 3


@tiny("scripts/architecture")
def architecture(run, data, out):
    paths = [Path(line) for line in run("--out", out).splitlines()]
    assert [path.name for path in paths] == ["architecture.svg", "one_run.svg"]
    for path in paths:
        (root,) = ElementTree.parse(path).iter(f"{SVG}svg")
        assert root.find(f"{SVG}title").text and root.find(f"{SVG}desc").text
        assert len(list(root.iter(f"{SVG}text"))) > 50


@tiny("scripts/diagrams")
def diagrams(run, data, out):
    paths = [Path(line) for line in run("loop", "vgg", "--out", out).splitlines()]
    loops = [f"loop_{lesson:02}.svg" for lesson in (*range(1, 10), 13)]
    assert [path.name for path in paths] == ["loop.svg", *loops, "vgg.svg"]
    assert all(ElementTree.parse(path).getroot().get("role") for path in paths)
    pictures = run("--pictures", "--size", 64, "--out", out).splitlines()
    kept = {path.name for path in (ROOT / "scripts/drawings/pictures").iterdir()}
    assert {Path(path).name for path in pictures} == kept
    for path in map(Path, pictures):
        with (
            Image.open(path) as made,
            Image.open(ROOT / "scripts/drawings/pictures" / path.name) as known,
        ):
            assert made.size == known.size and np.std(made) > 20


# --- tiny runs: benchmarks


@tiny("benchmarks/artifacts")
def artifacts(run, data, out):
    rng = np.random.default_rng(0)
    for name, sigma in (("sailboat-a", 0), ("sailboat-b", 8), ("barn-c", 8)):
        gray = 128 + rng.normal(0, sigma, (SIDE, SIDE, 1)).repeat(3, -1)
        gray[0] += 60
        Image.fromarray(gray.clip(0, 255).astype(np.uint8)).save(out / f"{name}.png")
    printed = run(out)
    assert numbers(line_with(printed, "sailboat-a"))[0] == pytest.approx(0, abs=0.1)
    noise, frame = numbers(line_with(printed, "sailboat-b"))
    assert 4 < noise < 9 and frame > 2, printed
    assert "–" in line_with(printed, "barn-c")


@tiny("benchmarks/convergence")
def convergence(run, data, out):
    printed = run("--size", 48, "--steps", 4)
    assert "48 px, 4 evaluations" in printed
    for name in ("ours", "SciPy", "Adam"):
        lowest, evaluations, seconds = numbers(line_with(printed, f"{name:6} lowest"))
        assert lowest > 0 and evaluations <= 5 and seconds > 0


@tiny("benchmarks/explained_variance")
def explained_variance(run, data, out):
    printed = run("--data", data, "--crops", 2)
    means = [line for line in printed.splitlines() if line.startswith("mean over")]
    rows = [line for line in printed.splitlines() if line.startswith("block")]
    assert len(rows) == LAYERS and len(means) == 2
    for line in rows:
        pooled = float(re.search(r"R² (\S+)", line)[1])
        assert math.isfinite(pooled) and pooled <= 1


@tiny("benchmarks/fuzz")
def fuzz(run, data, out):
    printed = run("--count", 6, "--seed", 3, "--kinds", "picture BMP", "network")
    for kind in ("picture BMP", "network"):
        counts = numbers(line_with(printed, kind).partition(kind)[2])
        count, loaded, refused, faults, _ = counts
        assert count == 6 == loaded + refused and faults == 0
    assert numbers(line_with(printed, "memory held"))[0] > 0.01


@tiny("benchmarks/judge")
def judge(run, data, out):
    printed = run(
        "--data", data, "--sizes", 48, "--steps", 2, "--count", 1, "--teacher", 1,
        "--pictures", out, "--quality", "quick", "--set", "history=5",
    )  # fmt: skip
    assert " s of processor time, content distance 0." in printed
    mini = numbers(line_with(printed, "mean of 1 pairs, MiniVGG").partition("VGG")[2])
    assert len(mini) == 4 and max(mini) <= 100
    taught = numbers(line_with(printed, "first 1, VGG19").partition("VGG19")[2])
    assert len(taught) == 4 and max(taught) <= 100
    assert {path.name for path in out.glob("*.png")} == {
        "barn-barn_style-48.png",
        "barn-barn_style-48-vgg19.png",
    }


@tiny("benchmarks/calibration")
def calibration(run, data, out):
    photo = next((data / "eval" / "content").glob("*.jpg"))
    printed = run("--data", data, "--sizes", 48, "--photo", photo)
    rows = [
        [float(part.split()[1]) for part in row.split(": ")[1].split(", ")[:2]]
        for row in printed.splitlines()[1:]
    ]
    assert len(rows) == 10 and min(map(min, rows)) > 0
    assert rows[8][1] == pytest.approx(rows[8][0] ** 2, rel=0.01)


@tiny("benchmarks/judged_methods")
def judged_methods(run, data, out):
    printed = run(
        "--data", data, "--size", 48, "--photos", "cat", "--count", 1, "--methods",
        "feedforward", "swap", "--pictures", out,
    )  # fmt: skip
    assert "48 px, 1 pairs" in printed
    for name in ("feedforward", "swap"):
        mini, exact, content = numbers(line_with(printed, name).partition(name)[2])
        assert 0 < mini < 150 and 0 < exact < 150 and content > 0
    assert len([*out.glob("*.png")]) == 2


@tiny("benchmarks/memory")
def memory(run, data, out):
    file = out / "memory.json"
    printed = run("--sizes", 48, "--steps", 2, "--only", 0, 1, "--fit", "--out", file)
    rows = json.loads(file.read_text(encoding="utf-8"))
    assert len(rows) == 2  # one of each precision, which have a constant of their own
    for row in rows:
        assert 2**28 < row["measured"][0] < 2**31
        assert row["predicted"][0] == pytest.approx(row["measured"][0], rel=0.5)
    # Of two sizes alone, the fit may give nothing to the base, and all to the pixels.
    assert max(numbers(printed[printed.index("BASE_BYTES = ") :])) > 0
    assert "OTHER_BYTES = " in printed and "ROUNDED_BYTES = " in printed
    run("--sizes", 64, "--steps", 1, "--only", 12, 13, "--out", file)
    for row in json.loads(file.read_text(encoding="utf-8")):
        assert row["predicted"][0] == pytest.approx(row["measured"][0], rel=0.5)


@tiny("benchmarks/methods")
def methods(run, data, out):
    printed = run("--sizes", 48, "--methods", "adain", "--rounds", 1)
    size, seconds, mebibytes, content, left = numbers(printed)
    assert size == 48 and seconds > 0 and mebibytes > 256
    assert content > 0 and 0 < left < 200


@tiny("scripts/choices")
def choices(run, data, out):
    run("--out", out)
    for kind, name in {"content": "photos", "style": "paintings"}.items():
        made, shipped = Image.open(out / f"{name}.jpg"), ROOT / "docs" / f"{name}.jpg"
        count = len([*(ROOT / "images" / kind).glob("*.jpg")])
        assert made.size == (5 * 316 + 16, -(-count // 5) * 360 + 16)
        difference = np.asarray(made, float) - np.asarray(Image.open(shipped))
        assert abs(difference).mean() < 2, f"docs/{name}.jpg is old"


@tiny("scripts/readme_film")
def readme_film(run, data, out):
    run("--frames", 3, "--side", 64, "--out", out / "film.webp")
    with Image.open(out / "film.webp") as film:
        assert (film.n_frames, film.size) == (3, (128, 36))


@tiny("benchmarks/film")
def film(run, data, out):
    printed = run(
        "--sizes", 64, "--frames", 4, "--alone", 2, "--steps", 2,
        "--methods", "feedforward", "alone",
    )  # fmt: skip
    for method in ("feedforward", "alone"):
        size, rate, error, ratio = numbers(line_with(printed, method))
        assert size == 64 and 0.01 < rate < 1000
        assert 0 < error < 100 and 0 < ratio < 50
    printed = run("--memory", "--sizes", 64, "--frames", 2, "--methods", "feedforward")
    size, few, held, many, also = numbers(line_with(printed, "feedforward"))
    assert (size, few, many) == (64, 2, 8)
    assert 100 < held < 4000 and 100 < also < 4000


@tiny("benchmarks/second_call")
def second_call(run, data, out):
    printed = run("--sizes", 48, "--steps", 3, "--calls", 4)
    first, photo, style = (
        numbers(line.replace(name, ""))[1]
        for name in ("first ", "another photo", "another style")
        for line in [line_with(printed, f"px  {name}")]
    )
    assert first > photo and first > style  # the second call has all that it needs
    calls, _, _, late = numbers(line_with(printed, "calls"))
    assert calls == 4 and late > 256


@tiny("benchmarks/gallery")
def gallery(run, data, out):
    printed = run(
        "--size", 48, "--steps", 2, "--pictures", 4, "--rounds", 1, "--workers", 2,
        "--out", out / "figures.json",
    )  # fmt: skip
    times, *_ = numbers(line_with(printed, "times the rate"))
    figures = json.loads((out / "figures.json").read_text())
    rates = [figures[workers]["minute"] for workers in ("1", "2")]
    assert min(rates) > 0 and times == pytest.approx(rates[1] / rates[0], abs=0.01)
    assert all(figures[workers]["start"] > 0 for workers in ("1", "2"))


@tiny("benchmarks/lite")
def lite(run, data, out):
    printed = run("--runs", 2, "--height", 32)
    parts = {
        (name, kind): int(line_with(printed, f"{name:14} {kind}").rsplit(" ", 1)[1])
        for name in ("convolutions", "normalizations")
        for kind in ("float32", "int8")
    }
    assert parts["convolutions", "int8"] == parts["normalizations", "float32"] == 1
    assert parts["normalizations", "int8"] > 10  # XNNPACK has no mean in bytes


@tiny("benchmarks/plots")
def plots(run, data, out):
    curve = [[1, 0.1, 5.0], [2, 0.2, 3.0]]
    start = {"goal": 3.0, "curves": {"ours": curve, "scipy": curve}}
    rows = [{"size": n, "seconds": n / 1000} for n in (64, 128)]
    for name, facts in (("race", {"noise": start, "photo": start}), ("rows", rows)):
        (out / name).write_text(json.dumps(facts), encoding="utf-8")
    run(out / "race", out / "rows", "-o", out / "plots.png")
    with Image.open(out / "plots.png") as image:
        assert image.width > 1200
        assert len(image.convert("RGB").getcolors(2**20)) > 50  # something is drawn


@tiny("benchmarks/device")
def device(run, data, out):
    printed = run("--device", "CPU", "--sizes", 48, "--rounds", 1)
    exact, rounded = (line_with(printed, name) for name in ("float32", "bfloat16"))
    assert numbers(exact)[-2:] == [0, 0]  # the same computation, on the same device
    loss, gradient = numbers(rounded.replace("bfloat16", ""))[-2:]
    assert loss < 1 and 0.1 < gradient < 30


@tiny("benchmarks/precision")
def precision(run, data, out):
    printed = run("--sizes", 48, "--steps", 2, "--count", 1)
    row = line_with(printed, "cat-starry_night, 48 px").partition("px")[2]
    one, other, higher, chance = numbers(row)
    assert higher == pytest.approx(100 * (other / one - 1), abs=0.1)
    assert abs(higher) < 10 and abs(chance) < 10


@tiny("benchmarks/quality")
def quality(run, data, out):
    small = ["--size", 48, "--steps", 2, "--count", 1, "--sheets", out]
    printed = run("--data", data, "--only", "moments", "margin 0", *small)
    for name in ("moments", "margin 0"):
        content, left, variation, _ = numbers(line_with(printed, name)[24:])
        assert content > 0 and left > 0 and variation > 0
    assert (out / "barn-barn_style.png").is_file()


@tiny("benchmarks/reconstruction")
def reconstruction(run, data, out):
    from nstlib.data import known_facts

    printed = run("--data", data, "--size", 48, "--count", 1, "--sheets", out)
    for name in known_facts("decoders"):
        decibels, alike, shift = numbers(line_with(printed, f"{name} ")[14:])
        assert 5 < decibels < 60 and -1 <= alike <= 1 and shift >= 0
    assert (out / "barn.png").is_file()


@tiny("benchmarks/rivals")
def rivals(run, data, out):
    file = out / "rivals.json"
    names = ["ours", "scipy", "keras", "tutorial", "torch", "stylize"]
    small = ["--size", 48, "--steps", 1, "--rounds", 1, "--evaluations", 3]
    small += ["--starts", "photo"]
    printed = run(*small, "--only", *names, "--out", file)
    if not importlib.util.find_spec("torch"):
        assert "torch is not installed, and left out" in printed
        names.remove("torch")
    facts = json.loads(file.read_text(encoding="utf-8"))
    assert set(facts["photo"]["curves"]) == set(names)
    for curve in facts["photo"]["curves"].values():
        _, seconds, loss = curve[-1]
        assert seconds > 0 and 0 < loss < 1e5
    assert min(facts["step"].values()) > 0


@tiny("benchmarks/scaling")
def scaling(run, data, out):
    file = out / "scaling.json"
    run("--sizes", 48, "--steps", 3, "--out", file)
    (row,) = json.loads(file.read_text(encoding="utf-8"))
    assert row["size"] == 48 and row["seconds"] > 0 and row["taken_bytes"] > 0


@tiny("benchmarks/speed")
def speed(run, data, out):
    printed = run("--sizes", 48, "--rounds", 1, "--processor")
    seconds, rate, *ratios = numbers(line_with(printed, "mini   float32")[16:])
    assert len(ratios) == 3 and min(rate, *ratios) >= 0 and seconds > 0
    assert numbers(line_with(printed, "vgg19  float32"))[-2] == 1
    printed = run("--sizes", 48, "--rounds", 1, "--operations")
    assert 0 < numbers(line_with(printed, "convolutions"))[0] < 100
    assert "Conv2DBackpropInput" in printed


@tiny("benchmarks/studio")
def studio(run, data, out):
    for package in ("flask", "waitress"):
        pytest.importorskip(package, reason="extra studio")
    printed = run("--browsers", 2, "--pictures", 1, "--size", 48)
    pictures, server, worker = numbers(line_with(printed, "MiB in the server"))
    assert pictures == 1 and 20 < server < worker
    assert numbers(line_with(printed, "done: ")) == [2]


@tiny("benchmarks/tiles")
def tiles(run, data, out):
    shallow = "style_layers=conv1_1,conv2_1", "content_layers=conv2_1"
    printed = run("--sizes", 48, "--tiles", 32, "--count", 1, "--set", *shallow)
    size, tile, count, seconds, gibibytes = numbers(printed.splitlines()[-1])
    assert (size, tile, count) == (48, 32, 9) and seconds > 0 and gibibytes > 0.25
