"""Every script of training/, benchmarks/ and scripts/: its help, and a tiny run of it.

The scripts are found by their folder. A file without a `main` is what others share, and
has no run of its own; a script without a tiny run in `TINY` fails here.
"""

import ast
import importlib
import importlib.util
import json
import re
import shutil
import subprocess
import sys
from functools import partial

import numpy as np
import pytest
from PIL import Image
from tiny_runs import ROOT, SIDE, TINY, write_student

FOLDERS = [ROOT / name for name in ("training", "benchmarks", "scripts")]
FILES = sorted(path for folder in FOLDERS for path in folder.rglob("*.py"))


def functions(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def name_of(path):
    return f"{path.parent.name}/{path.stem}"


SCRIPTS = {
    name_of(path): path
    for path in FILES
    if any(function.name == "main" for function in functions(path))
}


def imports_torch(path):
    return bool(
        re.search(r"^(import|from) (torch|torch_\w+)\b", path.read_text(), re.M)
    )


NO_TORCH = pytest.mark.skipif(
    not importlib.util.find_spec("torch"), reason="it trains with PyTorch"
)
RUNNABLE = [
    pytest.param(name, marks=NO_TORCH if imports_torch(path) else ())
    for name, path in SCRIPTS.items()
]


@pytest.fixture(scope="module", autouse=True)
def importable():
    """The scripts and what they share, by the names by which they import each other."""
    before = list(sys.path)
    sys.path[:0] = map(str, FOLDERS)
    yield
    sys.path[:] = before
    for path in FILES:
        for name in (path.stem, f"{path.parent.name}.{path.stem}", path.parent.name):
            sys.modules.pop(name, None)


@pytest.fixture
def run(capsys):
    """Run a script in this process; what it prints."""

    def call(name, *arguments):
        capsys.readouterr()
        importlib.import_module(SCRIPTS[name].stem).main([str(a) for a in arguments])
        return capsys.readouterr().out

    return call


@pytest.fixture
def refused(capsys):
    """Run a script that must end with status 2; the sentence that it prints."""

    def call(name, *arguments):
        capsys.readouterr()
        with pytest.raises(SystemExit) as stop:
            importlib.import_module(SCRIPTS[name].stem).main(
                [str(argument) for argument in arguments]
            )
        assert stop.value.code == 2
        sentence = capsys.readouterr().err
        assert sentence.startswith(f"{SCRIPTS[name].name}: ")
        assert re.search(r"[.?]\n$", sentence) and sentence.count("\n") == 1, sentence
        return sentence

    return call


@pytest.fixture(scope="module")
def data(importable, make_picture, tmp_path_factory):
    """A small stand-in for the data that the weights were made from."""
    folder = tmp_path_factory.mktemp("data")

    def save(path, height, width, seed):
        path.parent.mkdir(parents=True, exist_ok=True)
        picture = make_picture(height, width, seed).astype(np.uint8)
        Image.fromarray(picture).save(path, quality=95)

    names = [f"{number:02}.jpg" for number in range(42)]
    for seed, name in enumerate(names):
        save(folder / "train" / name, SIDE, SIDE, seed)
    record = json.dumps([{"file": name, "kind": "photo"} for name in names])
    (folder / "train.json").write_text(record, encoding="utf-8")
    for seed, name in enumerate(("barn", "lake")):
        save(folder / "eval" / "content" / f"{name}.jpg", 48, SIDE, 50 + seed)
        save(folder / "eval" / "style" / f"{name}_style.jpg", SIDE, SIDE, 60 + seed)
    write_teachers(folder / "teachers")
    return folder


def write_teachers(folder):
    """Random weights in the formats of both teachers."""

    from workload import write_stand_in

    from nstlib.vgg_plan import layer_names

    folder.mkdir()
    layers = layer_names("vgg19")[:8]
    write_stand_in(folder / "vgg19_blocks1to3.npz", layers)
    rng, channels = np.random.default_rng(0), 3
    arrays = {
        "conv0.weight": np.eye(3, dtype=np.float32)[..., None, None],
        "conv0.bias": np.zeros(3, np.float32),
    }
    for layer in layer_names("mini"):
        width = (4, 6, 8, 10, 12)[int(layer[5]) - 1]
        kernel = rng.normal(0, np.sqrt(2 / 9 / channels), (width, channels, 3, 3))
        name = f"conv{layer[5]}{layer[-1]}"
        arrays[f"{name}.weight"] = kernel.astype(np.float32)
        arrays[f"{name}.bias"] = np.zeros(width, np.float32)
        channels = width
    np.savez(folder / "vgg19_16x_encoder.npz", **arrays)


@pytest.fixture
def student(tmp_path):
    """The file of a network that has learned nothing."""
    return write_student(tmp_path)


# --- what holds for all of them


def test_there_are_scripts_in_each_folder():
    assert {path.parent for path in SCRIPTS.values()} == set(FOLDERS)
    names = [path.stem for path in FILES if path.parent in FOLDERS]
    assert len(set(names)) == len(names), "two have one name"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_files_and_functions_stay_short(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) < 300
    for function in functions(path):
        first = function.body[ast.get_docstring(function) is not None :]
        length = first[-1].end_lineno - first[0].lineno + 1 if first else 0
        assert length < 40, f"{function.name} has {length} lines"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_only_the_public_package_is_used(path):
    source = path.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("nst"):
            assert not [a.name for a in node.names if a.name.startswith("_")]
    assert "mock" not in source and "setattr" not in source


@pytest.mark.parametrize("name", RUNNABLE)
def test_help_tells_the_call_and_does_not_start_tensorflow(name):
    path = SCRIPTS[name]
    done = subprocess.run(
        [sys.executable, "-X", "importtime", path, "--help"],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.startswith(f"usage: {path.name}")
    assert f"python {path.relative_to(ROOT).as_posix()}" in done.stdout
    assert not re.search(r"\|\s+(tensorflow|nstlib\.\w+)$", done.stderr, re.MULTILINE)


@pytest.mark.parametrize("name", RUNNABLE)
def test_tiny_run(name, run, data, tmp_path):
    assert name in TINY, f"{name} has no tiny run: write one in tiny_runs.py"
    TINY[name](partial(run, name), data, tmp_path)


def test_no_tiny_run_is_left_over():
    assert set(TINY) <= set(SCRIPTS)


# --- what is wrong is told in one sentence


@pytest.mark.parametrize("name", RUNNABLE)
def test_an_unknown_option_is_told_in_one_sentence(name, refused):
    assert "--nonsense" in refused(name, "--nonsense") or "required" in refused(
        name, "--nonsense"
    )


REQUIRED = {
    "training/train_minivgg": ["--run", "RUN"],
    "training/train_decoder": ["--run", "RUN", "--level", "block1_conv1"],
    "training/export_minivgg": ["--student", "STUDENT", "--out", "OUT/mini.npz"],
    "training/paint_on_policy": ["--student", "STUDENT", "--out", "OUT/painted.npy"],
}
WITH_DATA = [name for name, path in SCRIPTS.items() if "add_data(" in path.read_text()]


@pytest.mark.parametrize("name", WITH_DATA)
def test_missing_data_are_told_in_one_sentence(name, refused, student, tmp_path):
    words = {"STUDENT": str(student), "RUN": str(tmp_path / "new")}
    others = [
        words.get(word, word.replace("OUT", str(tmp_path)))
        for word in REQUIRED.get(name, [])
    ]
    nowhere, empty = tmp_path / "nowhere", tmp_path / "empty"
    assert "there is no folder" in refused(name, "--data", nowhere, *others)
    empty.mkdir()
    sentence = refused(name, "--data", empty, *others)
    assert str(empty) in sentence


def test_missing_teachers_are_told_in_one_sentence(refused, data, tmp_path):
    shutil.copytree(data / "train", tmp_path / "train")
    shutil.copy(data / "train.json", tmp_path)
    run = ("--data", tmp_path, "--run", tmp_path / "run", "--side", 32)
    sentence = refused("training/train_minivgg", *run)
    assert "vgg19_blocks1to3.npz" in sentence


BAD = {
    "benchmarks/speed": [
        (["--sizes", "0"], "'0' is not a whole number above 0"),
        (["--rounds", "many"], "'many' is not a whole number above 0"),
    ],
    "benchmarks/scaling": [(["--steps", "2"], "at least 3")],
    "benchmarks/memory": [(["--only", "99"], "no run 99")],
    "benchmarks/artifacts": [(["EMPTY"], "holds no picture *.png")],
    "benchmarks/tiles": [
        (["--run", "12"], "'12' is not WIDTHxHEIGHT"),
        (["--set", "tv_wait=3"], "did you mean tv_weight?"),
    ],
    "benchmarks/fuzz": [
        (["--count", "0"], "'0' is not a whole number above 0"),
        (["--kinds", "video"], "no kind 'video': picture PNG, "),
    ],
    "benchmarks/rivals": [(["--weights", "EMPTY/no.npz"], "there is no file")],
    "benchmarks/quality": [(["--size", "4"], "size")],
    "benchmarks/convergence": [(["--content", "EMPTY/no.jpg"], "no.jpg")],
    "training/export_styles": [
        (["STUDENT", "STUDENT", "--steps", "1", "--minutes", "1"], "no network for 1"),
        (["EMPTY/no.npz", "a.jpg", "--steps", "1"], "there is no file"),
        (["STUDENT", "STUDENT", "--share", "1.5"], "not a number from 0 to 1"),
        (["STUDENT", "STUDENT", "--steps", "1", "--minutes", "1"], "no network for 1"),
    ],
    "training/export_decoders": [
        (["block3_conv1"], "is not NAME=FILE"),
        (["block3_conv1=EMPTY/no.npz"], "there is no file"),
        (["wavelet=STUDENT"], "not wavelet"),
        (["block3_conv1=STUDENT", "--out", "EMPTY"], "holds no decoder"),
    ],
    "training/paint_on_policy": [
        (["--data", "EMPTY", "--student", "STUDENT", "--out", "a.png"], ".npy"),
        (["--data", "EMPTY", "--student", "EMPTY", "--out", "a.npy"], "no file"),
    ],
    "training/train_decoder": [
        (["--data", "EMPTY", "--run", "EMPTY", "--level", "block6"], "not block6"),
    ],
    "training/train_minivgg": [
        (["--data", "DATA", "--run", "EMPTY", "--side", "48"], "at most 32"),
        (["--data", "DATA", "--run", "EMPTY", "--on-policy", "STUDENT"], "pictures"),
    ],
    "scripts/readme_pictures": [(["last"], "there is no last")],
    "scripts/course_pictures": [(["mona_lisa"], "there is no mona_lisa")],
    "scripts/diagrams": [(["pie"], "there is no pie"), (["--size", "0"], "above 0")],
}


@pytest.mark.parametrize("name", BAD)
def test_bad_arguments_are_told_in_one_sentence(name, refused, data, student, tmp_path):
    (tmp_path / "empty").mkdir()
    words = {"EMPTY": tmp_path / "empty", "STUDENT": student, "DATA": data}
    for arguments, reason in BAD[name]:
        filled = []
        for argument in arguments:
            for word, path in words.items():
                argument = argument.replace(word, str(path))
            filled.append(argument)
        assert reason in refused(name, *filled)


# --- what the benchmarks share


def test_benchmarks_paint_what_stylize_paints(make_picture):
    from workload import extractor_for, paint

    from nstlib.methods import stylize
    from nstlib.preprocessing import deprocess
    from nstlib.settings import Settings

    settings = Settings(size=64, smallest=32, steps=6, precision="float32")
    photo, style = make_picture(48, 80), make_picture(60, 60, 1)
    seen = []
    tensor = paint(
        extractor_for(settings), photo, style, settings, lambda *s: seen.append(s)
    )
    margin = settings.margin
    ours = deprocess(tensor)[margin:-margin, margin:-margin]
    result = stylize(photo, style, settings)
    assert len(seen) == result.evaluations == 6
    np.testing.assert_allclose(ours, result.image, atol=0.01)


def test_the_exponent_is_that_of_a_power_law():
    from scaling import exponent

    sizes = [64, 128, 512]
    assert exponent(sizes, [3 * side**2.6 for side in sizes]) == pytest.approx(1.3)


def test_the_fastest_round_of_each_task_counts():
    from common import fastest

    one, other = iter([3.0, 1.0, 2.0]), iter([5.0, 6.0, 4.0])
    tasks = {"one": lambda: next(one), "other": lambda: next(other)}
    assert fastest(tasks, 3) == {"one": 1.0, "other": 4.0}


def test_a_process_of_its_own_starts_with_little_memory():
    from common import in_a_process, peak_bytes

    assert 2**20 < in_a_process(peak_bytes) < 2**28


# --- what the training scripts share


def test_a_training_that_was_cut_off_goes_on_as_if_unbroken(importable, tmp_path):
    from argparse import Namespace

    from loop import Training, variables_from

    from nstlib.backend import tf

    def train(folder, cut_at=None):
        args = Namespace(run=folder, steps=6, peak=0.1, seed=0, save_every=2)
        variables = variables_from({"layer/bias": np.zeros(3, np.float32)})
        training = Training(variables, args)

        def step(rng):
            if int(training.done) == cut_at:
                raise InterruptedError
            with tf.GradientTape() as tape:
                goal = rng.normal(size=3).astype(np.float32)
                loss = tf.reduce_sum((variables["layer/bias"] - goal) ** 2)
            training.descend(tape, loss)
            return loss[None]

        training.go_on(step, lambda steps, errors: f"{steps} {errors}")
        return variables["layer/bias"].numpy()

    unbroken = train(tmp_path / "one")
    with pytest.raises(InterruptedError):
        train(tmp_path / "two", cut_at=4)
    np.testing.assert_allclose(train(tmp_path / "two"), unbroken, rtol=1e-5)
    with pytest.raises(ValueError, match="6 steps: give more"):
        train(tmp_path / "two")


def test_half_of_a_decoders_batch_takes_the_moments_of_another_crop():
    from decoding import adain, moments

    rng = np.random.default_rng(0)
    content, style = rng.normal(2, 3, (2, 1, 8, 8, 4)).astype(np.float32)
    for found, wanted in zip(
        moments(adain(content, style)), moments(style), strict=True
    ):
        np.testing.assert_allclose(found, wanted, rtol=0.01, atol=0.01)


def test_a_rescaled_student_computes_the_same_in_other_units():
    from student import rescaled

    from nstlib.vgg import feature_maps
    from nstlib.vgg_plan import layer_names
    from nstlib.vgg_weights import random_parameters

    names, network = layer_names("mini"), random_parameters()
    factors = {name: 0.5 + index for index, name in enumerate(names)}
    picture = np.random.default_rng(0).normal(0, 50, (1, 32, 32, 3)).astype(np.float32)
    before = feature_maps(network, picture, names)
    after = feature_maps(rescaled(network, factors), picture, names)
    for name in names:
        np.testing.assert_allclose(
            after[name], factors[name] * before[name], 1e-3, 1e-2
        )


def test_a_widened_network_computes_what_the_narrow_one_did(narrow_parameters):
    from student import new_student, widen

    from nstlib.vgg import feature_maps
    from nstlib.vgg_plan import layer_names

    names, narrow = layer_names("mini"), narrow_parameters("mini")
    student = new_student(0)
    widen(student, narrow)
    picture = np.random.default_rng(0).normal(0, 50, (1, 32, 32, 3)).astype(np.float32)
    wide = feature_maps(student, picture, names)
    for name, wanted in feature_maps(narrow, picture, names).items():
        found = wide[name][..., : wanted.shape[-1]]
        np.testing.assert_allclose(found, wanted, rtol=1e-3, atol=0.01)


# --- the networks in PyTorch


@NO_TORCH
def test_the_networks_in_pytorch_are_those_of_the_package(make_picture):
    import tensorflow as tf
    import torch
    import torch_networks

    from nstlib import decoders, feedforward
    from nstlib.data import DATA
    from nstlib.preprocessing import preprocess
    from nstlib.transformers import load_transformer, shipped_rows, shipped_styles
    from nstlib.vgg import load_network
    from nstlib.vgg_weights import load_weights

    exact, photo = torch.float32, preprocess(make_picture(48, 64))
    tensor = torch_networks.preprocessed(
        torch.tensor(make_picture(48, 64).astype(np.float32)[None])
    )
    np.testing.assert_allclose(tensor.permute(0, 2, 3, 1), photo, atol=1e-3)

    def close(found, wanted):
        found = found.permute(0, 2, 3, 1).numpy()
        wanted = np.asarray(wanted)
        assert np.abs(found - wanted).max() < 2e-3 * np.abs(wanted).max()

    rows = torch_networks.tensors(shipped_rows(), "cpu")
    made = torch_networks.transform(rows, tensor, torch.tensor([4]), exact)
    parameters = load_transformer(shipped_styles()[4]).parameters
    close(made, feedforward.transform(parameters, tf.constant(photo)))
    layers = ["block1_conv1", "block4_conv1"]
    network = load_network("mini", layers, precision="float32", border="replicate")
    mini = torch_networks.tensors(load_weights("mini", DATA / "minivgg.npz"), "cpu")
    maps = torch_networks.feature_maps(mini, tensor, layers, "symmetric", exact)
    for name, wanted in network(tf.constant(photo)).items():
        close(maps[name], wanted)
    decoder = decoders.load_decoder("adain")
    level = "block4_conv1"
    again = torch_networks.decode(
        torch_networks.tensors(decoder, "cpu"), maps[level], level, exact
    )
    wanted = decoders.decode(decoder, network(tf.constant(photo))[level], level)
    close(again, wanted)
